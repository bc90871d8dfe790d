using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>A post-quantum preshared key (PPK). RFC 8784 §3, §5.</summary>
/// <param name="Identity">Kind and name of the key, as PPK_IDENTITY has them.</param>
/// <param name="Key">The key.</param>
public sealed record PostQuantumKey(NotifyContent.Ppk Identity, IkeSecret Key);
