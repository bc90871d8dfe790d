using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Policy;

/// <summary>Datagrams in pieces, and what the source of a discarded packet is told.</summary>
public sealed partial class PolicySession
{
    private FragmentMemory _followed = FragmentMemory.Empty;

    /// <summary>The pieces of a datagram cross in clear, one after the other; requires whether the whole of it gets to the other side.</summary>
    /// <remarks>How a target does that is its own affair: it may pass the pieces, or put them together first. RFC 4301 §7.4.</remarks>
    /// <param name="direction">Which way.</param>
    /// <param name="datagram">The whole datagram.</param>
    /// <param name="pieces">Its pieces in the order of sending.</param>
    /// <param name="crosses">True when the whole must get across, false when it must not; pieces that match a broader entry may.</param>
    /// <param name="clause">The requirement to accuse.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectInPieces(PolicyDirection direction, ByteString datagram, IReadOnlyList<ByteString> pieces, bool crosses, string clause)
    {
        RequireModel(crosses, ModelCrosses(direction, datagram, pieces));
        _isBeyondSteps = true;
        FragmentStore arrived = FragmentStore.Empty;
        bool whole = false;
        for (int i = 0; i < pieces.Count; i++)
        {
            List<ByteString> out_ = Cross(direction, pieces[i], $"piece {i + 1} of {pieces.Count}, {direction}", crosses);
            foreach (ByteString packet in out_)
            {
                (arrived, ByteString? joined) = arrived.Add(packet);
                whole |= PacketComparison.SameButForOneHop(datagram.Span, (joined ?? packet).Span);
            }
        }

        if (whole != crosses)
        {
            throw Disagreement(clause, crosses ? "the pieces that came out do not make the datagram" : "the whole datagram came out");
        }
    }

    /// <summary>A packet leaves the protected side that an entry discards; tells which ICMP errors came back. RFC 4301 §5.1.1.</summary>
    /// <exception cref="ConformanceException">The packet left.</exception>
    public IReadOnlyList<IcmpError> AnswersTo(ByteString plain, string? clause = null)
    {
        ExpectOutbound(plain, Crossing.Discarded, clause);
        return AnswersSoFar(Steps[^1].Observations);
    }

    /// <summary>Many packets leave the protected side at once that an entry discards; how many ICMP errors came back.</summary>
    public int AnswersToBurst(IReadOnlyList<ByteString> packets)
    {
        Stimulus[] stimuli = [.. packets.Select(packet => new Stimulus.FromHost(new Packet(packet)))];
        _target.Send(stimuli);
        int answers = AnswersSoFar([]).Count;
        _steps.Add(number => new Step(number, stimuli[0], $"{packets.Count} packets at once", new Expectation.NothingSent("by entry"), $"{answers} ICMP errors", []));
        return answers;
    }

    /// <summary>Requires something of what the last step showed.</summary>
    /// <exception cref="ConformanceException">It is not true.</exception>
    public void Require(bool holds, string clause, string otherwise)
    {
        if (!holds)
        {
            throw Disagreement(clause, otherwise);
        }
    }

    // The two sides of a target keep no common order: what the host is told is complete when a sentinel has come out there.
    private IReadOnlyList<IcmpError> AnswersSoFar(IEnumerable<Observation> seen) =>
    [
        .. seen.Concat(ExchangeInbound([])).OfType<Observation.ToHost>()
            .Select(o => IcmpErrors.TryRead(o.Packet.Bytes)).OfType<IcmpError>().Where(error => IsOwn(error.Source)),
    ];

    private List<ByteString> Cross(PolicyDirection direction, ByteString packet, string description, bool crosses)
    {
        Stimulus stimulus = direction == PolicyDirection.Outbound ? new Stimulus.FromHost(new Packet(packet)) : new Stimulus.FromWire(new Packet(packet));
        List<ByteString> out_;
        List<Observation> seen;
        if (direction == PolicyDirection.Outbound)
        {
            (seen, List<Left> left) = ExchangeOutbound([stimulus]);
            out_ = [.. left.Where(one => one.Sa is null).Select(one => one.Packet)];
        }
        else
        {
            seen = ExchangeInbound([stimulus]);
            out_ = DeliveredIn(seen);
        }

        Expectation expected = crosses ? new Expectation.Crosses(packet, "in clear, as it is or with the others") : new Expectation.NothingSent("the datagram may not cross");
        _steps.Add(number => new Step(number, stimulus, description, expected, $"{out_.Count} packets came out; sentinel too", seen));
        return out_;
    }

    private bool ModelCrosses(PolicyDirection direction, ByteString datagram, IReadOnlyList<ByteString> pieces)
    {
        FragmentStore arrived = FragmentStore.Empty;
        bool whole = false;
        foreach (ByteString piece in pieces)
        {
            if (Judge(direction, piece, FlowOf(piece, direction)) is PolicyDecision.Bypass)
            {
                (arrived, ByteString? joined) = arrived.Add(piece);
                whole |= (joined ?? piece) == datagram;
            }
        }

        return whole;
    }

    private void RequireModel(bool crosses, bool model)
    {
        if (crosses != model)
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the test expects that the datagram {(crosses ? "crosses" : "does not cross")}, the model says otherwise", this);
        }
    }
}
