using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Certificates;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Cryptography;

/// <summary>Cryptography by the libraries. RFC 7296 §2.</summary>
/// <param name="Provider">Which library computes.</param>
public sealed record RealCryptography(CryptoProvider Provider = CryptoProvider.Preferred) : IIkeCryptography
{
    /// <inheritdoc/>
    public bool TryStartKeyExchange(
        KeyExchangeMethod method, ByteString randomness, out KeyExchangeStart start, out KeyExchangeError error)
    {
        var isStarted = method.TryMakePublic(randomness.Span, out var publicValue, out error, Provider);
        start = isStarted ? new(new IkeSecret(randomness.Span), ByteString.Adopt(publicValue!)) : default;
        return isStarted;
    }

    /// <inheritdoc/>
    public bool TryAnswerKeyExchange(
        KeyExchangeMethod method,
        ByteString randomness,
        ByteString initiatorPublic,
        out KeyExchangeAnswer answer,
        out KeyExchangeError error)
    {
        var isAnswered = method.TryRespond(
            randomness.Span, initiatorPublic.Span, out var publicValue, out var shared, out error, Provider);
        answer = isAnswered ? new(ByteString.Adopt(publicValue!), shared) : default;
        return isAnswered;
    }

    /// <inheritdoc/>
    public bool TryFinishKeyExchange(
        KeyExchangeMethod method,
        IkeSecret privateValue,
        ByteString responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error) =>
        method.TryAgree(privateValue.Span, responderPublic.Span, out shared, out error, Provider);

    /// <inheritdoc/>
    public IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness) => IkeKeySchedule.First(
        suite,
        shared,
        freshness.InitiatorNonce.Span,
        freshness.ResponderNonce.Span,
        freshness.InitiatorSpi,
        freshness.ResponderSpi,
        Provider);

    /// <inheritdoc/>
    public IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness) => IkeKeySchedule.Additional(
        suite,
        previous.Derivation,
        shared,
        freshness.InitiatorNonce.Span,
        freshness.ResponderNonce.Span,
        freshness.InitiatorSpi,
        freshness.ResponderSpi,
        Provider);

    /// <inheritdoc/>
    public IkeKeys RekeyedKeys(
        IkeSuite suite,
        IkePrf previousPrf,
        IkeSecret previousDerivation,
        ImmutableArray<IkeSecret> shared,
        Freshness freshness) => IkeKeySchedule.Rekeyed(
        suite,
        previousPrf,
        previousDerivation,
        shared,
        freshness.InitiatorNonce.Span,
        freshness.ResponderNonce.Span,
        freshness.InitiatorSpi,
        freshness.ResponderSpi,
        Provider);

    /// <inheritdoc/>
    public IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey) =>
        IkeKeySchedule.WithPreshared(prf, keys, postQuantumPresharedKey, Provider);

    /// <inheritdoc/>
    public ChildKeys ChildKeys(
        IkePrf prf,
        IkeSecret derivation,
        ImmutableArray<IkeSecret> shared,
        ByteString initiatorNonce,
        ByteString responderNonce,
        EspSuite suite) =>
        IkeKeySchedule.Child(prf, derivation, shared, initiatorNonce.Span, responderNonce.Span, suite, Provider);

    /// <inheritdoc/>
    public int SealedBytes(IkeSuite suite, int plaintextBytes, int paddingBytes) =>
        EncryptedPayload.SealedBytes(suite, plaintextBytes, paddingBytes);

    /// <inheritdoc/>
    public int LeastPaddingBytes(IkeSuite suite, int plaintextBytes) => EncryptedPayload.LeastPaddingBytes(suite, plaintextBytes);

    /// <inheritdoc/>
    public ByteString Seal(
        IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString plaintext, ByteString iv, ByteString padding) =>
        ByteString.Adopt(EncryptedPayload.Seal(
            suite, keys, associatedData.Span, plaintext.Span, iv.Span, padding.Span, Provider));

    /// <inheritdoc/>
    public bool TryOpen(
        IkeSuite suite,
        SealingKeys keys,
        ByteString associatedData,
        ByteString sealedBody,
        out ByteString plaintext,
        out OpeningError error)
    {
        var isOpen = EncryptedPayload.TryOpen(suite, keys, associatedData.Span, sealedBody.Span, out var bytes, out error, Provider);
        plaintext = isOpen ? ByteString.Adopt(bytes!) : default;
        return isOpen;
    }

    /// <inheritdoc/>
    public ByteString IntermediateAuth(
        IkePrf prf, IkeSecret authentication, ByteString previous, ByteString headers, ByteString plaintext) =>
        ByteString.Adopt(IntermediateAuthentication.Step(prf, authentication, previous.Span, headers.Span, plaintext.Span, Provider));

    /// <inheritdoc/>
    public ByteString SignedOctets(
        IkePrf prf,
        ByteString message,
        ByteString peerNonce,
        ByteString identification,
        IkeSecret authentication,
        ByteString intermediateAuth) => ByteString.Adopt(SharedKeyAuthentication.SignedOctets(
        prf, message.Span, peerNonce.Span, identification.Span, authentication, intermediateAuth.Span, Provider));

    /// <inheritdoc/>
    public ByteString SharedKeyAuth(IkePrf prf, IkeSecret sharedSecret, ByteString signedOctets) =>
        ByteString.Adopt(SharedKeyAuthentication.Compute(prf, sharedSecret, signedOctets.Span, Provider));

    /// <inheritdoc/>
    public bool TrySign(
        SignatureScheme scheme,
        IkeSecret privateKey,
        ByteString signedOctets,
        ByteString randomness,
        out ByteString authenticationData,
        out SignatureError error)
    {
        var isSigned = SignatureAuthentication.TrySign(
            scheme, privateKey.Span, signedOctets.Span, randomness.Span, out var bytes, out error);
        authenticationData = isSigned ? ByteString.Adopt(bytes!) : default;
        return isSigned;
    }

    /// <inheritdoc/>
    public SignatureError Verify(
        byte authenticationMethod,
        ByteString publicKey,
        ByteString signedOctets,
        ByteString authenticationData,
        out SignatureScheme? scheme) => SignatureAuthentication.Verify(
        authenticationMethod, publicKey.Span, signedOctets.Span, authenticationData.Span, out scheme, Provider);

    /// <inheritdoc/>
    public CertificateError TakeCertificate(
        ByteString certificate, ValueList<ByteString> others, Trust.Authorities trust, Identity identity, out ByteString publicKey)
    {
        publicKey = default;
        var error = CertificateChain.Validate(certificate.Span, Arrays(others), Arrays(trust.Anchors), trust.Time);
        if (error != CertificateError.None)
            return error;
        if (!CertificateIdentity.Matches((byte)identity.Type, identity.Data.Span, certificate.Span))
            return CertificateError.NamesAnother;
        publicKey = ByteString.Adopt(CertificateChain.PublicKey(certificate.Span)!);
        return CertificateError.None;
    }

    /// <inheritdoc/>
    public ByteString AuthorityHash(ByteString anchor) => CertificateChain.AuthorityHash(anchor.Span) is { } hash
        ? ByteString.Adopt(hash)
        : throw new ArgumentException("an authority that is no certificate", nameof(anchor));

    private static byte[][] Arrays(ValueList<ByteString> certificates) => [.. certificates.Select(c => c.Span.ToArray())];
}
