using System.Collections.Immutable;
using Conformance.Generators.Iptfs;
using Conformance.Harness.Contract;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>Payloads towards the target, and what it hands on.</summary>
public sealed partial class IptfsSession
{
    private const string Altered = "RFC9347-2.2.1-02";
    private const string OutOfOrder = "RFC9347-2.5-01";
    private IReadOnlyDictionary<string, long> _before = new Dictionary<string, long>();

    /// <summary>Sends a stream with what the network does to it, and requires what the model takes out of it.</summary>
    /// <param name="stream">The stream; its numbers follow those before.</param>
    /// <param name="clause">The requirement to accuse where something is missing; null for the test's own.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectStream(AggFragStream stream, string? clause = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ImmutableArray<FramedPayload> framed = stream.Frame(Packets(stream));
        ulong first = _nextSequence;
        _nextSequence += (ulong)framed.Length;
        Expect([.. AggFragStream.Arriving(framed).Select(payload => AggFragArrival.Of(first + (ulong)payload.Number, payload.Payload))], clause);
    }

    /// <summary>Sends one payload of whole packets.</summary>
    public void ExpectTogether(IReadOnlyList<ByteString> packets, string? clause = null) =>
        Expect([AggFragArrival.Of(NextSequence(), Framer.Split(packets, [])[0])], clause);

    /// <summary>Sends payloads and requires what the model takes out of them.</summary>
    /// <param name="arrivals">In the order of arrival.</param>
    /// <param name="clause">The requirement to accuse where something is missing; null for the test's own.</param>
    /// <param name="unexpected">The requirement to accuse where something comes out that may not; null for that of altered packets.</param>
    /// <param name="refused">Inner packets that policy does not admit.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void Expect(IReadOnlyList<AggFragArrival> arrivals, string? clause = null, string? unexpected = null, IReadOnlyList<ByteString>? refused = null)
    {
        ArgumentNullException.ThrowIfNull(arrivals);
        AggFragOutcome outcome = _model.Receive(arrivals);
        ByteString[] due = [.. outcome.Due.Where(packet => refused?.Contains(packet) != true).Select(Hopped).OfType<ByteString>()];
        ByteString[] tolerated = [.. outcome.Tolerated.Select(Hopped).OfType<ByteString>()];
        Stimulus[] stimuli = [.. arrivals.Select(arrival => new Stimulus.FromWire(new Packet(Seal(arrival))))];
        _before = _target.ReadCounters();
        List<Observation> seen = Exchange(stimuli, due);
        ByteString[] delivered = [.. seen.OfType<Observation.ToHost>().Select(host => host.Packet.Bytes)];
        string expected = $"{due.Length} inner packets delivered{(tolerated.Length > 0 ? $", up to {tolerated.Length} more may be" : "")}";
        string observed = $"{delivered.Length} delivered; sentinel delivered";
        for (int i = 0; i < stimuli.Length; i++)
        {
            int at = i;
            _steps.Add(number => new Step(
                number, stimuli[at], $"ESP seq={arrivals[at].Sequence} {arrivals[at].Description}", new Expectation.AsModel(expected), observed,
                at == stimuli.Length - 1 ? seen : []));
        }

        Judge(due, tolerated, delivered, clause, unexpected);
    }

    /// <summary>Sends payloads that may be anything, and requires no more than that nothing is delivered between hosts that policy does not name.</summary>
    /// <exception cref="ConformanceException">Something was, or the target ended.</exception>
    public void Provoke(IReadOnlyList<AggFragArrival> arrivals)
    {
        ArgumentNullException.ThrowIfNull(arrivals);
        Stimulus[] stimuli = [.. arrivals.Select(arrival => new Stimulus.FromWire(new Packet(Seal(arrival))))];
        List<Observation> seen = Exchange(stimuli, []);
        for (int i = 0; i < stimuli.Length; i++)
        {
            int at = i;
            _steps.Add(number => new Step(
                number, stimuli[at], $"ESP seq={arrivals[at].Sequence} {arrivals[at].Description}", new Expectation.AsModel("nothing between other hosts delivered"),
                $"{seen.Count} delivered; sentinel delivered", at == stimuli.Length - 1 ? seen : []));
        }

        ByteString[] foreign = [.. seen.OfType<Observation.ToHost>().Select(host => host.Packet.Bytes).Where(packet => !IsNamed(packet))];
        Require(foreign.Length == 0, "RFC9347-2.2.6-01", $"{foreign.Length} packets that no policy names were delivered");
    }

    private static bool IsNamed(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _)
        && IsPair(view.Source, view.Destination);

    private static bool IsPair(IpAddress source, IpAddress destination) => Families.Any(ends => source == ends.Remote && destination == ends.Protected);

    private void Judge(ByteString[] due, ByteString[] tolerated, ByteString[] delivered, string? clause, string? unexpected)
    {
        List<ByteString> missing = [.. due];
        List<ByteString> extra = [.. delivered.Where(packet => !missing.Remove(packet))];
        extra.RemoveAll(tolerated.Contains);
        if (extra.Count > 0)
        {
            ByteString got = extra[0];
            string how = missing.FirstOrDefault(packet => packet.Length == got.Length) is { Length: > 0 } meant
                ? $"a packet was delivered with other bytes: {Difference(meant, got)}"
                : $"{extra.Count} packets were delivered that no data block holds{Moved()}";
            throw Disagreement(unexpected ?? (missing.Count > 0 ? Altered : null), how);
        }

        if (missing.Count > 0)
        {
            throw Disagreement(clause, $"{missing.Count} of {due.Length} inner packets were not delivered, the first is number {Array.IndexOf(due, missing[0]) + 1}{Moved()}");
        }

        if (!delivered.Where(packet => due.Contains(packet)).SequenceEqual(due))
        {
            throw Disagreement(OutOfOrder, "the inner packets were delivered in another order");
        }
    }

    // Why a stack drops something it may say itself.
    private string Moved() => string.Concat(_target.ReadCounters()
        .Where(counter => counter.Key.StartsWith("Xfrm", StringComparison.Ordinal) && counter.Value > _before.GetValueOrDefault(counter.Key))
        .Select(counter => $"; {counter.Key} +{counter.Value - _before.GetValueOrDefault(counter.Key)}"));

    private static string Difference(ByteString meant, ByteString got)
    {
        int first = Enumerable.Range(0, meant.Length).First(i => meant[i] != got[i]);
        int last = Enumerable.Range(0, meant.Length).Last(i => meant[i] != got[i]);
        Range differing = first..Math.Min(last + 1, first + 16);
        return $"bytes {first} to {last} are {got.Slice(differing)}, not {meant.Slice(differing)}";
    }

    // What an inner packet becomes is queued behind it like what the sentinel becomes: so a sentinel that was seen shows that nothing more will come.
    private List<Observation> Exchange(Stimulus[] stimuli, ByteString[] due)
    {
        SealedPacket sentinel = _sentinel.Seal(++_sentinelSequence);
        ByteString mark = Hopped(sentinel.Plain) ?? sentinel.Plain;
        _target.Send([.. stimuli, new Stimulus.FromWire(new Packet(sentinel.Datagram))]);
        List<Observation> seen = [];
        bool hasSentinel = false;
        while (!hasSentinel)
        {
            Observation observation = Next($"{stimuli.Length} payloads, {due.Length} inner packets due");
            if (observation is Observation.ToHost host && host.Packet.Bytes == mark)
            {
                hasSentinel = true;
            }
            else if (observation is Observation.ToHost { Packet: var packet } && !PacketComparison.IsMulticast(packet.Bytes))
            {
                seen.Add(observation);
            }
        }

        return seen;
    }

    private Observation Next(string after)
    {
        Observation observation = _target.Observe(Patience) ?? throw new ConformanceException(
            FailureKind.NotObserved, null, $"{Target}: {_scenario}\nthe sentinel was not seen within {Patience.TotalSeconds:0} s after {after}", this);
        return observation is Observation.Died died ? throw new ConformanceException(FailureKind.Died, null, $"{Target}: {died.How}\nafter {after}", this) : observation;
    }
}
