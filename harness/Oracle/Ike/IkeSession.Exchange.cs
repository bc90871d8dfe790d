using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Honest exchanges: the tester's own state machine answers and asks.</summary>
public sealed partial class IkeSession
{
    private readonly Queue<IkeOutput.Send> _toSend = new();
    private readonly Dictionary<ByteString, (ByteString Datagram, ValueList<IkePayload>? Payloads)> _altered = [];
    private Spi? _toldToRekey;

    /// <summary>The initial exchanges with the tester as initiator; both sides have an IKE SA and the first child afterwards.</summary>
    public void Establish(string? clause = null)
    {
        Do(new IkeCommand.Initiate(), clause);
        Require(Peer.Sas.Any(s => s.Phase == IkeSaPhase.Established), clause, $"no IKE SA came up: {string.Join("; ", Reports)}");
        Require(Configuration.IsChildless || Peer.Children.Count > 0, clause, $"no Child SA came up: {string.Join("; ", Reports)}");
    }

    /// <summary>The initial exchanges with the target as initiator.</summary>
    public void Accept(string? clause = null)
    {
        Ask(new IkeRequest.Initiate(), () => Peer.Children.Count > 0, clause);
        Require(Peer.Sas.Any(s => s.Phase == IkeSaPhase.Established), clause, $"no IKE SA came up: {string.Join("; ", Reports)}");
        Require(Peer.Children.Count > 0, clause, $"no Child SA came up: {string.Join("; ", Reports)}");
    }

    /// <summary>What the tester's side reported to its owner.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>The tester's side does something, and both go on until each request of the tester is answered.</summary>
    /// <exception cref="ConformanceException">A request stays unanswered, or a message breaks a rule.</exception>
    public void Do(IkeCommand command, string? clause = null)
    {
        Step(new IkeEvent.Asked(command));
        Converse(() => Peer.Sas.All(s => s.Pending.IsEmpty));
        if (Peer.Sas.FirstOrDefault(s => !s.Pending.IsEmpty) is { } waiting)
        {
            Unanswered($"{Iana.NameOf(new Spec.Wire.Ike.Views.IkeHeaderView(waiting.Pending[0].Datagrams[0].Span).ExchangeType)} request {waiting.Pending[0].MessageId}", clause, waiting.Pending[0].Datagrams[0]);
        }
    }

    /// <summary>The tester's side does something, and both go on as far as the target answers.</summary>
    public void DoAsFarAsItGoes(IkeCommand command)
    {
        Step(new IkeEvent.Asked(command));
        Converse(() => Peer.Sas.All(s => s.Pending.IsEmpty));
    }

    /// <summary>The target is asked for something, and both go on until it is done.</summary>
    /// <param name="request">What it is asked for.</param>
    /// <param name="isDone">True when the tester has seen all of it; null for any request of the target.</param>
    /// <param name="clause">The requirement to accuse where it does not come about.</param>
    public void Ask(IkeRequest request, Func<bool>? isDone = null, string? clause = null)
    {
        int before = _arrivals.Count;
        Func<bool> settled = isDone ?? Settled(request);
        Tell(request);
        Converse(settled);
        Require(isDone?.Invoke() ?? _arrivals.Skip(before).Any(a => !a.IsResponse), clause, $"«{request}» did not come about");
    }

    // When there is nothing more to wait for: an exchange of the target's may have a Delete behind it.
    private Func<bool> Settled(IkeRequest request)
    {
        int before = _arrivals.Count;
        bool HasAsked() => _arrivals.Skip(before).Any(a => !a.IsResponse);
        return request switch
        {
            IkeRequest.RekeyChild { Inbound: var old } => () => HasAsked() && Peer.Children.All(c => c.Outbound != old),
            IkeRequest.DeleteChild { Inbound: var old } => () => HasAsked() && Peer.Children.All(c => c.Outbound != old),
            IkeRequest.RekeyIke { Sa: var old } => () => HasAsked() && !IsOpen(old),
            IkeRequest.DeleteIke { Sa: var old } => () => HasAsked() && !IsOpen(old),
            _ => HasAsked,
        };
    }

    private bool IsOpen(IkeSaName name) => Peer.Sas.Any(s => s.InitiatorSpi == name.Initiator && s.ResponderSpi == name.Responder && s.Phase != IkeSaPhase.Closed);

    /// <summary>The target is asked for a request of any kind, a liveness check where it has a command for one, and both go on until it has come.</summary>
    public void AskSomething(string? clause = null)
    {
        int before = _arrivals.Count;
        Converse(Settled(TellSomething()));
        Require(_arrivals.Skip(before).Any(a => !a.IsResponse), clause, "no request came about");
    }

    /// <summary>As <see cref="Ask"/>, where the target has a command for it; false where it has none.</summary>
    public bool AskIfItCan(IkeRequest request)
    {
        int before = _arrivals.Count;
        Func<bool> settled = Settled(request);
        if (_target.Execute(Noted(request)) is CommandOutcome.Unsupported)
        {
            return false;
        }

        Converse(settled);
        Require(_arrivals.Skip(before).Any(a => !a.IsResponse), null, $"«{request}» did not come about");
        return true;
    }

    /// <summary>The target is asked for a request of any kind; its messages wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> AskSomethingOnly(int messages = 1)
    {
        int before = _arrivals.Count;
        TellSomething();
        return Awaited(before, messages, "the target asks nothing");
    }

    /// <summary>The target is asked for something; its messages wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> AskOnly(IkeRequest request, int messages = 1)
    {
        int before = _arrivals.Count;
        Tell(request);
        return Awaited(before, messages, $"«{request}» did not come about");
    }

    /// <summary>The tester's side takes a message that waits; what it answers leaves at once, and what comes back is taken too.</summary>
    /// <param name="arrival">The message.</param>
    /// <param name="isDone">True when nothing more is to come; null when each request of the tester is answered.</param>
    public void Take(IkeArrival arrival, Func<bool>? isDone = null)
    {
        Step(new IkeEvent.Received(arrival.Bytes, arrival.Datagram.From, Inside(arrival.Datagram.To)));
        Converse(isDone ?? (() => Peer.Sas.All(s => s.Pending.IsEmpty)));
    }

    /// <summary>The tester's side takes a message that waits; what it answers is held back until <see cref="Release"/>.</summary>
    public void TakeOnly(IkeArrival arrival) => Step(new IkeEvent.Received(arrival.Bytes, arrival.Datagram.From, Inside(arrival.Datagram.To)));

    /// <summary>What was held back leaves, and both go on until each request of the tester is answered, and what else is to come has come.</summary>
    public void Release(Func<bool>? isDone = null) => Converse(() => Peer.Sas.All(s => s.Pending.IsEmpty) && isDone?.Invoke() != false);

    /// <summary>What was held back leaves; the answers wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> ReleaseOnly(int messages = 1)
    {
        int before = _arrivals.Count;
        Flush();
        return Awaited(before, messages, "what was released is not answered");
    }

    /// <summary>The tester's side does something; its messages leave, and the answers wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> DoOnly(IkeCommand command, int messages = 1)
    {
        int before = _arrivals.Count;
        Step(new IkeEvent.Asked(command));
        Flush();
        return Awaited(before, messages, "a request is not answered");
    }

    /// <summary>Time passes; the messages that the target sends meanwhile wait to be taken. Without a virtual clock it passes until a message comes.</summary>
    /// <exception cref="UnsupportedException">The target has no virtual clock, and it would take too long.</exception>
    public IReadOnlyList<IkeArrival> AdvanceClock(TimeSpan span)
    {
        int before = _arrivals.Count;
        if (!_target.Capabilities.HasFlag(Capabilities.VirtualClock))
        {
            _ = span > Patience ? throw new UnsupportedException($"{span.TotalSeconds} s would have to pass") : 0;
            Collect(() => span == TimeSpan.Zero || _arrivals.Count > before, span);
            return Handed(before);
        }

        Stimulus stimulus = new Stimulus.AdvanceClock(span);
        _steps.Add(new IkeStep(stimulus, $"{span.TotalSeconds} s pass"));
        _target.Send([stimulus]);
        Collect(null);
        return Handed(before);
    }

    // Sends what is due and takes what comes, until nothing more is due. What a target asks at a time of its own choice is answered here, too.
    private void Converse(Func<bool> isDone)
    {
        int times = 0;
        while (true)
        {
            Flush();
            Collect(() => _untaken.Count > 0 || (isDone() && _toSend.Count == 0), Waits[times]);
            if (_untaken.Count == 0 && !isDone() && ++times < Waits.Length)
            {
                Repeat();
                continue;
            }

            IkeArrival[] fresh = [.. _untaken];
            _untaken.Clear();
            foreach (IkeArrival arrival in fresh)
            {
                Step(new IkeEvent.Received(arrival.Bytes, arrival.Datagram.From, Inside(arrival.Datagram.To)));
            }

            if (fresh.Length == 0 && _toSend.Count == 0)
            {
                return;
            }
        }
    }

    // A request is a request until it is answered: a target that is busy may drop what it could not take then. RFC 7296 §2.1.
    private void Repeat()
    {
        foreach (IkeSa sa in Peer.Sas)
        {
            foreach (PendingRequest pending in sa.Pending)
            {
                Step(new IkeEvent.RetransmissionDue(sa.Number, pending.MessageId));
            }
        }
    }

    private IkeArrival[] Awaited(int before, int messages, string otherwise)
    {
        Collect(() => _arrivals.Count >= before + messages);
        Require(_arrivals.Count >= before + messages, null, otherwise);
        return Handed(before);
    }

    // What a test gets to see is for the test to take, or to leave.
    private IkeArrival[] Handed(int before)
    {
        IkeArrival[] handed = [.. _arrivals.Skip(before)];
        _untaken.RemoveAll(handed.Contains);
        return handed;
    }

    private void Flush()
    {
        while (_toSend.TryDequeue(out IkeOutput.Send? send))
        {
            (ByteString datagram, ValueList<IkePayload>? payloads) = Altered(send.Datagram);
            Inject(new IkeDatagram(datagram, send.From, send.To), payloads, Alter is null || datagram == send.Datagram ? send.Notation : $"{send.Notation}, changed");
        }
    }

    private void Tell(IkeRequest request)
    {
        Command command = Noted(request);
        Execute(command);
    }

    // Not every daemon has a command for a liveness check; the same child twice at a time is none either.
    private IkeRequest TellSomething()
    {
        IkeRequest probe = new IkeRequest.Probe(Name);
        if (_target.Execute(Noted(probe)) is CommandOutcome.Done)
        {
            return probe;
        }

        Spi child = Child.Outbound;
        IkeRequest instead = child == _toldToRekey ? new IkeRequest.CreateChild(Name, IkeScenario.SecondChild) : new IkeRequest.RekeyChild(child);
        _toldToRekey = child;
        Tell(instead);
        return instead;
    }

    private Command.AskIke Noted(IkeRequest request)
    {
        Command.AskIke command = new(request);
        _steps.Add(new IkeStep(new Stimulus.Told(command), $"the target is asked: {request}"));
        return command;
    }

    private void Step(IkeEvent happening)
    {
        IkePeer before = Peer;
        IkeOutcome outcome = _machine.Run(Peer, happening);
        Peer = outcome.Next;
        Note(before);
        Note(Peer);
        foreach (IkeOutput output in outcome.Outputs)
        {
            if (output is IkeOutput.Report report)
            {
                Reports.Add(report.What);
            }
            else if (output is IkeOutput.Send send)
            {
                _toSend.Enqueue(send);
            }
        }
    }

    private void Note(IkePeer peer)
    {
        foreach (IkeSa sa in peer.Sas)
        {
            _known[(sa.InitiatorSpi, sa.ResponderSpi)] = sa;
        }

        foreach (ChildSa child in peer.Children)
        {
            NoteAssociations(peer, child);
        }
    }

    // AUTH covers IKE_SA_INIT as it left: the tester's side must know of the change.
    private (ByteString Datagram, ValueList<IkePayload>? Payloads) Altered(ByteString datagram)
    {
        // What is sent again is sent bit for bit as it went out.
        if (_altered.TryGetValue(datagram, out (ByteString, ValueList<IkePayload>?) before))
        {
            return before;
        }

        return _altered[datagram] = AlteredAnew(datagram);
    }

    private (ByteString Datagram, ValueList<IkePayload>? Payloads) AlteredAnew(ByteString datagram)
    {
        if (Editable(datagram) is not { } editable)
        {
            return (datagram, null);
        }

        if (Alter?.Invoke(editable) is not { } changed || changed == editable)
        {
            return (datagram, PayloadsOf(editable));
        }

        IkeSa? sa = OwnSa(datagram);
        ByteString written = changed.ToBytes(Real, sa?.Suite, sa?.OutboundKeys);
        if (!changed.IsSealed && sa?.Initial is { } initial)
        {
            InitialExchange covered = sa.IsInitiator ? initial with { Request = written } : initial with { Response = written };
            ValueList<PendingRequest> pending = new([.. sa.Pending.Select(p => p.Datagrams == (ValueList<ByteString>)[datagram] ? p with { Datagrams = [written] } : p)]);
            Peer = Peer.With(sa with { Initial = covered, Pending = pending });
            _altered[written] = (written, PayloadsOf(changed));
        }

        return (written, PayloadsOf(changed));
    }

    private EditableMessage? Editable(ByteString datagram)
    {
        EditableMessage plain = EditableMessage.Of(datagram);
        IkeSa? sa = OwnSa(datagram);
        return !plain.Has("Encrypted") && !plain.Has("EncryptedFragment") ? plain
            : sa is { Suite: { } suite, OutboundKeys: { } keys } ? EditableMessage.Open(datagram, Real, suite, keys) : null;
    }

    private IkeSa? OwnSa(ByteString datagram)
    {
        Spec.Wire.Ike.Views.IkeHeaderView header = new(datagram.Span);
        (IkeSpi initiator, IkeSpi responder) = (header.InitiatorSpi, header.ResponderSpi);
        return Peer.Sas.FirstOrDefault(s => s.InitiatorSpi == initiator && (s.ResponderSpi == responder || IsFirst(s, responder)))
            ?? _known.GetValueOrDefault((initiator, responder));

        static bool IsFirst(IkeSa sa, IkeSpi responder) => responder.IsZero && sa.IsInitiator && sa.Keys is null;
    }

    private static ValueList<IkePayload>? PayloadsOf(EditableMessage message)
    {
        byte[] bytes = message.Tree.ToBytes();
        return bytes.Length >= 28 && IkePayloads.TryParse((PayloadType)bytes[16], new ByteString(bytes.AsSpan(28)), out ValueList<IkePayload> payloads, out _) ? payloads : null;
    }
}
