using Conformance.Generators.Ike;
using Conformance.Harness.Oracle.Ike.Diagnosis;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Certificates;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>What does not open says little; the wrong way in which it opens says all. Each known mistake is tried once for each failure.</summary>
public sealed partial class IkeSession
{
    private static readonly TimeSpan TimeOfAMistake = TimeSpan.FromMilliseconds(150);

    private Violation? MistakeIn(IkeArrival arrival, IkeSa sa)
    {
        if (arrival.Opened is not null)
        {
            return arrival.Exchange == ExchangeType.IkeAuth ? MistakeInProof(arrival, sa) : null;
        }

        if (arrival.HasKeysOfTheOtherWay || arrival.Fragment is { Opens: true } || Content(arrival.Bytes, sa) is not { } content)
        {
            return null;
        }

        if (_log.Of(sa.Keys!) is { } made)
        {
            foreach (KeyMistake mistake in KeyMistakes.All)
            {
                if (KeyMistakes.Make(mistake, made) is ({ } suite, { } keys) && (content with { Suite = suite, Keys = sa.IsInitiator ? keys.ResponderSealing : keys.InitiatorSealing }).OpensWith(content.Associated.Span))
                {
                    return new Violation(mistake.Clause(made), $"its keys are wrong: {mistake.What}");
                }
            }
        }

        return ProtectionMistakes.All.FirstOrDefault(m => m.Explains(content)) is { } wrong ? new Violation(wrong.Clause, $"it is sealed wrongly: {wrong.What}") : null;
    }

    // A target with other keys opens nothing, and says nothing: it answers who makes the same mistake.
    private void SealByMistakes(ByteString datagram)
    {
        if (OwnSa(datagram) is not { Suite: { } right, OutboundKeys: { } keys } sa || _log.Of(sa.Keys!) is not { } made
            || _arrivals.Any(a => a.IsSealed && a.InitiatorSpi == sa.InitiatorSpi && a.ResponderSpi == sa.ResponderSpi)
            || EditableMessage.Open(datagram, Real, right, keys) is not { } message)
        {
            return;
        }

        int before = _arrivals.Count;
        foreach (KeyMistake mistake in KeyMistakes.All)
        {
            if (KeyMistakes.Make(mistake, made) is ({ } suite, { } wrong) && (sa.IsInitiator ? wrong.InitiatorSealing : wrong.ResponderSealing) is var sealing && sealing != keys)
            {
                InjectRaw(message.ToBytes(Real, suite, sealing), $"the same, sealed as if {mistake.What}", PayloadsOf(message), sa.Own, sa.Peer);

                // One after the other: a daemon may drop a Message ID that it is still busy with.
                Collect(() => _arrivals.Skip(before).Any(a => a.IsResponse), TimeOfAMistake);
            }
        }
    }

    private static SealedContent? Content(ByteString datagram, IkeSa sa) =>
        IkeMessage.TryParse(datagram, out IkeMessage? message, out _) && message!.Payloads is [.., IkePayload.Encrypted or IkePayload.EncryptedFragment]
            && (message.Payloads[^1] is IkePayload.Encrypted whole ? whole.Content : ((IkePayload.EncryptedFragment)message.Payloads[^1]).Content) is { } body && sa.InboundKeys is { } keys && body.Length >= sa.Suite!.IvBytes + sa.Suite.IcvBytes
            ? new SealedContent(Real, sa.Suite, keys, datagram.Slice(..(datagram.Length - body.Length)), body) : null;

    private Violation? MistakeInProof(IkeArrival arrival, IkeSa sa)
    {
        if (sa is not { Initial: { Response.Length: > 0 } initial, Suite: { } suite, Keys: { } plain } || arrival.Find<IkePayload.Authentication>() is not { } proof
            || IdentificationIn(arrival, sa) is not { Length: > 4 } identification)
        {
            return null;
        }

        PostQuantumKey? mixed = arrival.Notify(NotifyType.PpkIdentity) is { } named
            ? Configuration.PostQuantumKeys.FirstOrDefault(k => named.Data.Length == 0 || k.Identity.ToByteString() == named.Data) : null;
        IkeKeys keys = mixed is null ? plain : Real.MixPreshared(suite.Prf, plain, mixed.Key);
        bool isInitiator = !sa.IsInitiator;
        AuthContent content = new()
        {
            Prf = suite.Prf,
            IsInitiator = isInitiator,
            Message = isInitiator ? initial.Request : initial.Response,
            OtherMessage = isInitiator ? initial.Response : initial.Request,
            Earlier = [.. _arrivals.Where(a => a.Exchange == ExchangeType.IkeSaInit && a.InitiatorSpi == sa.InitiatorSpi && a.Bytes != (isInitiator ? initial.Request : initial.Response)).Select(a => a.Bytes)],
            OwnNonce = isInitiator ? initial.InitiatorNonce : initial.ResponderNonce,
            PeerNonce = isInitiator ? initial.ResponderNonce : initial.InitiatorNonce,
            Identification = identification,
            Own = isInitiator ? keys.InitiatorAuthentication : keys.ResponderAuthentication,
            Other = isInitiator ? keys.ResponderAuthentication : keys.InitiatorAuthentication,
            Derivation = keys.Derivation,
            Unmixed = mixed is not null ? isInitiator ? plain.InitiatorAuthentication : plain.ResponderAuthentication : null,
            Intermediate = initial.EarlierKeys.IsEmpty ? default : ByteString.Adopt(IntermediateAuthentication.Join(initial.InitiatorIntermediate.Span, initial.ResponderIntermediate.Span, (uint)initial.EarlierKeys.Count + 1)),
        };
        return WithSecret(content, arrival, sa, proof) is { } known && AuthMistakes.Explain(known, proof.Data) is { } mistake ? mistake
            : IsSignedByALaterCertificate(content, arrival, proof) ? new Violation("RFC7296-1.2-07", "the first CERT payload has another key than AUTH") : null;
    }

    // Null where this side does not know what would verify.
    private AuthContent? WithSecret(AuthContent content, IkeArrival arrival, IkeSa sa, IkePayload.Authentication proof)
    {
        if (sa.Eap is { IsOver: true } eap)
        {
            return content with { Secret = eap.Key.Length > 0 ? eap.Key : content.Own, IsAfterEap = true };
        }

        bool isShared = proof.Method == AuthenticationMethod.SharedKey;
        return (Configuration.Trust, Configuration.Credentials) switch
        {
            (Trust.Secret secret, _) when isShared => content with { Secret = secret.Value },
            (null, Credentials.SharedSecret secret) when isShared => content with { Secret = secret.Secret },
            (Trust.PublicKey key, _) when !isShared => Signed(key.SubjectPublicKeyInfo),
            (Trust.Authorities authorities, _) when !isShared && CertifiedKey(arrival, authorities) is { } key => Signed(key),
            _ => null,
        };

        AuthContent Signed(ByteString publicKey) => content with { IsSignature = octets => Real.Verify((byte)proof.Method, publicKey, octets, proof.Data, out _) == SignatureError.None };
    }

    private bool IsSignedByALaterCertificate(AuthContent content, IkeArrival arrival, IkePayload.Authentication proof)
    {
        bool[] verified = [.. Certificates(arrival).Select(c => CertificateChain.PublicKey(c.Span) is { } key && Real.Verify((byte)proof.Method, ByteString.Adopt(key), ByteString.Adopt(content.Octets), proof.Data, out _) == SignatureError.None)];
        return Configuration.Trust is Trust.Authorities && verified is [false, ..] && verified.Contains(true);
    }

    private static IEnumerable<ByteString> Certificates(IkeArrival arrival) =>
        arrival.Payloads!.Value.OfType<IkePayload.Certificate>().Where(c => c.Encoding == CertificateEncoding.X509Signature).Select(c => c.Data);

    private static ByteString? CertifiedKey(IkeArrival arrival, Trust.Authorities authorities)
    {
        ByteString[] certificates = [.. Certificates(arrival)];
        return arrival.Find<IkePayload.Identification>() is { } named && certificates.Length > 0
            && Real.TakeCertificate(certificates[0], new([.. certificates[1..]]), authorities, named.Identity, out ByteString key) == CertificateError.None ? key : null;
    }

    // As it came, reserved octets included; after EAP that of the message before.
    private static ByteString? IdentificationIn(IkeArrival arrival, IkeSa sa)
    {
        PayloadType type = sa.IsInitiator ? PayloadType.IdentificationResponder : PayloadType.IdentificationInitiator;
        RawNode? node = arrival.Opened!.Tree.Parts.OfType<RawNode>().FirstOrDefault(n => n.Type == type);
        return node is not null ? new ByteString(node.ToBytes().AsSpan(4)) : sa.Eap?.Other?.BodyToBytes();
    }

    private Violation? MistakeIn(ByteString packet) => _children.GetValueOrDefault(SpiOf(packet)) is not { } child ? null
        : Mistakes(child, isInbound: true).FirstOrDefault(m => EspReceiver.Rfc.Receive(ReceiverState.Empty.With(InboundAssociation.Create(m.Sa)), packet, _keys).Outcome is ReceiveOutcome.Delivered).What;

    private Violation? MistakeOfReceiver(ChildSa child)
    {
        (IpAddress source, IpAddress destination) = Ends(child);
        return Mistakes(child, isInbound: false).FirstOrDefault(m => DeliversBetween(m.Sa, source, destination)).What;
    }

    private IEnumerable<(SecurityAssociation Sa, Violation What)> Mistakes(ChildSa child, bool isInbound)
    {
        if (_log.Of(child.InboundKeys.Encryption, child.OutboundKeys.Encryption) is not { } made)
        {
            yield break;
        }

        SecurityAssociation right = _associations[isInbound ? child.Inbound : child.Outbound];
        bool ofInitiator = made.Keys.InitiatorEncryption == (isInbound ? child.InboundKeys : child.OutboundKeys).Encryption;
        foreach (ChildKeyMistake mistake in ChildKeyMistakes.All)
        {
            if (ChildKeyMistakes.Make(mistake, made, _log) is ({ } suite, { } keys))
            {
                (IkeSecret encryption, IkeSecret integrity) = ofInitiator ? (keys.InitiatorEncryption, keys.InitiatorIntegrity) : (keys.ResponderEncryption, keys.ResponderIntegrity);
                SecurityAssociation sa = right with { Suite = suite, EncryptionKey = new ByteString(encryption.Span), IntegrityKey = new ByteString(integrity.Span) };
                yield return (sa, new Violation(mistake.Clause(made), $"keys of the Child SA are wrong: {mistake.What}"));
            }
        }
    }
}
