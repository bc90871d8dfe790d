using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults with certificates, signatures and EAP. RFC 7296 §2.16, §3.6, §3.7, RFC 7427.</summary>
internal static class CredentialFaults
{
    private static readonly IkeRules Trusting = new TrustsEverybody();

    public static ImmutableArray<IkeFault> All { get; } = [.. Certificates(), .. Signatures(), .. Eap(), .. Clients()];

    private static IkeFault[] Certificates() =>
    [
        Sends("issuer-first", "RFC7296-1.2-07", "the chain starts at its root", m => m.Has("Certificate[1]") ? m.Reversed() : m),
        Sends("chain-in-one-payload", "RFC7296-3.6-02", "the file is sent as it is", m => m.Has("Certificate[1]") ? m.Without("Certificate[1]").With("Certificate/data", ByteString.Adopt([.. Data(m, "Certificate").Span, .. Data(m, "Certificate[1]").Span])) : m),
        Sends("authority-by-sha-256", "RFC7296-3.7-02", "SHA-1 is old", m => m.If("CertificateRequest", n => n.With("CertificateRequest/data", ByteString.Adopt(new byte[32])))),
        Takes("unknown-encoding-refused", "RFC7296-3.6-11", "an unknown encoding is an error", m => m.Has("Certificate") && m.Tree.Walk().Any(p => p is { Part: RawField { Name: "encoding", Value: 77 } }) ? null : m),
        Takes("foreign-certreq-refused", "RFC7296-3.7-06", "a certificate of that authority must be there", m => m.Has("CertificateRequest") && Data(m, "CertificateRequest") == ByteString.Adopt(new byte[20]) ? null : m),
    ];

    private static IkeFault[] Signatures() =>
    [
        Sends("method-15", "RFC7427-3-01", "the number of a draft", m => m.Has("Authentication") && m["Authentication/method"] == 14 ? m.With("Authentication/method", 15) : m),
        Sends("algorithm-without-length", "RFC7427-3-02", "DER has its own length", m => m.Has("Authentication") && m["Authentication/method"] == 14 ? m.With("Authentication/data", Data(m, "Authentication").Slice(1..)) : m),
        new("ike-signs-by-the-old-method", "RFC7427-3-05", "method 14 is not preferred") { Told = c => c.Credentials is Credentials.Signature own && own.Schemes[0].Kind == SignatureKind.Ecdsa ? c with { Credentials = own with { Schemes = [SignatureSchemes.Ecdsa256] } } : c },
        Sends("signs-by-14-unasked", "RFC7427-3-04", "method 14 is always used", m => m.Is(ExchangeType.IkeAuth, true) && m.Has("Authentication") && m["Authentication/method"] == 9 ? m.With("Authentication/method", 14).With("Authentication/data", ByteString.Adopt([.. new SignatureHeader().Bytes, .. Data(m, "Authentication").Span])) : m),
        Sends("hashes-in-one-octet", "RFC7427-4-02", "identifiers are small", m => m.OnNotify(NotifyType.SignatureHashAlgorithms, (n, path) => n.With($"{path}/data", ByteString.FromHex("020305")))),
        Takes("every-hash-listed", "RFC7427-4-05", "the list is not read", m => m.Is(ExchangeType.IkeSaInit, false) ? m.OnNotify(NotifyType.SignatureHashAlgorithms, (n, path) => n.With($"{path}/data", ByteString.FromHex("0002000300040005"))) : m) with { Rules = Trusting },
        Takes("unknown-hash-ends-it", "RFC7427-4-03", "an unknown hash is an error", m => m.PathOf(NotifyType.SignatureHashAlgorithms) is { } path && Data(m, path) == ByteString.FromHex("03ff0002") ? null : m),
        new("ike-odd-hashes-stop-service", "RFC7427-4-04", "an exception ends the loop") { Steps = StopsAtOddHashes },
        Sends("shared-key-by-14", "RFC7427-3-12", "with the list all is method 14", m => m.Has("Authentication") && m["Authentication/method"] == 2 && m.IsResponse ? m.With("Authentication/method", 14).With("Authentication/data", ByteString.Adopt([.. new SignatureHeader().Bytes, .. Data(m, "Authentication").Span])) : m),
        new("ike-any-signature", "RFC7427-4-06", "AUTH is not verified") { Rules = Trusting, Also = ["RFC7427-3-03", "RFC7427-3-09", "RFC7427-3-10"] },
    ];

    private static IkeFault[] Eap() =>
    [
        Sends("eap-beside-selectors", "RFC7296-2.16-05", "the first request is answered at once", m => m.Is(ExchangeType.IkeAuth, true) && m.Has("Eap") && m.Has("Authentication") ? m.With(new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)])) : m),
        new("ike-gateway-with-shared-secret", "RFC7296-2.16-01", "passwords on both sides") { Told = c => c.Trust is Trust.Eap ? c with { Credentials = new Credentials.SharedSecret(new IkeSecret("secret"u8)) } : c },
        Sends("auth-beside-success", "RFC7296-2.16-12", "one round trip is saved", m => m.Is(ExchangeType.IkeAuth, true) && m.Has("Eap") && m["Eap/code"] == 3 ? m.With(new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32]))) : m),
        Sends("eap-failure-untold", "RFC7296-2.16-13", "the IKE error says it all", m => m.Is(ExchangeType.IkeAuth, true) && m.Has("Eap") && m["Eap/code"] == 4 ? m.Without("Eap").With(new IkePayload.Notify(NotifyType.AuthenticationFailed)) : m),
        Sends("last-auth-left-out", "RFC7296-2.16-15", "AUTH was there before", m => m.Is(ExchangeType.IkeAuth, true) && m.Has("SecurityAssociation") && !m.Has("IdentificationResponder") ? m.Without("Authentication") : m),
        new("ike-eap-identifier-ignored", "RFC7296-3.16-01", "one request, one response") { Steps = (machine, peer, happening) => machine.Run(peer, BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { Eap: { } eap } sa) && m.Has("Eap") ? ((IkeEvent.Received)happening) with { Datagram = m.With("Eap/identifier", eap.Server.Identifier).ToBytes(machine.Cryptography, sa.Suite, sa.InboundKeys) } : happening) },
        Takes("eap-code-ignored", "RFC7296-3.16-08", "what comes is a response", m => m.Is(ExchangeType.IkeAuth, false) && m.Has("Eap") && m["Eap/code"] == 1 ? m.With("Eap/code", 2) : m),
        new("ike-eap-proof-not-needed", "RFC7296-2.16-16", "EAP has proved it") { Rules = Trusting, Takes = m => m.Is(ExchangeType.IkeAuth, false) && !m.Has("Authentication") && !m.Has("Eap") && !m.Has("IdentificationInitiator") ? m.With(new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32]))) : m },
        KeyFaults.With("half-of-the-msk", "RFC7296-2.16-07", "a key has 32 octets", c => new WrongCryptography(c) { Secret = s => s.Length == 64 ? new IkeSecret(s.Span[..32]) : s }) with { Rules = Trusting },
        new("ike-other-exchange-during-eap", "RFC7296-2.16-02", "the phase is not looked at") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ } m, { Phase: IkeSaPhase.InitAnswered, Eap: not null } sa) && !m.Is(ExchangeType.IkeAuth) ? machine.Run(peer.With(sa with { Phase = IkeSaPhase.Established, Initial = null, Eap = null }), happening) : machine.Run(peer, happening) },
    ];

    private static IkeFault[] Clients() =>
    [
        Sends("auth-in-spite-of-eap", "RFC7296-2.16-03", "AUTH is always there", m => m.Is(ExchangeType.IkeAuth, false) && m.Has("IdentificationInitiator") && !m.Has("Authentication") ? m.With(new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32]))) : m),
        new("ike-early-success-believed", "RFC7296-2.16-17", "Success is Success") { Rules = new BelievesEarlySuccess() },
        KeyFaults.With("gateway-not-verified", "RFC7296-2.16-18", "EAP proves both", c => new WrongCryptography(c) { TakesAnySignature = true }),
        new("ike-last-auth-of-the-gateway-not-verified", "RFC7296-2.16-19", "the signature has proved it") { Rules = Trusting },
    ];

    private static ByteString Data(EditableMessage message, string payload) => ((RawData)message.Tree[$"{payload}/data"]).Bytes;

    private static IkeOutcome StopsAtOddHashes(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        const int OutOfService = 1_000_000;
        bool isOdd = happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _)
            && IkePayloads.FindNotify(message!.Payloads, NotifyType.SignatureHashAlgorithms) is { Data.Length: 3 or 0 };
        return peer.SasMade >= OutOfService || isOdd ? BehaviourFaults.Nothing(peer with { SasMade = OutOfService }) : machine.Run(peer, happening);
    }

    private sealed record SignatureHeader
    {
        public byte[] Bytes { get; } = [(byte)SignatureSchemes.Named("ecdsa-sha256").AlgorithmIdentifiers[0].Length, .. SignatureSchemes.Named("ecdsa-sha256").AlgorithmIdentifiers[0]];
    }

    private sealed class TrustsEverybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }

    private sealed class BelievesEarlySuccess : IkeRules
    {
        public override bool WaitsForEndOfEapMethod => false;
    }
}
