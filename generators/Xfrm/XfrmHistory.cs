using System.Collections.Immutable;
using System.Globalization;
using Conformance.Generators.Wire;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using FsCheck;

namespace Conformance.Generators.Xfrm;

/// <summary>One step in the life of the databases.</summary>
public abstract record XfrmStep
{
    private XfrmStep()
    {
    }

    /// <summary>User space asks.</summary>
    /// <param name="Request">What.</param>
    /// <param name="AnswersAcquire">True when it is to carry the number of the last ACQUIRE.</param>
    public sealed record Ask(XfrmRequest Request, bool AnswersAcquire = false) : XfrmStep;

    /// <summary>A packet is forwarded.</summary>
    /// <param name="Flow">Place in <see cref="XfrmHistoryPlan.Flows"/>.</param>
    public sealed record Send(int Flow) : XfrmStep;
}

/// <summary>What a history is made of: few endpoints, so that everything meets.</summary>
/// <param name="Sources">Tunnel sources, the stack's own.</param>
/// <param name="Destinations">Tunnel destinations.</param>
/// <param name="Flows">Traffic; a policy for each, over another pair of endpoints and request.</param>
public sealed record XfrmHistoryPlan(ImmutableArray<IpAddress> Sources, ImmutableArray<IpAddress> Destinations, ImmutableArray<XfrmFlow> Flows)
{
    /// <summary>One outbound policy a flow.</summary>
    public ImmutableArray<XfrmPolicy> Policies => [.. Flows.Select((flow, place) => new XfrmPolicy
    {
        Selector = XfrmSelector.Of(new AddressPrefix(new IpAddress(0, flow.Source.IsIpv6), 0), AddressPrefix.Host(flow.Destination)) with
        {
            DestinationPort = flow.DestinationPort,
            DestinationPortMask = ushort.MaxValue,
        },
        Direction = XfrmDirection.Out,
        Priority = 5,
        Templates =
        [
            new XfrmTemplate
            {
                Destination = XfrmAddress.Of(Destinations[place % Destinations.Length]),
                Source = XfrmAddress.Of(Sources[place / Destinations.Length % Sources.Length]),
                Family = XfrmFamilies.Of(Sources[0]),
                RequestId = (uint)(1 + (place / (Destinations.Length * Sources.Length) % 2)),
                Mode = XfrmMode.Tunnel,
            },
        ],
    })];
}

/// <summary>A history: SAs are added, updated, deleted, expired, acquired and used.</summary>
public sealed record XfrmHistory(ImmutableArray<XfrmStep> Steps)
{
    private const int LargestSpi = 4;

    /// <summary>Histories of a plan; they shrink by leaving steps out.</summary>
    public static Arbitrary<XfrmHistory> Any(XfrmHistoryPlan plan) => WireArbitraries.FromSeed(random => Draw(random, plan), Shrink);

    /// <summary>One history.</summary>
    public static XfrmHistory Draw(Random random, XfrmHistoryPlan plan)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(plan);
        return new XfrmHistory([.. Enumerable.Range(0, random.Next(15, 41)).Select(_ => Step(random, plan))]);
    }

    /// <summary>Histories with a step less.</summary>
    public static IEnumerable<XfrmHistory> Shrink(XfrmHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return Enumerable.Range(0, history.Steps.Length).Select(place => new XfrmHistory(history.Steps.RemoveAt(place)));
    }

    /// <summary>Equal by content.</summary>
    public bool Equals(XfrmHistory? other) => other is not null && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Length;

    /// <summary>One line a step.</summary>
    public override string ToString() => string.Join('\n', Steps.Select(Describe));

    /// <summary>One line.</summary>
    public static string Describe(XfrmStep step) => step switch
    {
        XfrmStep.Ask(XfrmRequest.AddState(var s, var replaces), var answers) => (replaces ? "update " : "add ") + Name(s) + (answers ? " answering" : ""),
        XfrmStep.Ask(XfrmRequest.DeleteState(var key), _) => $"delete {Name(key)}",
        XfrmStep.Ask(XfrmRequest.ExpireState(var key, var hard), _) => $"expire {Name(key)} {(hard ? "hard" : "soft")}",
        XfrmStep.Ask(XfrmRequest.AllocateSpi(var s, var least, var largest), var answers) =>
            string.Create(CultureInfo.InvariantCulture, $"allocate {least}..{largest} for {Name(s)}") + (answers ? " answering" : ""),
        XfrmStep.Ask(var request, _) => request.GetType().Name,
        XfrmStep.Send(var flow) => string.Create(CultureInfo.InvariantCulture, $"send {flow}"),
        _ => throw new ArgumentException($"no step {step}", nameof(step)),
    };

    private static string Name(XfrmState s) => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.SourceAddress} > {s.DestinationAddress} {s.Spi} reqid {s.RequestId} mark {s.Mark.Value}/{s.Mark.Mask} limits {s.Limits.SoftPackets}/{s.Limits.HardPackets} packets {s.Limits.SoftBytes}/{s.Limits.HardBytes} bytes{(s.Encapsulation is null ? "" : " in UDP")} {s.Direction}");

    private static string Name(XfrmStateKey key) => $"{key.Destination.In(key.Family)} {key.Spi} mark {key.Mark.Value}/{key.Mark.Mask}";

    private static XfrmStep Step(Random random, XfrmHistoryPlan plan) => random.Next(100) switch
    {
        < 24 => new XfrmStep.Ask(new XfrmRequest.AddState(State(random, plan)), random.Next(4) == 0),
        < 34 => new XfrmStep.Ask(new XfrmRequest.AddState(State(random, plan), Replace: true)),
        < 42 => new XfrmStep.Ask(new XfrmRequest.DeleteState(Key(random, plan))),
        < 48 => new XfrmStep.Ask(new XfrmRequest.ExpireState(Key(random, plan), random.Next(2) == 0)),
        < 57 => Allocation(random, plan),
        < 59 => new XfrmStep.Ask(new XfrmRequest.FlushStates()),
        _ => new XfrmStep.Send(random.Next(plan.Flows.Length)),
    };

    private static XfrmStep.Ask Allocation(Random random, XfrmHistoryPlan plan)
    {
        uint least = (uint)random.Next(LargestSpi + 1);
        uint largest = random.Next(3) == 0 ? LargestSpi : least;
        XfrmState wanted = State(random, plan) with { Spi = default, Combined = null, Encapsulation = null, Limits = XfrmLimits.None };
        return new XfrmStep.Ask(new XfrmRequest.AllocateSpi(wanted, least, largest), random.Next(4) == 0);
    }

    private static XfrmStateKey Key(Random random, XfrmHistoryPlan plan) =>
        new(XfrmAddress.Of(Pick(random, plan.Destinations)), new Spi((uint)random.Next(LargestSpi + 1)), XfrmFamilies.Of(plan.Sources[0]), Mark: Mark(random));

    private static XfrmState State(Random random, XfrmHistoryPlan plan) => new()
    {
        Destination = XfrmAddress.Of(Pick(random, plan.Destinations)),
        Source = XfrmAddress.Of(Pick(random, plan.Sources)),
        Family = XfrmFamilies.Of(plan.Sources[0]),
        Spi = new Spi((uint)random.Next(LargestSpi + 1)),
        Mode = XfrmMode.Tunnel,
        RequestId = (uint)(random.Next(3) == 0 ? 2 : 1),
        Mark = Mark(random),
        Encapsulation = random.Next(7) == 0 ? new XfrmEncapsulation(XfrmEncapsulation.EspInUdp, 4500, 4500, default) : null,
        Direction = random.Next(10) switch { 0 => XfrmDirection.In, 1 => XfrmDirection.Out, _ => null },
        InterfaceId = random.Next(10) == 0 ? 3u : 0,
        Limits = Limits(random),
        Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", WireValues.Bytes(random, 20), 128),
    };

    private static XfrmLimits Limits(Random random) => XfrmLimits.None with
    {
        SoftPackets = random.Next(3) == 0 ? (ulong)random.Next(1, 3) : XfrmLimits.Infinite,
        HardPackets = random.Next(3) == 0 ? (ulong)random.Next(1, 4) : XfrmLimits.Infinite,
        SoftBytes = random.Next(6) == 0 ? (ulong)random.Next(40, 70) : XfrmLimits.Infinite,
        HardBytes = random.Next(6) == 0 ? (ulong)random.Next(40, 120) : XfrmLimits.Infinite,
    };

    private static XfrmMark Mark(Random random) => random.Next(6) == 0 ? new XfrmMark(1, 1) : default;

    private static T Pick<T>(Random random, ImmutableArray<T> values) => values[random.Next(values.Length)];
}
