using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>Plays a conversation of the model with itself: loss, repetition and disorder first, then quiet; what it breaks is the result.</summary>
public sealed class ConversationRun
{
    private const int MostFlights = 12;
    private const int MostRounds = 400;
    private const int RefusedBeforeProbe = 3;

    private readonly IkeMachine[] _machines;
    private readonly IkePeer[] _peers = [IkePeer.Idle, IkePeer.Idle];
    private readonly List<(int To, ByteString Datagram, IkeOutput.Send Send)> _network = [];
    private readonly List<string> _lines = [];
    private readonly HashSet<ByteString> _sent = [];
    private readonly Dictionary<(int Side, ByteString Header), ByteString> _byHeader = [];
    private readonly Translation? _nat;
    private readonly bool _canMove;
    private readonly bool _asksForAddresses;
    private bool _mayBeClosed;
    private bool _gaveUp;
    private int _most;
    private int _refused;

    private ConversationRun(ConversationCase played, IIkeCryptography cryptography, IkeRules? rules)
    {
        var (first, second) = played.Configure(cryptography is SymbolicCryptography);
        _asksForAddresses = played.Options.HasFlag(ConversationOptions.InnerAddresses);
        _canMove = played.Options.HasFlag(ConversationOptions.Mobike);
        _nat = played.Options.HasFlag(ConversationOptions.NatBeforeFirst) ? new Translation(first.Own.Address) : null;
        _machines = [new IkeMachine(first, cryptography, rules), new IkeMachine(second, cryptography, rules)];
    }

    /// <summary>What is wrong, or null.</summary>
    public string? Violation { get; private set; }

    /// <summary>What happened, one line each.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Both sides at the end.</summary>
    public (IkePeer First, IkePeer Second) Sides => (_peers[0], _peers[1]);

    /// <summary>Plays a case.</summary>
    /// <param name="played">The case.</param>
    /// <param name="cryptography">Real keys, or symbolic terms.</param>
    /// <param name="rules">Decisions of both; the RFC's unless a fault is planted.</param>
    public static ConversationRun Play(ConversationCase played, IIkeCryptography cryptography, IkeRules? rules = null)
    {
        ConversationRun run = new(played, cryptography, rules);
        run.Do(0, new IkeEvent.Asked(new IkeCommand.Initiate()), "first does Initiate");
        for (int i = 0; i < played.Moves.Length && run.Violation is null; i++)
        {
            run.Move(played.Moves[i]);
        }

        run.Calm();
        return run;
    }

    // Half of all picks deliver something, so that conversations get far.
    private void Move(byte pick)
    {
        int what = pick & 0x0f;
        int which = pick >> 4;
        if (what < 8)
        {
            Deliver(which, stays: false);
        }
        else if (what == 8 && _network.Count > 0)
        {
            int lost = which % _network.Count;
            _lines.Add($"lost: {_network[lost].Send.Notation}");
            _network.RemoveAt(lost);
        }
        else if (what == 9 && _network.Count < MostFlights)
        {
            Deliver(which, stays: true);
        }
        else if (what == 10 && which < 12)
        {
            Repeat(which & 1, all: false);
        }
        else if (what == 10 && which < 14)
        {
            GiveUp(which & 1);
        }
        else if (what == 10)
        {
            ForgetUnfinished(which & 1);
        }
        else if (what == 15 && which == 15)
        {
            // An answer to the request with the former cookie may end the attempt. Interpretations/0082.
            _mayBeClosed |= _peers[0].Sas.Any(s => s.Phase == IkeSaPhase.InitRequested);
            Do(1, new IkeEvent.CookieSecretDue(), "second takes another secret for cookies");
        }
        else if (what == 15 && which is 10 or 11 or 14)
        {
            Packet(which == 14 ? 1 : 0, isStray: which == 11);
        }
        else if (what == 15 && which >= 8 && _nat is not null)
        {
            _nat.Forget();
            _lines.Add("the NAT forgets its ports");
        }
        else if (what > 10)
        {
            Command(which & 1, what - 11, which >> 1);
        }
    }

    private void Deliver(int which, bool stays)
    {
        if (_network.Count == 0)
        {
            return;
        }

        int index = which % _network.Count;
        (int to, ByteString datagram, IkeOutput.Send send) = _network[index];
        if (!stays)
        {
            _network.RemoveAt(index);
        }

        // The NAT lets in what it knows then; what left it bears the address that it had at that time.
        if (to == 0 && _nat is not null && _nat.In(send.To) is null)
        {
            _refused++;
            _lines.Add($"the NAT knows no {send.To}: {send.Notation}");
            return;
        }

        Endpoint at = to == 0 ? _nat?.In(send.To) ?? send.To : send.To;
        Do(to, new IkeEvent.Received(datagram, send.From, at), $"{(to == 0 ? "first <-- second" : "first --> second")}  {(stays ? "and again later: " : "")}{send.Notation}");
    }

    private bool Repeat(int side, bool all)
    {
        bool repeated = false;
        foreach (IkeSa sa in _peers[side].Sas)
        {
            foreach (PendingRequest pending in sa.Pending)
            {
                Do(side, new IkeEvent.RetransmissionDue(sa.Number, pending.MessageId), $"{Name(side)} sends request {pending.MessageId} of IKE SA {sa.Number} again");
                repeated = true;
                if (!all)
                {
                    return true;
                }
            }
        }

        return repeated;
    }

    private void GiveUp(int side)
    {
        if (_peers[side].Sas.FirstOrDefault(s => !s.Pending.IsEmpty) is { } sa)
        {
            _gaveUp = true;
            _mayBeClosed = true;
            Do(side, new IkeEvent.GaveUp(sa.Number), $"{Name(side)} gives up on IKE SA {sa.Number}");
        }
    }

    private void ForgetUnfinished(int side)
    {
        if (_peers[side].Sas.FirstOrDefault(s => !s.Unfinished.IsEmpty) is { } sa)
        {
            Do(side, new IkeEvent.Forgotten(sa.Number), $"{Name(side)} forgets what the other side has not finished over IKE SA {sa.Number}");
        }
    }

    // A packet that is for no Child SA, or not for the one on which it came. RFC 7296 §1.5, §3.10.1.
    private void Packet(int side, bool isStray)
    {
        IkeSa? sa = _peers[side].Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established);
        ChildSa? child = _peers[side].Children.FirstOrDefault(c => c.Phase == ChildSaPhase.Installed);
        if (isStray && sa is not null)
        {
            Do(side, new IkeEvent.StrayPacket(new Spi(0xcafe0001), sa.Peer, sa.Own), $"{Name(side)} gets a packet for no Child SA");
        }
        else if (!isStray && child is not null)
        {
            Do(side, new IkeEvent.MismatchedPacket(child.Inbound, ByteString.FromHex("4500")), $"{Name(side)} gets a packet that is not for its Child SA");
        }
    }

    private void Command(int side, int kind, int which)
    {
        if (ConversationCommands.Pick(_peers[side], side == 1, _canMove, _nat is not null, kind, which) is not { } command)
        {
            return;
        }

        _mayBeClosed |= command is IkeCommand.DeleteChild or IkeCommand.DeleteIke;
        _most += command is IkeCommand.CreateChild ? 1 : 0;
        Do(side, new IkeEvent.Asked(command), $"{Name(side)} does {command}");
    }

    private void Do(int side, IkeEvent happening, string line)
    {
        IkeOutcome outcome = _machines[side].Run(_peers[side], happening);
        _most += outcome.Next.Sas.Count(s => s.Number >= _peers[side].SasMade && s.Phase == IkeSaPhase.InitRequested);
        _peers[side] = outcome.Next;
        _lines.Add(line);
        foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
        {
            Check(side, send);
            _network.Add((1 - side, send.Datagram, side == 0 && _nat is not null ? send with { From = _nat.Out(send.From) } : send));
        }

        Violation ??= Invariants.Always(_peers[0], _peers[1], mayLack: _gaveUp) ?? PathInvariants.InWindow(_peers[side], _peers[1 - side]) ?? AddressInvariants.Always(_peers[0]) ?? AddressInvariants.Always(_peers[1]);
    }

    // No Message ID twice: what carries the same header, fragment number included, is the same datagram. RFC 7296 §2.1, §2.2.
    private void Check(int side, IkeOutput.Send send)
    {
        const int HeaderWithoutLength = 24;
        const int FragmentFieldsAt = 32;
        const int EncryptedFragment = 53;
        const int FirstPayloadAt = 16;
        if (!_sent.Add(send.Datagram) || send.Notation.StartsWith("IKE_SA_INIT", StringComparison.Ordinal))
        {
            return;
        }

        ReadOnlySpan<byte> bytes = send.Datagram.Span;
        byte[] header = bytes[FirstPayloadAt] == EncryptedFragment
            ? [.. bytes[..HeaderWithoutLength], .. bytes.Slice(FragmentFieldsAt, 4)]
            : [.. bytes[..HeaderWithoutLength]];
        if (!_byHeader.TryAdd((side, ByteString.Adopt(header)), send.Datagram))
        {
            Violation ??= $"a Message ID is used for two messages: {send.Notation}";
        }
    }

    // From here all that is sent arrives, in order, and what is missing is sent again, until both sides are at rest.
    private void Calm()
    {
        for (int round = 0; Violation is null; round++)
        {
            if (round == MostRounds)
            {
                Violation = "the sides never come to rest";
                return;
            }

            if (_network.Count > 0)
            {
                Deliver(0, stays: false);
            }
            else if (_refused >= RefusedBeforeProbe)
            {
                Probe();
            }
            else if (Abandoned(0) || Abandoned(1))
            {
                continue;
            }
            else if (!(Repeat(0, all: true) | Repeat(1, all: true)) && !Hear(0) && !Hear(1) && !Forget(0) && !Forget(1))
            {
                break;
            }
        }

        Scenario scenario = new() { Name = "conversation", About = "", First = [], Second = [], MostSas = _most };
        Violation ??= PathInvariants.AtRest(_peers[0], _peers[1], isTranslated: _nat is not null);
        Violation ??= _asksForAddresses ? AddressInvariants.AtRest(_peers[0], _peers[1]) : null;
        Violation ??= Invariants.AtRest(scenario, _peers[0], _peers[1], mayBeClosed: true, []);
        if (!_mayBeClosed && _peers[0].Sas.All(s => s.Phase != IkeSaPhase.Established))
        {
            Violation ??= "at rest there is no IKE SA, and nobody closed it";
        }
    }

    // The side behind the NAT shows its new port: nothing that the other side sends could tell it.
    private void Probe()
    {
        _refused = 0;
        // What the first side has closed it shows no more: the second one gives up in the end.
        bool isQuiet = _peers[0].Sas.All(s => s.Pending.IsEmpty);
        foreach (IkeSa sa in _peers[1].Sas.Items.Where(s => !s.Pending.IsEmpty && s.Peer.Address == Translation.Outside && _nat!.In(s.Peer) is null))
        {
            // Half open, neither it nor its ports can be shown.
            if (isQuiet && _peers[0].Sas.All(s => s.Phase is IkeSaPhase.Closed or IkeSaPhase.InitAnswered || s.InitiatorSpi != sa.InitiatorSpi || s.ResponderSpi != sa.ResponderSpi))
            {
                _mayBeClosed |= sa.Phase == IkeSaPhase.AuthRequested;
                Do(1, new IkeEvent.GaveUp(sa.Number), $"second gives up on IKE SA {sa.Number}");
            }
        }

        foreach (IkeSa sa in _peers[0].Sas.Items.Where(s => s.Pending.IsEmpty && s.Phase is IkeSaPhase.Established or IkeSaPhase.Replaced))
        {
            // With MOBIKE it looks whether something has changed, or says so at once. RFC 4555 §3.8.
            IkeCommand shows = _canMove && sa.IsOriginalInitiator && (_lines.Count & 1) == 0 ? new IkeCommand.UpdateAddresses(sa.Number) : new IkeCommand.Probe(sa.Number);
            Do(0, new IkeEvent.Asked(shows), $"first does {shows} through the NAT");
        }
    }

    // What the other side has given up never answers: this side gives it up in time, too. RFC 7296 §2.4.
    private bool Abandoned(int side)
    {
        IkeSa? lost = !_gaveUp ? null : _peers[side].Sas.FirstOrDefault(s => s.Phase is not (IkeSaPhase.Closed or IkeSaPhase.InitRequested or IkeSaPhase.InitAnswered or IkeSaPhase.Redundant)
            && _peers[1 - side].Sas.All(o => o.Phase == IkeSaPhase.Closed || o.InitiatorSpi != s.InitiatorSpi || o.ResponderSpi != s.ResponderSpi));
        if (lost is not null)
        {
            Do(side, new IkeEvent.GaveUp(lost.Number), $"{Name(side)} hears nothing any more and gives up on IKE SA {lost.Number}");
        }

        return lost is not null;
    }

    private bool Hear(int side)
    {
        ChildSa? unheard = _peers[side].Children.FirstOrDefault(
            c => !c.MaySend && c.Phase == ChildSaPhase.Installed && _peers[1 - side].Children.Any(o => o.MaySend && o.Outbound == c.Inbound));
        if (unheard is not null)
        {
            Do(side, new IkeEvent.TrafficReceived(unheard.Inbound), $"{Name(side)} gets traffic on {unheard.Inbound}");
        }

        return unheard is not null;
    }

    private bool Forget(int side)
    {
        IkeSa? stale = _peers[side].Sas.FirstOrDefault(s => s.Phase is IkeSaPhase.InitAnswered or IkeSaPhase.Closed or IkeSaPhase.Redundant);
        if (stale is not null)
        {
            Do(side, new IkeEvent.Forgotten(stale.Number), $"{Name(side)} forgets IKE SA {stale.Number}");
        }

        return stale is not null;
    }

    private static string Name(int side) => side == 0 ? "first" : "second";
}
