using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>How the lookup of policies is got wrong.</summary>
internal static class PolicyMisreadings
{
    // Far above any rank that a database gives out itself.
    private const ulong Last = 1UL << 40;
    private static readonly XfrmCounter[] ByPolicy = [XfrmCounter.InNoPols, XfrmCounter.InPolBlock, XfrmCounter.InTmplMismatch];

    /// <summary>One line each.</summary>
    public static IEnumerable<XfrmReading> All =>
    [
        Policies("priority-reversed", "XFRM-policy-01", "some stacks order priorities the other way round", p => p with { Priority = uint.MaxValue - p.Priority }),
        Policies("priority-ignored", "XFRM-policy-01", "entries are asked in the order in which they were added, as in an ordered SPD", p => p with { Priority = 0 }),
        new("youngest-policy-first", "XFRM-policy-07", "the last match wins, or new entries go to the head of their list")
        {
            Databases = databases => databases with
            {
                Policies = databases.Policies with
                {
                    Entries = [.. databases.Policies.Entries.Select((e, i) => e with { Rank = Last - (ulong)i, Position = Last - (ulong)i })],
                },
            },
        },
        Policies("prefix-rounded-to-bytes", "XFRM-policy-02", "a lookup that compares whole bytes takes neighbours in", p => p with
        {
            Selector = p.Selector with { SourceBits = (byte)(p.Selector.SourceBits & ~7), DestinationBits = (byte)(p.Selector.DestinationBits & ~7) },
        }),
        Policies("prefix-taken-whole", "XFRM-policy-02", "the address is compared as that of one host", p => p with
        {
            Selector = p.Selector with { SourceBits = Whole(p.Selector, p.Selector.SourceBits), DestinationBits = Whole(p.Selector, p.Selector.DestinationBits) },
        }),
        Policies("addresses-ignored", "XFRM-policy-02", "a prefix that is read as length 0 takes every address in", p => p with
        {
            Selector = p.Selector with { SourceBits = 0, DestinationBits = 0 },
        }),
        Policies("port-mask-ignored", "XFRM-policy-03", "masks of ports are rare, so that a port is easily compared as a whole", p => p with
        {
            Selector = p.Selector with { SourcePortMask = Whole(p.Selector.SourcePortMask), DestinationPortMask = Whole(p.Selector.DestinationPortMask) },
        }),
        Policies("ports-ignored", "XFRM-policy-03", "an entry for one service is taken for one of the whole protocol", p => p with
        {
            Selector = p.Selector with { SourcePortMask = 0, DestinationPortMask = 0 },
        }),
        Policies("protocol-ignored", "XFRM-policy-08", "a lookup by addresses only", p => p with { Selector = p.Selector with { Protocol = 0 } }),
        Policies("block-passes", "XFRM-policy-04", "an action that is not implemented is taken for the ordinary one", p => p with { Action = XfrmAction.Allow }),
        new("default-action-ignored", "XFRM-policy-05", "what no policy matches passes, whatever was configured")
        {
            Request = request => request is XfrmRequest.SetDefault ? new XfrmRequest.SetDefault(XfrmAction.Allow, XfrmAction.Allow, XfrmAction.Allow) : request,
        },
        new("default-of-another-direction", "XFRM-policy-05", "three values in a row are stored in another order")
        {
            Request = request => request is XfrmRequest.SetDefault(var inwards, var forward, var outwards) ? new XfrmRequest.SetDefault(outwards, inwards, forward) : request,
        },
        Policies("in-and-forward-swapped", "XFRM-policy-06", "a gateway that asks the policies of the host about packets in transit", p => p with
        {
            Direction = p.Direction switch { XfrmDirection.In => XfrmDirection.Forward, XfrmDirection.Forward => XfrmDirection.In, var other => other },
        }),
        new("unmatched-tunnel-packet-passes", "XFRM-policy-09", "what came out of a tunnel is trusted where no policy speaks of it")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.OrAs(PolicyCheck.Stage, [XfrmCounter.InNoPols], InClear)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.OrAs(Forwarding.Stage, [XfrmCounter.InNoPols], InClear)),
        },
        new("policy-unchecked-after-esp", "XFRM-policy-10", "what an SA authenticated is delivered without a look at the SPD")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.OrAs(PolicyCheck.Stage, ByPolicy, Trusted)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.OrAs(Forwarding.Stage, ByPolicy, Trusted)),
        },
        new("blocked-sender-not-told", "XFRM-error-01", "a packet that policy blocks vanishes, and its sender waits")
        {
            Transmit = TransmitPath.Linux.Replace(
                PolicyLookup.Stage.Name, StageViews.WithDrops(PolicyLookup.Stage, d => d.Counter == XfrmCounter.OutPolBlock ? d with { Errno = 0 } : d)),
        },
        new("mismatch-counted-as-block", "XFRM-counter-01", "several reasons share one counter, and nobody can tell them apart")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.WithDrops(PolicyCheck.Stage, AsBlock)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.WithDrops(Forwarding.Stage, AsBlock)),
        },
    ];

    /// <summary>A reading that understands policies otherwise when they are added.</summary>
    public static XfrmReading Policies(string name, string requirement, string story, Func<XfrmPolicy, XfrmPolicy> understand) => new(name, requirement, story)
    {
        Request = request => request is XfrmRequest.AddPolicy add ? add with { Policy = understand(add.Policy) } : request,
    };

    private static byte Whole(XfrmSelector selector, byte bits) => bits == 0 ? bits : (byte)XfrmFamilies.AddressBits(selector.Family);

    private static ushort Whole(ushort mask) => mask == 0 ? mask : ushort.MaxValue;

    private static PathEvent.Dropped AsBlock(PathEvent.Dropped drop) =>
        drop.Counter == XfrmCounter.InTmplMismatch ? drop with { Counter = XfrmCounter.InPolBlock } : drop;

    private static IEnumerable<PacketInFlight> InClear(PacketInFlight packet) => packet.SecurityPath.IsEmpty ? [] : [packet with { SecurityPath = [] }];

    private static IEnumerable<PacketInFlight> Trusted(PacketInFlight packet) => InClear(packet).Select(p =>
        p.WithPolicies(p.Databases.Policies with { Entries = [], Defaults = default }));
}
