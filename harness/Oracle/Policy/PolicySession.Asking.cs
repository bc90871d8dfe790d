using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Policy;

/// <summary>What a target asks key management for, and what it says and hears of errors.</summary>
public sealed partial class PolicySession
{
    private readonly List<FlowSelectors> _acquired = [];

    /// <summary>A packet leaves the protected side that has an entry and no SA; requires that it is kept back and an SA is asked for.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectAcquire(ByteString plain, string clause)
    {
        ExpectOutbound(plain, Crossing.Discarded, clause);
        FlowSelectors flow = FlowOf(plain, PolicyDirection.Outbound);
        if (!Awaits(flow))
        {
            throw Disagreement(clause, "no SA was asked for");
        }
    }

    /// <summary>Requires that nothing so far made the target ask for an SA, which is proved by a packet that does so now.</summary>
    /// <param name="probe">A flow of an entry without an SA that was not used before.</param>
    /// <param name="clause">The requirement to accuse.</param>
    /// <exception cref="ConformanceException">An SA was asked for.</exception>
    public void ExpectNoAcquireBut(FlowSelectors probe, string clause)
    {
        ExpectOutbound(probe, Crossing.Discarded, clause);
        if (!Awaits(probe))
        {
            throw new ConformanceException(
                FailureKind.NotObserved, null, $"{Target}: {Policies}\nthe target asked for no SA where it had to, so nothing can be said of what was before", this);
        }

        if (_acquired.FindIndex(asked => !IsSame(asked, probe)) is >= 0 and var at)
        {
            throw Disagreement(clause, $"an SA was asked for {_acquired[at]}");
        }
    }

    /// <summary>A packet arrives on an SA that the target cannot forward; requires that the error goes back on the same pair. RFC 4301 §6.2.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectTimeExceededOn(SaPair pair, ByteString inner, string clause)
    {
        Stimulus stimulus = new Stimulus.FromWire(new Packet(Seal(pair, inner).Datagram));
        List<Observation> seen = ExchangeInbound([stimulus]);
        List<Left> left = [.. seen.OfType<Observation.ToWire>().Where(o => !PacketComparison.IsMulticast(o.Packet.Bytes)).Select(o => Read(o.Packet.Bytes))];
        (List<Observation> more, List<Left> later) = ExchangeOutbound([]);
        left.AddRange(later);
        bool agrees = left is [{ Sa: { } used } one] && used == pair.Outbound && IcmpErrors.TryRead(one.Packet) is { IsTimeExceeded: true } error
            && IpPacketView.TryParse(inner.Span, out IpPacketView about, out _) && error.Destination == about.Source;
        string observed = left.Count == 0 ? "nothing left; both sentinels passed" : string.Join(", ", left.Select(l => Describe(l, inner)));
        _steps.Add(number => new Step(
            number, stimulus, $"on the SA of {pair.Name}, TTL used up", new Expectation.Crosses(inner, $"as an ICMP error under the SA of {pair.Name}"), observed, [.. seen, .. more]));
        if (!agrees)
        {
            throw Disagreement(clause);
        }
    }

    /// <summary>An unprotected ICMP error arrives for the target itself; nothing may be delivered for it.</summary>
    public void Notify(ByteString error, string description, string? clause = null) => ExpectFromWire(error, null, description, clause);

    /// <summary>A packet leaves the protected side whose fate a test asks about; the datagram that left under an SA, or null.</summary>
    public ByteString? TrySend(ByteString plain, string description)
    {
        Stimulus stimulus = new Stimulus.FromHost(new Packet(plain));
        (List<Observation> seen, List<Left> left) = ExchangeOutbound([stimulus]);
        ByteString? datagram = left is [{ Sa: not null } one] ? one.Datagram : null;
        _steps.Add(number => new Step(
            number, stimulus, description, new Expectation.AsModel("leaves whole, or not at all"), datagram is null ? "nothing left whole" : "left under an SA", seen));
        return datagram;
    }

    private bool Awaits(FlowSelectors flow)
    {
        while (!_acquired.Exists(asked => IsSame(asked, flow)))
        {
            switch (_target.Observe(Patience))
            {
                case null:
                    return false;
                case Observation.Died died:
                    throw new ConformanceException(FailureKind.Died, null, $"{Target}: {died.How}", this);
                case Observation.Acquire acquire:
                    _acquired.Add(acquire.Flow);
                    break;
            }
        }

        return true;
    }

    // How narrow the SA is to be is for the entry to say; who wants it is not.
    private static bool IsSame(FlowSelectors asked, FlowSelectors flow) => asked.Local == flow.Local && asked.Remote == flow.Remote && asked.Protocol == flow.Protocol;
}
