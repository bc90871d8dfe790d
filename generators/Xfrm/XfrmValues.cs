using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;
using FsCheck;

namespace Conformance.Generators.Xfrm;

/// <summary>SAs, policies and reports with anything in any field, whether a kernel would take it or not.</summary>
public static class XfrmValues
{
    private const ushort FirstUnknownAttribute = 42;
    private static readonly string[] Names = ["cbc(aes)", "hmac(sha256)", "rfc4106(gcm(aes))", "x", ""];

    /// <summary>SAs.</summary>
    public static Arbitrary<XfrmState> States { get; } = WireArbitraries.FromSeed(State, Shrink);

    /// <summary>Policies.</summary>
    public static Arbitrary<XfrmPolicy> Policies { get; } = WireArbitraries.FromSeed(Policy, Shrink);

    /// <summary>Reports of every kind.</summary>
    public static Arbitrary<XfrmReport> Reports { get; } = WireArbitraries.FromSeed(Report, Shrink);

    /// <summary>One SA.</summary>
    public static XfrmState State(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new XfrmState
        {
            Selector = Selector(random),
            Destination = Address(random),
            Source = Address(random),
            Spi = new Spi(Word(random)),
            Protocol = Octet(random),
            Family = Family(random),
            Mode = (XfrmMode)Octet(random),
            RequestId = Word(random),
            AcquireSequence = Word(random),
            ReplayWindow = Octet(random),
            Flags = (XfrmStateFlags)Octet(random),
            ExtraFlags = (XfrmExtraFlags)Perhaps(random),
            Combined = Algorithm(random, 128),
            Encryption = Algorithm(random, 0),
            Integrity = Algorithm(random, 96),
            Compression = Algorithm(random, 0),
            Encapsulation = random.Next(3) == 0 ? new XfrmEncapsulation((ushort)random.Next(8), (ushort)Word(random), (ushort)Word(random), Address(random)) : null,
            Replay = random.Next(2) == 0 ? new XfrmReplay(Word(random), Word(random), Word(random)) : null,
            ReplayEsn = random.Next(3) == 0 ? Esn(random) : null,
            Mark = Mark(random),
            OutputMark = random.Next(3) == 0 ? new XfrmMark(Word(random), Word(random)) : null,
            InterfaceId = Perhaps(random),
            TfcPadBytes = Perhaps(random),
            Direction = random.Next(3) == 0 ? (XfrmDirection)random.Next(3) : null,
            Iptfs = random.Next(4) switch
            {
                0 => new XfrmIptfs(Word(random), (ushort)Word(random)),
                1 => new XfrmIptfs(DontFragment: random.Next(2) == 0, InitialDelayMicroseconds: Word(random), MaxQueueBytes: Word(random), PacketBytes: Word(random)),
                _ => null,
            },
            Limits = Limits(random),
            Use = Use(random),
            Statistics = new XfrmStateStatistics(Word(random), Word(random), Word(random)),
        };
    }

    /// <summary>One policy.</summary>
    public static XfrmPolicy Policy(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new XfrmPolicy
        {
            Selector = Selector(random),
            Direction = (XfrmDirection)Octet(random),
            Action = (XfrmAction)Octet(random),
            Priority = Word(random),
            Index = Word(random),
            Type = random.Next(4) == 0 ? XfrmPolicyType.Sub : XfrmPolicyType.Main,
            Flags = Octet(random),
            Share = Octet(random),
            Mark = Mark(random),
            InterfaceId = Perhaps(random),
            Templates = [.. Enumerable.Range(0, random.Next(7)).Select(_ => Template(random))],
            Limits = Limits(random),
            Use = Use(random),
        };
    }

    /// <summary>One report.</summary>
    public static XfrmReport Report(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        XfrmStateReport state = new(State(random), Others(random));
        XfrmPolicy drawn = Policy(random);
        XfrmPolicyReport policy = new(drawn, drawn.Type != XfrmPolicyType.Main || random.Next(2) == 0, Others(random));
        bool flag = random.Next(2) == 0;
        return random.Next(11) switch
        {
            0 => new XfrmReport.State(state, flag),
            1 => new XfrmReport.StateDeleted(state),
            2 => new XfrmReport.StateExpired(state, flag),
            3 => new XfrmReport.StatesFlushed(Octet(random)),
            4 => new XfrmReport.Policy(policy, flag),
            5 => new XfrmReport.PolicyDeleted(policy, new XfrmPolicyKey(drawn.Direction, flag ? drawn.Index : 0, flag ? new XfrmSelector() : drawn.Selector)),
            6 => new XfrmReport.PolicyExpired(policy, flag),
            7 => new XfrmReport.PoliciesFlushed(flag ? XfrmPolicyType.Sub : XfrmPolicyType.Main, flag || random.Next(2) == 0),
            8 => new XfrmReport.Acquire(Address(random), Address(random), Wanted(random), Selector(random), policy, Word(random)),
            9 => new XfrmReport.Defaults(Default(random), Default(random), Default(random)),
            _ => new XfrmReport.Mapping(
                new XfrmStateKey(Address(random), new Spi(Word(random)), Family(random), Octet(random)), Word(random),
                Address(random), Address(random), (ushort)Word(random), (ushort)Word(random)),
        };
    }

    private static IEnumerable<XfrmState> Shrink(XfrmState state) => new[]
    {
        state with { Combined = null }, state with { Encryption = null }, state with { Integrity = null }, state with { Compression = null },
        state with { Encapsulation = null }, state with { Replay = null }, state with { ReplayEsn = null }, state with { Mark = default },
        state with { OutputMark = null }, state with { InterfaceId = 0 }, state with { TfcPadBytes = 0 }, state with { Direction = null },
        state with { ExtraFlags = 0 }, state with { Use = default }, state with { Limits = XfrmLimits.None }, state with { Selector = new XfrmSelector() },
    }.Where(smaller => smaller != state);

    private static IEnumerable<XfrmPolicy> Shrink(XfrmPolicy policy) => new[]
    {
        policy with { Templates = [] }, policy with { Templates = [.. policy.Templates.Take(1)] }, policy with { Mark = default },
        policy with { InterfaceId = 0 }, policy with { Limits = XfrmLimits.None }, policy with { Use = default }, policy with { Selector = new XfrmSelector() },
    }.Where(smaller => smaller != policy);

    private static IEnumerable<XfrmReport> Shrink(XfrmReport report) => report switch
    {
        XfrmReport.State state => Smaller(state.Value).Select(v => state with { Value = v }),
        XfrmReport.StateDeleted state => Smaller(state.Value).Select(v => state with { Value = v }),
        XfrmReport.StateExpired state => Smaller(state.Value).Select(v => state with { Value = v }),
        XfrmReport.Policy policy => Smaller(policy.Value).Select(v => policy with { Value = v }),
        XfrmReport.PolicyDeleted policy => Smaller(policy.Value).Select(v => policy with { Value = v }),
        XfrmReport.PolicyExpired policy => Smaller(policy.Value).Select(v => policy with { Value = v }),
        XfrmReport.Acquire acquire => Smaller(acquire.Value).Select(v => acquire with { Value = v }),
        _ => [],
    };

    private static IEnumerable<XfrmStateReport> Smaller(XfrmStateReport report) =>
        [.. report.Others.IsEmpty ? [] : (XfrmStateReport[])[report with { Others = [] }], .. Shrink(report.State).Select(s => report with { State = s })];

    private static IEnumerable<XfrmPolicyReport> Smaller(XfrmPolicyReport report) =>
        [.. report.Others.IsEmpty ? [] : (XfrmPolicyReport[])[report with { Others = [] }], .. Shrink(report.Policy).Select(p => report with { Policy = p })];

    private static XfrmSelector Selector(Random random) => new()
    {
        Family = Family(random),
        Destination = Address(random),
        DestinationBits = Octet(random),
        Source = Address(random),
        SourceBits = Octet(random),
        DestinationPort = (ushort)Word(random),
        DestinationPortMask = (ushort)Word(random),
        SourcePort = (ushort)Word(random),
        SourcePortMask = (ushort)Word(random),
        Protocol = Octet(random),
        InterfaceIndex = random.Next(),
        User = Word(random),
    };

    private static XfrmTemplate Template(Random random) => Wanted(random) with
    {
        Destination = Address(random),
        Source = Address(random),
        Family = Family(random),
        RequestId = Word(random),
        Mode = (XfrmMode)Octet(random),
        Share = Octet(random),
        Optional = random.Next(2) == 0,
    };

    // What an ACQUIRE says of its template.
    private static XfrmTemplate Wanted(Random random) => new()
    {
        Spi = new Spi(Word(random)),
        Protocol = Octet(random),
        IntegrityAlgorithms = Word(random),
        EncryptionAlgorithms = Word(random),
        CompressionAlgorithms = Word(random),
    };

    private static XfrmAlgorithm? Algorithm(Random random, uint icvBits) => random.Next(3) == 0
        ? new XfrmAlgorithm(Names[random.Next(Names.Length)], WireValues.Bytes(random, random.Next(40)), icvBits)
        : null;

    private static XfrmReplayEsn Esn(Random random) => new(
        Word(random), Word(random), Word(random), Word(random), Word(random), [.. Enumerable.Range(0, random.Next(6)).Select(_ => Word(random))]);

    private static ImmutableArray<NetlinkAttribute> Others(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(3)).Select(i => new NetlinkAttribute((ushort)(FirstUnknownAttribute + i), WireValues.Bytes(random, random.Next(9)))),
    ];

    private static XfrmLimits Limits(Random random) => random.Next(2) == 0
        ? XfrmLimits.None
        : new XfrmLimits(Long(random), Long(random), Long(random), Long(random), Long(random), Long(random), Long(random), Long(random));

    private static XfrmUse Use(Random random) => random.Next(2) == 0 ? default : new XfrmUse(Long(random), Long(random), Long(random), Long(random));

    private static XfrmMark Mark(Random random) => random.Next(2) == 0 ? default : new XfrmMark(Word(random), Word(random));

    private static XfrmAction? Default(Random random) => random.Next(3) switch { 0 => null, 1 => XfrmAction.Block, _ => XfrmAction.Allow };

    private static XfrmFamily Family(Random random) => random.Next(3) switch { 0 => XfrmFamily.Unspecified, 1 => XfrmFamily.Ipv4, _ => XfrmFamily.Ipv6 };

    private static XfrmAddress Address(Random random) => XfrmAddress.Of(WireValues.Address(random, random.Next(2) == 0));

    private static uint Perhaps(Random random) => random.Next(2) == 0 ? 0 : Word(random);

    private static byte Octet(Random random) => (byte)random.Next(256);

    private static uint Word(Random random) => (uint)random.NextInt64(1L << 32);

    private static ulong Long(Random random) => (ulong)random.NextInt64();
}
