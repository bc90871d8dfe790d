using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>AUTH payloads: made for this side, judged for the other. RFC 7296 §2.15.</summary>
internal static class AuthenticationData
{
    /// <summary>This side's AUTH payload.</summary>
    public static IkePayload.Authentication Make(Draft draft, IkeSa sa, IkePayload.Identification identification)
    {
        ByteString octets = Octets(draft, sa, sa.IsInitiator, identification);
        return draft.Configuration.Credentials switch
        {
            Credentials.SharedSecret shared => new(AuthenticationMethod.SharedKey, draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, shared.Secret, octets)),
            _ => throw new NotSupportedException($"{draft.Configuration.Credentials}"),
        };
    }

    /// <summary>True if the other side's payload proves its identity.</summary>
    public static bool Verify(Draft draft, IkeSa sa, IkePayload.Identification identification, IkePayload.Authentication authentication)
    {
        if (identification.Identity != draft.Configuration.PeerIdentity)
        {
            return false;
        }

        ByteString octets = Octets(draft, sa, !sa.IsInitiator, identification);
        return draft.Configuration.Credentials switch
        {
            Credentials.SharedSecret shared => authentication.Method == AuthenticationMethod.SharedKey
                && authentication.Data == draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, shared.Secret, octets),
            _ => false,
        };
    }

    private static ByteString Octets(Draft draft, IkeSa sa, bool ofInitiator, IkePayload.Identification identification)
    {
        InitialExchange initial = sa.Initial!;
        IkeSecret key = ofInitiator ? sa.Keys!.InitiatorAuthentication : sa.Keys!.ResponderAuthentication;
        return draft.Cryptography.SignedOctets(
            sa.Suite!.Prf,
            ofInitiator ? initial.Request : initial.Response,
            ofInitiator ? initial.ResponderNonce : initial.InitiatorNonce,
            identification.BodyToBytes(),
            key,
            ByteString.Empty);
    }
}
