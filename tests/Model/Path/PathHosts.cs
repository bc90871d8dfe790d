using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>Hosts, SAs, policies and packets for tests of the paths.</summary>
internal static class PathHosts
{
    public const int WireSide = 2;
    public const int InnerSide = 3;

    public static IpAddress Near { get; } = IpAddress.Parse("192.0.2.1");

    public static IpAddress Far { get; } = IpAddress.Parse("192.0.2.2");

    public static IpAddress Hidden { get; } = IpAddress.Parse("198.51.100.10");

    public static IpAddress Remote { get; } = IpAddress.Parse("203.0.113.10");

    public static IpAddress Near6 { get; } = IpAddress.Parse("2001:db8:0:1::1");

    public static IpAddress Far6 { get; } = IpAddress.Parse("2001:db8:0:1::2");

    public static IpAddress Hidden6 { get; } = IpAddress.Parse("2001:db8:0:2::10");

    public static IpAddress Remote6 { get; } = IpAddress.Parse("2001:db8:0:3::10");

    /// <summary>A gateway: a wire side with its own address and a protected side.</summary>
    public static LinuxHost Gateway(LinuxRelease? release = null, int wireMtuBytes = 1500, bool mirrored = false) => new()
    {
        Databases = XfrmDatabases.Empty(release ?? LinuxRelease.Linux612),
        Devices =
        [
            LinuxDevice.Loopback,
            new LinuxDevice(WireSide, "wire0", wireMtuBytes) { Addresses = mirrored ? [Far, Far6] : [Near, Near6] },
            new LinuxDevice(InnerSide, "host0", 65000),
        ],
        Routes =
        [
            new LinuxRoute(new AddressPrefix(IpAddress.Parse("0.0.0.0"), 0), WireSide, mirrored ? Far : Near),
            new LinuxRoute(new AddressPrefix(IpAddress.Parse("::"), 0), WireSide, mirrored ? Far6 : Near6),
            new LinuxRoute(new AddressPrefix(mirrored ? Remote : Hidden, 24), InnerSide),
            new LinuxRoute(new AddressPrefix(mirrored ? Remote6 : Hidden6, 64), InnerSide),
        ],
        EncapsulationPorts = [4500],
        Settings = new LinuxSettings { XfrmInterfaces = true },
        Now = 1_000_000,
    };

    public static LinuxHost With(this LinuxHost host, params XfrmRequest[] requests)
    {
        foreach (XfrmRequest request in requests)
        {
            (XfrmDatabases next, XfrmAnswer answer, _) = host.Databases.Apply(request, host.Now);
            host = answer is XfrmAnswer.Done ? host with { Databases = next } : throw new ArgumentException($"{request}: {answer}", nameof(requests));
        }

        return host;
    }

    public static XfrmRequest.AddState Association(IpAddress from, IpAddress to, uint spi, XfrmMode mode = XfrmMode.Transport, Func<XfrmState, XfrmState>? change = null)
    {
        byte[] key = [.. Enumerable.Range(0, 20).Select(i => (byte)(spi + i))];
        XfrmState state = new()
        {
            Source = XfrmAddress.Of(from),
            Destination = XfrmAddress.Of(to),
            Spi = new Spi(spi),
            Family = XfrmFamilies.Of(from),
            Mode = mode,
            Flags = mode == XfrmMode.Tunnel ? XfrmStateFlags.UnspecifiedFamily : XfrmStateFlags.None,
            Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", ByteString.Adopt(key), 128),
            ReplayWindow = 32,
        };
        return new XfrmRequest.AddState(change?.Invoke(state) ?? state);
    }

    public static XfrmRequest.AddPolicy Rule(XfrmDirection direction, IpAddress from, IpAddress to, params XfrmTemplate[] templates) =>
        Rule(direction, from, to, null, templates);

    public static XfrmRequest.AddPolicy Rule(
        XfrmDirection direction, IpAddress from, IpAddress to, Func<XfrmPolicy, XfrmPolicy>? change, params XfrmTemplate[] templates)
    {
        XfrmPolicy policy = new()
        {
            Selector = XfrmSelector.Of(AddressPrefix.Host(from), AddressPrefix.Host(to)),
            Direction = direction,
            Priority = 100,
            Templates = [.. templates],
        };
        return new XfrmRequest.AddPolicy(change?.Invoke(policy) ?? policy);
    }

    public static XfrmTemplate Transport(bool optional = false) => new() { Mode = XfrmMode.Transport, Optional = optional };

    public static XfrmTemplate Tunnel(IpAddress from, IpAddress to, XfrmMode mode = XfrmMode.Tunnel, bool optional = false) => new()
    {
        Mode = mode,
        Source = XfrmAddress.Of(from),
        Destination = XfrmAddress.Of(to),
        Family = XfrmFamilies.Of(from),
        Optional = optional,
    };

    public static ByteString Udp(IpAddress from, IpAddress to, int dataBytes = 32, IpPacketOptions? options = null, ushort port = 2000) =>
        ByteString.Adopt(IpPackets.Udp(from, to, 1000, port, new byte[dataBytes], options));

    public static PathResult Send(this LinuxHost host, ByteString packet) =>
        TransmitPath.Linux.Send(host, packet, new PacketOrigin.Local(SocketKind.Ordinary));

    public static PathResult Receive(this LinuxHost host, ByteString packet, int device = WireSide) => ReceivePath.Linux.Receive(host, packet, device);

    public static ImmutableArray<ByteString> Sent(this PathResult result, int device = WireSide) =>
        [.. result.Events.OfType<PathEvent.Sent>().Where(e => e.Device == device).Select(e => e.Packet)];

    public static ImmutableArray<ByteString> Delivered(this PathResult result) => [.. result.Events.OfType<PathEvent.Delivered>().Select(e => e.Packet)];

    public static PathEvent.Dropped? Drop(this PathResult result) => result.Events.OfType<PathEvent.Dropped>().LastOrDefault();

    public static string Decision(this PathResult result, string stage) => result.Reports.Last(r => r.Stage == stage).Decided;
}
