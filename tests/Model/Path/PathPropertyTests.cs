using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using static Conformance.Tests.Model.PacketPath.PathHosts;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>What holds for every packet.</summary>
public class PathPropertyTests
{
    private static readonly (IpAddress Near, IpAddress Far)[] Ends = [(Near, Far), (Near6, Far6)];
    private static readonly (IpAddress Hidden, IpAddress Remote)[] Hosts = [(Hidden, Remote), (Hidden6, Remote6)];

    /// <summary>What one gateway seals the other opens to what was sent, but for two hops less of TTL.</summary>
    [Test]
    public void ThroughTwoGateways_ComesOutWhatWentIn(
        [Values(XfrmMode.Tunnel, XfrmMode.Beet)] XfrmMode mode, [Values] bool ipv6Outside, [Values] bool ipv6Inside, [Values] bool udp, [Values] bool esn, [Values] bool offload)
    {
        (IpAddress near, IpAddress far) = Ends[ipv6Outside ? 1 : 0];
        (IpAddress hidden, IpAddress remote) = Hosts[ipv6Inside ? 1 : 0];
        XfrmRequest[] databases =
        [
            Association(near, far, 0x1000, mode, s => s with
            {
                Selector = XfrmSelector.Of(AddressPrefix.Host(hidden), AddressPrefix.Host(remote)),
                Encapsulation = udp ? new XfrmEncapsulation(2, 4500, 4500, default) : null,
                Flags = esn ? XfrmStateFlags.Esn : XfrmStateFlags.None,
                ReplayWindow = (byte)(esn ? 0 : 32),
                ReplayEsn = esn ? new XfrmReplayEsn(0, 0, 0, 0, 64, [0, 0]) : null,
            }),
            Rule(XfrmDirection.Out, hidden, remote, Tunnel(near, far, mode)),
            Rule(XfrmDirection.Forward, hidden, remote, p => p, Tunnel(near, far, mode), Transport(optional: true) with { Family = XfrmFamilies.Of(near) }),
        ];
        LinuxHost first = Offloading(Gateway(), offload).With(databases[..2]);
        LinuxHost second = Offloading(Gateway(mirrored: true), offload).With([databases[0], databases[2]]);
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), length =>
        {
            ByteString packet = Udp(hidden, remote, length.Get % 1300, new IpPacketOptions { TrafficClass = 0xb8 });
            PathResult sealedAt = first.Receive(packet, InnerSide);
            (first, second, ByteString opened) = Through(sealedAt, second);
            byte[] expected = packet.ToArray();
            expected[ipv6Inside ? 7 : 8] -= 2;

            // BEET rebuilds the inner header from the outer one, and IPv6 has no identification, nor leave to fragment.
            if (mode == XfrmMode.Beet && ipv6Outside && !ipv6Inside)
            {
                (expected[4], expected[5], expected[6]) = (0, 0, 0x40);
            }

            IpPackets.FinishHeader(expected);
            return opened == ByteString.Adopt(expected);
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void BetweenTwoHosts_ComesOutWhatWentIn([Values] bool ipv6, [Values] bool offload, [Values(1, 2, 3)] int layers)
    {
        (IpAddress near, IpAddress far) = Ends[ipv6 ? 1 : 0];
        XfrmTemplate[] templates = [.. Enumerable.Range(1, layers).Select(i => Transport() with { RequestId = (uint)i, Family = XfrmFamilies.Of(near) })];
        XfrmRequest[] associations = [.. Enumerable.Range(1, layers).Select(i => Association(near, far, 0x1000 + (uint)i, change: s => s with { RequestId = (uint)i }))];
        LinuxHost sender = Offloading(Gateway(), offload).With([.. associations, Rule(XfrmDirection.Out, near, far, templates)]);
        LinuxHost receiver = Offloading(Gateway(mirrored: true), offload).With([.. associations, Rule(XfrmDirection.In, near, far, templates)]);
        ByteString packet = Udp(near, far);
        PathResult sent = sender.Send(packet);
        Assert.That(receiver.Receive(sent.Sent().Single()).Delivered().Single(), Is.EqualTo(packet));
    }

    /// <summary>With blocking defaults nothing is delivered, forwarded or sent that no policy admits.</summary>
    [Test]
    public void NothingPassesThatNoPolicyAdmits() => Prop.ForAll(XfrmWorlds.Any, world =>
    {
        LinuxHost host = HostOf(world).With(new XfrmRequest.SetDefault(XfrmAction.Block, XfrmAction.Block, XfrmAction.Block));
        return world.Probes.All(probe =>
        {
            XfrmPolicyDatabase spd = host.Databases.Policies;
            PathResult result = Probe(host, probe);
            bool Admits(XfrmDirection direction, ByteString packet, int device) =>
                IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && spd.Decide(XfrmFlow.OfPacket(view, device), direction) is { IsDefault: false, Blocks: false };
            return result.Delivered().All(packet => Admits(XfrmDirection.In, packet, 1))
                && result.Events.OfType<PathEvent.Sent>().All(sent => IsEsp(sent.Packet) || Admits(XfrmDirection.Out, sent.Packet, probe is XfrmProbe.Local ? 0 : sent.Device));
        });
    }).QuickCheckThrowOnFailure();

    [Test]
    public void SameHostAndPacket_GiveTheSameEventsAndReports() => Prop.ForAll(XfrmWorlds.Any, world => world.Probes.All(probe =>
    {
        LinuxHost host = HostOf(world);
        (PathResult first, PathResult second) = (Probe(host, probe), Probe(host, probe));
        return first.Reports.Select(r => r.ToString()).SequenceEqual(second.Reports.Select(r => r.ToString()))
            && first.Events.OfType<PathEvent.Sent>().SequenceEqual(second.Events.OfType<PathEvent.Sent>())
            && first.Delivered().SequenceEqual(second.Delivered()) && first.Next.Counters.SequenceEqual(second.Next.Counters);
    })).QuickCheckThrowOnFailure();

    [Test]
    public void EveryPacket_EndsInExactlyOneWay() => Prop.ForAll(XfrmWorlds.Any, world => world.Probes.All(probe =>
    {
        PathResult result = Probe(HostOf(world), probe);
        int errors = result.Events.OfType<PathEvent.IcmpError>().Count();
        int ends = result.Events.Count(e => e is PathEvent.Sent or PathEvent.Delivered or PathEvent.Dropped or PathEvent.Queued or PathEvent.Held or PathEvent.Unsupported);
        return ends == 1 + errors;
    })).QuickCheckThrowOnFailure();

    private static LinuxHost Offloading(LinuxHost host, bool offload) =>
        host with { Settings = host.Settings with { EspOffloadIpv4 = offload, EspOffloadIpv6 = offload } };

    private static (LinuxHost First, LinuxHost Second, ByteString Opened) Through(PathResult sealedAt, LinuxHost second)
    {
        PathResult opened = second.Receive(sealedAt.Sent().Single());
        return (sealedAt.Next, opened.Next, opened.Sent(InnerSide).Single());
    }

    private static bool IsEsp(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && view.Protocol == IpProtocol.Esp;

    private static PathResult Probe(LinuxHost host, XfrmProbe probe) => probe switch
    {
        XfrmProbe.Local => host.Send(probe.Plain),
        XfrmProbe.Forwarded => host.Receive(probe.Plain, InnerSide),
        _ => host.Receive(probe.Plain),
    };

    private static LinuxHost HostOf(XfrmWorld world)
    {
        LinuxHost host = new()
        {
            Databases = XfrmDatabases.Empty(LinuxRelease.Linux612),
            Devices =
            [
                LinuxDevice.Loopback,
                new LinuxDevice(WireSide, "wire0", 1500) { Addresses = [.. XfrmAddresses.Ipv4.Local, .. XfrmAddresses.Ipv6.Local] },
                new LinuxDevice(InnerSide, "host0", 1500),
            ],
            Routes =
            [
                .. new[] { XfrmAddresses.Ipv4, XfrmAddresses.Ipv6 }.SelectMany(space => new[]
                {
                    new LinuxRoute(space.WireNetwork, WireSide, space.Local[0]),
                    new LinuxRoute(space.ProtectedNetwork, InnerSide, space.Local[0]),
                }),
            ],
            Now = 1_000_000,
        };
        foreach (XfrmRequest request in world.Requests)
        {
            // What a world asks may be refused, and that is that.
            host = host with { Databases = host.Databases.Apply(request, host.Now).Next };
        }

        return host;
    }
}
