using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.PacketPath.PathHosts;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>What the stages of the receive path decide.</summary>
public class ReceiveStageTests
{
    private const uint Spi = 0x1000;

    private static ByteString Esp { get; } = Sender().Send(Udp(Far, Near)).Sent().Single();

    [Test]
    public void ClearPacketWithoutPolicies_IsDelivered() => Assert.That(Gateway().Receive(Udp(Far, Near)).Delivered(), Has.Length.EqualTo(1));

    [Test]
    public void TransportPacketWithoutPolicies_IsDelivered_AndOneFromATunnelIsNot()
    {
        Assert.That(Gateway().With(Association(Far, Near, Spi)).Receive(Esp).Delivered().Single(), Is.EqualTo(Udp(Far, Near)));
        ByteString tunnelled = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Tunnel(Far, Near)), Association(Far, Near, Spi, XfrmMode.Tunnel)).Send(Udp(Far, Near)).Sent().Single();
        Assert.That(Gateway().With(Association(Far, Near, Spi, XfrmMode.Tunnel)).Receive(tunnelled).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoPols));
    }

    [Test]
    public void ClearPacket_WhereThePolicyWantsEsp_IsRefused() =>
        Assert.That(Gateway().With(Rule(XfrmDirection.In, Far, Near, Transport())).Receive(Udp(Far, Near)).Drop()!.Counter, Is.EqualTo(XfrmCounter.InTmplMismatch));

    [Test]
    public void BlockingPolicyAndBlockingDefault_AreCountedApart()
    {
        Assert.That(
            Gateway().With(Rule(XfrmDirection.In, Far, Near, p => p with { Action = XfrmAction.Block })).Receive(Udp(Far, Near)).Drop()!.Counter,
            Is.EqualTo(XfrmCounter.InPolBlock));
        Assert.That(Gateway().With(new XfrmRequest.SetDefault(XfrmAction.Block, null, null)).Receive(Udp(Far, Near)).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoPols));
    }

    [Test]
    public void UnknownSpi_IsCounted() => Assert.That(Gateway().Receive(Esp).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoStates));

    [Test]
    public void SamePacketTwice_IsReplay_AndCountedOnTheSa()
    {
        PathResult first = Gateway().With(Association(Far, Near, Spi)).Receive(Esp);
        PathResult second = first.Next.Receive(Esp);
        Assert.That(second.Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateSeqError));
        Assert.That(second.Next.Databases.States.Entries.Single().State.Statistics.Replayed, Is.EqualTo(1));
        Assert.That(second.Next.Databases.States.Entries.Single().State.Replay, Is.EqualTo(new XfrmReplay(0, 1, 1)));
    }

    [Test]
    public void ForgedIcv_MovesNothingButItsCounters()
    {
        byte[] forged = Esp.ToArray();
        forged[^1] ^= 1;
        LinuxHost host = Gateway().With(Association(Far, Near, Spi));
        PathResult result = host.Receive(ByteString.Adopt(forged));
        XfrmState state = result.Next.Databases.States.Entries.Single().State;
        Assert.That(result.Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateProtoError));
        Assert.That((state.Replay, state.Statistics.IntegrityFailed), Is.EqualTo((default(XfrmReplay), 1u)));
        Assert.That(result.Next.Receive(Esp).Delivered(), Has.Length.EqualTo(1));
    }

    [TestCase(7)]
    [TestCase(0)]
    public void EspCutShort_IsCounted(int bytes)
    {
        ByteString cut = ByteString.Adopt(IpPackets.Raw(Far, Near, IpProtocol.Esp, Esp.Span.Slice(20, bytes)));
        Assert.That(Gateway().With(Association(Far, Near, Spi)).Receive(cut).Drop()!.Counter, Is.EqualTo(XfrmCounter.InHdrError));
    }

    [Test]
    public void SaWithUdp_TakesNoPlainEsp() =>
        Assert.That(
            Gateway().With(Association(Far, Near, Spi, change: s => s with { Encapsulation = new XfrmEncapsulation(2, 4500, 4500, default) })).Receive(Esp).Drop()!.Counter,
            Is.EqualTo(XfrmCounter.InStateMismatch));

    [Test]
    public void SaOfDirectionOut_IsRefused() =>
        Assert.That(
            Gateway().With(Association(Far, Near, Spi, change: s => s with { Direction = XfrmDirection.Out, ReplayWindow = 0 })).Receive(Esp).Drop()!.Counter,
            Is.EqualTo(XfrmCounter.InStateDirError));

    [Test]
    public void SelectorOfTheSa_IsHeldAgainstWhatCameOut() =>
        Assert.That(
            Gateway().With(Association(Far, Near, Spi, change: s => s with
            {
                Selector = XfrmSelector.Of(AddressPrefix.Host(Far), AddressPrefix.Host(Near)) with { Protocol = IpProtocol.Tcp },
            })).Receive(Esp).Drop()!.Counter,
            Is.EqualTo(XfrmCounter.InStateMismatch));

    [Test]
    public void HardPacketLimit_ExpiresTheSaAtOnce()
    {
        LinuxHost host = Gateway().With(Association(Far, Near, Spi, change: s => s with { Limits = XfrmLimits.None with { HardPackets = 1 } }));
        PathResult first = Sender().Send(Udp(Far, Near));
        PathResult second = first.Next.Send(Udp(Far, Near));
        PathResult third = second.Next.Send(Udp(Far, Near));
        PathResult passes = host.Receive(first.Sent().Single());
        PathResult expires = passes.Next.Receive(second.Sent().Single());
        Assert.That(expires.Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateExpired));
        Assert.That(expires.Events.OfType<PathEvent.Notified>().Select(e => e.Notification).OfType<XfrmNotification.StateExpired>().Single().Hard);
        Assert.That(expires.Next.Receive(third.Sent().Single()).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoStates));
    }

    [Test]
    public void SequenceErrorOfAnExhaustedSa_ComesBeforeItsExpiry()
    {
        LinuxHost host = Gateway().With(Association(Far, Near, Spi, change: s => s with { Limits = XfrmLimits.None with { HardPackets = 1 } }));
        Assert.That(host.Receive(Esp).Next.Receive(Esp).Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateSeqError));
    }

    [Test]
    public void TunnelWithAnotherNextHeader_UsesUpItsNumber()
    {
        // A transport SA of the same keys makes a packet that its tunnel cannot read.
        LinuxHost host = Gateway().With(Association(Far, Near, Spi, XfrmMode.Tunnel));
        PathResult first = host.Receive(Esp);
        Assert.That(first.Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateModeError));
        Assert.That(first.Next.Receive(Esp).Drop()!.Counter, Is.EqualTo(XfrmCounter.InStateSeqError));
    }

    [Test]
    public void OwnAddressAsSourceOfAnInnerPacket_IsMartian()
    {
        PathResult sent = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Near, Near, Tunnel(Far, Near)), Association(Far, Near, Spi, XfrmMode.Tunnel))
            .Receive(Udp(Near, Near), InnerSide);
        PathResult result = Gateway().With(Association(Far, Near, Spi, XfrmMode.Tunnel), Rule(XfrmDirection.In, Near, Near, Tunnel(Far, Near))).Receive(sent.Sent().Single());
        Assert.That(result.Drop()!.Reason, Does.Contain("martian"));
        Assert.That(result.Next.Counters, Is.Empty);
    }

    [Test]
    public void DecryptedPacketInTransit_NeedsAForwardPolicy()
    {
        ByteString wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Remote, Hidden, Tunnel(Far, Near)), Association(Far, Near, Spi, XfrmMode.Tunnel))
            .Receive(Udp(Remote, Hidden), InnerSide).Sent().Single();
        LinuxHost host = Gateway().With(Association(Far, Near, Spi, XfrmMode.Tunnel), Rule(XfrmDirection.In, Remote, Hidden, Tunnel(Far, Near)));
        Assert.That(host.Receive(wire).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoPols));
        Assert.That(host.With(Rule(XfrmDirection.Forward, Remote, Hidden, Tunnel(Far, Near))).Receive(wire).Sent(InnerSide), Has.Length.EqualTo(1));
    }

    [Test]
    public void ForwardPolicy_SeesNoPortsInFragments()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Forward, Remote, Hidden, p => p with
        {
            Action = XfrmAction.Block,
            Selector = p.Selector with { Protocol = IpProtocol.Udp, DestinationPort = 2000, DestinationPortMask = ushort.MaxValue },
        }));
        Assert.That(host.Receive(Udp(Remote, Hidden)).Drop()!.Counter, Is.EqualTo(XfrmCounter.InPolBlock));
        Assert.That(host.Receive(Udp(Remote, Hidden, options: new IpPacketOptions { MoreFragments = true })).Sent(InnerSide), Has.Length.EqualTo(1));
    }

    [Test]
    public void InPolicyBoundToADevice_SeesLocalTrafficOnLo()
    {
        LinuxHost Blocks(int device) => Gateway().With(Rule(XfrmDirection.In, Far, Near, p => p with { Action = XfrmAction.Block, Selector = p.Selector with { InterfaceIndex = device } }));
        Assert.That(Blocks(WireSide).Receive(Udp(Far, Near)).Delivered(), Has.Length.EqualTo(1));
        Assert.That(Blocks(1).Receive(Udp(Far, Near)).Drop()!.Counter, Is.EqualTo(XfrmCounter.InPolBlock));
    }

    [Test]
    public void KeepAliveAndIke_OnThePortOfEsp()
    {
        ByteString Udp4500(params byte[] data) => ByteString.Adopt(IpPackets.Udp(Far, Near, 4500, 4500, data));
        Assert.That(Gateway().Receive(Udp4500(0xff)).Drop()!.Reason, Does.Contain("keepalive"));
        Assert.That(Gateway().Receive(Udp4500(0, 0, 0, 0, 1, 2, 3, 4, 5, 6)).Delivered(), Has.Length.EqualTo(1));
        Assert.That(Gateway().Receive(Udp4500(1, 2, 3)).Delivered(), Has.Length.EqualTo(1));
        Assert.That(Gateway().Receive(Udp4500([0, 0, 0x10, 0, .. new byte[15]])).Drop()!.Counter, Is.Null, "19 bytes of ESP");
        Assert.That(Gateway().Receive(Udp4500([0, 0, 0x10, 0, .. new byte[16]])).Drop()!.Counter, Is.EqualTo(XfrmCounter.InNoStates), "20 bytes of ESP");
    }

    [Test]
    public void PolicyThatWantsEspForEverything_StopsItsOwnEspInUdp()
    {
        XfrmRequest.AddState sa = Association(Far, Near, Spi, change: s => s with { Encapsulation = new XfrmEncapsulation(2, 4500, 4500, default) });
        ByteString wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Transport()), sa).Send(Udp(Far, Near)).Sent().Single();
        LinuxHost host = Gateway().With(sa, Rule(XfrmDirection.In, Far, Near, Transport()));
        Assert.That(host.Receive(wire).Drop()!.Counter, Is.EqualTo(XfrmCounter.InTmplMismatch));
        LinuxHost bypass = host.With(Rule(XfrmDirection.In, Far, Near, p => p with
        {
            Priority = 1,
            Selector = p.Selector with { Protocol = IpProtocol.Udp, DestinationPort = 4500, DestinationPortMask = ushort.MaxValue },
        }));
        Assert.That(bypass.Receive(wire).Delivered().Single(), Is.EqualTo(Udp(Far, Near)));
    }

    [Test]
    public void PeerThatMovedBehindANat_IsReported_AndAccepted()
    {
        XfrmRequest.AddState Encapsulated(ushort port) => Association(Far, Near, Spi, change: s => s with { Encapsulation = new XfrmEncapsulation(2, port, 4500, default) });
        ByteString wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Transport()), Encapsulated(5555)).Send(Udp(Far, Near)).Sent().Single();
        PathResult result = Gateway().With(Encapsulated(4500)).Receive(wire);
        Assert.That(result.Events.OfType<PathEvent.Mapped>().Single().SourcePort, Is.EqualTo(5555));
        Assert.That(result.Delivered(), Has.Length.EqualTo(1));
    }

    [Test]
    public void NestedTunnels_NeedAPolicyForTheMiddlePacket_UnlessGroForgotTheOuterSa([Values] bool gro, [Values] bool middle, [Values] bool both)
    {
        XfrmRequest.AddState inner = Association(Far, Near, 0x1001, XfrmMode.Tunnel, s => s with { RequestId = 1 });
        XfrmRequest.AddState outer = Association(Far, Near, 0x1002, XfrmMode.Tunnel, s => s with { RequestId = 2 });
        XfrmTemplate innermost = Tunnel(Far, Near) with { RequestId = 1 };
        XfrmTemplate outermost = Tunnel(Far, Near) with { RequestId = 2 };
        ByteString wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Remote, Hidden, innermost, outermost), inner, outer)
            .Receive(Udp(Remote, Hidden), InnerSide).Sent().Single();
        LinuxHost host = Gateway().With(inner, outer, Rule(XfrmDirection.Forward, Remote, Hidden, both ? [innermost, outermost] : [innermost]));
        host = middle ? host.With(Rule(XfrmDirection.In, Far, Near, outermost)) : host;
        PathResult result = (host with { Settings = host.Settings with { EspOffloadIpv4 = gro } }).Receive(wire);
        bool expected = gro ? !both : middle;
        Assert.That(result.Sent(InnerSide).Length, Is.EqualTo(expected ? 1 : 0), result.Drop()?.Reason);
    }

    [TestCase(6, 1)]
    [TestCase(7, 0)]
    public void TransformsInOnePacket_AreSixAtMost(int layers, int delivered)
    {
        LinuxHost sender = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Transport()), Association(Far, Near, Spi));
        ByteString packet = Udp(Far, Near);
        for (int i = 0; i < layers; i++)
        {
            PathResult sent = sender.Send(packet);
            (sender, packet) = (sent.Next, sent.Sent().Single());
        }

        PathResult result = Gateway().With(Association(Far, Near, Spi, change: s => s with { ReplayWindow = 0 })).Receive(packet);
        Assert.That(result.Delivered().Length, Is.EqualTo(delivered));
        Assert.That(result.Drop()?.Counter, Is.EqualTo(delivered == 1 ? null : (XfrmCounter?)XfrmCounter.InBufferError));
    }

    [Test]
    public void FragmentationNeededForEsp_TeachesThePathMtu()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Hidden, Remote, Tunnel(Near, Far)), Association(Near, Far, Spi, XfrmMode.Tunnel));
        ByteString sent = host.Receive(Udp(Hidden, Remote), InnerSide).Sent().Single();
        byte[] message = [IcmpErrors.Unreachable, IcmpErrors.FragmentationNeeded, 0, 0, 0, 0, 0x03, 0xe8, .. sent.Span[..28]];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message));
        PathResult learned = host.Receive(ByteString.Adopt(IpPackets.Raw(Far, Near, IpProtocol.Icmp, message)));
        Assert.That(learned.Events, Does.Contain(new PathEvent.PathMtuLearned(Far, 1000)));
        PathResult refused = learned.Next.Receive(Udp(Hidden, Remote, 947 - 28, new IpPacketOptions { DontFragment = true }), InnerSide);
        Assert.That(refused.Sent(), Is.Empty);
    }

    [Test]
    public void CongestionOutside_IsMarkedInside_OnlyWhereTheInnerPacketKnowsEcn([Values(0, 1, 2, 3)] int ecn, [Values] bool noEcn, [Values] bool decapDscp)
    {
        XfrmRequest.AddState sa = Association(Far, Near, Spi, XfrmMode.Tunnel, s => s with
        {
            Flags = s.Flags | (noEcn ? XfrmStateFlags.NoEcn : 0) | (decapDscp ? XfrmStateFlags.DecapDscp : 0),
        });
        byte[] wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Tunnel(Far, Near)), sa)
            .Send(Udp(Far, Near, options: new IpPacketOptions { TrafficClass = (byte)ecn })).Sent().Single().ToArray();
        wire[1] = 0xb8 | 3;
        IpPackets.FinishHeader(wire);
        ByteString inside = Gateway().With(sa, Rule(XfrmDirection.In, Far, Near, Tunnel(Far, Near))).Receive(ByteString.Adopt(wire)).Delivered().Single();
        Assert.That(inside[1], Is.EqualTo((byte)((decapDscp ? 0xb8 : 0) | (ecn == 0 ? 0 : noEcn ? ecn : 3))));
    }

    [Test]
    public void SaOfAnXfrmInterface_DeliversOnIt_UnderItsPolicies()
    {
        XfrmRequest.AddState sa = Association(Far, Near, Spi, XfrmMode.Tunnel, s => s with { InterfaceId = 5 });
        ByteString wire = Gateway(mirrored: true).With(
            Rule(XfrmDirection.Out, Far, Near, Tunnel(Far, Near)), Association(Far, Near, Spi, XfrmMode.Tunnel)).Send(Udp(Far, Near)).Sent().Single();
        LinuxHost host = Gateway();
        host = (host with { Devices = host.Devices.Add(new LinuxDevice(9, "ipsec0", 1400) { InterfaceId = 5 }) })
            .With(sa, Rule(XfrmDirection.In, Far, Near, p => p with { InterfaceId = 5 }, Tunnel(Far, Near)));
        Assert.That(host.Receive(wire).Events.OfType<PathEvent.Delivered>().Single().Device, Is.EqualTo(9));
    }

    [Test]
    public void IcmpErrorThroughAnSaWithFlagIcmp_PassesByThePacketInside([Values] bool flag)
    {
        // A router beyond the peer complains about a packet of Near to Remote; the SA is for traffic between these two.
        ByteString about = Udp(Near, Remote);
        byte[] message = [IcmpErrors.Unreachable, 1, 0, 0, 0, 0, 0, 0, .. about.Span];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message));
        IpAddress router = IpAddress.Parse("203.0.113.99");
        ByteString error = ByteString.Adopt(IpPackets.Raw(router, Near, IpProtocol.Icmp, message));
        ByteString wire = Gateway(mirrored: true).With(Rule(XfrmDirection.Out, router, Near, Tunnel(Far, Near)), Association(Far, Near, Spi, XfrmMode.Tunnel))
            .Receive(error, InnerSide).Sent().Single();
        LinuxHost host = Gateway().With(
            Association(Far, Near, Spi, XfrmMode.Tunnel, s => s with
            {
                Flags = flag ? XfrmStateFlags.Icmp : XfrmStateFlags.None,
                Selector = XfrmSelector.Of(AddressPrefix.Host(Remote), AddressPrefix.Host(Near)),
            }),
            Rule(XfrmDirection.In, Remote, Near, Tunnel(Far, Near)));
        PathResult result = host.Receive(wire);
        Assert.That(result.Delivered().Length, Is.EqualTo(flag ? 1 : 0));
        Assert.That(result.Next.Counters.Keys, Is.EqualTo(new[] { flag ? XfrmCounter.InNoPols : XfrmCounter.InStateMismatch }), "the first try counts too");
    }

    private static LinuxHost Sender() => Gateway(mirrored: true).With(Rule(XfrmDirection.Out, Far, Near, Transport()), Association(Far, Near, Spi));
}
