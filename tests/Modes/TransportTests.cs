using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>Transport mode between two hosts: where ESP stands, what it leaves open, what it may not be applied to. RFC 4301 §4.1.</summary>
[Needs(Capabilities.TransportMode)]
public class TransportTests : ConformanceTest
{
    private static readonly EspScenario Ipv4 = new() { Mode = EspMode.Transport };
    private static readonly EspScenario Ipv6 = new() { Mode = EspMode.Transport, OuterIpv6 = true, InnerIpv6 = true };

    [Requirement("RFC4301-4.1-18")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase(false)]
    [TestCase(true)]
    public void Ipv4_EspFollowsHeaderAndOptions(bool withOptions)
    {
        EspSession session = Start(Ipv4);
        OpenedPacket sent = session.ExpectSent(
            ModeCases.Packet(session.Host, new() { Ipv4Options = withOptions ? ModeCases.IdleOptions : ByteString.Empty }), "RFC4301-4.1-18");
        int due = withOptions ? 24 : 20;
        session.Require(sent.EspOffsetBytes == due, "RFC4301-4.1-18", $"ESP starts at byte {sent.EspOffsetBytes} and not {due}");
    }

    [Requirement("RFC4301-4.1-19", "RFC4303-3.1.1-02")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase("RFC4301-4.1-19")]
    [TestCase("RFC4303-3.1.1-02")]
    public void Ipv6_EspFollowsHopByHopOptions(string clause)
    {
        EspSession session = Start(Ipv6);
        OpenedPacket sent = session.ExpectSent(
            ModeCases.Packet(session.Host, new() { ExtensionHeaders = [(IpProtocol.HopByHopOptions, ModeCases.IdleExtension)] }), clause);
        session.Require(sent.EspOffsetBytes == 48 && sent.NextHeader == IpProtocol.Experiment253, clause, $"ESP starts at byte {sent.EspOffsetBytes}, behind it is {sent.NextHeader}");
    }

    // Inside or outside: RFC 4303 §3.1.1 leaves it to the sender, who may not lose them.
    [Requirement("RFC4303-3.1.1-04")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(false)]
    [TestCase(true)]
    public void Ipv6DestinationOptions_OnEitherSideOfEsp_Delivered(bool inside)
    {
        EspSession session = Start(Ipv6);
        ByteString plain = ModeCases.Packet(
            session.Peer.Plain, new() { ExtensionHeaders = [(IpProtocol.DestinationOptions, ModeCases.IdleExtension)] });
        session.Expect(inside ? session.Peer.SealPlain(plain, 1) : OptionsOutside(session, 1), Delivered, "RFC4303-3.1.1-04");
    }

    [Requirement("RFC4301-4.1-21")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(false)]
    [TestCase(true)]
    public void HeaderInFrontOfEspChangedOnTheWay_Delivered(bool ipv6)
    {
        EspSession session = Start(ipv6 ? Ipv6 : Ipv4);
        SealedPacket genuine = session.Peer.Seal(1);
        session.Expect(
            genuine.With(Hop.WithHopLimit(genuine.Datagram, 3).ToArray(), "TTL 3"), Delivered, "RFC4301-4.1-21");
        session.Expect(session.Peer.Seal(2).WithOuter(TrafficClasses.Join(46, Ecn.CongestionExperienced)), Delivered, "RFC4301-4.1-21");
    }

    [Requirement("RFC4301-4.1-14")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(false)]
    [TestCase(true)]
    public void AnyDscp_SelectsTheSameSa(bool ipv6)
    {
        EspSession session = Start(ipv6 ? Ipv6 : Ipv4);
        for (byte dscp = 0; dscp < 64; dscp++)
        {
            session.Expect(
                session.Peer.Seal(dscp + 1UL).WithOuter(TrafficClasses.Join(dscp, Ecn.NotCapable)), Delivered, "RFC4301-4.1-14");
        }
    }

    [Requirement("RFC4301-4.1-25", "RFC4303-3.3.4-02")]
    [Needs(Capabilities.EspOutbound | Capabilities.Fragmentation)]
    [TestCase("RFC4301-4.1-25", 0, true)]
    [TestCase("RFC4301-4.1-25", 40, false)]
    [TestCase("RFC4303-3.3.4-02", 0, true)]
    [TestCase("RFC4303-3.3.4-02", 40, true)]
    public void Fragment_IsNotEnclosed(string clause, int offsetBytes, bool moreFragments)
    {
        EspSession session = Start(Ipv4);
        session.ExpectNothingSent(
            ModeCases.Packet(session.Host, new() { FragmentOffsetBytes = offsetBytes, MoreFragments = moreFragments, Identification = 0x99 }), clause);
        session.ExpectSent(session.Host.Next(40));
    }

    [Requirement("RFC4301-D.1-01")]
    [Needs(Capabilities.EspOutbound | Capabilities.Fragmentation | Capabilities.Ipv6)]
    [TestCase(0, true)]
    [TestCase(40, false)]
    public void Ipv6Fragment_IsNotEnclosed(int offsetBytes, bool moreFragments)
    {
        EspSession session = Start(Ipv6);
        session.ExpectSent(session.Host.Next(40), "RFC4301-D.1-01");
        byte[] header = [IpProtocol.Experiment253, 0, (byte)(offsetBytes >> 8), (byte)(offsetBytes | (moreFragments ? 1 : 0)), 0, 0, 0x99, (byte)offsetBytes];
        session.ExpectNothingSent(
            ModeCases.Packet(session.Host, new() { ExtensionHeaders = [(IpProtocol.Fragment, ByteString.Adopt(header))] }), "RFC4301-D.1-01");
        session.ExpectSent(session.Host.Next(40));
    }

    [Requirement("RFC4301-3.1-01", "RFC4301-3.2-01", "RFC4301-4.1-27")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.TunnelMode)]
    [TestCaseSource(nameof(BothModes))]
    public void Host_HasBothModes(EspScenario scenario, string clause)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(40), clause);
        session.Expect(session.Peer.Seal(1), Delivered, clause);
    }

    [Requirement("RFC4301-3.1-02", "RFC4301-4.1-28", "RFC4301-4.1-23")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.TunnelMode | Capabilities.Gateway)]
    [TestCaseSource(nameof(GatewayModes))]
    public void Gateway_CarriesTransitTrafficInTunnelMode(EspScenario scenario, string clause)
    {
        EspSession session = Start(scenario);
        OpenedPacket sent = session.ExpectSent(session.Host.Next(40), clause);
        session.Require(
            sent.NextHeader == (scenario.InnerIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4), clause, $"next header {sent.NextHeader} is not that of a tunnel");
        session.Expect(session.Peer.Seal(1), Delivered, clause);
    }

    // The model puts destination options inside; this is the same packet with them in front.
    private static SealedPacket OptionsOutside(EspSession session, ulong sequence)
    {
        SealedPacket bare = session.Peer.Seal(sequence);
        byte[] datagram = [.. bare.Datagram.Span[..40], .. ModeCases.IdleExtension.Span, .. bare.Datagram.Span[40..]];
        (datagram[6], datagram[40]) = (IpProtocol.DestinationOptions, IpProtocol.Esp);
        IpPackets.FinishHeader(datagram);
        return bare.With(datagram, "destination options in front of ESP");
    }

    private static IEnumerable<TestCaseData> BothModes =>
        from mode in new[] { EspMode.Transport, EspMode.Tunnel }
        from clause in new[] { "RFC4301-3.1-01", "RFC4301-3.2-01", "RFC4301-4.1-27" }
        select new TestCaseData(new EspScenario { Mode = mode }, clause);

    private static IEnumerable<TestCaseData> GatewayModes =>
        from scenario in ModeCases.Tunnels
        from clause in new[] { "RFC4301-3.1-02", "RFC4301-4.1-28", "RFC4301-4.1-23" }
        select new TestCaseData(scenario, clause);
}
