using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>SIGNATURE_HASH_ALGORITHMS: what each side verifies of signatures that name their hash. RFC 7427 §4, RFC 8420 §2.</summary>
internal static class SignatureHashes
{
    /// <summary>What a side tells in IKE_SA_INIT.</summary>
    public static ValueList<IkePayload> Announce(IkeConfiguration configuration) => configuration.SignatureHashes.IsEmpty
        ? []
        : [new IkePayload.Notify(NotifyType.SignatureHashAlgorithms, new NotifyContent.Hashes(configuration.SignatureHashes).ToByteString())];

    /// <summary>What the other side told; empty for nothing, or for data that are no list of hashes.</summary>
    public static ValueList<SignatureHash> Read(ValueList<IkePayload> payloads) =>
        IkePayloads.FindNotify(payloads, NotifyType.SignatureHashAlgorithms) is { } notify
            && NotifyContent.TryRead(notify, out NotifyContent? content, out _) && content is NotifyContent.Hashes hashes
            ? hashes.Algorithms
            : [];

    /// <summary>The first scheme that the other side verifies; null if there is none.</summary>
    public static SignatureScheme? Usable(IkeSa sa, Credentials.Signature own) =>
        own.Schemes.FirstOrDefault(s => s.AuthenticationMethod != SignatureSchemes.DigitalSignatureMethod || sa.PeerHashes.Contains((SignatureHash)s.HashId));

    /// <summary>True for a scheme that this side has not ruled out by what it told.</summary>
    public static bool Allows(IkeConfiguration configuration, SignatureScheme? scheme) => scheme is not null
        && (scheme.AuthenticationMethod != SignatureSchemes.DigitalSignatureMethod || configuration.SignatureHashes.Contains((SignatureHash)scheme.HashId));
}
