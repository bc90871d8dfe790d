using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>The model of Linux's IPsec run as an implementation: databases, transmit and receive path of one host.</summary>
/// <remarks>Devices, addresses and routes are those that a live kernel gets; what is added to them stays for the life of the target.</remarks>
internal sealed class ReferenceXfrm
{
    private const int Wire = 2;
    private const int Host = 3;
    private const int MtuBytes = 65000;
    private const ushort NatTraversalPort = 4500;
    private const ulong FirstSecond = 1_700_000_000;
    private static readonly AddressSet[] Plan = [AddressPlan.Ipv4, AddressPlan.Ipv4Sentinel, AddressPlan.Ipv6, AddressPlan.Ipv6Sentinel];
    private readonly TransmitPath _transmit;
    private readonly ReceivePath _receive;
    private readonly Mutant? _mutant;
    private LinuxHost _host;
    private TimeSpan _fraction;

    /// <summary>A host with empty databases, with one planted fault or none.</summary>
    public ReferenceXfrm(Mutant? mutant)
    {
        _mutant = mutant;
        _transmit = mutant?.Linux(TransmitPath.Linux) ?? TransmitPath.Linux;
        _receive = mutant?.Linux(ReceivePath.Linux) ?? ReceivePath.Linux;
        _host = Configured();
    }

    /// <summary>Empties databases and counters.</summary>
    public void Reset() => _host = Configured() with { Now = _host.Now, Devices = _host.Devices, Routes = _host.Routes };

    /// <summary>A request to the databases.</summary>
    public XfrmAnswer Apply(XfrmRequest request, Action<Observation> observe)
    {
        (XfrmDatabases next, XfrmAnswer answer, ImmutableArray<XfrmNotification> told) = _host.Databases.Apply(_mutant?.Linux(request) ?? request, _host.Now);
        _host = _host with { Databases = _mutant?.Linux(next) ?? next };
        Tell(told, observe);
        return answer;
    }

    /// <summary>One more address on the unprotected side.</summary>
    public void AddAddress(IpAddress address)
    {
        LinuxDevice device = _host.Device(Wire);
        LinuxDevice changed = device with { Addresses = device.Addresses.Contains(address) ? device.Addresses : device.Addresses.Add(address) };
        _host = _host with { Devices = _host.Devices.Replace(device, changed) };
    }

    /// <summary>One more route.</summary>
    public void AddRoute(AddressPrefix destination, bool towardsWire, IpAddress? source)
    {
        LinuxRoute route = new(destination, towardsWire ? Wire : Host, source);
        _host = _host.Routes.Contains(route) ? _host : _host with { Routes = _host.Routes.Add(route) };
    }

    /// <summary>Takes a stimulus in and gives what came of it.</summary>
    public void Feed(Stimulus stimulus, Action<Observation> observe)
    {
        switch (stimulus)
        {
            case Stimulus.FromWire wire:
                Follow(_receive.Receive(_host, wire.Packet.Bytes, Wire, _transmit), hasSender: false, observe);
                break;
            case Stimulus.FromHost host when !IsOwn(host.Packet.Bytes):
                Follow(_receive.Receive(_host, host.Packet.Bytes, Host, _transmit), hasSender: false, observe);
                break;
            case Stimulus.FromHost host:
                Follow(_transmit.Send(_host, host.Packet.Bytes, new PacketOrigin.Local(), _receive), hasSender: true, observe);
                break;
            case Stimulus.FromSocket socket:
                Follow(_transmit.Send(_host, socket.Packet.Bytes, Origin(socket), _receive), hasSender: true, observe);
                break;
            case Stimulus.AdvanceClock clock:
                Age(clock.Span, observe);
                break;
        }
    }

    /// <summary>Counters that moved, by the kernel's names.</summary>
    public IReadOnlyDictionary<string, long> Counters => _host.Counters.ToDictionary(c => $"Xfrm{c.Key}", c => c.Value);

    private static LinuxHost Configured()
    {
        LinuxHost host = new()
        {
            Databases = XfrmDatabases.Empty(LinuxRelease.Linux612),
            Devices =
            [
                LinuxDevice.Loopback,
                new LinuxDevice(Wire, "wire0", MtuBytes) { Addresses = [.. Plan.Select(set => set.Target)] },
                new LinuxDevice(Host, "host0", MtuBytes),
            ],
            Routes =
            [
                .. Plan.SelectMany(set => new[]
                {
                    new LinuxRoute(AddressPrefix.Host(set.Peer), Wire, set.Target),
                    new LinuxRoute(AddressPrefix.Host(set.Remote), Wire),
                    new LinuxRoute(AddressPrefix.Host(set.Protected), Host),
                }),
            ],
            EncapsulationPorts = [NatTraversalPort],
            Settings = new LinuxSettings { EspOffloadIpv4 = true, EspOffloadIpv6 = true, XfrmInterfaces = true },
            Now = FirstSecond,
        };
        foreach (bool ipv6 in new[] { false, true })
        {
            host = host with { Databases = host.Databases.Apply(new XfrmRequest.AddPolicy(Bypass(ipv6)), host.Now).Next };
        }

        return host;
    }

    // As a live kernel is set up: the outer packets of ESP in UDP need to get in.
    private static XfrmPolicy Bypass(bool ipv6)
    {
        AddressPrefix any = new(new IpAddress(0, ipv6), 0);
        return new XfrmPolicy
        {
            Selector = XfrmSelector.Of(any, any) with { Protocol = IpProtocol.Udp, DestinationPort = NatTraversalPort, DestinationPortMask = ushort.MaxValue },
            Direction = XfrmDirection.In,
            Priority = 1,
        };
    }

    // Without a header of its own UDP has a socket of UDP, and everything else a raw one of its protocol.
    private static PacketOrigin.Local Origin(Stimulus.FromSocket socket)
    {
        bool udp = IpPacketView.TryParse(socket.Packet.Bytes.Span, out IpPacketView view, out _) && view.Protocol == IpProtocol.Udp;
        return new PacketOrigin.Local(socket.HeaderIncluded ? SocketKind.HeaderIncluded : udp ? SocketKind.Ordinary : SocketKind.Raw, socket.Mark);
    }

    private static void Tell(IEnumerable<XfrmNotification> told, Action<Observation> observe)
    {
        foreach (XfrmNotification notification in told)
        {
            observe(new Observation.Notice(notification));
        }
    }

    private bool IsOwn(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && _host.IsLocal(view.Source);

    private void Age(TimeSpan span, Action<Observation> observe)
    {
        _fraction += span;
        ulong seconds = (ulong)_fraction.TotalSeconds;
        _fraction -= TimeSpan.FromSeconds(seconds);
        _host = _host with { Now = _host.Now + seconds };
        (XfrmDatabases next, ImmutableArray<XfrmNotification> told) = _host.Databases.Advance(_host.Now);
        _host = _host with { Databases = next };
        Tell(told, observe);
    }

    private void Follow(PathResult result, bool hasSender, Action<Observation> observe)
    {
        _host = result.Next;
        foreach (PathEvent happened in result.Events)
        {
            Observation? seen = happened switch
            {
                PathEvent.Sent { Device: Wire } left => new Observation.ToWire(new Packet(left.Packet)),
                PathEvent.Sent left => new Observation.ToHost(new Packet(left.Packet)),
                PathEvent.Delivered delivered => new Observation.ToSocket(new Packet(delivered.Packet)),
                PathEvent.Dropped { Errno: > 0 } dropped when hasSender => new Observation.SendRefused(dropped.Errno),
                PathEvent.Notified notified => new Observation.Notice(notified.Notification),
                _ => null,
            };
            if (seen is not null)
            {
                observe(seen);
            }
        }
    }
}
