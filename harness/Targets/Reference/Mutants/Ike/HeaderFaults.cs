using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults in the header of what is sent, and in the datagram around it. RFC 7296 §3.1, §2.2, §2.11.</summary>
internal static class HeaderFaults
{
    public static ImmutableArray<IkeFault> All { get; } =
    [
        Sends("major-version-1", "RFC7296-3.1-11", "the version of IKEv1", m => m.With("version", 0x10)),
        Sends("minor-version-1", "RFC7296-3.1-13", "nibbles of the version swapped with a flag", m => m.With("version", 0x21)),
        Sends("reserved-flag", "RFC7296-3.1-15", "a flag of IKEv1 is still set", m => m.With("flags", f => f | 0x01)),
        Sends("higher-version-flag", "RFC7296-3.1-19", "V is taken for the version in use", m => m.With("flags", f => f | 0x10)),
        Sends("response-flag-clear", "RFC7296-3.1-17", "R is set for INFORMATIONAL only", m => m.Is(ExchangeType.IkeSaInit, true) ? m.With("flags", 0) : m),
        Sends("initiator-flag-by-exchange", "RFC7296-3.1-21", "I is set by who starts the exchange", m => m.With("flags", f => m.IsResponse ? f & ~0x08ul : f | 0x08)),
        Sends("initiator-flag-kept", "RFC7296-3.1-22", "I stays with the original initiator after a rekeying", (m, sa) => sa?.Replaces is null ? m : m.With("flags", f => f ^ 0x08)) with { Also = ["RFC7296-1.3.2-07"] },
        Sends("length-without-header", "RFC7296-3.1-23", "the length leaves the header out", m => m with { LengthError = -28, Behind = ByteString.Empty }),
        Sends("initiator-spi-0", "RFC7296-3.1-07", "the SPI is drawn after the message", m => m.Is(ExchangeType.IkeSaInit, false) ? m.With("initiator SPI", 0) : m),
        Sends("responder-spi-in-first-request", "RFC7296-3.1-09", "the field is not cleared", m => m.Is(ExchangeType.IkeSaInit, false) ? m.With("responder SPI", 5) : m),
        Sends("responder-spi-0", "RFC7296-1.2-02", "the SPI is set in IKE_AUTH only", m => m.Is(ExchangeType.IkeSaInit, true) && m.Has("SecurityAssociation") ? m.With("responder SPI", 0) : m),
        Sends("responder-spi-without-sa", "RFC7296-2.6-04", "the SPI is drawn before the cookie is asked for", m => m.Is(ExchangeType.IkeSaInit, true) && !m.Has("SecurityAssociation") ? m.With("responder SPI", 77) : m),
        Sends("first-message-id-1", "RFC7296-2.2-02", "Message IDs count from 1", m => m.Is(ExchangeType.IkeSaInit, false) ? m.With("message ID", 1) : m),
        Sends("answer-with-own-number", "RFC7296-2.2-05", "the answer has the number of the own next request", m => m.IsResponse && m.IsSealed ? m.With("message ID", i => i + 1) : m) with { Also = ["RFC7296-1-04"] },
        Sends("answer-is-informational", "RFC7296-1-05", "every answer has one exchange type", m => m.Is(ExchangeType.CreateChildSa, true) ? m.With("exchange type", (ulong)ExchangeType.Informational) : m),
        Sends("numbers-skip", "RFC7296-2.2-04", "the number is taken from a counter of all messages", m => !m.IsResponse && m.IsSealed ? m.With("message ID", i => i + 1) : m),
        Sends("responder-counts-from-1", "RFC7296-2.2-07", "the responder's first request follows its last answer", (m, sa) => !m.IsResponse && m.IsSealed && sa is { IsInitiator: false, Replaces: null } ? m.With("message ID", i => i + 2) : m) with { Also = ["RFC7296-2.2-06"] },
        Sends("numbers-go-on-after-rekeying", "RFC7296-2.18-07", "the successor counts on", (m, sa) => !m.IsResponse && m.IsSealed && sa?.Replaces is not null ? m.With("message ID", i => i + 3) : m),
        new("ike-answers-twice", "RFC7296-2.1-01", "the answer is queued at each of two places") { Steps = Twice },
        new("ike-answer-made-anew", "RFC7296-2.1-03", "the answer is kept in clear and sealed each time") { Steps = (machine, peer, happening) => Changed(machine, peer, happening, happening is IkeEvent.Received) },
        new("ike-request-made-anew", "RFC7296-2.1-10", "the request is kept in clear and sealed each time") { Steps = (machine, peer, happening) => Changed(machine, peer, happening, happening is IkeEvent.RetransmissionDue) },
        new("ike-answer-from-another-port", "RFC7296-2.11-03", "a socket of its own for sending") { Packet = p => OtherPorts(p, from: 4500, to: null), Also = ["RFC7296-3.1-02"] },
        new("ike-answer-to-port-500", "RFC7296-2.11-02", "answers go to the configured peer") { Packet = p => OtherPorts(p, from: null, to: 500) },
        new("ike-sent-from-port-501", "RFC7296-2.23-01", "the port of the socket is left to the system") { Packet = p => OtherPorts(p, from: 501, to: null) },
        new("ike-marker-at-port-500", "RFC7296-2-06", "the marker is always there") { Packet = p => Marked(p, Endpoint.IkePort) },
        new("ike-no-marker-at-port-4500", "RFC7296-2.23-20", "the marker is forgotten") { Packet = p => Marked(p, Endpoint.NatTraversalPort), Also = ["RFC7296-2-04"] },
    ];

    private static IkeOutcome Twice(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return happening is IkeEvent.Received && outcome.Outputs.OfType<IkeOutput.Send>().FirstOrDefault(s => new Spec.Wire.Ike.Views.IkeHeaderView(s.Datagram.Span).IsResponse) is { } answer
            ? outcome with { Outputs = outcome.Outputs.Add(answer) } : outcome;
    }

    // Another padding makes another message of the same meaning.
    private static IkeOutcome Changed(IkeMachine machine, IkePeer peer, IkeEvent happening, bool isMeant)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (!isMeant || outcome.Next.Sas != peer.Sas)
        {
            return outcome;
        }

        IkeFault padded = new("", "", "") { Sends = (m, sa) => m.IsSealed ? m with { Padding = ByteString.Adopt(new byte[sa!.Suite!.BlockBytes == 1 ? 3 : 15]) } : m, Steps = (_, _, _) => outcome };
        return padded.Ike(machine, peer, happening);
    }

    private static ByteString OtherPorts(ByteString packet, ushort? from, ushort? to)
    {
        Contract.IkeDatagram? datagram = Contract.IkeDatagram.Read(packet);
        return datagram is null || datagram.From.Port != Endpoint.IkePort ? packet
            : ByteString.Adopt(IpPackets.Udp(datagram.From.Address, datagram.To.Address, from ?? datagram.From.Port, to ?? datagram.To.Port, from == 4500 ? [0, 0, 0, 0, .. datagram.Message.Span] : datagram.Message.Span));
    }

    private static ByteString Marked(ByteString packet, ushort port) =>
        Contract.IkeDatagram.Read(packet) is { } datagram && datagram.From.Port == port ? (datagram with { IsMarkedAsDue = false }).ToPacket() : packet;
}
