using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>What happens to the packet while its SA is being made, or cannot be had (xfrm_lookup_route).</summary>
/// <remarks>
/// By default it vanishes in a blackhole route and its sender hears of no error; with xfrm_larval_drop off it waits with the
/// policy. The ACQUIRE itself was raised where the SA was missed.
/// </remarks>
public static class OnDemand
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("on demand", "xfrm_lookup_route", Run);

    private static PacketInFlight Run(PacketInFlight packet) => packet.Out switch
    {
        { ResolutionErrno: 0 } => packet.Decide("nothing to wait for"),
        { ResolutionErrno: Errno.Eagain, IsSecondTry: false } when !packet.Host.Settings.LarvalDrop =>
            packet.Decide("queued", "xfrm_larval_drop is off: the packet waits with its policy").End(new PathEvent.Queued()),
        { ResolutionErrno: Errno.Eagain } => Fail(packet, XfrmCounter.OutNoStates, "no SA yet: a blackhole route takes the packet", 0),
        { ResolutionErrno: var errno } => Fail(packet, XfrmCounter.OutPolError, "the templates cannot be resolved", errno),
    };

    /// <summary>Ends the packet, unless this was only the second try of an ICMP error.</summary>
    internal static PacketInFlight Fail(PacketInFlight packet, XfrmCounter counter, string why, int errno) => packet.Out.IsSecondTry
        ? (packet.Count(counter) with { OnTheWayOut = packet.Out with { States = [], ResolutionErrno = 0 } }).Decide("pass in clear", $"the second try failed: {why}")
        : packet.Drop(counter, why, errno);
}
