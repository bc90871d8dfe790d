using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Harness.Running;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Xfrm;

/// <summary>Faults of live kernels that the model keeps, each in the smallest world: a kernel without them fails here.</summary>
public class KernelFaultTests : XfrmTest
{
    private const string Here6 = "fd00:0:0:1::1";
    private const string Peer6 = "fd00:0:0:2::1";
    private const string Hidden6 = "fd00:0:0:3::1";
    private const byte FragmentHeader = 44;
    private const int LeastIpv6MtuBytes = 1280;
    private const int IcvBits = 96;

    /// <summary>See <see cref="LinuxSettings.MobileIpv6"/>.</summary>
    [Requirement("XFRM-path-01")]
    [TestCase(100)]
    [TestCase(1400)]
    public void Ipv4TunnelInIpv6Tunnel_IsFragmentedByTheLeastMtu_WhereMobileIpv6IsBuiltIn(int dataBytes)
    {
        XfrmWorld world = new(
            [
                new XfrmRequest.AddPolicy(Out(Hidden, Wire, Tunnel(Here, "10.0.1.1"), Tunnel(Here6, Peer6, reqid: 2))),
                new XfrmRequest.AddState(Sa(0x1001, Here, "10.0.1.1")),
                new XfrmRequest.AddState(Sa(0x1002, Here6, Peer6, reqid: 2) with { Flags = XfrmStateFlags.UnspecifiedFamily }),
            ],
            [new XfrmProbe.Forwarded(ByteString.Adopt(IpPackets.Udp(IpAddress.Parse("10.0.2.1"), IpAddress.Parse("10.0.1.2"), 7, 9, new byte[dataBytes])))]);
        ImmutableArray<ByteString> left = Sent(world, out LinuxSettings settings);
        Assert.That(left.Select(packet => packet[6] == FragmentHeader), Is.All.EqualTo(settings.MobileIpv6));
        Assert.That(left, Has.Length.EqualTo(settings.MobileIpv6 && dataBytes > LeastIpv6MtuBytes ? 2 : 1));
    }

    /// <summary>ESP offload reads the next header of a fragment from the last bytes of the IP header that it has moved.</summary>
    [Requirement("XFRM-path-01")]
    [Test]
    public void Ipv6FragmentInTransportMode_HasTheNextHeaderOfItsDestinationsAddress_WhereEspOffloadIsBuiltIn()
    {
        ByteString datagram = ByteString.Adopt(IpPackets.Udp(IpAddress.Parse(Hidden6), IpAddress.Parse(Peer6), 7, 9, new byte[LeastIpv6MtuBytes]));
        XfrmWorld world = new(
            [
                new XfrmRequest.AddPolicy(Out("fd00:0:0:3::/64", "fd00:0:0:2::/64", Transport() with { Family = XfrmFamily.Ipv6 })),
                new XfrmRequest.AddState(Sa(0x1001, Hidden6, Peer6, XfrmMode.Transport) with
                {
                    Combined = null,
                    Encryption = new XfrmAlgorithm("ecb(cipher_null)", default),
                    Integrity = new XfrmAlgorithm("hmac(sha1)", new ByteString(new byte[20]), IcvBits),
                }),
            ],
            [.. IpFragments.Cut(datagram, LeastIpv6MtuBytes, 1).Select(piece => new XfrmProbe.Forwarded(piece))]);
        ImmutableArray<ByteString> left = Sent(world, out LinuxSettings settings);
        Assert.That(
            left.Select(packet => packet[packet.Length - (IcvBits / 8) - 1] == FragmentHeader),
            Is.All.EqualTo(!settings.EspOffloadIpv6));
    }

    // The target agrees with the model; what is faulty is looked at as well.
    private static ImmutableArray<ByteString> Sent(XfrmWorld world, out LinuxSettings settings)
    {
        ITarget target = ConformanceRun.Current.Target;
        using XfrmSession session = XfrmSession.Start(target, Seed);
        settings = XfrmHosts.For(target.Identity)!.Settings;
        session.Judge(world);
        return [.. session.Steps.SelectMany(step => step.Observations).OfType<Observation.ToWire>().Select(o => o.Packet.Bytes)];
    }
}
