using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Cryptography with one mistake: keys, protection, or what AUTH covers. RFC 7296 §2.13 to §2.18, §3.14.</summary>
internal sealed class WrongCryptography(IIkeCryptography inner) : DecoratedCryptography(inner)
{
    /// <summary>Keys of a first IKE SA, in place of the right ones.</summary>
    public Func<IIkeCryptography, IkeSuite, IkeSecret, Freshness, IkeKeys>? First { get; init; }

    /// <summary>Keys after IKE_INTERMEDIATE.</summary>
    public Func<IIkeCryptography, IkeSuite, IkeKeys, IkeSecret, Freshness, IkeKeys>? Additional { get; init; }

    /// <summary>Keys of a successor.</summary>
    public Func<IIkeCryptography, IkeSuite, IkePrf, IkeSecret, ImmutableArray<IkeSecret>, Freshness, IkeKeys>? Rekeyed { get; init; }

    /// <summary>What goes into keys of a Child SA.</summary>
    public Func<WrongCryptography, ChildSeed, ChildSeed>? Child { get; init; }

    /// <summary>The keys of a Child SA cut otherwise, given the right ones.</summary>
    public Func<EspSuite, ChildKeys, ChildKeys>? Cut { get; init; }

    /// <summary>Keys with a post-quantum key mixed in, given those without.</summary>
    public Func<IkeKeys, IkeKeys, IkeKeys>? Mixed { get; init; }

    /// <summary>What is authenticated in front of the ciphertext.</summary>
    public Func<ByteString, ByteString>? Associated { get; init; }

    /// <summary>Padding beyond, or below, what fills the last block.</summary>
    public Func<int, int>? Padding { get; init; }

    /// <summary>What Pad Length says; null for the truth.</summary>
    public byte? PadLength { get; init; }

    /// <summary>What AUTH covers.</summary>
    public Func<WrongCryptography, SignedParts, byte[]>? Octets { get; init; }

    /// <summary>The secret that makes AUTH.</summary>
    public Func<IkeSecret, IkeSecret>? Secret { get; init; }

    /// <summary>AUTH by a secret.</summary>
    public Func<IkePrf, IkeSecret, ByteString, byte[]>? Auth { get; init; }

    /// <summary>True where every signature verifies.</summary>
    public bool TakesAnySignature { get; init; }

    /// <summary>Nonces of IKE_SA_INIT.</summary>
    public Freshness Begin { get; private set; }

    /// <summary>The first keys of the IKE SA.</summary>
    public IkeKeys? BeginKeys { get; private set; }

    public override IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness)
    {
        Begin = freshness;
        return BeginKeys = First?.Invoke(Inner, suite, shared, freshness) ?? base.FirstKeys(suite, shared, freshness);
    }

    public override IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness) =>
        Additional?.Invoke(Inner, suite, previous, shared, freshness) ?? base.AdditionalKeys(suite, previous, shared, freshness);

    public override IkeKeys RekeyedKeys(IkeSuite suite, IkePrf previousPrf, IkeSecret previousDerivation, ImmutableArray<IkeSecret> shared, Freshness freshness) =>
        Rekeyed?.Invoke(Inner, suite, previousPrf, previousDerivation, shared, freshness) ?? base.RekeyedKeys(suite, previousPrf, previousDerivation, shared, freshness);

    public override IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey)
    {
        IkeKeys right = base.MixPreshared(prf, keys, postQuantumPresharedKey);
        return Mixed?.Invoke(keys, right) ?? right;
    }

    public override ChildKeys ChildKeys(IkePrf prf, IkeSecret derivation, ImmutableArray<IkeSecret> shared, ByteString initiatorNonce, ByteString responderNonce, EspSuite suite)
    {
        ChildSeed seed = new(derivation, shared, initiatorNonce, responderNonce);
        seed = Child?.Invoke(this, seed) ?? seed;
        ChildKeys keys = base.ChildKeys(prf, seed.Root, seed.Shared, seed.InitiatorNonce, seed.ResponderNonce, suite);
        return Cut?.Invoke(suite, keys) ?? keys;
    }

    public override int LeastPaddingBytes(IkeSuite suite, int plaintextBytes)
    {
        int least = base.LeastPaddingBytes(suite, plaintextBytes);
        return Padding?.Invoke(least) ?? least;
    }

    public override ByteString Seal(IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString plaintext, ByteString iv, ByteString padding)
    {
        ByteString associated = Associated?.Invoke(associatedData) ?? associatedData;
        return PadLength is null ? base.Seal(Fitting(suite, keys), keys, associated, plaintext, iv, padding)
            : ByteString.Adopt(EncryptedPayload.Seal(suite, keys, associated.Span, plaintext.Span, iv.Span, padding.Span, padLength: PadLength));
    }

    public override bool TryOpen(IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString sealedBody, out ByteString plaintext, out OpeningError error) =>
        base.TryOpen(Fitting(suite, keys), keys, Associated?.Invoke(associatedData) ?? associatedData, sealedBody, out plaintext, out error);

    public override ByteString SignedOctets(IkePrf prf, ByteString message, ByteString peerNonce, ByteString identification, IkeSecret authentication, ByteString intermediateAuth) => Octets is null
        ? base.SignedOctets(prf, message, peerNonce, identification, authentication, intermediateAuth)
        : ByteString.Adopt(Octets(this, new SignedParts(prf, message, peerNonce, identification, authentication, intermediateAuth)));

    public override ByteString SharedKeyAuth(IkePrf prf, IkeSecret sharedSecret, ByteString signedOctets) =>
        Auth is null ? base.SharedKeyAuth(prf, Secret?.Invoke(sharedSecret) ?? sharedSecret, signedOctets) : ByteString.Adopt(Auth(prf, sharedSecret, signedOctets));

    public override SignatureError Verify(byte authenticationMethod, ByteString publicKey, ByteString signedOctets, ByteString authenticationData, out SignatureScheme? scheme)
    {
        SignatureError error = base.Verify(authenticationMethod, publicKey, signedOctets, authenticationData, out scheme);
        return TakesAnySignature ? SignatureError.None : error;
    }

    // Keys of another length make another suite.
    private static IkeSuite Fitting(IkeSuite suite, SealingKeys keys) => suite with { EncryptionKeyBits = 8 * (keys.Encryption.Length - suite.Encryption.SaltBytes) };
}

/// <summary>What goes into keys of a Child SA. RFC 7296 §2.17.</summary>
internal sealed record ChildSeed(IkeSecret Root, ImmutableArray<IkeSecret> Shared, ByteString InitiatorNonce, ByteString ResponderNonce);

/// <summary>What goes into the octets of AUTH. RFC 7296 §2.15.</summary>
internal sealed record SignedParts(IkePrf Prf, ByteString Message, ByteString Nonce, ByteString Identification, IkeSecret Authentication, ByteString Intermediate)
{
    /// <summary>The octets.</summary>
    public byte[] Octets => [.. Message.Span, .. Nonce.Span, .. Prf.Compute(Authentication.Span, Identification.Span), .. Intermediate.Span];
}
