using Conformance.Harness.Contract;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>Packets of the host, and the payloads that the target makes of them.</summary>
public sealed partial class IptfsSession
{
    private const string Reassembles = "RFC9347-2.2-03";
    private readonly AggFragWire _wire;

    /// <summary>Payloads that the target sent with more than one packet, or part of one, in them.</summary>
    public int SharedPayloads => _wire.SharedPayloads;

    /// <summary>ICMP errors that the host got in the last step.</summary>
    public IReadOnlyList<IcmpError> Answers { get; private set; } = [];

    /// <summary>Sends packets from behind the target and requires payloads that give them back, in order.</summary>
    /// <param name="plains">At least one.</param>
    /// <param name="clause">The requirement to accuse where packets are missing; null for that of what is put together again.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectSent(IReadOnlyList<ByteString> plains, string? clause = null) => ExpectSent(plains, plains, clause);

    /// <summary>Sends packets of which only some may leave.</summary>
    /// <param name="plains">What is sent.</param>
    /// <param name="leaving">What must leave, in order.</param>
    /// <param name="clause">The requirement to accuse where packets are missing; null for that of what is put together again.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectSent(IReadOnlyList<ByteString> plains, IReadOnlyList<ByteString> leaving, string? clause = null)
    {
        ArgumentNullException.ThrowIfNull(plains);

        // Packets of an SA are queued for each other: a last one on the same SA shows that nothing else will come.
        ByteString mark = Plain(isIpv6: false, payloadBytes: 32);
        ByteString[] due = [.. leaving.Append(mark).Select(Hopped).OfType<ByteString>()];
        Stimulus[] stimuli = [.. plains.Append(mark).Select(plain => new Stimulus.FromHost(new Packet(plain)))];
        _target.Send(stimuli);
        List<Observation> seen = [];
        List<ByteString> left = [];
        Violation? violation = null;
        while (violation is null && (left.Count == 0 || left[^1] != due[^1]))
        {
            Observation observation = NextOfSend(stimuli, seen, left.Count, due.Length);
            seen.Add(observation);
            if (observation is Observation.ToWire wire)
            {
                (IReadOnlyList<ByteString> packets, violation) = _wire.Judge(wire.Packet.Bytes);
                left.AddRange(packets);
            }
        }

        Answers = [.. seen.OfType<Observation.ToHost>().Select(host => IcmpErrors.TryRead(host.Packet.Bytes)).OfType<IcmpError>()];
        Record(stimuli, seen, $"{due.Length} packets leave in AGGFRAG payloads", $"{left.Count} left");
        if (violation is not null)
        {
            throw Disagreement(violation.AccusedIn(clause), violation.What);
        }

        if (!left.SequenceEqual(due))
        {
            int first = Enumerable.Range(0, Math.Max(left.Count, due.Length)).First(i => i >= left.Count || i >= due.Length || left[i] != due[i]);
            throw Disagreement(
                left.Count < due.Length ? clause ?? Reassembles : Reassembles,
                $"the payloads give {left.Count} packets, {due.Length} are due; packet {first + 1} is the first that differs");
        }
    }

    /// <summary>Sends a packet that an SA which may not cut cannot carry whole, and requires that it leaves in IP fragments that make it whole again.</summary>
    /// <param name="plain">An IPv4 packet without DF.</param>
    /// <param name="clause">The requirement to accuse where it does not.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectSentInIpFragments(ByteString plain, string clause)
    {
        FragmentStore store = FragmentStore.Empty;
        ByteString mark = Plain(isIpv6: false, payloadBytes: 32);
        Stimulus[] stimuli = [new Stimulus.FromHost(new Packet(plain)), new Stimulus.FromHost(new Packet(mark))];
        _target.Send(stimuli);
        List<Observation> seen = [];
        List<ByteString> left = [];
        while (left.Count == 0 || left[^1] != Hopped(mark))
        {
            Observation observation = NextOfSend(stimuli, seen, left.Count, 2);
            seen.Add(observation);
            foreach (ByteString packet in observation is Observation.ToWire wire ? _wire.Judge(wire.Packet.Bytes).Packets : [])
            {
                (store, ByteString? whole) = FragmentStore.Read(packet) is null ? (store, packet) : store.Add(packet);
                left.AddRange(whole is { } joined ? [joined] : Array.Empty<ByteString>());
            }
        }

        Answers = [.. seen.OfType<Observation.ToHost>().Select(host => IcmpErrors.TryRead(host.Packet.Bytes)).OfType<IcmpError>()];
        Record(stimuli, seen, "the packet leaves in IP fragments", $"{left.Count - 1} packets left; {Answers.Count} errors for its source");
        Require(left.Count == 2 && left[0] == Hopped(plain), clause, "a packet that may be fragmented did not leave");
    }

    /// <summary>Requires something of what the last step showed.</summary>
    /// <param name="holds">What must be true.</param>
    /// <param name="requirementId">The clause to accuse where it is not.</param>
    /// <param name="otherwise">One sentence for people.</param>
    /// <exception cref="ConformanceException">It is not true.</exception>
    public void Require(bool holds, string requirementId, string otherwise)
    {
        if (!holds)
        {
            throw Disagreement(requirementId, otherwise);
        }
    }

    private Observation NextOfSend(Stimulus[] stimuli, List<Observation> seen, int left, int due)
    {
        try
        {
            return Next($"{stimuli.Length} packets of the host, of which {left} left");
        }
        catch (ConformanceException)
        {
            Record(stimuli, seen, $"{due} packets leave in AGGFRAG payloads", $"{left} left, and the last of all is not among them");
            throw;
        }
    }

    private void Record(Stimulus[] stimuli, List<Observation> seen, string expected, string observed)
    {
        for (int i = 0; i < stimuli.Length; i++)
        {
            int at = i;
            _steps.Add(number => new Step(
                number, stimuli[at], $"plain packet of {((Stimulus.FromHost)stimuli[at]).Packet.Bytes.Length} bytes", new Expectation.AsModel(expected), observed,
                at == stimuli.Length - 1 ? seen : []));
        }
    }
}
