using System.Buffers.Binary;
using System.Text;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Profiles.LinuxXfrm.Translation;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Targets.Linux;

/// <summary>The two sides of a Linux stack behind an agent: TUN devices, addresses, routes, raw sockets.</summary>
/// <remarks>
/// wire0 is the unprotected side. Tunnel and BEET traffic is forwarded between it and host0. In transport mode the stack is
/// the endpoint itself: plain packets leave and arrive through raw sockets. With <paramref name="offloads"/> host0 carries
/// super-packets, and what arrives on wire0 goes through GRO, in polls of all that was written before the agent slept.
/// With <paramref name="ethernet"/> wire0 is an Ethernet device that asks nobody for addresses, else it carries bare IP packets.
/// </remarks>
/// <param name="channel">The agent.</param>
/// <param name="offloads">True for super-packets and merging.</param>
/// <param name="release">Release of the kernel.</param>
/// <param name="ethernet">True for a wire0 that carries Ethernet.</param>
/// <param name="hasDaemon">True where a daemon opens the ports of IKE, 4500 among them.</param>
internal sealed partial class LinuxNetwork(AgentChannel channel, bool offloads, string release, bool ethernet = false, bool hasDaemon = false)
{
    /// <summary>Handle of wire0.</summary>
    public const byte WireHandle = 1;

    /// <summary>Handle of host0.</summary>
    public const byte HostHandle = 2;

    /// <summary>Handle of the raw sockets of the suite's own protocol.</summary>
    public const byte RawHandle = 3;

    /// <summary>Handle of the raw sockets of other protocols.</summary>
    public const byte SocketHandle = 4;

    private const byte Decapsulates = 1;
    private const byte TakesMerged = 2;


    // XFRMNLGRP_ACQUIRE is group 1, XFRMNLGRP_EXPIRE group 2.
    private const byte AcquireAndExpireGroups = 0b11;

    private const ushort NatTraversalPort = 4500;
    /// <summary>MTU of both sides, in bytes.</summary>
    public const uint MtuBytes = 65000;
    // IFF_TUN, IFF_TAP; IFF_NO_PI; IFF_NAPI; IFF_VNET_HDR.
    private const ushort CarriesIp = 0x0001;
    private const ushort CarriesEthernet = 0x0002;
    private const ushort WithoutInfo = 0x1000;
    private const ushort PollsLikeACard = 0x0010;
    private const ushort HasVirtioHeader = 0x4000;

    private const byte AfInet = 2;
    private const byte AfInet6 = 10;
    private const string Wire = "wire0";
    private const string Host = "host0";
    private static readonly byte[] LocalProtocols = [IpProtocol.Icmp, IpProtocol.Sctp];
    private static readonly byte[] LocalProtocolsIpv6 = [IpProtocol.IcmpV6, IpProtocol.Sctp];
    private readonly Dictionary<string, int> _indexes = [];
    private EthernetFraming? _framing;


    /// <summary>True when the stack has IPv6.</summary>
    public bool HasIpv6 { get; private set; }

    /// <summary>True when host0 carries super-packets of UDP too.</summary>
    public bool CutsUdp { get; private set; }

    /// <summary>True when it decapsulates ESP in UDP.</summary>
    public bool HasUdpEncapsulation { get; private set; }

    /// <summary>The two devices between which traffic is forwarded.</summary>
    public XfrmBoundary Boundary { get; private set; }

    /// <summary>Makes devices, addresses and routes.</summary>
    /// <exception cref="TargetUnavailableException">Something that IPsec needs is missing; the message says what.</exception>
    public void Configure()
    {
        HasIpv6 = channel.AskStatus(Operation.OpenRaw, [RawHandle, AfInet6, IpProtocol.Experiment253]) == 0;
        Require(channel.AskStatus(Operation.OpenRaw, [RawHandle, AfInet, IpProtocol.Experiment253]), "a raw socket");
        OpenTun(WireHandle, Wire, (ushort)((ethernet ? CarriesEthernet : CarriesIp) | (offloads ? PollsLikeACard : 0)));
        OpenTun(HostHandle, Host, (ushort)(CarriesIp | (offloads ? HasVirtioHeader : 0)));
        ConfigureSysctls();
        if (ethernet)
        {
            _framing = new EthernetFraming([.. ReadFile($"/sys/class/net/{Wire}/address").Trim().Split(':').Select(octet => Convert.ToByte(octet, 16))]);
            Route(RouteMessages.WithoutNeighbours(Wire), $"{Wire} without address resolution");
        }

        Route(RouteMessages.LinkUp("lo", null), "lo up");
        ConfigureSide(Wire, s => [s.Target], s => [s.Peer, s.Remote]);
        ConfigureSide(Host, _ => [], s => [s.Protected]);
        if (offloads)
        {
            ConfigureOffload();
        }

        Boundary = new XfrmBoundary(DeviceIndex(Wire), DeviceIndex(Host));
        foreach (byte protocol in LocalProtocols)
        {
            Require(channel.AskStatus(Operation.OpenRaw, [SocketHandle, AfInet, protocol]), "a raw socket");
        }

        foreach (byte protocol in HasIpv6 ? LocalProtocolsIpv6 : [])
        {
            Require(channel.AskStatus(Operation.OpenRaw, [SocketHandle, AfInet6, protocol]), "a raw socket");
        }

        Require(channel.AskStatus(Operation.JoinGroups, [XfrmRequestWriter.Protocol, AcquireAndExpireGroups, 0, 0, 0]), "the groups of XFRM");
        byte flags = (byte)(Decapsulates | (OpensEspInUdpEarly ? TakesMerged : 0));
        HasUdpEncapsulation = hasDaemon || (OpenUdp(AfInet, NatTraversalPort, flags) && (!HasIpv6 || OpenUdp(AfInet6, NatTraversalPort, flags)));
    }

    /// <summary>A datagram as wire0 takes it.</summary>
    public ByteString Framed(Packet packet) => _framing?.Frame(packet) ?? packet.Bytes;

    /// <summary>The datagram in what wire0 gave; empty where it is none.</summary>
    public Packet Unframed(ByteString bytes) => ethernet ? EthernetFraming.Unframe(bytes) : new Packet(bytes);

    /// <summary>Empties SAD and SPD, except for the bypass that ESP in UDP needs.</summary>
    public void Flush() => RequireAll([new XfrmRequest.FlushStates(), new XfrmRequest.SetDefault(XfrmAction.Allow, XfrmAction.Allow, XfrmAction.Allow), .. EmptySpd]);

    /// <summary>Lets nothing in and forwards nothing that no policy names, until the next <see cref="Flush"/>; false before Linux 5.15, which has no defaults.</summary>
    public bool BlocksByDefault() => Xfrm(new XfrmRequest.SetDefault(XfrmAction.Block, XfrmAction.Block, XfrmAction.Allow)) is not XfrmAnswer.Refused;

    /// <summary>Empties the SPD, except for the bypass that ESP in UDP needs.</summary>
    public void FlushPolicies() => RequireAll(EmptySpd);

    /// <summary>One XFRM request.</summary>
    public XfrmAnswer Xfrm(XfrmRequest request) => KernelReplies.ReadAnswer(request, Netlink(XfrmRequestWriter.Write(request)));

    /// <summary>Many XFRM requests in one exchange with the agent; answers in order.</summary>
    public IReadOnlyList<XfrmAnswer> XfrmAll(IReadOnlyList<XfrmRequest> requests) =>
    [
        .. channel.AskAll(Operation.Netlink, [.. requests.Select(r => (byte[])[XfrmRequestWriter.Protocol, .. XfrmRequestWriter.Write(r).ToBytes()])])
            .Select((answer, i) => KernelReplies.ReadAnswer(requests[i], answer)),
    ];

    /// <summary>One XFRM message; the datagrams of the answer as they came.</summary>
    public byte[] Netlink(NetlinkMessage message) => channel.Ask(Operation.Netlink, [XfrmRequestWriter.Protocol], message.ToBytes());

    /// <summary>Gives wire0 one more address; errno, 0 also where it has it already.</summary>
    public NetlinkStatus AddAddress(IpAddress address) => Tolerant(RouteMessages.Address(DeviceIndex(Wire), address));

    /// <summary>Routes a prefix to a side; errno, 0 also where the route is there already.</summary>
    public NetlinkStatus AddRoute(AddressPrefix prefix, bool towardsWire, IpAddress? source) =>
        Tolerant(RouteMessages.Route(DeviceIndex(towardsWire ? Wire : Host), prefix, source));

    /// <summary>A text file of the guest; empty if it cannot be read.</summary>
    public string ReadFile(string path)
    {
        byte[] answer = channel.Ask(Operation.ReadFile, Encoding.UTF8.GetBytes(path));
        return BinaryPrimitives.ReadInt32LittleEndian(answer) == 0 ? Encoding.UTF8.GetString(answer.AsSpan(4)) : "";
    }

    private static void Require(int errno, string what)
    {
        if (errno != 0)
        {
            throw new TargetUnavailableException($"{what} cannot be had: {Describe(errno)}");
        }
    }

    private static string Describe(int errno) => $"{new System.ComponentModel.Win32Exception(errno).Message} (errno {errno})";

    private int DeviceIndex(string device)
    {
        if (!_indexes.TryGetValue(device, out int index))
        {
            index = int.Parse(ReadFile($"/sys/class/net/{device}/ifindex").Trim(), System.Globalization.CultureInfo.InvariantCulture);
            _indexes.Add(device, index);
        }

        return index;
    }

    private void OpenTun(byte handle, string device, ushort kind)
    {
        byte[] head = [handle, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(1), (ushort)(WithoutInfo | kind));
        Require(channel.AskStatus(Operation.OpenTun, head, Encoding.UTF8.GetBytes(device)), "a TUN device (module tun)");
    }

    // Before 6.7 coalescing joins ESP in UDP for such a socket instead of opening it.
    private bool OpensEspInUdpEarly => offloads && Version.TryParse(release.Split('-')[0], out Version? version) && version >= new Version(6, 7);

    private bool OpenUdp(byte family, ushort port, byte flags) =>
        channel.AskStatus(Operation.OpenUdp, [family, (byte)port, (byte)(port >> 8), flags]) == 0;

    private void ConfigureSysctls()
    {
        foreach ((string path, string value) in new[]
        {
            ("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0"),
            ("ipv4/conf/wire0/rp_filter", "0"), ("ipv4/conf/host0/rp_filter", "0"), ("ipv4/icmp_ratelimit", "0"),
            ("ipv6/conf/all/forwarding", "1"), ("ipv6/conf/all/accept_ra", "0"), ("ipv6/conf/all/accept_dad", "0"),
            ("ipv6/conf/wire0/addr_gen_mode", "1"), ("ipv6/conf/host0/addr_gen_mode", "1"),
            ("ipv6/conf/wire0/router_solicitations", "0"), ("ipv6/conf/host0/router_solicitations", "0"),
        })
        {
            // IPv6 paths are absent where the kernel has no IPv6; everything else has these.
            int errno = channel.AskStatus(Operation.WriteFile, Encoding.UTF8.GetBytes($"/proc/sys/net/{path}\0"), Encoding.UTF8.GetBytes(value));
            if (errno != 0 && !path.StartsWith("ipv6", StringComparison.Ordinal))
            {
                throw new TargetUnavailableException($"sysctl net/{path} cannot be set: errno {errno}");
            }
        }
    }

    private AddressSet[] Sets => HasIpv6
        ? [AddressPlan.Ipv4, AddressPlan.Ipv4Sentinel, AddressPlan.Ipv6, AddressPlan.Ipv6Sentinel]
        : [AddressPlan.Ipv4, AddressPlan.Ipv4Sentinel];

    private void ConfigureSide(string device, Func<AddressSet, IpAddress[]> own, Func<AddressSet, IpAddress[]> reachable)
    {
        Route(RouteMessages.LinkUp(device, MtuBytes), $"{device} up");
        int index = DeviceIndex(device);
        foreach (AddressSet set in Sets)
        {
            foreach (IpAddress address in own(set))
            {
                Route(RouteMessages.Address(index, address), $"address {address}");
            }

            foreach (IpAddress address in reachable(set))
            {
                // A raw packet's policy lookup takes its source from the route, not from the packet.
                IpAddress? source = address == set.Peer ? set.Target : null;
                Route(RouteMessages.Route(index, AddressPrefix.Host(address), source), $"route to {address}");
            }
        }
    }

    private NetlinkStatus Ask(byte[] request) => KernelReplies.ReadStatus(channel.Ask(Operation.Netlink, [RouteMessages.Protocol], request));

    private void Route(byte[] request, string what)
    {
        NetlinkStatus status = Ask(request);
        if (!status.Done)
        {
            throw new TargetUnavailableException($"{what}: {status}");
        }
    }

    // A later default policy than 5.13 is not there, and then all is allowed anyhow.
    private void RequireAll(IReadOnlyList<XfrmRequest> requests)
    {
        foreach ((XfrmRequest request, XfrmAnswer answer) in requests.Zip(XfrmAll(requests)))
        {
            if (answer is XfrmAnswer.Refused refused && request is not XfrmRequest.SetDefault)
            {
                throw new TargetUnavailableException($"{request.GetType().Name}: {new NetlinkStatus(refused.Errno, refused.Reason)}");
            }
        }
    }

    private static XfrmRequest.AddPolicy BypassOfUdp(bool ipv6) => new(XfrmTranslation.UdpBypass(ipv6, NatTraversalPort));

    // A daemon has policies of its sockets that let its own packets pass.
    private XfrmRequest[] EmptySpd => hasDaemon ? [new XfrmRequest.FlushPolicies()]
        : HasIpv6
        ? [new XfrmRequest.FlushPolicies(), BypassOfUdp(false), BypassOfUdp(true)]
        : [new XfrmRequest.FlushPolicies(), BypassOfUdp(false)];

    private NetlinkStatus Tolerant(byte[] request)
    {
        NetlinkStatus status = Ask(request);
        return status.Errno == Errno.Eexist ? default : status;
    }
}
