using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>The packets of a world, aimed at its policies.</summary>
internal sealed partial class XfrmWorldBuilder
{
    private XfrmProbe Probe()
    {
        bool ipv6 = random.Next(4) == 0;
        XfrmPolicy? aim = _policies.Count == 0 || random.Next(8) == 0 ? null : Pick(_policies);
        if (aim is not null)
        {
            ipv6 = aim.Selector.Family == XfrmFamily.Ipv6;
        }

        XfrmAddresses space = XfrmAddresses.Of(ipv6);
        XfrmDirection direction = aim?.Direction ?? (XfrmDirection)random.Next(3);
        uint tag = (uint)random.Next();
        if (direction == XfrmDirection.Out)
        {
            return random.Next(2) == 0
                ? _twists.Of(new XfrmProbe.Local(XfrmPackets.Of(Aimed(space.Local, space.Wire, aim, ipv6, local: true), tag)))
                : new XfrmProbe.Forwarded(_twists.InTransit(XfrmPackets.Of(Aimed(space.Protected, space.Wire, aim, ipv6, local: false), tag)));
        }

        ImmutableArray<IpAddress> to = direction == XfrmDirection.In ? space.Local : space.Protected;
        XfrmFlow flow = Aimed(space.Wire, to, aim, ipv6, local: direction == XfrmDirection.In);
        ByteString plain = XfrmPackets.Of(flow, tag);
        return new XfrmProbe.Arriving(direction == XfrmDirection.In ? plain : _twists.InTransit(plain), Layers(flow, aim));
    }

    // SAs that the policy of the packet would want, sometimes one too few, too many, or others.
    private ImmutableArray<int> Layers(XfrmFlow flow, XfrmPolicy? aim)
    {
        List<int> layers = [];
        foreach (XfrmTemplate template in aim?.Templates ?? [])
        {
            int place = _states.FindIndex(s => s.Mode == template.Mode && s.RequestId == template.RequestId && IsInbound(s) && Encloses(s, flow, layers.Count == 0));
            if (place >= 0 && random.Next(8) != 0)
            {
                layers.Add(place);
            }
        }

        int[] others = [.. Enumerable.Range(0, _states.Count).Where(i => IsInbound(_states[i]) && Encloses(_states[i], flow, layers.Count == 0))];
        if (others.Length > 0 && (_twists.Has(XfrmFeatures.Nested) || layers.Count == 0) && random.Next(6) == 0)
        {
            layers.Add(Pick(others));
        }

        return [.. layers];
    }

    private static bool IsInbound(XfrmState state) => XfrmAddresses.Of(state.Family == XfrmFamily.Ipv6).Local.Contains(state.DestinationAddress);

    // Transport mode cannot change addresses, and BEET stands for one pair only.
    private static bool Encloses(XfrmState state, XfrmFlow flow, bool innermost) => state.Mode switch
    {
        XfrmMode.Tunnel => true,
        XfrmMode.Transport => innermost && state.SourceAddress == flow.Source && state.DestinationAddress == flow.Destination,
        _ => innermost && state.Selector.Source == XfrmAddress.Of(flow.Source) && state.Selector.Destination == XfrmAddress.Of(flow.Destination)
            && state.Selector.Family == flow.Family,
    };

    private XfrmFlow Aimed(ImmutableArray<IpAddress> sources, ImmutableArray<IpAddress> destinations, XfrmPolicy? aim, bool ipv6, bool local)
    {
        IpAddress source = Near(sources, aim?.Selector.Source, aim?.Selector.Family);
        IpAddress destination = Near(destinations, aim?.Selector.Destination, aim?.Selector.Family);
        byte protocol = aim is { Selector.Protocol: not 0 } && random.Next(6) != 0 ? aim.Selector.Protocol : Pick(XfrmPackets.Protocols(ipv6));
        XfrmFlow flow = Flow(source, destination, protocol);
        if (local)
        {
            // A host answers to TCP and UDP by itself, and checks ICMP once for itself and once for each socket.
            flow = Quiet(flow, arrives: aim?.Direction != XfrmDirection.Out && !XfrmAddresses.Of(ipv6).Local.Contains(source));
        }

        // ICMP keeps to types that nobody answers.
        if (aim is null || flow.Protocol is not (IpProtocol.Udp or IpProtocol.Tcp) || flow.Protocol != aim.Selector.Protocol || random.Next(4) == 0)
        {
            return flow;
        }

        // No socket sends from or to port 0.
        return flow with
        {
            SourcePort = Math.Max((ushort)1, Edge(flow.SourcePort, aim.Selector.SourcePort, aim.Selector.SourcePortMask)),
            DestinationPort = Math.Max((ushort)1, Edge(flow.DestinationPort, aim.Selector.DestinationPort, aim.Selector.DestinationPortMask)),
        };
    }

    private static XfrmFlow Quiet(XfrmFlow flow, bool arrives) => flow.Protocol switch
    {
        IpProtocol.Tcp => flow with { Protocol = IpProtocol.Experiment253, SourcePort = 0, DestinationPort = 0 },
        IpProtocol.Udp when arrives => flow with { Protocol = IpProtocol.Sctp },
        IpProtocol.Icmp or IpProtocol.IcmpV6 when arrives => flow with { Protocol = IpProtocol.Experiment253, SourcePort = 0, DestinationPort = 0 },
        _ => flow,
    };

    // Inside the masked range, at its ends, or one past it.
    private ushort Edge(ushort drawn, ushort value, ushort mask) => random.Next(4) switch
    {
        0 => (ushort)((value & mask) | ~mask),
        1 => (ushort)(value & mask),
        2 => (ushort)(((value & mask) | ~mask) + 1),
        _ => (ushort)((value & mask) | (drawn & ~mask)),
    };

    private IpAddress Near(ImmutableArray<IpAddress> hosts, XfrmAddress? wanted, XfrmFamily? family)
    {
        if (wanted is { } address && family is { } known && hosts.Contains(address.In(known)) && random.Next(3) != 0)
        {
            return address.In(known);
        }

        return Pick(hosts);
    }

    private XfrmFlow Flow(IpAddress source, IpAddress destination, byte protocol)
    {
        (ushort sourcePort, ushort destinationPort) = protocol switch
        {
            IpProtocol.Udp or IpProtocol.Tcp => (Pick(Ports), Pick(Ports)),
            IpProtocol.Icmp => ((ushort)(random.Next(2) == 0 ? 0 : 9), (ushort)random.Next(2)),
            IpProtocol.IcmpV6 => ((ushort)(random.Next(2) == 0 ? 129 : 200), (ushort)random.Next(2)),
            _ => default,
        };
        return new XfrmFlow { Source = source, Destination = destination, Protocol = protocol, SourcePort = sourcePort, DestinationPort = destinationPort };
    }
}
