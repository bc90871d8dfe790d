using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Honest exchanges: the tester's own state machine answers and asks.</summary>
public sealed partial class IkeSession
{
    private readonly Queue<IkeOutput.Send> _toSend = new();

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

    /// <summary>The target is asked for something, and both go on until it is done.</summary>
    /// <param name="request">What it is asked for.</param>
    /// <param name="isDone">True when the tester has seen all of it; null for any request of the target.</param>
    /// <param name="clause">The requirement to accuse where it does not come about.</param>
    public void Ask(IkeRequest request, Func<bool>? isDone = null, string? clause = null)
    {
        int before = _arrivals.Count;
        Tell(request);
        Func<bool> done = isDone ?? (() => _arrivals.Skip(before).Any(a => !a.IsResponse));
        Converse(done);
        Require(done(), clause, $"«{request}» did not come about");
    }

    /// <summary>The target is asked for something; its messages wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> AskOnly(IkeRequest request, int messages = 1)
    {
        int before = _arrivals.Count;
        Tell(request);
        Collect(() => _arrivals.Count >= before + messages);
        return [.. _arrivals.Skip(before)];
    }

    /// <summary>The tester's side takes a message that waits; what it answers leaves at once, and what comes back is taken too.</summary>
    public void Take(IkeArrival arrival)
    {
        Step(new IkeEvent.Received(arrival.Bytes, arrival.Datagram.From, Inside(arrival.Datagram.To)));
        Converse(() => Peer.Sas.All(s => s.Pending.IsEmpty));
    }

    /// <summary>The tester's side takes a message that waits; what it answers is held back until <see cref="Release"/>.</summary>
    public void TakeOnly(IkeArrival arrival) => Step(new IkeEvent.Received(arrival.Bytes, arrival.Datagram.From, Inside(arrival.Datagram.To)));

    /// <summary>What was held back leaves, and both go on until each request of the tester is answered.</summary>
    public void Release() => Converse(() => Peer.Sas.All(s => s.Pending.IsEmpty));

    /// <summary>The tester's side does something; its messages leave, and the answers wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> DoOnly(IkeCommand command, int messages = 1)
    {
        int before = _arrivals.Count;
        Step(new IkeEvent.Asked(command));
        Flush();
        Collect(() => _arrivals.Count >= before + messages);
        return [.. _arrivals.Skip(before)];
    }

    /// <summary>Virtual time passes; the messages that the target sends meanwhile wait to be taken.</summary>
    public IReadOnlyList<IkeArrival> AdvanceClock(TimeSpan span)
    {
        int before = _arrivals.Count;
        Stimulus stimulus = new Stimulus.AdvanceClock(span);
        _steps.Add(new IkeStep(stimulus, $"{span.TotalSeconds} s pass"));
        _target.Send([stimulus]);
        Collect(null);
        return [.. _arrivals.Skip(before)];
    }

    // Sends what is due and takes what comes, until nothing more is due.
    private void Converse(Func<bool> isDone)
    {
        while (true)
        {
            int before = _arrivals.Count;
            Flush();
            Collect(() => _arrivals.Count > before || (isDone() && _toSend.Count == 0));
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

    private void Flush()
    {
        _untaken.Clear();
        while (_toSend.TryDequeue(out IkeOutput.Send? send))
        {
            (ByteString datagram, ValueList<IkePayload>? payloads) = Altered(send.Datagram);
            Inject(new IkeDatagram(datagram, send.From, send.To), payloads, Alter is null || datagram == send.Datagram ? send.Notation : $"{send.Notation}, changed");
        }
    }

    private void Tell(IkeRequest request)
    {
        _untaken.Clear();
        Command command = new Command.AskIke(request);
        _steps.Add(new IkeStep(new Stimulus.Told(command), $"the target is asked: {request}"));
        Execute(command);
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
