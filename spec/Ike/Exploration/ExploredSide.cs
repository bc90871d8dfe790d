using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>What a step of a side comes to.</summary>
/// <param name="Next">Number of the side afterwards.</param>
/// <param name="Sent">Numbers of the datagrams that it sends.</param>
/// <param name="Successors">SAs that replaced others.</param>
internal sealed record StepResult(int Next, int[] Sent, Successor[] Successors);

/// <summary>One side in an exploration: its states by number, its steps remembered.</summary>
internal sealed class ExploredSide(IkeMachine machine, bool isFirst, Network network)
{
    private readonly Interning<IkePeer> _peers = new();
    private readonly Interning<Spi> _children = new();
    private readonly Dictionary<(int Peer, Move Move), StepResult> _steps = [];
    private readonly Dictionary<int, bool> _busy = [];
    private readonly Dictionary<int, int[]> _stale = [];
    private readonly Dictionary<(int, IkePeer), int[]> _unheard = [];

    public IkeMachine Machine => machine;

    public bool IsFirst => isFirst;

    public IkePeer this[int number] => _peers[number];

    public int Number(IkePeer peer) => _peers.Number(peer);

    public string ChildName(int number) => $"{_children[number]}";

    /// <summary>The step of a side, computed once.</summary>
    public StepResult Step(int number, Move move, Endpoint other)
    {
        // A datagram does the same whether or not it comes again later.
        Move key = move.Kind == MoveKind.Duplicate ? move with { Kind = MoveKind.Deliver } : move;
        if (!_steps.TryGetValue((number, key), out StepResult? result))
        {
            IkePeer before = _peers[number];
            IkeOutcome outcome = machine.Run(before, EventOf(before, key, other));
            int[] sent = [.. outcome.Outputs.OfType<IkeOutput.Send>().Select(s => network.Number(!isFirst, s))];
            result = new StepResult(_peers.Number(outcome.Next), sent, [.. Successor.Between(before, outcome.Next)]);
            _steps.Add((number, key), result);
        }

        return result;
    }

    /// <summary>True while a request has no response, or something waits for its turn.</summary>
    public bool IsBusy(int number)
    {
        if (!_busy.TryGetValue(number, out bool busy))
        {
            busy = _peers[number].Sas.Any(s => !s.Pending.IsEmpty || !s.Waiting.IsEmpty || !s.Unsent.IsEmpty);
            _busy.Add(number, busy);
        }

        return busy;
    }

    /// <summary>Requests of which neither they nor their responses are on their way: now they are sent again. RFC 7296 §2.1.</summary>
    public IEnumerable<(int Sa, uint MessageId)> Overdue(int number, ValueList<int> flights)
    {
        if (!IsBusy(number))
        {
            yield break;
        }

        foreach (IkeSa sa in _peers[number].Sas)
        {
            foreach (PendingRequest pending in sa.Pending)
            {
                if (!IsOnItsWay(sa, pending, flights))
                {
                    yield return (sa.Number, pending.MessageId);
                }
            }
        }
    }

    /// <summary>Child SAs on which the other side may send, and this side does not know that yet.</summary>
    public int[] Unheard(int number, IkePeer other)
    {
        if (!_unheard.TryGetValue((number, other), out int[]? heard))
        {
            heard =
            [
                .. _peers[number].Children.Where(c => !c.MaySend && c.Phase == ChildSaPhase.Installed && other.Children.Any(o => o.MaySend && o.Outbound == c.Inbound))
                    .Select(c => _children.Number(c.Inbound)),
            ];
            _unheard.Add((number, other), heard);
        }

        return heard;
    }

    /// <summary>IKE SAs that are half open, closed, redundant, or with exchanges that the other side has left unfinished: a timer ends them.</summary>
    public int[] Stale(int number)
    {
        if (!_stale.TryGetValue(number, out int[]? stale))
        {
            stale = [.. _peers[number].Sas.Where(s => s.Phase is IkeSaPhase.InitAnswered or IkeSaPhase.Closed or IkeSaPhase.Redundant || !s.Unfinished.IsEmpty).Select(s => s.Number)];
            _stale.Add(number, stale);
        }

        return stale;
    }

    /// <summary>True if there is what a deed is done to.</summary>
    public bool CanDo(int number, Deed deed) => DeedOf(_peers[number], deed) is not null;

    private static IkeEvent? DeedOf(IkePeer peer, Deed deed) => deed == Deed.Forget
        ? peer.Sas.FirstOrDefault(s => !s.Unfinished.IsEmpty) is { } sa ? new IkeEvent.Forgotten(sa.Number) : null
        : CommandOf(peer, deed) is { } command ? new IkeEvent.Asked(command) : null;

    private static IkeCommand? CommandOf(IkePeer peer, Deed deed)
    {
        IkeSa? sa = peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established);
        ChildSa? child = peer.Children.FirstOrDefault(c => c.Phase == ChildSaPhase.Installed);
        return deed switch
        {
            Deed.Initiate => new IkeCommand.Initiate(),
            Deed.CreateChild when sa is not null => new IkeCommand.CreateChild(sa.Number, 1),
            Deed.RekeyIke when sa is not null => new IkeCommand.RekeyIke(sa.Number),
            Deed.DeleteIke when sa is not null => new IkeCommand.DeleteIke(sa.Number),
            Deed.Probe when sa is not null => new IkeCommand.Probe(sa.Number),
            Deed.RekeyChild when child is not null => new IkeCommand.RekeyChild(child.Number),
            Deed.DeleteChild when child is not null => new IkeCommand.DeleteChild(child.Number),
            _ => null,
        };
    }

    private IkeEvent EventOf(IkePeer peer, Move move, Endpoint other) => move.Kind switch
    {
        MoveKind.Deliver => new IkeEvent.Received(network.Flight(move.Argument).Bytes, other, machine.Configuration.Own),
        MoveKind.FirstRepeats or MoveKind.SecondRepeats => new IkeEvent.RetransmissionDue(move.Argument >> 16, (uint)(move.Argument & 0xffff)),
        MoveKind.FirstForgets or MoveKind.SecondForgets => new IkeEvent.Forgotten(move.Argument),
        MoveKind.FirstHears or MoveKind.SecondHears => new IkeEvent.TrafficReceived(_children[move.Argument]),
        _ => DeedOf(peer, (Deed)move.Argument) ?? throw new InvalidOperationException($"{move}"),
    };

    private bool IsOnItsWay(IkeSa sa, PendingRequest pending, ValueList<int> flights)
    {
        foreach (int flight in flights)
        {
            if (network.Header(flight) is { } header && header.InitiatorSpi == sa.InitiatorSpi && header.MessageId.Value == pending.MessageId)
            {
                bool toUs = network.Flight(flight).ToFirst == isFirst;
                if (toUs == header.IsResponse && header.IsFromInitiator == (toUs ? !sa.IsInitiator : sa.IsInitiator))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
