using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.PacketPath.PathHosts;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>What the stages before the transform decide.</summary>
public class TransmitStageTests
{
    private static ByteString Packet { get; } = Udp(Near, Far);

    [Test]
    public void NoPolicy_PassesInClear() => Assert.That(Gateway().Send(Packet).Sent().Single(), Is.EqualTo(Packet));

    [Test]
    public void BlockingPolicy_RefusesWithEpermAndCounter()
    {
        PathResult result = Gateway().With(Rule(XfrmDirection.Out, Near, Far, p => p with { Action = XfrmAction.Block })).Send(Packet);
        Assert.That((result.Drop()!.Counter, result.Drop()!.Errno), Is.EqualTo(((XfrmCounter?)XfrmCounter.OutPolBlock, Errno.Eperm)));
        Assert.That(result.Next.Counters[XfrmCounter.OutPolBlock], Is.EqualTo(1));
    }

    [Test]
    public void BlockingDefault_RefusesWithEperm_AndNoCounter()
    {
        PathResult result = Gateway().With(new XfrmRequest.SetDefault(null, null, XfrmAction.Block)).Send(Packet);
        Assert.That((result.Drop()!.Counter, result.Drop()!.Errno), Is.EqualTo(((XfrmCounter?)null, Errno.Eperm)));
    }

    [Test]
    public void BlockingDefault_LetsTheHostTalkToItself()
    {
        LinuxHost host = Gateway().With(new XfrmRequest.SetDefault(null, null, XfrmAction.Block));
        Assert.That(host.Send(Udp(Near, Near)).Delivered(), Has.Length.EqualTo(1));
    }

    [Test]
    public void NoRoute_TellsTheSender() => Assert.That((Gateway() with { Routes = [] }).Send(Packet).Drop()!.Errno, Is.EqualTo(101));

    [Test]
    public void RawSocketWithOwnHeader_AsksWithProtocol255AndTheSourceOfTheRoute()
    {
        IpAddress second = IpAddress.Parse("192.0.2.77");
        LinuxHost host = Gateway();
        host = (host with { Devices = host.Devices.SetItem(1, host.Device(WireSide) with { Addresses = [Near, second] }) })
            .With(Rule(XfrmDirection.Out, Near, Far, p => p with { Action = XfrmAction.Block, Selector = p.Selector with { Protocol = IpProtocol.Udp } }));
        PathResult raw = TransmitPath.Linux.Send(host, Udp(second, Far), new PacketOrigin.Local());
        Assert.That(raw.Sent(), Has.Length.EqualTo(1), "a policy for UDP does not see a raw socket");
        host = host.With(Rule(XfrmDirection.Out, Near, Far, p => p with { Action = XfrmAction.Block }));
        raw = TransmitPath.Linux.Send(host, Udp(second, Far), new PacketOrigin.Local());
        Assert.That(raw.Drop()!.Counter, Is.EqualTo(XfrmCounter.OutPolBlock), "but one for the address that the route prefers does");
    }

    [Test]
    public void RawSocketOfAProtocol_HasNoPorts()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, p => p with
        {
            Action = XfrmAction.Block,
            Selector = p.Selector with { Protocol = IpProtocol.Udp, DestinationPort = 2000, DestinationPortMask = ushort.MaxValue },
        }));
        Assert.That(host.Send(Packet).Sent(), Is.Empty);
        Assert.That(TransmitPath.Linux.Send(host, Packet, new PacketOrigin.Local(SocketKind.Raw)).Sent(), Has.Length.EqualTo(1));
    }

    [Test]
    public void SaOfAnotherSource_MayBeUsed_WhereTheHashPutsItNextToThoseWithout()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport()), Association(Remote, Far, 0x1000));
        PathResult[] allowed = [.. TransmitPath.Linux.SendAllowed(host, Packet, new PacketOrigin.Local(SocketKind.Ordinary))];
        Assert.That(allowed.Select(r => r.Sent().Length), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void TwoTemplates_MeetTheHashEachByItself()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport(), Tunnel(Near, Remote)), Association(Remote, Far, 0x1000), Association(Near, Remote, 0x1001, XfrmMode.Tunnel));
        PathResult[] allowed = [.. TransmitPath.Linux.SendAllowed(host, Packet, new PacketOrigin.Local(SocketKind.Ordinary))];
        Assert.That(allowed.Select(r => r.Sent().Length), Is.EqualTo(new[] { 0, 1 }));
        host = host.With(Association(Hidden, Remote, 0x1002, XfrmMode.Tunnel, s => s with { RequestId = 7 }));
        Assert.That(TransmitPath.Linux.SendAllowed(host, Packet, new PacketOrigin.Local(SocketKind.Ordinary)).Count(), Is.EqualTo(2));
    }

    [Test]
    public void TemplateWithoutSource_GetsThatOfTheRoute_ButOverIpv6TheOneAddedLast()
    {
        IpAddress[] second = [IpAddress.Parse("192.0.2.77"), IpAddress.Parse("2001:db8:0:1::77")];
        LinuxHost host = Gateway();
        host = host with { Devices = host.Devices.SetItem(1, host.Device(WireSide) with { Addresses = [Near, Near6, .. second] }) };
        Assert.That(host.TunnelSource(Remote), Is.EqualTo(Near));
        Assert.That(host.TunnelSource(Remote6), Is.EqualTo(second[1]));
    }

    [Test]
    public void Ipv6BehindIpv4_WithMobileIpv6_LeavesInFragments([Values] bool mobile, [Values(32, 1400)] int dataBytes)
    {
        LinuxHost host = Gateway(wireMtuBytes: 9000).With(
            Rule(XfrmDirection.Out, Near, Far, Tunnel(Near, Remote), Tunnel(Near6, Far6)),
            Association(Near, Remote, 0x1000, XfrmMode.Tunnel),
            Association(Near6, Far6, 0x1001, XfrmMode.Tunnel));
        PathResult result = (host with { Settings = host.Settings with { MobileIpv6 = mobile } }).Send(Udp(Near, Far, dataBytes));
        Assert.That(result.Sent().Select(packet => packet[6]), Is.All.EqualTo(mobile ? IpProtocol.Fragment : IpProtocol.Esp));
        Assert.That(result.Sent(), Has.Length.EqualTo(mobile && dataBytes > 1280 ? 2 : 1));
    }

    [Test]
    public void PolicyOfTheSocket_GoesBeforeTheSpd()
    {
        XfrmPolicy own = Rule(XfrmDirection.Out, Near, Far).Policy;
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, p => p with { Action = XfrmAction.Block }));
        PathResult result = TransmitPath.Linux.Send(host, Packet, new PacketOrigin.Local(SocketKind.Ordinary) { Policy = own });
        Assert.That(result.Sent(), Has.Length.EqualTo(1));
    }

    [Test]
    public void MissingSa_WithLarvalDropOff_QueuesThePacket()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport()));
        PathResult result = (host with { Settings = host.Settings with { LarvalDrop = false } }).Send(Packet);
        Assert.That(result.Events[^1], Is.EqualTo(new PathEvent.Queued()));
        Assert.That(result.Next.Counters, Is.Empty);
    }

    [Test]
    public void SecondPacketWhileAcquiring_AsksNoMore()
    {
        PathResult first = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport())).Send(Packet);
        PathResult second = first.Next.Send(Udp(Near, Far, port: 7));
        Assert.That(second.Events.OfType<PathEvent.Notified>(), Is.Empty);
        Assert.That(second.Next.Counters[XfrmCounter.OutNoStates], Is.EqualTo(2));
    }

    [Test]
    public void NobodyListens_NoAcquire()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport())) with { KeyManagerListens = false };
        PathResult result = host.Send(Packet);
        Assert.That(result.Events.OfType<PathEvent.Notified>(), Is.Empty);
        Assert.That(result.Drop()!.Counter, Is.EqualTo(XfrmCounter.OutNoStates));
    }

    [Test]
    public void OptionalTemplateWithoutSa_PassesInClear_AndStillAsks()
    {
        PathResult result = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport(optional: true))).Send(Packet);
        Assert.That(result.Sent().Single(), Is.EqualTo(Packet));
        Assert.That(result.Events.OfType<PathEvent.Notified>(), Has.Exactly(1).Items);
    }

    [TestCase(5, null)]
    [TestCase(6, Errno.Enobufs)]
    public void Templates_AreFiveAtMost(int count, int? errno)
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, [.. Enumerable.Range(0, count).Select(_ => Transport())]), Association(Near, Far, 0x1000));
        PathResult result = host.Send(Packet);
        Assert.That(result.Drop()?.Errno, Is.EqualTo(errno));
        Assert.That(result.Sent(), Has.Length.EqualTo(errno is null ? 1 : 0));
    }

    [Test]
    public void SaBoundToDirectionIn_IsRefused_AndCountedTwice()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport()), Association(Near, Far, 0x1000, change: s => s with { Direction = XfrmDirection.In }));
        PathResult result = host.Send(Packet);
        Assert.That((result.Drop()!.Counter, result.Drop()!.Errno), Is.EqualTo(((XfrmCounter?)XfrmCounter.OutPolError, Errno.Einval)));
        Assert.That(result.Next.Counters[XfrmCounter.OutStateDirError], Is.EqualTo(1));
    }

    [Test]
    public void SaWhoseSelectorDoesNotHoldTheFlow_IsNotUsed()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport()),
            Association(Near, Far, 0x1000, change: s => s with { Selector = XfrmSelector.Of(AddressPrefix.Host(Near), AddressPrefix.Host(Far)) with { Protocol = IpProtocol.Tcp } }));
        Assert.That(host.Send(Packet).Drop()!.Counter, Is.EqualTo(XfrmCounter.OutNoStates));
    }

    [Test]
    public void TunnelFromAForeignSource_HasNoBundle()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Tunnel(Remote, Far)), Association(Remote, Far, 0x1000, XfrmMode.Tunnel));
        Assert.That(host.Send(Packet).Drop()!.Counter, Is.EqualTo(XfrmCounter.OutBundleGenError));
    }

    [Test]
    public void TransportSaForBothFamilies_HasNoModeForTheOther()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near6, Far6, Tunnel(Near, Far), Transport() with { Family = XfrmFamily.Ipv4 }),
            Association(Near, Far, 0x1000, XfrmMode.Tunnel),
            Association(Near, Far, 0x1001, change: s => s with { Flags = XfrmStateFlags.UnspecifiedFamily }));
        Assert.That(host.Send(Udp(Near6, Far6)).Sent(), Has.Length.EqualTo(1), "behind the tunnel the packet is IPv4");
    }

    [Test]
    public void OutputMark_ChoosesTheRouteOfTheTunnel()
    {
        XfrmMark mark = new(7, uint.MaxValue);
        LinuxHost host = Gateway();
        host = (host with
        {
            Devices = host.Devices.Add(new LinuxDevice(9, "backup", 1500)),
            Routes = host.Routes.Add(new LinuxRoute(new AddressPrefix(IpAddress.Parse("0.0.0.0"), 0), 9, Near) { Mark = mark }),
        }).With(Rule(XfrmDirection.Out, Near, Remote, Tunnel(Near, Far)), Association(Near, Far, 0x1000, XfrmMode.Tunnel, s => s with { OutputMark = mark }));
        PathResult result = host.Send(Udp(Near, Remote));
        Assert.That(result.Sent(9), Has.Length.EqualTo(1));
        Assert.That(result.Sent(), Is.Empty);
    }

    [Test]
    public void XfrmInterface_SendsUnderItsOwnPoliciesOnly()
    {
        LinuxHost host = Gateway();
        host = host with
        {
            Devices = host.Devices.Add(new LinuxDevice(9, "ipsec0", 1400) { InterfaceId = 5 }),
            Routes = host.Routes.Add(new LinuxRoute(AddressPrefix.Host(Remote), 9, Near)),
        };
        Assert.That(host.Send(Udp(Near, Remote)).Drop()!.Counter, Is.Null, "nothing leaves it in clear");
        host = host.With(
            Rule(XfrmDirection.Out, Near, Remote, p => p with { InterfaceId = 5 }, Tunnel(Near, Far)),
            Association(Near, Far, 0x1000, XfrmMode.Tunnel, s => s with { InterfaceId = 5 }));
        Assert.That(host.Send(Udp(Near, Remote)).Sent(), Has.Length.EqualTo(1));
    }

    [Test]
    public void ForwardedIcmpError_IsProtectedByTheReversedPolicyOfThePacketInside_OnlyWithItsFlag([Values] bool flag)
    {
        ByteString about = Udp(Remote, Hidden);
        byte[] message = [IcmpErrors.Unreachable, 1, 0, 0, 0, 0, 0, 0, .. about.Span];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message));
        ByteString error = ByteString.Adopt(IpPackets.Raw(IpAddress.Parse("198.51.100.99"), Remote, IpProtocol.Icmp, message));
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Hidden, Remote, p => p with { Flags = flag ? XfrmPolicy.FlagIcmp : (byte)0 }, Tunnel(Near, Far)),
            Association(Near, Far, 0x1000, XfrmMode.Tunnel));
        Assert.That(IpPacketView.TryParse(host.Receive(error, InnerSide).Sent().Single().Span, out IpPacketView view, out _));
        Assert.That(view.Protocol, Is.EqualTo(flag ? IpProtocol.Esp : IpProtocol.Icmp));
    }

    [Test]
    public void TtlOfOne_IsAnsweredWithTimeExceeded()
    {
        PathResult result = Gateway().Receive(Udp(Hidden, Remote, options: new IpPacketOptions { HopLimit = 1 }), InnerSide);
        Assert.That(IpPacketView.TryParse(result.Sent(InnerSide).Single().Span, out IpPacketView view, out _));
        Assert.That((view.Protocol, view.Payload[0], view.Source), Is.EqualTo((IpProtocol.Icmp, IcmpErrors.TimeExceeded, Near)));
    }

    [Test]
    public void SamePacketTwiceIntoTheSameHost_GivesTheSameBytes()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Far, Transport()), Association(Near, Far, 0x1000));
        PathResult once = host.Send(Packet);
        PathResult again = host.Send(Packet);
        Assert.That(again.Sent().Single(), Is.EqualTo(once.Sent().Single()));
        Assert.That(once.Next.Send(Packet).Sent().Single(), Is.Not.EqualTo(once.Sent().Single()));
    }
}
