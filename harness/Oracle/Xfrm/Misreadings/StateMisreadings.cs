using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>How SAs are chosen, asked for and ended otherwise.</summary>
internal static class StateMisreadings
{
    private static readonly PathStage Resolution = StateResolution.Stage;

    /// <summary>One line each.</summary>
    public static IEnumerable<XfrmReading> All =>
    [
        States("state-selector-dropped", "XFRM-state-02", "an SA without its selector carries whatever its peer puts into it", s => s.Mode == XfrmMode.Beet ? s : Unselective(s)) with
        {
            AlsoBreaks = ["XFRM-state-03"],
        },
        new("state-selector-unchecked-inwards", "XFRM-state-02", "what an SA authenticated may have any address inside")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.WithPath(PolicyCheck.Stage, Unselective)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.WithPath(Forwarding.Stage, Unselective)),
        },
        Chosen("state-selector-unchecked-outwards", "XFRM-state-03", "the first SA of the right ends takes all packets", all => all.Select(e => e with { State = Unselective(e.State) })),
        Chosen("state-source-ignored", "XFRM-state-01", "SAs are kept by destination only", all => all.Select(e => e with { State = e.State with { Source = default } })),
        new("reqid-ignored-outwards", "XFRM-state-01", "SAs are chosen by their ends, whichever policy they were made for")
        {
            Transmit = TransmitPath.Linux.Replace(Resolution.Name, WithoutRequestIds),
        },
        Chosen("oldest-state-first", "XFRM-state-04", "after a rekeying the old SA goes on to be used", all => all.Reverse()),
        Chosen("dying-state-first", "XFRM-state-04", "a flag is read the wrong way round, and traffic moves to the SA that ends next", all => all.Select(e => e with { Dying = !e.Dying })),
        new("found-by-spi-alone", "XFRM-state-05", "two addresses of one host share the numbers of their SAs")
        {
            Receive = ReceivePath.Linux.Replace(InputLookup.Stage.Name, ByNumberAlone),
        },
        new("acquire-of-the-whole-policy", "XFRM-acquire-01", "key management is told the policy and not the packet, and cannot narrow the SA")
        {
            Transmit = TransmitPath.Linux.Replace(Resolution.Name, StageViews.WithNotices(Resolution, told =>
                told is XfrmNotification.Acquired acquired ? new XfrmNotification.Acquired(acquired.Acquire with { Flow = acquired.Acquire.Policy.Selector }) : told)),
        },
        new("in-clear-while-acquiring", "XFRM-acquire-01", "the first packets go out before the key exchange is done")
        {
            Transmit = TransmitPath.Linux.Replace(OnDemand.Stage.Name, packet =>
                OnDemand.Stage.Run(packet.Out.ResolutionErrno == Errno.Eagain ? packet with { OnTheWayOut = packet.Out with { ResolutionErrno = 0, States = [] } } : packet)),
        },
        Chosen("each-packet-acquires", "XFRM-acquire-02", "nobody remembers that the question was asked", all => all.Where(e => e.Condition != XfrmCondition.Acquiring)),
        States("hard-limit-ignored", "XFRM-expire-01", "a limit that was set is never looked at", s => s with
        {
            Limits = s.Limits with { HardBytes = XfrmLimits.Infinite, HardPackets = XfrmLimits.Infinite },
        }),
        States("soft-limit-ends-the-state", "XFRM-expire-02", "the warning is taken for the end", s => s with
        {
            Limits = s.Limits with { HardBytes = Math.Min(s.Limits.SoftBytes, s.Limits.HardBytes), HardPackets = Math.Min(s.Limits.SoftPackets, s.Limits.HardPackets) },
        }),
    ];

    private static XfrmReading States(string name, string requirement, string story, Func<XfrmState, XfrmState> understand) => new(name, requirement, story)
    {
        Request = request => request is XfrmRequest.AddState add ? add with { State = understand(add.State) } : request,
    };

    private static XfrmReading Chosen(string name, string requirement, string story, Func<ImmutableArray<XfrmStateEntry>, IEnumerable<XfrmStateEntry>> see) =>
        new(name, requirement, story) { Transmit = TransmitPath.Linux.Replace(Resolution.Name, StageViews.WithStates(Resolution, see)) };

    private static XfrmState Unselective(XfrmState state) => state with { Selector = new XfrmSelector { Family = state.Selector.Family } };

    private static PacketInFlight WithoutRequestIds(PacketInFlight packet)
    {
        if (packet.Out.Policies is not { } decision)
        {
            return Resolution.Run(packet);
        }

        ImmutableArray<XfrmPolicy> seen = [.. decision.Policies.Select(p => p with { Templates = [.. p.Templates.Select(t => t with { RequestId = 0 })] })];
        PacketInFlight after = StageViews.WithStates(Resolution, all => all.Select(e => e with { State = e.State with { RequestId = 0 } }))(
            packet with { OnTheWayOut = packet.Out with { Policies = decision with { Policies = seen } } });
        return after with { OnTheWayOut = after.Out with { Policies = decision } };
    }

    private static PacketInFlight ByNumberAlone(PacketInFlight packet)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _))
        {
            return InputLookup.Stage.Run(packet);
        }

        IpAddress destination = view.Destination;
        return StageViews.WithStates(InputLookup.Stage, all => all.Select(e => e.State.Family == XfrmFamilies.Of(destination)
            ? e with { State = e.State with { Destination = XfrmAddress.Of(destination) } }
            : e))(packet);
    }
}
