using Conformance.Harness.Contract;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>IKEv2 of the embedded target: the model's state machine with real keys, timers and one configured peer.</summary>
internal sealed class ReferenceIke(Mutant? mutant)
{
    private static readonly RealCryptography Real = new();
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(120);

    private readonly Dictionary<(int Sa, uint MessageId), Retransmission> _retransmissions = [];
    private readonly Dictionary<int, TimeSpan> _forgetting = [];
    private IkeMachine? _machine;
    private TimeSpan _now;

    /// <summary>What it remembers.</summary>
    public IkePeer Peer { get; private set; } = IkePeer.Idle;

    /// <summary>What it was told; null before that.</summary>
    public IkeConfiguration? Configuration => _machine?.Configuration;

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        (_machine, Peer, _now) = (null, IkePeer.Idle, TimeSpan.Zero);
        _retransmissions.Clear();
        _forgetting.Clear();
    }

    /// <summary>Starts anew with a peer.</summary>
    public void Configure(IkeConfiguration configuration)
    {
        Reset();
        _machine = new IkeMachine(mutant?.Ike(configuration) ?? configuration, mutant?.IkeCryptography(Real) ?? Real, mutant?.IkeRules);
    }

    /// <summary>Does what the owner asks for; the packets of it, or null where it knows of no such SA.</summary>
    public IEnumerable<IkeOutput.Send>? Ask(IkeRequest request)
    {
        IkeCommand? command = request switch
        {
            IkeRequest.Initiate => new IkeCommand.Initiate(),
            IkeRequest.CreateChild create when NumberOf(create.Sa) is { } sa && IndexOf(create.Child) is { } index => new IkeCommand.CreateChild(sa, index),
            IkeRequest.RekeyChild rekey when NumberOf(rekey.Inbound) is { } child => new IkeCommand.RekeyChild(child),
            IkeRequest.DeleteChild delete when NumberOf(delete.Inbound) is { } child => new IkeCommand.DeleteChild(child),
            IkeRequest.RekeyIke rekey when NumberOf(rekey.Sa) is { } sa => new IkeCommand.RekeyIke(sa),
            IkeRequest.DeleteIke delete when NumberOf(delete.Sa) is { } sa => new IkeCommand.DeleteIke(sa),
            IkeRequest.Probe probe when NumberOf(probe.Sa) is { } sa => new IkeCommand.Probe(sa),
            _ => null,
        };
        return command is null ? null : Step(new IkeEvent.Asked(command));
    }

    /// <summary>Something happens; the datagrams that come of it.</summary>
    public IEnumerable<IkeOutput.Send> Step(IkeEvent happening)
    {
        if (_machine is null)
        {
            return [];
        }

        IkeOutcome outcome = mutant?.Ike(_machine, Peer, happening) ?? _machine.Run(Peer, happening);
        Peer = outcome.Next;
        NoteTimers();
        return outcome.Outputs.OfType<IkeOutput.Send>();
    }

    /// <summary>Time passes: what was not answered is sent again, and at last given up. RFC 7296 §2.1, §2.4.</summary>
    public IEnumerable<IkeOutput.Send> Age(TimeSpan span)
    {
        List<IkeOutput.Send> sent = [];
        TimeSpan end = _now + span;
        while (_retransmissions.Where(r => r.Value.Due <= end).OrderBy(r => r.Value.Due).ToArray() is [(var next, var timer), ..])
        {
            _now = timer.Due;
            if ((mutant is null ? Pause(timer.Times) : mutant.RetransmitAfter(timer.Times, Pause(timer.Times))) is { } pause)
            {
                _retransmissions[next] = timer with { Due = _now + pause, Times = timer.Times + 1 };
                sent.AddRange(Step(new IkeEvent.RetransmissionDue(next.Sa, next.MessageId)));
            }
            else
            {
                _retransmissions.Remove(next);
                sent.AddRange(Step(new IkeEvent.GaveUp(next.Sa)));
            }
        }

        _now = end;
        foreach ((int sa, TimeSpan due) in _forgetting.Where(f => f.Value <= _now).ToArray())
        {
            _forgetting.Remove(sa);
            sent.AddRange(Step(new IkeEvent.Forgotten(sa)));
        }

        return sent;
    }

    // Each pause is twice the one before; after the last there is no answer to wait for. RFC 7296 §2.4.
    private static TimeSpan? Pause(int times) => times > 5 ? null : TimeSpan.FromSeconds(1 << times);

    private void NoteTimers()
    {
        HashSet<(int, uint)> waiting = [];
        foreach (IkeSa sa in Peer.Sas)
        {
            foreach (PendingRequest pending in sa.Pending)
            {
                waiting.Add((sa.Number, pending.MessageId));
                if (!_retransmissions.TryGetValue((sa.Number, pending.MessageId), out Retransmission? timer) || timer.Datagrams != pending.Datagrams)
                {
                    _retransmissions[(sa.Number, pending.MessageId)] = new Retransmission(_now + TimeSpan.FromSeconds(1), 1, pending.Datagrams);
                }
            }

            if (sa.Phase is IkeSaPhase.Closed or IkeSaPhase.InitAnswered)
            {
                _forgetting.TryAdd(sa.Number, _now + Memory);
            }
            else
            {
                _forgetting.Remove(sa.Number);
            }
        }

        foreach ((int, uint) gone in _retransmissions.Keys.Where(k => !waiting.Contains(k)).ToArray())
        {
            _retransmissions.Remove(gone);
        }
    }

    private int? NumberOf(IkeSaName name) => Peer.Sas.FirstOrDefault(s => s.InitiatorSpi == name.Initiator && s.ResponderSpi == name.Responder)?.Number;

    private int? NumberOf(Spi inbound) => Peer.Children.FirstOrDefault(c => c.Inbound == inbound)?.Number;

    private int? IndexOf(string child)
    {
        for (int i = 0; i < _machine!.Configuration.Children.Count; i++)
        {
            if (_machine.Configuration.Children[i].Name == child)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>When a request is sent again.</summary>
    /// <param name="Due">Time.</param>
    /// <param name="Times">How often it was sent.</param>
    /// <param name="Datagrams">The request.</param>
    private sealed record Retransmission(TimeSpan Due, int Times, ValueList<ByteString> Datagrams);
}
