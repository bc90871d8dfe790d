using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Cryptography;

/// <summary>The initiator's part of a key exchange. RFC 7296 §1.2.</summary>
/// <param name="PrivateValue">Kept until the response comes.</param>
/// <param name="PublicValue">Data of its KE payload.</param>
public readonly record struct KeyExchangeStart(IkeSecret PrivateValue, ByteString PublicValue);

/// <summary>The responder's part of a key exchange. RFC 7296 §1.2.</summary>
/// <param name="PublicValue">Data of its KE payload: a public value or a ciphertext.</param>
/// <param name="Shared">g^ir, or what was encapsulated.</param>
public readonly record struct KeyExchangeAnswer(ByteString PublicValue, IkeSecret Shared);

/// <summary>What makes the keys of an IKE SA its own: nonces and SPIs. RFC 7296 §2.14 and §2.18.</summary>
/// <param name="InitiatorNonce">Ni, without header.</param>
/// <param name="ResponderNonce">Nr, without header.</param>
/// <param name="InitiatorSpi">SPI of the initiator of the exchange that makes the IKE SA.</param>
/// <param name="ResponderSpi">SPI of its responder.</param>
public readonly record struct Freshness(ByteString InitiatorNonce, ByteString ResponderNonce, ulong InitiatorSpi, ulong ResponderSpi);
