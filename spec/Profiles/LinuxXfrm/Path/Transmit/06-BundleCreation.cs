using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Chains the SAs to the route that the outermost one takes, with the MTU of each (xfrm_bundle_create, xfrm_init_pmtu).</summary>
public static class BundleCreation
{
    private const int NetworkUnreachable = 101;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("bundle creation", "xfrm_bundle_create", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        LinuxHop hop = way.Hop;
        IpAddress destination = way.Flow.Destination;
        XfrmFamily family = way.Flow.Family;

        // Before each SA stands the route that its packet would take: it bounds the MTU too.
        List<(XfrmStateEntry Entry, int InnerMtuBytes)> chain = [];
        foreach (ulong id in way.States)
        {
            XfrmStateEntry entry = packet.Databases.States.Find(id)!;
            XfrmState state = entry.State;
            if (state.Selector.Family == XfrmFamily.Unspecified && !entry.IsTunnel && state.Family != family)
            {
                return OnDemand.Fail(packet, XfrmCounter.OutBundleGenError, $"SA {state.Spi} has no mode for the family of the packet", Errno.Eafnosupport);
            }

            chain.Add((entry, packet.Host.MtuBytes(hop, destination)));
            if (state.Mode == XfrmMode.Transport)
            {
                continue;
            }

            uint mark = state.OutputMark is { } output ? OutputMark.Apply(output, way.Flow.Mark) : 0;
            (family, destination) = (state.Family, state.DestinationAddress);

            // IPv4 routing refuses a source that is none of the host's own.
            bool sourceKnown = state.Family == XfrmFamily.Ipv6 || state.Source.IsZero || packet.Host.IsLocal(state.SourceAddress);
            // The device of the inner route names a VRF at most (xfrm4_dst_lookup): the endpoint has a route of its own.
            if (!sourceKnown || packet.Host.RouteTo(destination, mark: mark) is not { } next)
            {
                string why = sourceKnown ? $"no route to the tunnel endpoint {destination}" : $"the tunnel source {state.SourceAddress} is no own address";
                return OnDemand.Fail(packet, XfrmCounter.OutBundleGenError, why, NetworkUnreachable);
            }

            hop = next;
        }

        if (chain.Count > 0 && hop.Device.InterfaceId != 0 && hop.Device == way.Hop.Device)
        {
            return packet.Drop(null, $"the transformed packet would go out on {hop.Device.Name} again: a routing loop");
        }

        ImmutableArray<BundleLayer> bundle = Bundle(chain, packet.Host.MtuBytes(hop, destination));
        return (packet with { OnTheWayOut = way with { Bundle = bundle, Path = hop, States = packet.Out.States } })
            .Decide(bundle.IsEmpty ? "the plain route" : $"{bundle.Length} SAs out on {hop.Device.Name}", [.. bundle.Select(layer => $"{layer.MtuBytes} bytes fit")]);
    }

    private static ImmutableArray<BundleLayer> Bundle(List<(XfrmStateEntry Entry, int InnerMtuBytes)> chain, int linkMtuBytes)
    {
        BundleLayer[] layers = new BundleLayer[chain.Count];
        int child = linkMtuBytes;
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            int mtu = Math.Min(StateMtu.Of(chain[i].Entry.State, child), chain[i].InnerMtuBytes);
            layers[i] = new BundleLayer(chain[i].Entry.Id, mtu, child);
            child = mtu;
        }

        return [.. layers];
    }
}
