using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>How it is done: finds an SA for each template, the innermost first (xfrm_tmpl_resolve, xfrm_state_find).</summary>
/// <remarks>The endpoints of one template are the flow's ends for the next; selectors of SAs are always held against the flow itself.</remarks>
public static class StateResolution
{
    // XFRM_MAX_DEPTH transforms are already too many.
    private const int MaxDepth = 6;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("state resolution", "xfrm_tmpl_resolve_one", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.Out.Policies is not { IsDefault: false, Templates.Length: > 0 } policies)
        {
            return packet.Decide("no transform asked for");
        }

        List<ulong> found = [];
        foreach (XfrmPolicy policy in policies.Policies)
        {
            if (found.Count + policy.Templates.Length >= MaxDepth)
            {
                return Failed(packet, Errno.Enobufs, $"{found.Count + policy.Templates.Length} transforms, the most is 5");
            }

            (packet, int errno) = Resolve(packet, policy, found);
            if (errno != 0)
            {
                return Failed(packet, errno, errno == Errno.Eagain ? "a required SA is not there" : $"errno {errno}");
            }
        }

        ImmutableArray<ulong> states = policies.Policies.Length > 1 && packet.Out.Flow.Source.IsIpv6 ? Sorted(packet, found) : [.. found];
        return (packet with { OnTheWayOut = packet.Out with { States = states } }).Decide(
            states.IsEmpty ? "no SA, and none is required: pass in clear" : $"SA {string.Join(", then ", states.Select(id => packet.Databases.States.Find(id)!.State.Spi))}");
    }

    private static PacketInFlight Failed(PacketInFlight packet, int errno, string why) =>
        (packet with { OnTheWayOut = packet.Out with { ResolutionErrno = errno } }).Decide("not resolved", why);

    private static (PacketInFlight Packet, int Errno) Resolve(PacketInFlight packet, XfrmPolicy policy, List<ulong> found)
    {
        XfrmFlow flow = packet.Out.Flow;
        (IpAddress remote, IpAddress local) = (flow.Destination, flow.Source);
        foreach (XfrmTemplate given in policy.Templates)
        {
            XfrmTemplate template = given with { Family = given.Family == XfrmFamily.Unspecified ? policy.Selector.Family : given.Family };
            if (template.HasOwnAddresses)
            {
                remote = template.Destination.In(template.Family);
                IpAddress? source = template.Source.IsZero ? packet.Host.TunnelSource(remote) : template.Source.In(template.Family);
                if (source is not { } known)
                {
                    return (packet, Errno.Ehostunreach);
                }

                local = known;
            }

            XfrmResolution query = new(template, policy, flow, local, remote, policy.InterfaceId, packet.Host.KeyManagerListens);
            packet = packet.Explain(() => Candidates(packet.Databases.States, query));
            (packet, ulong? id, int errno) = Find(packet, query);
            if (errno == Errno.Einval)
            {
                return (packet, errno);
            }

            if (id is { } used)
            {
                found.Add(used);
            }
            else if (!template.Optional)
            {
                return (packet, errno);
            }
            else
            {
                packet = packet.Decide("", "an optional template is left out");
            }
        }

        return (packet, 0);
    }

    private static (PacketInFlight Packet, ulong? Id, int Errno) Find(PacketInFlight packet, XfrmResolution query)
    {
        XfrmStateDatabase states = packet.Databases.States;
        (packet, XfrmResolved resolved) = Choose(packet, query);
        switch (resolved)
        {
            case XfrmResolved.Uses { Id: var id }:
                return states.Find(id)!.State.Direction is null or XfrmDirection.Out
                    ? (packet, id, 0)
                    : (packet.Count(XfrmCounter.OutStateDirError), null, Errno.Einval);
            case XfrmResolved.Acquires:
                (XfrmStateDatabase next, XfrmAcquire acquire) = states.Acquire(query, packet.Host.Now);
                return (packet.WithStates(next).Notify([new XfrmNotification.Acquired(acquire)]), null, Errno.Eagain);
            case XfrmResolved.Fails { Errno: Errno.Esrch }:
                return (packet, null, Errno.Eagain);
            case XfrmResolved.Fails failed:
                return (packet, null, failed.Errno);
            default:
                throw new InvalidOperationException("an outcome of the SA lookup that has no meaning");
        }
    }

    // Chains of the hash may meet, and then other SAs are candidates too; each lookup takes its own digit of the outcome.
    private static (PacketInFlight Packet, XfrmResolved Resolved) Choose(PacketInFlight packet, XfrmResolution query)
    {
        ImmutableArray<XfrmResolved> allowed = packet.Databases.States.AllowedOutbound(query);
        XfrmResolved chosen = allowed[packet.Host.HashOutcome / packet.HashOutcomes % allowed.Length];
        return (packet with { HashOutcomes = packet.HashOutcomes * allowed.Length }, chosen);
    }

    // __xfrm6_state_sort_cmp: with two policies the SAs of IPv6 are sorted by what they do to the headers.
    private static ImmutableArray<ulong> Sorted(PacketInFlight packet, List<ulong> found) => [.. found.OrderBy(id => packet.Databases.States.Find(id)!.State switch
    {
        { Mode: XfrmMode.Transport, Protocol: IpProtocol.Ah } => 3,
        { Mode: XfrmMode.Transport } => 1,
        { Mode: XfrmMode.RouteOptimization } => 2,
        { Mode: XfrmMode.Tunnel or XfrmMode.Beet or XfrmMode.IpTfs } => 4,
        _ => 5,
    })];

    private static IEnumerable<string> Candidates(XfrmStateDatabase states, XfrmResolution query) =>
        states.Entries.Reverse().Select(entry => $"SA {entry.State.Spi} reqid {entry.State.RequestId}: {Mismatch(entry, query) ?? Standing(entry)}")
            .Prepend($"template {query.Template.Mode} {query.Local} > {query.Remote} reqid {query.Template.RequestId}{(query.Template.Optional ? " optional" : "")}");

    private static string Standing(XfrmStateEntry entry) => $"a candidate, {entry.Condition}{(entry.Dying ? ", dying" : "")}, added at second {entry.State.Use.AddTime}";

    private static string? Mismatch(XfrmStateEntry entry, XfrmResolution query)
    {
        XfrmState state = entry.State;
        uint mark = query.Policy.Mark.Value & query.Policy.Mark.Mask;
        return state.Family != query.Template.Family ? "family"
            : state.RequestId != query.Template.RequestId ? $"reqid is not {query.Template.RequestId}"
            : !state.Mark.Accepts(mark) ? "mark"
            : state.InterfaceId != query.InterfaceId ? $"if_id {state.InterfaceId} is not {query.InterfaceId}"
            : state.Mode != query.Template.Mode ? $"mode {state.Mode}"
            : state.Protocol != query.Template.Protocol ? $"protocol {state.Protocol}"
            : query.Template.Spi.Value != 0 && state.Spi != query.Template.Spi ? $"SPI is not {query.Template.Spi}"
            : state.DestinationAddress != query.Remote ? $"destination {state.DestinationAddress} is not {query.Remote}"
            : !state.Source.IsZero && state.SourceAddress != query.Local ? $"source {state.SourceAddress} is not {query.Local}"
            : entry.IsValid && state.Selector.Family != XfrmFamily.Unspecified && state.Selector.Mismatch(query.Flow) is { } outside ? $"its selector: {outside}"
            : null;
    }
}
