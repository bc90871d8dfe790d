using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>Draws one world: policies that overlap, SAs that nearly fit, packets at the edges of both.</summary>
/// <param name="random">Local generator.</param>
/// <param name="features">What it draws beyond the plain.</param>
internal sealed partial class XfrmWorldBuilder(Random random, XfrmFeatures features)
{
    // More SAs would make the kernel grow its hash table, which turns chains around.
    private const int MostStates = 7;
    private const int ProbesPerWorld = 8;
    private const int MostRequestIds = 3;
    private static readonly ushort[] Ports = [1, 7, 8, 0x00ff, 0x0100, 0xfff0, 0xffff];
    private static readonly ushort[] PortMasks = [0, 0, 0, 0xffff, 0xffff, 0xfff8, 0x00ff, 0x8000];
    private readonly XfrmTwists _twists = new(random, features);
    private readonly List<XfrmPolicy> _policies = [];
    private readonly List<XfrmState> _states = [];
    private readonly List<XfrmProbe> _probes = [];

    /// <summary>The world.</summary>
    public XfrmWorld Build()
    {
        int connections = random.Next(1, 5);
        for (int i = 0; i < connections; i++)
        {
            AddConnection(random.Next(4) == 0);
        }

        _policies.AddRange(_twists.More());

        ImmutableArray<XfrmRequest> requests =
        [
            .. _policies.Select(p => new XfrmRequest.AddPolicy(p)),
            .. _states.Select(s => new XfrmRequest.AddState(s)),
        ];
        if (random.Next(6) == 0)
        {
            requests = requests.Add(new XfrmRequest.SetDefault(Action(), Action(), Action()));
        }

        while (_probes.Count < ProbesPerWorld)
        {
            _probes.Add(Probe());
        }

        return new XfrmWorld(requests, [.. _probes]);
    }

    private XfrmAction Action() => random.Next(3) == 0 ? XfrmAction.Block : XfrmAction.Allow;

    // An outbound policy, often its mirror images, often the SAs of both, each perhaps off by something.
    private void AddConnection(bool ipv6)
    {
        XfrmAddresses space = XfrmAddresses.Of(ipv6);
        bool own = random.Next(2) == 0;
        IpAddress near = own ? Pick(space.Local) : Pick(space.Protected);
        IpAddress far = Pick(space.Wire);
        XfrmSelector selector = Selector(near, far, ipv6);
        ImmutableArray<XfrmTemplate> templates = Templates(ipv6);
        Add(new XfrmPolicy
        {
            Selector = selector,
            Direction = XfrmDirection.Out,
            Priority = (uint)random.Next(4),
            Action = random.Next(8) == 0 ? XfrmAction.Block : XfrmAction.Allow,
            Templates = templates,
        });
        foreach (XfrmTemplate template in templates)
        {
            AddStates(template, near, far, selector, ipv6);
        }

        XfrmSelector back = Mirror(selector);
        foreach (XfrmDirection direction in new[] { XfrmDirection.In, XfrmDirection.Forward })
        {
            if (random.Next(4) != 0)
            {
                Add(new XfrmPolicy
                {
                    Selector = random.Next(4) == 0 ? Selector(far, near, ipv6) : back,
                    Direction = direction,
                    Priority = (uint)random.Next(4),
                    Action = random.Next(10) == 0 ? XfrmAction.Block : XfrmAction.Allow,
                    Templates = [.. templates.Select(Mirror)],
                });
            }
        }

        foreach (XfrmTemplate template in templates)
        {
            AddStates(Mirror(template), far, near, back, ipv6);
        }
    }

    private void Add(XfrmPolicy policy)
    {
        // Two policies of one selector and direction are one: the second would be refused.
        policy = _twists.Of(policy);
        if (!_policies.Any(p => p.Direction == policy.Direction && p.Selector == policy.Selector && p.Mark == policy.Mark && p.InterfaceId == policy.InterfaceId && p.Type == policy.Type))
        {
            _policies.Add(policy);
        }
    }

    private ImmutableArray<XfrmTemplate> Templates(bool ipv6)
    {
        int most = _twists.Has(XfrmFeatures.Alternatives) ? random.Next(2, 5) : _twists.Has(XfrmFeatures.Nested) ? 2 : 1;
        int count = random.Next(10) switch { < 2 => 0, < 5 => 1, < 8 => _twists.Has(XfrmFeatures.Alternatives) ? most : 1, _ => most };
        return [.. Enumerable.Range(0, count).Select(i => Template(ipv6, mayBeTransport: i == 0 || random.Next(2) == 0))];
    }

    private XfrmTemplate Template(bool ipv6, bool mayBeTransport)
    {
        XfrmMode mode = mayBeTransport && random.Next(2) == 0 ? XfrmMode.Transport : random.Next(6) == 0 && _twists.Has(XfrmFeatures.Nested) ? XfrmMode.Beet : XfrmMode.Tunnel;
        bool outerIpv6 = mode == XfrmMode.Transport ? ipv6 : random.Next(5) == 0 ? !ipv6 : ipv6;
        XfrmAddresses outer = XfrmAddresses.Of(outerIpv6);
        return _twists.Of(new XfrmTemplate
        {
            Mode = mode,
            Family = outerIpv6 ? XfrmFamily.Ipv6 : XfrmFamily.Ipv4,
            Source = mode == XfrmMode.Transport ? default : XfrmAddress.Of(Pick(outer.Local)),
            Destination = mode == XfrmMode.Transport ? default : XfrmAddress.Of(Pick(outer.Wire)),
            RequestId = (uint)random.Next(MostRequestIds),
            Optional = mode != XfrmMode.Beet && random.Next(_twists.Has(XfrmFeatures.Alternatives) ? 2 : 8) == 0,
        });
    }

    // Where SAs have limits one that is nearly spent often has its successor beside it.
    private void AddStates(XfrmTemplate template, IpAddress source, IpAddress destination, XfrmSelector selector, bool ipv6)
    {
        AddState(template, source, destination, selector, ipv6);
        if (_twists.Has(XfrmFeatures.Limits) && random.Next(2) == 0)
        {
            AddState(template, source, destination, selector, ipv6);
        }
    }

    private void AddState(XfrmTemplate template, IpAddress source, IpAddress destination, XfrmSelector selector, bool ipv6)
    {
        if (random.Next(5) == 0 || _states.Count == MostStates)
        {
            return;
        }

        bool own = template.HasOwnAddresses;
        bool outerIpv6 = own ? template.Family == XfrmFamily.Ipv6 : ipv6;
        XfrmAddress from = own ? template.Source : XfrmAddress.Of(source);
        XfrmAddress to = own ? template.Destination : XfrmAddress.Of(destination);
        XfrmAddresses space = XfrmAddresses.Of(outerIpv6);
        int twist = random.Next(12);
        XfrmAlgorithm[] algorithms = XfrmKeyring.Draw(random);
        XfrmState state = new()
        {
            Source = twist == 0 ? XfrmAddress.Of(Pick(space.All)) : from,
            Destination = twist == 1 ? XfrmAddress.Of(Pick(space.All)) : to,
            Family = outerIpv6 ? XfrmFamily.Ipv6 : XfrmFamily.Ipv4,
            Spi = new Spi((uint)(0x1000 + _states.Count)),
            Mode = twist == 2 && template.Mode != XfrmMode.Beet ? (template.Mode == XfrmMode.Tunnel ? XfrmMode.Transport : XfrmMode.Tunnel) : template.Mode,
            RequestId = twist == 3 ? (uint)random.Next(MostRequestIds) : template.RequestId,
            Selector = template.Mode == XfrmMode.Beet ? Whole(selector) : random.Next(3) switch
            {
                0 => selector,
                1 when own && random.Next(3) == 0 => Selector(source, destination, ipv6),
                _ => own ? Unselective(ipv6) : new XfrmSelector(),
            },
            Combined = algorithms.Length == 1 ? algorithms[0] : null,
            Encryption = algorithms.Length == 2 ? algorithms[0] : null,
            Integrity = algorithms.Length == 2 ? algorithms[1] : null,
            ReplayWindow = 32,
        };
        _states.Add(_twists.Of(state, IsInbound(state), _states));
    }

    // BEET takes the inner addresses from the selector, which must therefore be whole ones.
    private static XfrmSelector Whole(XfrmSelector selector)
    {
        byte bits = (byte)XfrmFamilies.AddressBits(selector.Family);
        return new XfrmSelector
        {
            Family = selector.Family,
            Source = selector.Source,
            SourceBits = bits,
            Destination = selector.Destination,
            DestinationBits = bits,
        };
    }

    private static XfrmSelector Unselective(bool ipv6) => new() { Family = ipv6 ? XfrmFamily.Ipv6 : XfrmFamily.Ipv4 };

    private XfrmSelector Selector(IpAddress source, IpAddress destination, bool ipv6)
    {
        XfrmSelector selector = XfrmSelector.Of(Prefix(source), Prefix(destination));
        if (random.Next(2) == 0)
        {
            return selector;
        }

        byte protocol = Pick(XfrmPackets.Protocols(ipv6));
        bool hasPorts = protocol != IpProtocol.Experiment253;
        (ushort sourceMask, ushort destinationMask) = hasPorts ? (Pick(PortMasks), Pick(PortMasks)) : default;
        XfrmFlow flow = Flow(source, destination, protocol);
        return selector with
        {
            Protocol = protocol,
            SourcePort = sourceMask == 0 ? (ushort)0 : flow.SourcePort,
            SourcePortMask = sourceMask,
            DestinationPort = destinationMask == 0 ? (ushort)0 : flow.DestinationPort,
            DestinationPortMask = destinationMask,
        };
    }

    private AddressPrefix Prefix(IpAddress address)
    {
        int width = address.IsIpv6 ? 128 : 32;
        int free = random.Next(8) switch { 0 => width, 1 => width / 4, 2 => 3, 3 => 2, 4 => 1, _ => 0 };
        return new AddressPrefix(address, width - free);
    }

    private static XfrmSelector Mirror(XfrmSelector s)
    {
        bool icmp = s.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
        return s with
        {
            Source = s.Destination,
            SourceBits = s.DestinationBits,
            Destination = s.Source,
            DestinationBits = s.SourceBits,
            SourcePort = icmp ? s.SourcePort : s.DestinationPort,
            SourcePortMask = icmp ? s.SourcePortMask : s.DestinationPortMask,
            DestinationPort = icmp ? s.DestinationPort : s.SourcePort,
            DestinationPortMask = icmp ? s.DestinationPortMask : s.SourcePortMask,
        };
    }

    private static XfrmTemplate Mirror(XfrmTemplate t) => t with { Source = t.Destination, Destination = t.Source };

    private T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
