using System.Collections.Immutable;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>One way in which stacks are known to come to other keys of an IKE SA.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Clause">The clause that it breaks, given how the right keys are made.</param>
/// <param name="Recipe">How the wrong keys are made; null where that is no mistake with these keys.</param>
internal sealed record KeyMistake(string What, Func<IkeDerivation, string> Clause, Func<IkeDerivation, KeyRecipe?> Recipe)
{
    /// <summary>The two directions are exchanged besides.</summary>
    public bool TurnsRound { get; init; }
}

/// <summary>The known mistakes in SKEYSEED, prf+ and what is cut out of it. RFC 7296 §2.13, §2.14, §2.18, RFC 5282 §7.1, RFC 9370 §2.2.2.</summary>
internal static class KeyMistakes
{
    private static readonly int[] KeyBits = [128, 192, 256];
    private static readonly int[] KeyBytes = [16, 20, 32, 48, 64];

    // Not all that there could be: with some of them two mistakes would give one stream.
    private static readonly int[] PrfKeyBytes = [16, 20, 32, 64];

    /// <summary>One line each.</summary>
    public static ImmutableArray<KeyMistake> All { get; } = [.. OfSeed(), .. OfExpansion(), .. OfLengths(), .. OfSuccessors()];

    /// <summary>The keys that a mistake makes, with the suite in which they serve; null where it changes nothing.</summary>
    public static (IkeSuite Suite, IkeKeys Keys)? Make(KeyMistake mistake, IkeDerivation made)
    {
        if (mistake.Recipe(made) is not { } recipe)
        {
            return null;
        }

        IkeKeys keys = recipe.ToIkeKeys(made.Suite.IntegrityKeyBytes);
        keys = !mistake.TurnsRound ? keys : new IkeKeys(
            keys.Derivation, keys.ResponderIntegrity, keys.InitiatorIntegrity, keys.ResponderEncryption, keys.InitiatorEncryption, keys.ResponderAuthentication, keys.InitiatorAuthentication);
        bool isSame = keys.InitiatorSealing == made.Keys.InitiatorSealing && keys.ResponderSealing == made.Keys.ResponderSealing;
        return isSame ? null : (made.Suite with { EncryptionKeyBits = 8 * recipe.CipherKeyBytes }, keys);
    }

    private static KeyMistake[] OfSeed() =>
    [
        new("Ni and Nr are swapped in SKEYSEED", Seed, m => KeyRecipe.Of(m with { Freshness = Swapped(m.Freshness) }) with { Expanded = KeyRecipe.Of(m).Expanded }),
        new("Ni and Nr are swapped in SKEYSEED and in the seed of prf+", Seed, m => KeyRecipe.Of(m with { Freshness = Swapped(m.Freshness) })),
        new("key and data are swapped in SKEYSEED", Seed, m => KeyRecipe.Of(m) is var right ? right with { SeedKey = right.SeedData, SeedData = right.SeedKey } : null),
        new("leading zeros of the shared secret are left out", SecretOf, m => m.Shared[0].Span[0] != 0 ? null : KeyRecipe.Of(m with { Shared = [Stripped(m.Shared[0]), .. m.Shared[1..]] })),
        new("whole nonces key SKEYSEED", _ => "RFC7296-2.14-05", m => IsFirst(m) && m.SeedPrf.TakesHalfTheKeyFromEachNonce ? KeyRecipe.Of(m) with { SeedKey = KeyRecipe.Nonces(m.Freshness) } : null),
        new("only 64 bits of each nonce key SKEYSEED", Seed, m => IsFirst(m) && !m.SeedPrf.TakesHalfTheKeyFromEachNonce ? KeyRecipe.Of(m) with { SeedKey = KeyRecipe.Halves(m.Freshness) } : null),
        new("the nonces stand behind their payload headers", _ => "RFC7296-2.14-04", m => KeyRecipe.Of(m with { Freshness = m.Freshness with { InitiatorNonce = WithHeader(m.Freshness.InitiatorNonce), ResponderNonce = WithHeader(m.Freshness.ResponderNonce) } })),
    ];

    private static KeyMistake[] OfExpansion() =>
    [
        new("Ni and Nr are swapped in the seed of prf+", Expansion, m => KeyRecipe.Of(m) with { Expanded = KeyRecipe.Of(m with { Freshness = Swapped(m.Freshness) }).Expanded }),
        new("the SPIs are swapped in the seed of prf+", Expansion, m => WithSpis(m, m.Freshness.ResponderSpi, m.Freshness.InitiatorSpi)),
        new("the responder's SPI is 0 in the seed of prf+", Expansion, m => WithSpis(m, m.Freshness.InitiatorSpi, 0)),
        new("the SPIs are left out of the seed of prf+", Expansion, m => KeyRecipe.Of(m) with { Expanded = KeyRecipe.Nonces(m.Freshness) }),
        new("the nonces are left out of the seed of prf+", Expansion, m => KeyRecipe.Of(m) with { Expanded = KeyRecipe.Spis(m.Freshness) }),
        new("the SPIs stand in front of the nonces in the seed of prf+", Expansion, m => KeyRecipe.Of(m) with { Expanded = [.. KeyRecipe.Spis(m.Freshness), .. KeyRecipe.Nonces(m.Freshness)] }),
        new("SK_e is taken before SK_a", _ => "RFC7296-2.14-02", m => KeyRecipe.Of(m) with { Order = "deEaApP" }),
        new("the keys of one side are taken before those of the other", _ => "RFC7296-2.14-02", m => KeyRecipe.Of(m) with { Order = "daepAEP" }),
        new("SK_d is taken last", _ => "RFC7296-2.14-02", m => KeyRecipe.Of(m) with { Order = "aAeEpPd" }),
        new("the counter of prf+ starts from 0", _ => "RFC7296-2.13-07", m => KeyRecipe.Of(m) with { FirstCounter = 0 }),
        new("the blocks of prf+ are not chained", _ => "RFC7296-2.13-07", m => KeyRecipe.Of(m) with { IsChained = false }),
        new("each key starts at a block of prf+", _ => "RFC7296-2.13-08", m => KeyRecipe.Of(m) with { CutsAtBlocks = true }),
    ];

    private static KeyMistake[] OfLengths() =>
    [
        .. KeyBits.Select(bits => new KeyMistake($"the cipher key has {bits} bits", _ => "RFC7296-2.13-01", m => m.Suite.Encryption.KeyBits.Contains(bits) && bits != m.Suite.EncryptionKeyBits ? KeyRecipe.Of(m) with { CipherKeyBytes = bits / 8 } : null)),
        new("SK_e has no salt", _ => "RFC7296-2.14-06", m => m.Suite.Encryption.SaltBytes > 0 ? KeyRecipe.Of(m) with { SaltBytes = 0 } : null),
        new("the salt stands in front of its key", _ => "RFC7296-2.14-06", m => m.Suite.Encryption.SaltBytes > 0 ? KeyRecipe.Of(m) with { SaltFirst = true } : null),
        new("SK_a is as long as the keys of the PRF beside a combined mode", _ => "RFC7296-2.14-06", m => m.Suite.Integrity is null ? KeyRecipe.Of(m) with { IntegrityBytes = m.Suite.Prf.KeyBytes } : null),
        new("SK_a has 20 octets beside a combined mode", _ => "RFC7296-2.14-06", m => m.Suite.Integrity is null ? KeyRecipe.Of(m) with { IntegrityBytes = 20 } : null),
        .. KeyBytes.Select(bytes => new KeyMistake($"SK_a has {bytes} octets", _ => "RFC7296-2.13-03", m => m.Suite.Integrity is not null && bytes != m.Suite.IntegrityKeyBytes ? KeyRecipe.Of(m) with { IntegrityBytes = bytes } : null)),
        .. PrfKeyBytes.Select(bytes => new KeyMistake($"SK_d and SK_p have {bytes} octets", _ => "RFC7296-2.13-04", m => bytes != m.Suite.Prf.KeyBytes ? KeyRecipe.Of(m) with { PrfBytes = bytes } : null)),
    ];

    private static KeyMistake[] OfSuccessors() =>
    [
        new("SKEYSEED is made without SK_d, as that of a first IKE SA", Seed, m => IsFirst(m) ? null : KeyRecipe.Of(m with { Root = default })),
        new("SKEYSEED is made without the new shared secret", m => m.IsAdditional ? Seed(m) : "RFC7296-2.18-04", m => IsFirst(m) ? null : KeyRecipe.Of(m) with { SeedData = KeyRecipe.Nonces(m.Freshness) }),
        new("SKEYSEED is made without the nonces", Seed, m => IsFirst(m) ? null : KeyRecipe.Of(m) with { SeedData = m.Shared[0].Span.ToArray() }),
        new("the nonces stand in front of the shared secret in SKEYSEED", Seed, m => IsFirst(m) ? null : KeyRecipe.Of(m) with { SeedData = [.. KeyRecipe.Nonces(m.Freshness), .. m.Shared[0].Span] }),
        new("further shared secrets stand in front of the nonces in SKEYSEED", _ => "RFC9370-2.2.4-10", m => m.Shared.Length < 2 ? null : KeyRecipe.Of(m) with { SeedData = [.. m.Shared.SelectMany(s => s.Span.ToArray()), .. KeyRecipe.Nonces(m.Freshness)] }),
        new("further shared secrets are left out of SKEYSEED", _ => "RFC9370-2.2.4-10", m => m.Shared.Length < 2 ? null : KeyRecipe.Of(m with { Shared = m.Shared[..1] })),
        new("SKEYSEED is made by the PRF of the new IKE SA", _ => "RFC7296-2.18-03", m => !IsFirst(m) && m.SeedPrf != m.Suite.Prf ? KeyRecipe.Of(m) with { SeedPrf = m.Suite.Prf } : null),
        new("prf+ is that of the old IKE SA", Expansion, m => !IsFirst(m) && m.SeedPrf != m.Suite.Prf ? KeyRecipe.Of(m) with { Prf = m.SeedPrf } : null),
        new("prf+ and the length of SK_d are those of the old IKE SA", Expansion, m => !IsFirst(m) && m.SeedPrf != m.Suite.Prf ? KeyRecipe.Of(m) with { Prf = m.SeedPrf, PrfBytes = m.SeedPrf.KeyBytes } : null),
        new("the SPIs are those of the old IKE SA", Expansion, m => m is { IsAdditional: false, Previous: { } old } ? WithSpis(m, old.Freshness.InitiatorSpi, old.Freshness.ResponderSpi) : null),
        new("the nonces are those of the old IKE SA", Expansion, m => m is { IsAdditional: false, Previous: { } old } ? KeyRecipe.Of(m with { Freshness = m.Freshness with { InitiatorNonce = old.Freshness.InitiatorNonce, ResponderNonce = old.Freshness.ResponderNonce } }) : null),
        new("SK_d is that of the IKE SA before", Seed, m => m.Previous?.Previous is { } older ? KeyRecipe.Of(m with { Root = older.Keys.Derivation }) : null),
        new("the keys are still those from before", m => m.IsAdditional ? Seed(m) : "RFC7296-2.18-08", m => m.Previous is { } old && old.Suite == m.Suite ? KeyRecipe.Of(old) : null),
        new("who is the initiator is taken from the old IKE SA", m => m.IsAdditional ? Seed(m) : "RFC7296-2.18-08", m => m is { IsAdditional: false, Previous: not null } ? KeyRecipe.Of(m with { Freshness = TurnedRound(m.Freshness) }) : null) { TurnsRound = true },
        new("who is the initiator of the SPIs is taken from the old IKE SA", m => m.IsAdditional ? Seed(m) : "RFC7296-2.18-08", m => m is { IsAdditional: false, Previous: not null } ? WithSpis(m, m.Freshness.ResponderSpi, m.Freshness.InitiatorSpi) : null) { TurnsRound = true },
    ];

    private static bool IsFirst(IkeDerivation made) => made.Root.Length == 0;

    // Each kind of group says by itself how its secret is written.
    private static string SecretOf(IkeDerivation made) => made.Suite.KeyExchange switch
    {
        EcpGroup => "RFC5903-7-03",
        MontgomeryCurve => "RFC8031-2-02",
        _ => "RFC7296-2.14-03",
    };

    private static string Seed(IkeDerivation made) => made.IsAdditional ? "RFC9370-2.2.2-06" : IsFirst(made) ? "RFC7296-2.14-01" : "RFC7296-2.18-02";

    private static string Expansion(IkeDerivation made) => made.IsAdditional ? "RFC9370-2.2.2-07" : IsFirst(made) ? "RFC7296-2.14-02" : "RFC7296-2.18-08";

    private static KeyRecipe WithSpis(IkeDerivation made, ulong initiator, ulong responder) =>
        KeyRecipe.Of(made) with { Expanded = KeyRecipe.Of(made with { Freshness = made.Freshness with { InitiatorSpi = initiator, ResponderSpi = responder } }).Expanded };

    private static Freshness Swapped(Freshness fresh) => fresh with { InitiatorNonce = fresh.ResponderNonce, ResponderNonce = fresh.InitiatorNonce };

    private static Freshness TurnedRound(Freshness fresh) => new(fresh.ResponderNonce, fresh.InitiatorNonce, fresh.ResponderSpi, fresh.InitiatorSpi);

    private static IkeSecret Stripped(IkeSecret shared) => new(shared.Span.TrimStart((byte)0));

    private static Spec.Wire.ByteString WithHeader(Spec.Wire.ByteString nonce) => Spec.Wire.ByteString.Adopt([0, 0, (byte)((nonce.Length + 4) >> 8), (byte)(nonce.Length + 4), .. nonce.Span]);
}
