using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>AUTH payloads: made for this side, judged for the other. RFC 7296 §2.15.</summary>
internal static class AuthenticationData
{
    /// <summary>This side's AUTH payload; null if it has no way to sign that the other side verifies.</summary>
    public static IkePayload.Authentication? Make(Draft draft, IkeSa sa, IkePayload.Identification identification)
    {
        ByteString octets = Octets(draft, sa, sa.IsInitiator, identification);
        if (sa.Eap is { IsOver: true } eap)
        {
            return new(AuthenticationMethod.SharedKey, AfterEap(draft, sa, eap, sa.IsInitiator, octets));
        }

        return draft.Configuration.Credentials switch
        {
            Credentials.SharedSecret shared => new(AuthenticationMethod.SharedKey, draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, shared.Secret, octets)),
            Credentials.Null => new(AuthenticationMethod.Null, draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, Key(sa, sa.IsInitiator), octets)),
            Credentials.Signature own => Sign(draft, sa, own, octets),
            Credentials.Eap => null,
            _ => throw new NotSupportedException($"{draft.Configuration.Credentials}"),
        };
    }

    /// <summary>True if the other side's payloads prove its identity.</summary>
    public static bool Verify(
        Draft draft, IkeSa sa, IkePayload.Identification identification, IkePayload.Authentication authentication, ValueList<IkePayload> payloads)
    {
        if (sa.Eap is { IsOver: true } eap)
        {
            ByteString due = AfterEap(draft, sa, eap, !sa.IsInitiator, Octets(draft, sa, !sa.IsInitiator, identification));
            return authentication.Method == AuthenticationMethod.SharedKey && authentication.Data == due;
        }

        Trust trust = draft.Configuration.Trust ?? Trust.CounterpartOf(draft.Configuration.Credentials);
        if (trust is not Trust.Anyone && identification.Identity != draft.Configuration.PeerIdentity)
        {
            draft.Report($"another identity: {identification.Identity}");
            return false;
        }

        ByteString octets = Octets(draft, sa, !sa.IsInitiator, identification);
        return trust switch
        {
            Trust.Secret shared => authentication.Method == AuthenticationMethod.SharedKey
                && authentication.Data == draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, shared.Value, octets),
            Trust.Anyone => authentication.Method == AuthenticationMethod.Null
                && authentication.Data == draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, Key(sa, !sa.IsInitiator), octets),
            Trust.PublicKey known => Verify(draft, authentication, known.SubjectPublicKeyInfo, octets),
            Trust.Authorities authorities => CertificatePayloads.PublicKey(draft, authorities, payloads, identification.Identity) is { } certified
                && Verify(draft, authentication, certified, octets),
            _ => false,
        };
    }

    // With the MSK, or where the method makes none with SK_pi and SK_pr. RFC 7296 §2.16.
    private static ByteString AfterEap(Draft draft, IkeSa sa, EapExchange eap, bool ofInitiator, ByteString octets) =>
        draft.Cryptography.SharedKeyAuth(sa.Suite!.Prf, eap.Key.Length > 0 ? eap.Key : Key(sa, ofInitiator), octets);

    private static IkePayload.Authentication? Sign(Draft draft, IkeSa sa, Credentials.Signature own, ByteString octets)
    {
        if (SignatureHashes.Usable(sa, own) is not { } scheme)
        {
            draft.Report("the other side verifies no signature that this one can make");
            return null;
        }

        ByteString salt = draft.Fresh("salt of AUTH", sa, 1, scheme.SaltBytes);
        return draft.Cryptography.TrySign(scheme, own.PrivateKey, octets, salt, out ByteString data, out SignatureError error)
            ? new((AuthenticationMethod)scheme.AuthenticationMethod, data)
            : throw new ArgumentException($"no signature by {scheme.Name}: {error}");
    }

    private static bool Verify(Draft draft, IkePayload.Authentication authentication, ByteString publicKey, ByteString octets)
    {
        SignatureError error = draft.Cryptography.Verify((byte)authentication.Method, publicKey, octets, authentication.Data, out SignatureScheme? scheme);
        if (error == SignatureError.None && !SignatureHashes.Allows(draft.Configuration, scheme))
        {
            draft.Report($"{scheme?.Name} was not offered");
            return false;
        }

        return error == SignatureError.None;
    }

    private static IkeSecret Key(IkeSa sa, bool ofInitiator) => ofInitiator ? sa.Keys!.InitiatorAuthentication : sa.Keys!.ResponderAuthentication;

    private static ByteString Octets(Draft draft, IkeSa sa, bool ofInitiator, IkePayload.Identification identification)
    {
        InitialExchange initial = sa.Initial!;
        return draft.Cryptography.SignedOctets(
            sa.Suite!.Prf,
            ofInitiator ? initial.Request : initial.Response,
            ofInitiator ? initial.ResponderNonce : initial.InitiatorNonce,
            identification.BodyToBytes(),
            Key(sa, ofInitiator),
            IntermediateMessages.Authenticated(initial));
    }
}
