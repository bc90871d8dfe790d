using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>The way from shared secret, nonces and SPIs to keys with every piece by itself, so that each can be wrong alone. RFC 7296 §2.13, §2.14, §2.17, §2.18.</summary>
internal sealed record KeyRecipe
{
    private const int HalfNonceBytes = 8;

    /// <summary>The seven keys in their order: SK_d, SK_a, SK_e, SK_p, lower case of the initiator and upper case of the responder.</summary>
    public const string RightOrder = "daAeEpP";

    /// <summary>prf of SKEYSEED; null where <see cref="Seed"/> is no SKEYSEED but a key itself.</summary>
    public IkePrf? SeedPrf { get; init; }

    /// <summary>Key of that prf.</summary>
    public required byte[] SeedKey { get; init; }

    /// <summary>Data of that prf.</summary>
    public byte[] SeedData { get; init; } = [];

    /// <summary>Function of prf+.</summary>
    public required IkePrf Prf { get; init; }

    /// <summary>Seed of prf+.</summary>
    public required byte[] Expanded { get; init; }

    /// <summary>Keys as they are cut out.</summary>
    public string Order { get; init; } = RightOrder;

    /// <summary>Length of cipher keys without salt.</summary>
    public required int CipherKeyBytes { get; init; }

    /// <summary>Length of salts.</summary>
    public required int SaltBytes { get; init; }

    /// <summary>Salt that is used; where keys have none it is zeros.</summary>
    public required int UsedSaltBytes { get; init; }

    /// <summary>The salt stands in front of its key.</summary>
    public bool SaltFirst { get; init; }

    /// <summary>Length of integrity keys as they are cut out.</summary>
    public required int IntegrityBytes { get; init; }

    /// <summary>Length of SK_d and SK_p.</summary>
    public int PrfBytes { get; init; }

    /// <summary>The first counter of prf+.</summary>
    public byte FirstCounter { get; init; } = 1;

    /// <summary>Blocks of prf+ go into the next.</summary>
    public bool IsChained { get; init; } = true;

    /// <summary>Each key starts a new block.</summary>
    public bool CutsAtBlocks { get; init; }

    /// <summary>The right one for an IKE SA.</summary>
    public static KeyRecipe Of(IkeDerivation made)
    {
        Freshness fresh = made.Freshness;
        byte[] shared = made.Shared[0].Span.ToArray();
        byte[] nonces = Nonces(fresh);
        bool halves = made.SeedPrf.TakesHalfTheKeyFromEachNonce;
        return new KeyRecipe
        {
            SeedPrf = made.SeedPrf,
            SeedKey = made.Root.Length > 0 ? made.Root.Span.ToArray() : halves ? Halves(fresh) : nonces,
            SeedData = made.Root.Length > 0 ? [.. shared, .. nonces, .. made.Shared.Skip(1).SelectMany(s => s.Span.ToArray())] : shared,
            Prf = made.Suite.Prf,
            Expanded = [.. nonces, .. Spis(fresh)],
            CipherKeyBytes = made.Suite.EncryptionKeyBits / 8,
            SaltBytes = made.Suite.Encryption.SaltBytes,
            UsedSaltBytes = made.Suite.Encryption.SaltBytes,
            IntegrityBytes = made.Suite.IntegrityKeyBytes,
            PrfBytes = made.Suite.Prf.KeyBytes,
        };
    }

    /// <summary>The right one for a Child SA.</summary>
    public static KeyRecipe Of(ChildDerivation made) => new()
    {
        SeedKey = made.Root.Span.ToArray(),
        Prf = made.Prf,
        Expanded = [.. made.Shared.Take(1).SelectMany(s => s.Span.ToArray()), .. made.InitiatorNonce.Span, .. made.ResponderNonce.Span, .. made.Shared.Skip(1).SelectMany(s => s.Span.ToArray())],
        Order = "eaEA",
        CipherKeyBytes = made.Suite.EncryptionKeyBits / 8,
        SaltBytes = made.Suite.Encryption.SaltBytes,
        UsedSaltBytes = made.Suite.Encryption.SaltBytes,
        IntegrityBytes = made.Suite.IntegrityKeyBytes,
    };

    /// <summary>Ni | Nr.</summary>
    public static byte[] Nonces(Freshness fresh) => [.. fresh.InitiatorNonce.Span, .. fresh.ResponderNonce.Span];

    /// <summary>The first eight octets of both.</summary>
    public static byte[] Halves(Freshness fresh) =>
        [.. fresh.InitiatorNonce.Span[..Math.Min(HalfNonceBytes, fresh.InitiatorNonce.Length)], .. fresh.ResponderNonce.Span[..Math.Min(HalfNonceBytes, fresh.ResponderNonce.Length)]];

    /// <summary>SPIi | SPIr.</summary>
    public static byte[] Spis(Freshness fresh)
    {
        byte[] spis = new byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(spis, fresh.InitiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(spis.AsSpan(sizeof(ulong)), fresh.ResponderSpi);
        return spis;
    }

    /// <summary>Keys by their letter; integrity keys as long as asked for, where they were cut out.</summary>
    public ImmutableDictionary<char, IkeSecret> Cut()
    {
        byte[] key = SeedPrf is { } prf ? prf.Compute(SeedKey, SeedData) : SeedKey;
        int[] lengths = [.. Order.Select(LengthOf)];
        int whole = lengths.Sum(l => CutsAtBlocks ? (l + Prf.OutputBytes - 1) / Prf.OutputBytes * Prf.OutputBytes : l);
        byte[] stream = Expand(key, whole);
        ImmutableDictionary<char, IkeSecret>.Builder keys = ImmutableDictionary.CreateBuilder<char, IkeSecret>();
        int at = 0;
        for (int i = 0; i < Order.Length; i++)
        {
            keys[Order[i]] = new IkeSecret(Shaped(Order[i], stream.AsSpan(at, lengths[i])));
            at += CutsAtBlocks ? (lengths[i] + Prf.OutputBytes - 1) / Prf.OutputBytes * Prf.OutputBytes : lengths[i];
        }

        return keys.ToImmutable();
    }

    /// <summary>Keys of an IKE SA whose suite has integrity keys of a length.</summary>
    public IkeKeys ToIkeKeys(int integrityBytes)
    {
        ImmutableDictionary<char, IkeSecret> keys = Cut();
        return new IkeKeys(keys['d'], Fitted(keys['a']), Fitted(keys['A']), keys['e'], keys['E'], keys['p'], keys['P']);

        // A combined mode takes none, whatever was cut out.
        IkeSecret Fitted(IkeSecret key) => new([.. key.Span[..Math.Min(key.Length, integrityBytes)], .. new byte[Math.Max(0, integrityBytes - key.Length)]]);
    }

    private int LengthOf(char key) => char.ToLowerInvariant(key) switch
    {
        'a' => IntegrityBytes,
        'e' => CipherKeyBytes + SaltBytes,
        _ => PrfBytes,
    };

    private byte[] Shaped(char key, ReadOnlySpan<byte> cut) => key is not ('e' or 'E') ? cut.ToArray()
        : SaltFirst ? [.. cut[SaltBytes..], .. cut[..SaltBytes]]
        : [.. cut, .. new byte[UsedSaltBytes - SaltBytes]];

    private byte[] Expand(byte[] key, int lengthBytes)
    {
        List<byte> stream = [];
        byte[] block = [];
        for (byte counter = FirstCounter; stream.Count < lengthBytes; counter++)
        {
            block = Prf.Compute(key, [.. IsChained ? block : [], .. Expanded, counter]);
            stream.AddRange(block);
        }

        return [.. stream];
    }
}
