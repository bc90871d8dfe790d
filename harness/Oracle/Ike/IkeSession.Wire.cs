using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Single messages: sent as a test wants them, and what comes of them.</summary>
public sealed partial class IkeSession
{
    private readonly List<IkeArrival> _untaken = [];
    private bool _answeredLast;

    /// <summary>Sends a message as it is and requires an answer with the SPI of its initiator and its Message ID.</summary>
    public IkeArrival Answer(EditableMessage message, string what, string? clause = null, Endpoint? from = null, Endpoint? to = null)
    {
        IkeArrival? answer = Offer(message, what, from, to, isAwaited: true);
        if (answer is null)
        {
            Unanswered(what, clause, Write(message));
        }

        return answer!;
    }

    /// <summary>Sends a message as it is and tells the answer, or null where a sentinel was answered and it was not.</summary>
    public IkeArrival? Offer(EditableMessage message, string what, Endpoint? from = null, Endpoint? to = null, bool isAwaited = false)
    {
        ByteString datagram = Write(message);
        int before = _arrivals.Count;
        uint id = (uint)message["message ID"];
        foreach (TimeSpan wait in isAwaited ? Waits : Waits.AsSpan(0, 1))
        {
            InjectRaw(datagram, what, PayloadsOf(message), from, to);
            Collect(() => AnswerSince(before, message, id) is not null, wait);
            if (AnswerSince(before, message, id) is not null)
            {
                break;
            }
        }

        NoteUsed(message, id);
        if (AnswerSince(before, message, id) is { } answer)
        {
            return answer;
        }

        if (!isAwaited)
        {
            Sentinel(what, null);
        }

        return AnswerSince(before, message, id);
    }

    /// <summary>Sends a message and proves by a sentinel that it is not answered in any way.</summary>
    /// <exception cref="ConformanceException">It is answered.</exception>
    public void ExpectSilence(EditableMessage message, string what, string? clause = null, Endpoint? from = null, Endpoint? to = null) =>
        ExpectSilence(Write(message), what, clause, from, to);

    /// <summary>Sends bytes and proves by a sentinel that they are not answered in any way.</summary>
    public void ExpectSilence(ByteString datagram, string what, string? clause = null, Endpoint? from = null, Endpoint? to = null)
    {
        int before = _arrivals.Count;
        InjectRaw(datagram, what, null, from, to);
        Collect(null);
        RequireSilence(_arrivals.Skip(before), what, clause);
        IkeArrival asked = IkeArrival.Read(new IkeDatagram(datagram, Configuration.Own, Configuration.Peer), 0);
        uint? sentinel = Peer.Sas.LastOrDefault(s => s.InitiatorSpi == asked.InitiatorSpi && s.Phase == IkeSaPhase.Established)?.NextRequest;
        int late = _arrivals.Count;
        Sentinel(what, clause);
        RequireSilence(_arrivals.Skip(late).Where(a => a.IsResponse && a.InitiatorSpi == asked.InitiatorSpi && a.MessageId == asked.MessageId && a.MessageId != sentinel), what, clause);
    }

    // A target may ask whether the tester is alive, or repeat what it asked before, at any time.
    private void RequireSilence(IEnumerable<IkeArrival> arrivals, string what, string? clause)
    {
        foreach (IkeArrival arrival in arrivals.ToArray())
        {
            bool isItsOwn = !arrival.IsResponse && (IsProbe(arrival) || _arrivals.Exists(a => a.Number < arrival.Number && a.Bytes == arrival.Bytes));
            Require(isItsOwn, clause, $"{what} is answered: {arrival}");
        }
    }

    private static bool IsProbe(IkeArrival arrival) => !arrival.IsResponse && arrival.IsSealed && arrival.Exchange == ExchangeType.Informational && arrival.Payloads is { IsEmpty: true };

    /// <summary>Sends bytes that nothing protects: a target may ask whether the other side is alive, and does no more. RFC 7296 §2.4, §2.21.4.</summary>
    /// <exception cref="ConformanceException">It answers.</exception>
    public void ExpectNoMoreThanAProbe(ByteString datagram, string what, string? clause)
    {
        int before = _arrivals.Count;
        InjectRaw(datagram, what, null, null, null);
        Collect(null);
        foreach (IkeArrival arrival in _arrivals.Skip(before).ToArray())
        {
            if (!IsProbe(arrival))
            {
                throw Disagreement(clause, $"{what} is answered: {arrival}");
            }

            Take(arrival);
        }

        Sentinel(what, clause);
    }

    /// <summary>Proves that the target still answers, over the newest IKE SA where there is one and the window has room, else by a first request of somebody new.</summary>
    public void Sentinel(string after, string? clause)
    {
        IkeSa? sa = Peer.Sas.LastOrDefault(s => s.Phase == IkeSaPhase.Established && s.Pending.IsEmpty);
        if (sa is not null && Liveness(sa) is not null)
        {
            return;
        }

        if (Newcomer() is null)
        {
            throw new ConformanceException(FailureKind.NotObserved, clause, Text($"after {after} the target answers nobody"), this);
        }

        if (sa is not null)
        {
            throw Disagreement(clause, $"after {after} the IKE SA is gone: a request over it is not answered, a first request is");
        }
    }

    /// <summary>The answer to an empty INFORMATIONAL request, or null.</summary>
    public IkeArrival? Liveness(IkeSa sa)
    {
        IkeSa now = Peer.Sa(sa.Number) ?? sa;
        return Offer(Message(now, ExchangeType.Informational, isResponse: false, now.NextRequest), "liveness check", isAwaited: true);
    }

    /// <summary>True if the newest IKE SA is answered over.</summary>
    public bool IsAlive() => Peer.Sas.LastOrDefault(s => s.Phase == IkeSaPhase.Established) is { } sa && Liveness(sa) is not null;

    /// <summary>The answer to a first request of somebody new, or null.</summary>
    public IkeArrival? Newcomer() => Offer(InitialRequest(), "first request of somebody new", isAwaited: true);

    /// <summary>Sends an IKE datagram as it is; what comes waits to be taken.</summary>
    /// <param name="datagram">From the IKE header on.</param>
    /// <param name="what">In words.</param>
    /// <param name="from">Source; null for that of the tester.</param>
    /// <param name="to">Destination; null for the target.</param>
    /// <param name="isAwaited">True where a message must come: then there is time for it, and it is sent again as a lost one would be.</param>
    public IReadOnlyList<IkeArrival> Send(ByteString datagram, string what, Endpoint? from = null, Endpoint? to = null, bool isAwaited = false)
    {
        int before = _arrivals.Count;
        foreach (TimeSpan wait in isAwaited ? Waits : Waits.AsSpan(0, 1))
        {
            InjectRaw(datagram, what, null, from, to);
            Collect(() => _arrivals.Count > before, wait);
            if (_arrivals.Count > before)
            {
                break;
            }
        }

        return Handed(before);
    }

    /// <summary>Sends datagrams one after the other, of which an answer must come; what comes waits to be taken.</summary>
    public IReadOnlyList<IkeArrival> SendAll(IReadOnlyList<ByteString> datagrams, string what)
    {
        int before = _arrivals.Count;
        foreach (ByteString datagram in datagrams)
        {
            InjectRaw(datagram, what, null, null, null);
        }

        Collect(() => _arrivals.Skip(before).Any(a => a.Fragment is not { } first || _arrivals.Skip(before).Count(b => b.MessageId == a.MessageId && b.Fragment?.Total == first.Total) >= first.Total));
        return Handed(before);
    }

    /// <summary>Answers a first request of the target in clear; what the target sends then waits to be taken.</summary>
    public IReadOnlyList<IkeArrival> AnswerInClear(IkeArrival request, IkePayload.Notify notification, IkeSpi responder = default, bool isAwaited = true)
    {
        IkeHeader header = new() { InitiatorSpi = request.InitiatorSpi, ResponderSpi = responder, ExchangeType = ExchangeType.IkeSaInit, IsFromInitiator = false, IsResponse = true, MessageId = new MessageId(0) };
        return Send(ByteString.Adopt(new IkeMessage(header, [notification]).ToBytes()), $"{notification} in clear", isAwaited: isAwaited);
    }

    /// <summary>Takes note that the Message ID of a request was used.</summary>
    private void NoteUsed(EditableMessage message, uint id)
    {
        if (message.IsSealed && (message["flags"] & Spec.Wire.Ike.Views.IkeHeaderView.ResponseFlag) == 0
            && Peer.Sas.FirstOrDefault(s => s.InitiatorSpi.Value == message["initiator SPI"] && s.ResponderSpi.Value == message["responder SPI"]) is { } sa && sa.NextRequest == id
            && _arrivals.Any(a => a.IsResponse && a.InitiatorSpi == sa.InitiatorSpi && a.ResponderSpi == sa.ResponderSpi && a.MessageId == id))
        {
            Peer = Peer.With(sa with { NextRequest = id + 1 });
        }
    }

    private IkeArrival? AnswerSince(int before, EditableMessage message, uint id) =>
        _arrivals.Skip(before).FirstOrDefault(a => a.IsResponse && a.InitiatorSpi.Value == message["initiator SPI"] && a.MessageId == id && (!message.IsSealed || a.ResponderSpi.Value == message["responder SPI"]));

    private void InjectRaw(ByteString datagram, string what, ValueList<IkePayload>? payloads, Endpoint? from, Endpoint? to)
    {
        IkeSa? sa = Peer.Sas is [.., { } last] ? last : null;
        _untaken.RemoveAll(a => a.IsResponse);
        Inject(new IkeDatagram(datagram, from ?? sa?.Own ?? Configuration.Own, to ?? sa?.Peer ?? Configuration.Peer), payloads, what);
    }

    /// <summary>Port to which the NAT before the tester maps its port; null for the same one.</summary>
    public ushort? NatPort { get; set; }

    /// <summary>Where the target sees the tester.</summary>
    public Endpoint Outside(Endpoint own) => own.Address != Conversation.Hidden ? own : new Endpoint(Conversation.Ends.Peer, NatPort ?? own.Port);

    private Endpoint Inside(Endpoint seen) => Conversation.IsBehindNat && seen.Address == Conversation.Ends.Peer
        ? new Endpoint(Conversation.Hidden, seen.Port == NatPort ? Sa.Own.Port : seen.Port) : seen;

    private void Inject(IkeDatagram hidden, ValueList<IkePayload>? payloads, string what)
    {
        IkeDatagram datagram = hidden with { From = Outside(hidden.From) };
        _answeredLast = new Spec.Wire.Ike.Views.IkeHeaderView(datagram.Message.Span).IsResponse;
        _invariants.NoteSent(datagram, payloads);
        Stimulus stimulus = new Stimulus.FromWire(new Packet(datagram.ToPacket()));
        _steps.Add(new IkeStep(stimulus, $"-> {what}"));
        _target.Send([stimulus]);
    }

    private void Unanswered(string what, string? clause, ByteString datagram)
    {
        SealByMistakes(datagram);

        // Somebody new is answered: so the target lives, and did not want to answer.
        if (Newcomer() is null)
        {
            throw new ConformanceException(FailureKind.NotObserved, clause, Text($"{what} is not answered, nor is anything else"), this);
        }

        throw Disagreement(clause, $"{what} is not answered; a first request of somebody new is");
    }

    // Reads what the target lets out: at once what is there, and where something is awaited as long as patience lasts.
    private void Collect(Func<bool>? isEnough, TimeSpan? patience = null)
    {
        while (_target.Observe(isEnough?.Invoke() ?? true ? TimeSpan.Zero : patience ?? Patience) is { } observation)
        {
            IkeStep step = _steps[^1];
            step.Observations.Add(observation);
            switch (observation)
            {
                case Observation.Died died:
                    throw new ConformanceException(FailureKind.Died, null, Text(died.How), this);
                case Observation.ToWire wire when IkeDatagram.Read(wire.Packet.Bytes) is { } datagram:
                    Judge(datagram, step);
                    break;
                case Observation.ToWire wire when LacksMarker(wire.Packet.Bytes):
                    throw Disagreement(Accused(new("RFC7296-2.23-20", "") { Also = ["RFC7296-2-04"] }), "IKE at port 4500 without four zero octets in front");
                default:
                    TakePacket(observation, step);
                    break;
            }
        }
    }

    private void Judge(IkeDatagram datagram, IkeStep step)
    {
        IkeArrival arrival = IkeArrival.Read(datagram, _arrivals.Count);
        IkeSa? sa = _known.GetValueOrDefault((arrival.InitiatorSpi, arrival.ResponderSpi));
        if (arrival.IsSealed && sa is { Suite: { } suite, InboundKeys: { } theirs, OutboundKeys: { } ours })
        {
            arrival = arrival.Open(Real, suite, theirs, ours);
            arrival = arrival with { Mistake = MistakeIn(arrival, sa) };
        }

        _arrivals.Add(arrival);
        _untaken.Add(arrival);
        step.Words.Add($"<- {arrival}");
        if (_invariants.Judge(arrival, sa).FirstOrDefault() is { } violation)
        {
            throw Disagreement(Accused(violation), $"{arrival}: {violation.What}");
        }
    }

    private bool LacksMarker(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView ip, out _) || ip.Protocol != IpProtocol.Udp)
        {
            return false;
        }

        UdpView udp = new(ip.Payload);
        return udp.SourcePort == Endpoint.NatTraversalPort && udp.Data.Length >= IkeSpi.LengthBytes
            && _known.Keys.Any(k => k.Item1 == IkeSpi.FromBytes(new ByteString(new UdpView(Payload(packet)).Data[..IkeSpi.LengthBytes])));

        static ReadOnlySpan<byte> Payload(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) ? view.Payload : default;
    }

    /// <summary>Clauses that the running test is about: a fault with several consequences is accused of one of these.</summary>
    public IReadOnlyList<string> Clauses { get; set; } = [];

    /// <summary>The clause that the next messages are about: a fault that breaks it, too, is accused of it; null for none.</summary>
    public string? Focus { get; set; }

    private string Accused(Violation violation) => Focus is { } focus && violation.Also.Contains(focus) ? focus : violation.Also.FirstOrDefault(Clauses.Contains) is { } asked && !Clauses.Contains(violation.RequirementId) ? asked : violation.RequirementId;
}
