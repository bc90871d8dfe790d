using System.Collections.Immutable;
using System.Text;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults in keys, in how messages are protected by them, and in what AUTH covers. RFC 7296 §2.13 to §2.18, §3.14.</summary>
internal static class KeyFaults
{
    private const int HeaderBytes = 28;
    private const int Blocks = 20;

    public static ImmutableArray<IkeFault> All { get; } = [.. First(), .. Successors(), .. Children(), .. Protection(), .. Proofs()];

    private static IkeFault[] First() =>
    [
        Keys("nonces-swapped", "RFC7296-2.14-01", "the own nonce stands first", (c, suite, shared, f) => c.FirstKeys(suite, shared, f with { InitiatorNonce = f.ResponderNonce, ResponderNonce = f.InitiatorNonce })),
        Keys("sk-e-before-sk-a", "RFC7296-2.14-02", "encryption comes first, as in Child SAs", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "deEaApP")),
        Keys("leading-zeros-left-out", "RFC7296-2.14-03", "the secret is written as a number", (c, suite, shared, f) => c.FirstKeys(suite, new IkeSecret(shared.Span.TrimStart((byte)0)), f)) with { Also = ["RFC5903-7-03", "RFC8031-2-02"] },
        Keys("nonces-with-headers", "RFC7296-2.14-04", "the payload is hashed as it lies in memory", (c, suite, shared, f) => c.FirstKeys(suite, shared, f with { InitiatorNonce = WithHeader(f.InitiatorNonce), ResponderNonce = WithHeader(f.ResponderNonce) })),
        Keys("whole-nonces-for-xcbc", "RFC7296-2.14-05", "all PRFs are keyed alike", (c, suite, shared, f) => c.FirstKeys(suite with { Prf = suite.Prf with { TakesHalfTheKeyFromEachNonce = false } }, shared, f)),
        Keys("salt-forgotten", "RFC7296-2.14-06", "the nonce is filled up with zeros", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "daAeEpP", salt: 0)),
        Keys("keys-of-128-bits", "RFC7296-2.13-01", "the key length is a constant", (c, suite, shared, f) => c.FirstKeys(suite with { EncryptionKeyBits = 128 }, shared, f)),
        Keys("sk-a-as-long-as-its-checksum", "RFC7296-2.13-03", "a key is as long as the checksum", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "daAeEpP", integrity: suite.Integrity?.IcvBytes)),
        Keys("sk-d-of-20-octets", "RFC7296-2.13-04", "the PRF was SHA-1 once", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "daAeEpP", prf: 20)),
        Keys("prf-plus-from-0", "RFC7296-2.13-07", "counters start from 0", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "daAeEpP", stream: Stream(suite, shared, f, 0, atBlocks: false))),
        Keys("keys-at-blocks", "RFC7296-2.13-08", "what is left of a block is thrown away", (c, suite, shared, f) => Recut(suite, c.FirstKeys(suite, shared, f), "daAeEpP", stream: Stream(suite, shared, f, 1, atBlocks: true))),
    ];

    private static IkeFault[] Successors() =>
    [
        Successor("skeyseed-without-sk-d", "RFC7296-2.18-02", "an IKE SA is an IKE SA", (c, suite, prf, root, shared, f) => c.FirstKeys(suite, shared[0], f)),
        Successor("skeyseed-by-the-new-prf", "RFC7296-2.18-03", "the negotiated PRF is used throughout", (c, suite, prf, root, shared, f) => c.RekeyedKeys(suite, suite.Prf, root, shared, f)),
        Successor("skeyseed-without-new-secret", "RFC7296-2.18-04", "the key exchange is taken for optional", (c, suite, prf, root, shared, f) => c.RekeyedKeys(suite, prf, root, [IkeSecret.None], f)),
        Successor("successor-spis-swapped", "RFC7296-2.18-08", "the SPIs stand in the order of the old IKE SA", (c, suite, prf, root, shared, f) => c.RekeyedKeys(suite, prf, root, shared, f with { InitiatorSpi = f.ResponderSpi, ResponderSpi = f.InitiatorSpi })),
    ];

    private static IkeFault[] Children() =>
    [
        Child("child-nonces-swapped", "RFC7296-2.17-01", "the own nonce stands first", (own, seed) => IsFirst(own, seed) ? seed with { InitiatorNonce = seed.ResponderNonce, ResponderNonce = seed.InitiatorNonce } : seed),
        Child("rekeyed-keys-of-first-nonces", "RFC7296-2.17-02", "the nonces of IKE_SA_INIT serve again", (own, seed) => seed with { InitiatorNonce = own.Begin.InitiatorNonce, ResponderNonce = own.Begin.ResponderNonce }),
        Child("child-secret-left-out", "RFC7296-2.17-03", "the new secret is not used", (_, seed) => seed with { Shared = [] }),
        Cut("child-keys-of-the-responder-first", "RFC7296-2.17-04", "own keys come first", (_, k) => new(k.ResponderEncryption, k.ResponderIntegrity, k.InitiatorEncryption, k.InitiatorIntegrity)),
        Cut("child-integrity-first", "RFC7296-2.17-06", "integrity comes first, as in the IKE SA", (suite, k) =>
        {
            (int a, int e) = (suite.IntegrityKeyBytes, suite.EncryptionKeyMaterialBytes);
            byte[] one = [.. k.InitiatorEncryption.Span, .. k.InitiatorIntegrity.Span];
            byte[] other = [.. k.ResponderEncryption.Span, .. k.ResponderIntegrity.Span];
            return new(new IkeSecret(one.AsSpan(a, e)), new IkeSecret(one.AsSpan(0, a)), new IkeSecret(other.AsSpan(a, e)), new IkeSecret(other.AsSpan(0, a)));
        }),
        Cut("child-salt-first", "RFC7296-2.17-07", "the nonce starts with the salt, and so do the keys", (suite, k) => k with { InitiatorEncryption = SaltFirst(k.InitiatorEncryption, suite.Encryption.SaltBytes), ResponderEncryption = SaltFirst(k.ResponderEncryption, suite.Encryption.SaltBytes) }),
        Child("child-keys-of-the-old-sk-d", "RFC7296-2.17-08", "SK_d is that of the first IKE SA", (own, seed) => seed with { Root = own.BeginKeys!.Derivation }),
    ];

    private static IkeFault[] Protection() =>
    [
        With("checksum-without-header", "RFC7296-3.14-09", "the checksum is that of the payload", c => new WrongCryptography(c) { Associated = a => a.Slice(HeaderBytes..) }) with { Also = ["RFC7296-3.14-10"] },
        With("blocks-not-filled", "RFC7296-3.14-05", "a stream cipher needs no padding", c => new WrongCryptography(c) { Padding = _ => 0 }),
        With("pad-length-of-255", "RFC7296-3.14-08", "the pad length is not set", c => new WrongCryptography(c) { PadLength = 255 }),
    ];

    private static IkeFault[] Proofs() =>
    [
        Proof("auth-of-the-own-nonce", "RFC7296-2.15-02", "the nonce is that of the message", (own, p) => (p with { Nonce = p.Nonce == own.Begin.InitiatorNonce ? own.Begin.ResponderNonce : own.Begin.InitiatorNonce }).Octets),
        Proof("auth-without-id", "RFC7296-2.15-02", "the identity stands in a payload of its own", (_, p) => [.. p.Message.Span, .. p.Nonce.Span]),
        Proof("auth-of-a-bare-id", "RFC7296-2.15-02", "the identity is not bound by SK_p", (_, p) => [.. p.Message.Span, .. p.Nonce.Span, .. p.Identification.Span]),
        Proof("auth-by-the-wrong-sk-p", "RFC7296-2.15-02", "one SK_p serves both", (own, p) => (p with { Authentication = p.Authentication == own.BeginKeys!.InitiatorAuthentication ? own.BeginKeys.ResponderAuthentication : own.BeginKeys.InitiatorAuthentication }).Octets),
        Proof("auth-with-marker", "RFC7296-2.15-04", "the datagram is signed", (_, p) => [0, 0, 0, 0, .. p.Octets], isOfBoth: false),
        Proof("auth-of-the-request-without-cookie", "RFC7296-2.15-05", "the request is remembered when it is made", (_, p) => (p with { Message = EditableMessage.Of(p.Message) is var m && m.PathOf(Spec.Wire.Ike.Registries.NotifyType.Cookie) is { } path ? m.Without(path).ToBytes() : p.Message }).Octets, isOfBoth: false),
        With("pad-with-terminator", "RFC7296-2.15-10", "a string ends with a terminator", c => new WrongCryptography(c) { Auth = (prf, secret, octets) => prf.Compute(prf.Compute(secret.Span, Encoding.ASCII.GetBytes("Key Pad for IKEv2\0")), octets.Span) }) with { Rules = new TrustsEverybody() },
        With("pad-missing", "RFC7296-2.15-10", "the secret is a key", c => new WrongCryptography(c) { Auth = (prf, secret, octets) => prf.Compute(secret.Span, octets.Span) }) with { Rules = new TrustsEverybody() },
        With("secret-with-terminator", "RFC7296-2.15-13", "a string ends with a terminator", c => new WrongCryptography(c) { Secret = s => new IkeSecret([.. s.Span, 0]) }) with { Rules = new TrustsEverybody() },
    ];

    internal static IkeFault With(string name, string requirement, string story, Func<IIkeCryptography, IIkeCryptography> computes) => new($"ike-{name}", requirement, story) { Computes = computes };

    internal static IkeFault Proof(string name, string requirement, string story, Func<WrongCryptography, SignedParts, byte[]> octets, bool isOfBoth = true) =>
        With(name, requirement, story, c => new WrongCryptography(c) { Octets = octets }) with { Rules = new TrustsEverybody(), Also = isOfBoth ? ["RFC7296-2.15-01"] : [] };

    private static IkeFault Keys(string name, string requirement, string story, Func<IIkeCryptography, IkeSuite, IkeSecret, Freshness, IkeKeys> keys) =>
        With(name, requirement, story, c => new WrongCryptography(c) { First = keys });

    private static IkeFault Successor(string name, string requirement, string story, Func<IIkeCryptography, IkeSuite, IkePrf, IkeSecret, ImmutableArray<IkeSecret>, Freshness, IkeKeys> keys) =>
        With(name, requirement, story, c => new WrongCryptography(c) { Rekeyed = keys });

    private static IkeFault Child(string name, string requirement, string story, Func<WrongCryptography, ChildSeed, ChildSeed> seed) =>
        With(name, requirement, story, c => new WrongCryptography(c) { Child = seed });

    private static IkeFault Cut(string name, string requirement, string story, Func<Spec.Crypto.EspSuite, ChildKeys, ChildKeys> cut) =>
        With(name, requirement, story, c => new WrongCryptography(c) { Cut = cut });

    private static bool IsFirst(WrongCryptography own, ChildSeed seed) => seed.InitiatorNonce == own.Begin.InitiatorNonce;

    private static IkeSecret SaltFirst(IkeSecret key, int salt) => new([.. key.Span[salt..], .. key.Span[..salt]]);

    private static ByteString WithHeader(ByteString nonce) => ByteString.Adopt([0, 0, 0, (byte)(nonce.Length + 4), .. nonce.Span]);

    // The stream of prf+ cut again, the keys of a suite put together of it.
    private static IkeKeys Recut(IkeSuite suite, IkeKeys right, string order, int? salt = null, int? integrity = null, int? prf = null, byte[]? stream = null)
    {
        byte[] whole = stream ?? [.. right.Derivation.Span, .. right.InitiatorIntegrity.Span, .. right.ResponderIntegrity.Span, .. right.InitiatorEncryption.Span, .. right.ResponderEncryption.Span, .. right.InitiatorAuthentication.Span, .. right.ResponderAuthentication.Span];
        Dictionary<char, IkeSecret> cut = [];
        int at = 0;
        foreach (char key in order)
        {
            int length = char.ToLowerInvariant(key) switch { 'a' => integrity ?? suite.IntegrityKeyBytes, 'e' => (suite.EncryptionKeyBits / 8) + (salt ?? suite.Encryption.SaltBytes), _ => prf ?? suite.Prf.KeyBytes };
            int full = char.ToLowerInvariant(key) switch { 'a' => suite.IntegrityKeyBytes, 'e' => suite.EncryptionKeyMaterialBytes, _ => length };
            cut[key] = new IkeSecret([.. whole.AsSpan(at, length), .. new byte[full - length]]);
            at += stream is null || !IsAtBlocks(stream, suite) ? length : (length + suite.Prf.OutputBytes - 1) / suite.Prf.OutputBytes * suite.Prf.OutputBytes;
        }

        return new IkeKeys(cut['d'], cut['a'], cut['A'], cut['e'], cut['E'], cut['p'], cut['P']);
    }

    private static bool IsAtBlocks(byte[] stream, IkeSuite suite) => stream.Length == Blocks * suite.Prf.OutputBytes;

    private static byte[] Stream(IkeSuite suite, IkeSecret shared, Freshness f, byte first, bool atBlocks)
    {
        byte[] seed = suite.Prf.Compute([.. f.InitiatorNonce.Span, .. f.ResponderNonce.Span], shared.Span);
        byte[] spis = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(spis, f.InitiatorSpi);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(spis.AsSpan(8), f.ResponderSpi);
        List<byte> stream = [];
        byte[] block = [];
        for (int i = 0; i < Blocks; i++)
        {
            block = suite.Prf.Compute(seed, [.. block, .. f.InitiatorNonce.Span, .. f.ResponderNonce.Span, .. spis, (byte)(first + i)]);
            stream.AddRange(block);
        }

        return atBlocks ? [.. stream] : [.. stream, 0];
    }

    private sealed class TrustsEverybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }
}
