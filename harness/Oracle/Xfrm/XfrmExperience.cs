using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Xfrm.Misreadings;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>What a target did in one world: its answers, and what came of each packet. Any reading of the rules can be held against it.</summary>
internal sealed record XfrmExperience
{
    /// <summary>What was in the databases, in words.</summary>
    public required string Text { get; init; }

    /// <summary>Each packet in words.</summary>
    public required IReadOnlyList<string> Descriptions { get; init; }

    /// <summary>What emptied and filled the databases.</summary>
    public required IReadOnlyList<XfrmRequest> Requests { get; init; }

    /// <summary>What the target answered.</summary>
    public required IReadOnlyList<CommandOutcome> Outcomes { get; init; }

    /// <summary>The packets.</summary>
    public required IReadOnlyList<Stimulus> Stimuli { get; init; }

    /// <summary>What came of each.</summary>
    public required IReadOnlyList<Effect> Effects { get; init; }

    /// <summary>Counters before the first packet.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>Compares packets under the keys of the world.</summary>
    public required SealedComparison Comparison { get; init; }

    /// <summary>Holds the experience against a reading, packet by packet, up to the first that differs.</summary>
    /// <param name="empty">The host before the requests.</param>
    /// <param name="reading">The reading.</param>
    public XfrmAgreement Compare(LinuxHost empty, XfrmReading reading)
    {
        (LinuxHost host, string? refused) = Fill(empty, reading);
        if (refused is not null)
        {
            return new XfrmAgreement([], refused, 0);
        }

        List<Step> steps = [];
        int open = 0;
        IReadOnlyDictionary<string, long> counters = Counters;
        for (int i = 0; i < Stimuli.Count; i++)
        {
            Effect effect = Effects[i];
            IReadOnlyDictionary<string, long> moved = Moved(counters, effect.Counters);
            counters = effect.Counters;
            XfrmJudgement judgement = new(Comparison.For(Stimuli[i] is Stimulus.FromSocket { HeaderIncluded: false }), Stimuli[i] is Stimulus.FromSocket);
            PathResult? likely = null;
            PathResult? agreed = null;
            string? difference = null;
            foreach (PathResult allowed in Allowed(reading, host, Stimuli[i]))
            {
                open += likely is null ? 0 : 1;
                likely ??= allowed;
                string? found = judgement.Difference(host, allowed, effect.Observations, moved);
                difference ??= found;
                if (found is null)
                {
                    agreed = allowed;
                    break;
                }
            }

            string expected = XfrmJudgement.Describe((agreed ?? likely)!);
            string observed = XfrmJudgement.Describe(effect.Observations, moved);
            steps.Add(new Step(i + 1, Stimuli[i], Descriptions[i], new Expectation.AsModel(expected), observed, effect.Observations));
            if (agreed is null)
            {
                return new XfrmAgreement(steps, $"  packet {i + 1}: {Descriptions[i]}\n  expected   {expected}\n  observed   {observed}\n  differs    {difference}", open);
            }

            host = agreed.Next;
        }

        return new XfrmAgreement(steps, null, open);
    }

    /// <summary>Every result that a reading allows for a packet, the likely one first.</summary>
    public static IEnumerable<PathResult> Allowed(XfrmReading reading, LinuxHost host, Stimulus stimulus) => stimulus switch
    {
        Stimulus.FromWire wire => reading.Receive.ReceiveAllowed(host, wire.Packet.Bytes, XfrmHosts.Wire, reading.Transmit),
        Stimulus.FromHost inner => reading.Receive.ReceiveAllowed(host, inner.Packet.Bytes, XfrmHosts.Protected, reading.Transmit),
        Stimulus.FromSocket socket => reading.Transmit.SendAllowed(
            host, socket.Packet.Bytes, new PacketOrigin.Local(socket.HeaderIncluded ? SocketKind.HeaderIncluded : SocketKind.Ordinary, socket.Mark), reading.Receive),
        _ => throw new InvalidOperationException($"no way for {stimulus.GetType().Name}"),
    };

    // The target's answers are those of the reading, refusals with their errno.
    private (LinuxHost Host, string? Difference) Fill(LinuxHost host, XfrmReading reading)
    {
        for (int i = 0; i < Outcomes.Count; i++)
        {
            (XfrmDatabases next, XfrmAnswer wanted, _) = host.Databases.Apply(reading.Request(Requests[i]), host.Now);
            host = host with { Databases = reading.Databases(next) };
            int? errno = Outcomes[i] is CommandOutcome.Answered { Answer: var answer } ? ErrnoOf(answer) : null;

            // A flush of what is empty is told apart by no one, and one of sub policies is refused where there are none.
            if (errno != ErrnoOf(wanted) && Requests[i] is not (XfrmRequest.FlushPolicies or XfrmRequest.FlushStates))
            {
                return (host, $"  {Requests[i]}\n  expected   {wanted}\n  observed   {Outcomes[i]}");
            }
        }

        return (host, null);
    }

    private static int ErrnoOf(XfrmAnswer answer) => answer is XfrmAnswer.Refused refused ? refused.Errno : 0;

    private static Dictionary<string, long> Moved(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.Where(c => c.Value != before.GetValueOrDefault(c.Key)).ToDictionary(c => c.Key, c => c.Value - before.GetValueOrDefault(c.Key));
}

/// <summary>How far an experience agrees with a reading.</summary>
/// <param name="Steps">What was asked, up to the first difference.</param>
/// <param name="Difference">The first difference, or null.</param>
/// <param name="Open">Packets for which a further outcome was allowed.</param>
internal sealed record XfrmAgreement(ImmutableArray<Step> Steps, string? Difference, int Open)
{
    public XfrmAgreement(IEnumerable<Step> steps, string? difference, int open)
        : this(steps.ToImmutableArray(), difference, open)
    {
    }
}
