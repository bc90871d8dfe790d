using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Policy;

public sealed partial class PolicySession
{
    private static readonly TimeSpan Patience = EspSession.Patience;

    private void JudgeOutbound(ByteString plain, FlowSelectors flow, Crossing expected, PolicyDecision decision, SadEntry[] candidates, string? clause)
    {
        Stimulus stimulus = new Stimulus.FromHost(new Packet(plain));
        (List<Observation> seen, List<Left> left) = ExchangeOutbound([stimulus]);
        bool agrees = expected switch
        {
            Crossing.Discarded => left.Count == 0,
            Crossing.InClear => left is [{ Sa: null } clear] && PacketComparison.SameButForOneHop(plain.Span, clear.Packet.Span),
            _ => left is [{ Sa: { } used } sealed_] && candidates.Contains(used) && PacketComparison.SameButForOneHop(plain.Span, sealed_.Packet.Span),
        };
        string observed = left.Count == 0 ? "Nothing left; sentinel sent" : string.Join(", ", left.Select(one => Describe(one, plain)));
        Expectation expectation = expected switch
        {
            Crossing.Discarded => new Expectation.NothingSent(decision is PolicyDecision.Protect { Entry.Name: var name } ? $"no SA of {name} may carry it" : decision.ToString()!),
            Crossing.InClear => new Expectation.Crosses(plain, $"in clear by {decision.Origin?.Name}"),
            _ => new Expectation.Crosses(plain, $"under an SA of {decision.Origin?.Name}"),
        };
        _steps.Add(number => new Step(number, stimulus, $"outbound {flow}", expectation, observed, seen));
        if (!agrees)
        {
            throw Disagreement(clause);
        }
    }

    private void JudgeInbound(ByteString datagram, ByteString meant, string description, Crossing expected, string reason, string? clause)
    {
        Stimulus stimulus = new Stimulus.FromWire(new Packet(datagram));
        List<Observation> seen = ExchangeInbound([stimulus]);
        List<ByteString> delivered = DeliveredIn(seen);
        bool asMeant = delivered.Count == 1 && PacketComparison.SameButForOneHop(meant.Span, delivered[0].Span);
        string observed = delivered.Count == 0 ? "Discarded; sentinel delivered" : asMeant || (expected == Crossing.Discarded && delivered.Count == 1) ? "Delivered"
            : $"Delivered {delivered.Count} packets with other bytes";
        Expectation expectation = expected == Crossing.Discarded ? new Expectation.Discarded(reason) : new Expectation.Delivered(meant);
        _steps.Add(number => new Step(number, stimulus, description, expectation, observed, seen));
        if (expected == Crossing.Discarded ? delivered.Count > 0 : !asMeant)
        {
            throw Disagreement(clause);
        }
    }

    private List<Observation> ExchangeInbound(IReadOnlyList<Stimulus> stimuli)
    {
        ByteString mark = _sentinelIn.Next(32);
        List<Observation> seen = [];
        _target.Send([.. stimuli, new Stimulus.FromWire(new Packet(Seal(_sentinel, mark).Datagram))]);
        while (Next() is { } observation && !(observation is Observation.ToHost toHost && PacketComparison.SameButForOneHop(mark.Span, toHost.Packet.Bytes.Span)))
        {
            seen.Add(observation);
        }

        return seen;
    }

    // What the target itself tells a host is no delivery: announcements of its links, errors about what the host sent before.
    private static List<ByteString> DeliveredIn(IEnumerable<Observation> seen) =>
    [
        .. seen.OfType<Observation.ToHost>().Select(o => o.Packet.Bytes)
            .Where(packet => !PacketComparison.IsMulticast(packet) && !(IcmpErrors.TryRead(packet) is { } error && IsOwn(error.Source))),
    ];

    private (List<Observation> Seen, List<Left> Left) ExchangeOutbound(IReadOnlyList<Stimulus> stimuli)
    {
        ByteString mark = _sentinelOut.Next(32);
        List<Observation> seen = [];
        List<Left> left = [];
        _target.Send([.. stimuli, new Stimulus.FromHost(new Packet(mark))]);
        while (Next() is { } observation)
        {
            if (observation is Observation.ToWire toWire && !PacketComparison.IsMulticast(toWire.Packet.Bytes))
            {
                Left one = Read(toWire.Packet.Bytes);
                if (one.Sa == _sentinel.Outbound && PacketComparison.SameButForOneHop(mark.Span, one.Packet.Span))
                {
                    break;
                }

                left.Add(one);
            }

            seen.Add(observation);
        }

        return (seen, left);
    }

    private Observation Next()
    {
        Observation observation = _target.Observe(Patience) ?? throw new ConformanceException(
            FailureKind.NotObserved, null, $"{Target}: {Policies}\nthe sentinel was not seen within {Patience.TotalSeconds:0} s, so nothing can be said of the packet before it; counters of the target: {Counters()}", this);
        if (observation is Observation.Acquire acquire)
        {
            _acquired.Add(acquire.Flow);
        }

        return observation is Observation.Died died ? throw new ConformanceException(FailureKind.Died, null, $"{Target}: {died.How}", this) : observation;
    }

    private string Counters() => string.Join(", ", _target.ReadCounters().Where(c => c.Value != 0).Select(c => $"{c.Key} {c.Value}"));

    // A packet of one of the SAs is opened; everything else left as it is.
    private Left Read(ByteString datagram)
    {
        ReceiveContext context = EspReceiver.Rfc.Run(_opener, datagram, _keys);
        if (context.Outcome is not null || context.Association is not { } association)
        {
            return new Left(datagram, datagram, null);
        }

        _opener = context.State;
        return new Left(datagram, context.Inner, Pairs.Select(p => p.Outbound).First(e => e.Sa == association.Sa));
    }

    private string Describe(Left left, ByteString plain)
    {
        string what = PacketComparison.SameButForOneHop(plain.Span, left.Packet.Span) ? "the packet" : $"another packet of {left.Packet.Length} bytes";
        return left.Sa is { } sa ? $"{what} under SA {sa.Sa.Spi} of {Pairs.First(p => p.Outbound == sa).Name}" : $"{what} in clear";
    }

    private ConformanceException Disagreement(string? clause, string? why = null)
    {
        Step last = Steps[^1];
        string side = last.Stimulus is Stimulus.FromWire ? "-> wire" : "-> host";
        string[] lines =
        [
            $"{Target}: {Policies}",
            .. why is null ? Array.Empty<string>() : [why],
            $"step {last.Number}/{Steps.Count}   {side} {last.Description}",
            $"expected   {last.Expected}",
            $"observed   {last.Observed}",
        ];
        return new ConformanceException(FailureKind.Disagreement, clause, string.Join(Environment.NewLine, lines), this);
    }

    /// <summary>A packet that left on the wire, opened where it is ESP of one of the SAs.</summary>
    private sealed record Left(ByteString Datagram, ByteString Packet, SadEntry? Sa);
}
