using System.Collections.Immutable;
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

/// <summary>Cryptography that another one computes: to take note of some of it, or to plant a fault. RFC 7296 §2.</summary>
/// <param name="inner">What computes.</param>
public abstract class DecoratedCryptography(IIkeCryptography inner) : IIkeCryptography
{
    /// <summary>What computes.</summary>
    protected IIkeCryptography Inner { get; } = inner;

    /// <inheritdoc/>
    public virtual bool TryStartKeyExchange(KeyExchangeMethod method, ByteString randomness, out KeyExchangeStart start, out KeyExchangeError error) =>
        Inner.TryStartKeyExchange(method, randomness, out start, out error);

    /// <inheritdoc/>
    public virtual bool TryAnswerKeyExchange(KeyExchangeMethod method, ByteString randomness, ByteString initiatorPublic, out KeyExchangeAnswer answer, out KeyExchangeError error) =>
        Inner.TryAnswerKeyExchange(method, randomness, initiatorPublic, out answer, out error);

    /// <inheritdoc/>
    public virtual bool TryFinishKeyExchange(KeyExchangeMethod method, IkeSecret privateValue, ByteString responderPublic, out IkeSecret shared, out KeyExchangeError error) =>
        Inner.TryFinishKeyExchange(method, privateValue, responderPublic, out shared, out error);

    /// <inheritdoc/>
    public virtual IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness) => Inner.FirstKeys(suite, shared, freshness);

    /// <inheritdoc/>
    public virtual IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness) => Inner.AdditionalKeys(suite, previous, shared, freshness);

    /// <inheritdoc/>
    public virtual IkeKeys RekeyedKeys(IkeSuite suite, IkePrf previousPrf, IkeSecret previousDerivation, ImmutableArray<IkeSecret> shared, Freshness freshness) =>
        Inner.RekeyedKeys(suite, previousPrf, previousDerivation, shared, freshness);

    /// <inheritdoc/>
    public virtual IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey) => Inner.MixPreshared(prf, keys, postQuantumPresharedKey);

    /// <inheritdoc/>
    public virtual ChildKeys ChildKeys(IkePrf prf, IkeSecret derivation, ImmutableArray<IkeSecret> shared, ByteString initiatorNonce, ByteString responderNonce, Spec.Crypto.EspSuite suite) =>
        Inner.ChildKeys(prf, derivation, shared, initiatorNonce, responderNonce, suite);

    /// <inheritdoc/>
    public virtual int SealedBytes(IkeSuite suite, int plaintextBytes, int paddingBytes) => Inner.SealedBytes(suite, plaintextBytes, paddingBytes);

    /// <inheritdoc/>
    public virtual int LeastPaddingBytes(IkeSuite suite, int plaintextBytes) => Inner.LeastPaddingBytes(suite, plaintextBytes);

    /// <inheritdoc/>
    public virtual ByteString Seal(IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString plaintext, ByteString iv, ByteString padding) =>
        Inner.Seal(suite, keys, associatedData, plaintext, iv, padding);

    /// <inheritdoc/>
    public virtual bool TryOpen(IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString sealedBody, out ByteString plaintext, out OpeningError error) =>
        Inner.TryOpen(suite, keys, associatedData, sealedBody, out plaintext, out error);

    /// <inheritdoc/>
    public virtual ByteString IntermediateAuth(IkePrf prf, IkeSecret authentication, ByteString previous, ByteString headers, ByteString plaintext) =>
        Inner.IntermediateAuth(prf, authentication, previous, headers, plaintext);

    /// <inheritdoc/>
    public virtual ByteString SignedOctets(IkePrf prf, ByteString message, ByteString peerNonce, ByteString identification, IkeSecret authentication, ByteString intermediateAuth) =>
        Inner.SignedOctets(prf, message, peerNonce, identification, authentication, intermediateAuth);

    /// <inheritdoc/>
    public virtual ByteString SharedKeyAuth(IkePrf prf, IkeSecret sharedSecret, ByteString signedOctets) => Inner.SharedKeyAuth(prf, sharedSecret, signedOctets);

    /// <inheritdoc/>
    public virtual bool TrySign(SignatureScheme scheme, IkeSecret privateKey, ByteString signedOctets, ByteString randomness, out ByteString authenticationData, out SignatureError error) =>
        Inner.TrySign(scheme, privateKey, signedOctets, randomness, out authenticationData, out error);

    /// <inheritdoc/>
    public virtual SignatureError Verify(byte authenticationMethod, ByteString publicKey, ByteString signedOctets, ByteString authenticationData, out SignatureScheme? scheme) =>
        Inner.Verify(authenticationMethod, publicKey, signedOctets, authenticationData, out scheme);

    /// <inheritdoc/>
    public virtual CertificateError TakeCertificate(ByteString certificate, ValueList<ByteString> others, Trust.Authorities trust, Identity identity, out ByteString publicKey) =>
        Inner.TakeCertificate(certificate, others, trust, identity, out publicKey);

    /// <inheritdoc/>
    public virtual ByteString AuthorityHash(ByteString anchor) => Inner.AuthorityHash(anchor);
}
