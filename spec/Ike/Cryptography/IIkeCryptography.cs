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

/// <summary>All the cryptography of IKEv2, so that a state machine can run on real keys or on symbolic terms. RFC 7296 §2.</summary>
/// <remarks>
/// <para>
/// Every method is a function of its arguments: randomness and private values are arguments too. What travels is a
/// <see cref="ByteString"/>, what must not is an <see cref="IkeSecret"/>; both compare by value, and a state machine looks
/// into neither. Lengths are those of the implementation: ask <see cref="SealedBytes"/>, do not compute them.
/// </para>
/// <para>
/// <see cref="RealCryptography"/> computes with the libraries. <see cref="SymbolicCryptography"/> gives terms, 16 bytes that
/// stand for a constructor and its arguments, and keeps every equation that honest peers rely on (both sides of a key exchange
/// agree, what was sealed opens under the same keys, what was signed verifies) and no other.
/// </para>
/// </remarks>
public interface IIkeCryptography
{
    /// <summary>The initiator's part of a key exchange. RFC 7296 §1.2, RFC 9370 §2.2.2.</summary>
    /// <param name="method">The method.</param>
    /// <param name="randomness">The private value to be.</param>
    /// <param name="start">What to keep and what to send.</param>
    /// <param name="error">Why there is none.</param>
    bool TryStartKeyExchange(KeyExchangeMethod method, ByteString randomness, out KeyExchangeStart start, out KeyExchangeError error);

    /// <summary>The responder's part: its public value, or ciphertext, and the shared secret. RFC 7296 §1.2, RFC 9370 §2.2.2.</summary>
    /// <param name="method">The method.</param>
    /// <param name="randomness">The private value to be.</param>
    /// <param name="initiatorPublic">Data of the initiator's KE payload.</param>
    /// <param name="answer">What to send and what is shared.</param>
    /// <param name="error">Why there is none; a public value that fails its checks is among the reasons. RFC 6989 §2.</param>
    bool TryAnswerKeyExchange(
        KeyExchangeMethod method,
        ByteString randomness,
        ByteString initiatorPublic,
        out KeyExchangeAnswer answer,
        out KeyExchangeError error);

    /// <summary>The end of the initiator's part: the shared secret. RFC 7296 §2.14.</summary>
    /// <param name="method">The method.</param>
    /// <param name="privateValue">What the initiator kept.</param>
    /// <param name="responderPublic">Data of the responder's KE payload.</param>
    /// <param name="shared">g^ir, or what was encapsulated.</param>
    /// <param name="error">Why there is none; a public value that fails its checks is among the reasons. RFC 6989 §2.</param>
    bool TryFinishKeyExchange(
        KeyExchangeMethod method,
        IkeSecret privateValue,
        ByteString responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error);

    /// <summary>Keys from the first exchange: SKEYSEED = prf(Ni | Nr, g^ir). RFC 7296 §2.14.</summary>
    IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness);

    /// <summary>Keys after an additional key exchange in IKE_INTERMEDIATE: SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr). RFC 9370 §2.2.2.</summary>
    /// <param name="suite">The suite of the IKE SA.</param>
    /// <param name="previous">The keys until then.</param>
    /// <param name="shared">SK(n).</param>
    /// <param name="freshness">Nonces and SPIs of IKE_SA_INIT.</param>
    IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness);

    /// <summary>
    /// Keys of the successor of an IKE SA: SKEYSEED = prf(SK_d, g^ir | Ni | Nr), further shared secrets behind. RFC 7296 §2.18, RFC 9370 §2.2.4.
    /// </summary>
    /// <param name="suite">The suite of the new IKE SA.</param>
    /// <param name="previousPrf">The pseudorandom function of the old one.</param>
    /// <param name="previousDerivation">SK_d of the old one.</param>
    /// <param name="shared">g^ir, then the secrets of IKE_FOLLOWUP_KE in order.</param>
    /// <param name="freshness">Nonces and new SPIs of CREATE_CHILD_SA.</param>
    IkeKeys RekeyedKeys(
        IkeSuite suite,
        IkePrf previousPrf,
        IkeSecret previousDerivation,
        ImmutableArray<IkeSecret> shared,
        Freshness freshness);

    /// <summary>Keys with a post-quantum preshared key mixed in. RFC 8784 §3.</summary>
    IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey);

    /// <summary>Keys of a pair of Child SAs: KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr [| SK(1) …]). RFC 7296 §2.17, RFC 9370 §2.2.4.</summary>
    /// <param name="prf">The pseudorandom function of the IKE SA.</param>
    /// <param name="derivation">SK_d of the IKE SA.</param>
    /// <param name="shared">Empty without perfect forward secrecy; else g^ir, then the secrets of IKE_FOLLOWUP_KE in order.</param>
    /// <param name="initiatorNonce">Ni of the exchange that makes the Child SAs.</param>
    /// <param name="responderNonce">Nr of that exchange.</param>
    /// <param name="suite">The suite of the Child SAs.</param>
    ChildKeys ChildKeys(
        IkePrf prf,
        IkeSecret derivation,
        ImmutableArray<IkeSecret> shared,
        ByteString initiatorNonce,
        ByteString responderNonce,
        EspSuite suite);

    /// <summary>Length of what <see cref="Seal"/> gives, which the headers in front must tell before. RFC 7296 §3.14.</summary>
    int SealedBytes(IkeSuite suite, int plaintextBytes, int paddingBytes);

    /// <summary>The least padding that fills the last block. RFC 7296 §3.14.</summary>
    int LeastPaddingBytes(IkeSuite suite, int plaintextBytes);

    /// <summary>The body of an Encrypted payload: IV, encrypted payloads with padding, ICV. RFC 7296 §3.14, RFC 5282 §3.</summary>
    /// <param name="suite">The suite of the IKE SA.</param>
    /// <param name="keys">The sender's keys.</param>
    /// <param name="associatedData">The message from the IKE header through the generic header of the Encrypted payload (through Total Fragments in RFC 7383).</param>
    /// <param name="plaintext">The payloads inside.</param>
    /// <param name="iv">As long as the suite says; the symbolic form ignores it.</param>
    /// <param name="padding">At most 255 bytes, of any value.</param>
    ByteString Seal(
        IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString plaintext, ByteString iv, ByteString padding);

    /// <summary>The payloads inside an Encrypted payload. RFC 7296 §3.14, RFC 5282 §3.</summary>
    /// <param name="suite">The suite of the IKE SA.</param>
    /// <param name="keys">The sender's keys.</param>
    /// <param name="associatedData">As for <see cref="Seal"/>.</param>
    /// <param name="sealedBody">The body of the Encrypted payload.</param>
    /// <param name="plaintext">The payloads inside, without padding.</param>
    /// <param name="error">Why it does not open.</param>
    bool TryOpen(
        IkeSuite suite,
        SealingKeys keys,
        ByteString associatedData,
        ByteString sealedBody,
        out ByteString plaintext,
        out OpeningError error);

    /// <summary>One step of IntAuth over an IKE_INTERMEDIATE message: prf(SK_p, IntAuth_(N-1) | A | P). RFC 9242 §3.3.2.</summary>
    /// <param name="prf">The pseudorandom function of the IKE SA.</param>
    /// <param name="authentication">SK_pi for requests, SK_pr for responses, as of that exchange.</param>
    /// <param name="previous">The step before; empty for the first.</param>
    /// <param name="headers">A, with adjusted lengths: see <see cref="IntermediateAuthentication.AdjustedHeaders"/>.</param>
    /// <param name="plaintext">P: the payloads inside, without padding.</param>
    ByteString IntermediateAuth(IkePrf prf, IkeSecret authentication, ByteString previous, ByteString headers, ByteString plaintext);

    /// <summary>What AUTH covers: message, the peer's nonce, the MACed ID and IntAuth. RFC 7296 §2.15, RFC 9242 §3.3.2.</summary>
    /// <param name="prf">The pseudorandom function of the IKE SA.</param>
    /// <param name="message">The signer's IKE_SA_INIT message (IKE_SA_INIT of the last round), without a non-ESP marker.</param>
    /// <param name="peerNonce">Nonce data of the other side.</param>
    /// <param name="identification">The signer's ID payload without its generic header.</param>
    /// <param name="authentication">SK_pi or SK_pr: the signer's.</param>
    /// <param name="intermediateAuth">IntAuth; empty without IKE_INTERMEDIATE.</param>
    ByteString SignedOctets(
        IkePrf prf,
        ByteString message,
        ByteString peerNonce,
        ByteString identification,
        IkeSecret authentication,
        ByteString intermediateAuth);

    /// <summary>AUTH data from a shared secret: prf(prf(secret, "Key Pad for IKEv2"), octets). RFC 7296 §2.15 and §2.16, RFC 7619 §2.1.</summary>
    /// <param name="prf">The pseudorandom function of the IKE SA.</param>
    /// <param name="sharedSecret">The preshared key, the MSK of an EAP method, or SK_pi or SK_pr where there is neither.</param>
    /// <param name="signedOctets">See <see cref="SignedOctets"/>.</param>
    ByteString SharedKeyAuth(IkePrf prf, IkeSecret sharedSecret, ByteString signedOctets);

    /// <summary>AUTH data from a private key. RFC 7296 §2.15, RFC 4754 §3, RFC 7427 §3.</summary>
    /// <param name="scheme">The signature scheme.</param>
    /// <param name="privateKey">PKCS#8.</param>
    /// <param name="signedOctets">See <see cref="SignedOctets"/>.</param>
    /// <param name="randomness">The salt of RSASSA-PSS; ignored by the others.</param>
    /// <param name="authenticationData">Data of the AUTH payload.</param>
    /// <param name="error">Why there is none.</param>
    bool TrySign(
        SignatureScheme scheme,
        IkeSecret privateKey,
        ByteString signedOctets,
        ByteString randomness,
        out ByteString authenticationData,
        out SignatureError error);

    /// <summary>Judges AUTH data that were made with a private key. RFC 7296 §2.15, RFC 4754 §3, RFC 7427 §3.</summary>
    /// <param name="authenticationMethod">Auth Method of the AUTH payload: 1, 9, 10, 11 or 14.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    /// <param name="signedOctets">See <see cref="SignedOctets"/>.</param>
    /// <param name="authenticationData">Data of the AUTH payload.</param>
    /// <param name="scheme">The scheme that was used, so far as it is known; the caller judges whether it had offered its hash.</param>
    /// <returns><see cref="SignatureError.None"/> if it verifies.</returns>
    SignatureError Verify(
        byte authenticationMethod,
        ByteString publicKey,
        ByteString signedOctets,
        ByteString authenticationData,
        out SignatureScheme? scheme);

    /// <summary>The public key of a certificate for which an authority vouches and that names an identity. RFC 7296 §3.6, RFC 5280 §6.</summary>
    /// <param name="certificate">DER.</param>
    /// <param name="others">DER of certificates that may stand between.</param>
    /// <param name="trust">The authorities and the time.</param>
    /// <param name="identity">Whom it must name.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    CertificateError TakeCertificate(
        ByteString certificate, ValueList<ByteString> others, Trust.Authorities trust, Identity identity, out ByteString publicKey);

    /// <summary>The 20 bytes by which CERTREQ names an authority. RFC 7296 §3.7.</summary>
    ByteString AuthorityHash(ByteString anchor);
}
