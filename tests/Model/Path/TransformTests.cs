using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.PacketPath.PathHosts;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>Sizes, numbers, limits and headers of what leaves.</summary>
public class TransformTests
{
    private const byte CongestionExperienced = 3;

    // Next-hop MTUs that a kernel named for a link of 1000 bytes.
    [TestCase("null", XfrmMode.Tunnel, false, 954)]
    [TestCase("null", XfrmMode.Tunnel, true, 946)]
    [TestCase("null", XfrmMode.Transport, false, 974)]
    [TestCase("null", XfrmMode.Transport, true, 966)]
    [TestCase("gcm", XfrmMode.Tunnel, false, 946)]
    [TestCase("gcm", XfrmMode.Tunnel, true, 938)]
    [TestCase("gcm", XfrmMode.Transport, false, 966)]
    [TestCase("gcm", XfrmMode.Transport, true, 958)]
    [TestCase("cbc", XfrmMode.Tunnel, false, 926)]
    [TestCase("cbc", XfrmMode.Tunnel, true, 926)]
    [TestCase("cbc", XfrmMode.Transport, false, 946)]
    [TestCase("cbc", XfrmMode.Transport, true, 946)]
    public void MtuOfAnSa_IsWhatKernelsName(string algorithm, XfrmMode mode, bool udp, int bytes)
    {
        XfrmState state = Association(Near, Far, 0x1000, mode, s => Algorithm(s, algorithm) with { Encapsulation = udp ? new XfrmEncapsulation(2, 4500, 4500, default) : null }).State;
        Assert.That(StateMtu.Of(state, 1000), Is.EqualTo(bytes));
    }

    [TestCase(946, true)]
    [TestCase(947, false)]
    public void ForwardedPacketWithDf_AtTheEdgeOfTheTunnel(int bytes, bool passes)
    {
        LinuxHost host = Protected(Gateway(wireMtuBytes: 1000));
        PathResult result = host.Receive(Udp(Hidden, Remote, bytes - 28, new IpPacketOptions { DontFragment = true }), InnerSide);
        Assert.That(result.Sent().Length, Is.EqualTo(passes ? 1 : 0));
        if (!passes)
        {
            Assert.That(IpPacketView.TryParse(result.Sent(InnerSide).Single().Span, out IpPacketView error, out _));
            Assert.That(new IcmpView(error.Payload).NextHopMtuBytes, Is.EqualTo(946));
        }
    }

    [Test]
    public void ForwardedPacketWithoutDf_IsEncryptedWhole_AndTheResultCut()
    {
        PathResult result = Protected(Gateway(wireMtuBytes: 1000)).Receive(Udp(Hidden, Remote, 1200), InnerSide);
        ImmutableArray<ByteString> pieces = result.Sent();
        Assert.That(pieces.Select(p => p[9]), Is.All.EqualTo(IpProtocol.Esp));
        Assert.That(pieces[0].Length, Is.EqualTo(996));
        Assert.That(pieces, Has.Length.EqualTo(2));
    }

    [Test]
    public void TooBigIpv6PacketInTransit_IsAnsweredWithPacketTooBig()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Hidden6, Remote6, Tunnel(Near6, Far6)), Association(Near6, Far6, 0x1000, XfrmMode.Tunnel));
        PathResult result = host.Receive(Udp(Hidden6, Remote6, 1440), InnerSide);
        Assert.That(IpPacketView.TryParse(result.Sent(InnerSide).Single().Span, out IpPacketView error, out _));
        IcmpView icmp = new(error.Payload);
        Assert.That((icmp.Type, icmp.Parameter), Is.EqualTo((IcmpErrors.TooBigIpv6, 1426u)));
    }

    [Test]
    public void LongIpv6DatagramOfTheHost_IsCutBeforeEncryption()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near6, Remote6, Tunnel(Near6, Far6)), Association(Near6, Far6, 0x1000, XfrmMode.Tunnel));
        PathResult result = host.Send(Udp(Near6, Remote6, 2000));
        Assert.That(result.Sent(), Has.Length.EqualTo(2));
        Assert.That(result.Next.Databases.States.Entries.Single().State.Use.Packets, Is.EqualTo(2));
    }

    [Test]
    public void RawSocket_IsToldOfPacketsThatAreTooLong()
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Remote, Tunnel(Near, Far)), Association(Near, Far, 0x1000, XfrmMode.Tunnel));
        PathResult result = TransmitPath.Linux.Send(host, Udp(Near, Remote, 1460, new IpPacketOptions { DontFragment = true }), new PacketOrigin.Local());
        Assert.That((result.Drop()!.Counter, result.Drop()!.Errno), Is.EqualTo(((XfrmCounter?)XfrmCounter.OutStateModeError, Errno.Emsgsize)));
    }

    [Test]
    public void HardPacketLimit_PassesThatMany_ThenExpires_ThenNoSaIsThere()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport()),
            Association(Near, Far, 0x1000, change: s => s with { Limits = XfrmLimits.None with { SoftPackets = 1, HardPackets = 2 } }));
        PathResult[] results = Series(host, 4);
        Assert.That(results.Select(r => r.Sent().Length), Is.EqualTo(new[] { 1, 1, 0, 0 }));
        Assert.That(results.Select(r => r.Drop()?.Counter), Is.EqualTo(new XfrmCounter?[] { null, null, XfrmCounter.OutStateExpired, XfrmCounter.OutNoStates }));
        Assert.That(Expiries(results[1]), Is.EqualTo(new[] { false }));
        Assert.That(Expiries(results[2]), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void LastNumberWithoutEsn_IsUsed_ThenTheSenderIsRefused()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport()), Association(Near, Far, 0x1000, change: s => s with { Replay = new XfrmReplay(uint.MaxValue - 1, 0, 0) }));
        PathResult[] results = Series(host, 3);
        Assert.That(results.Select(r => r.Drop()?.Errno ?? 0), Is.EqualTo(new[] { 0, Errno.Eoverflow, Errno.Eoverflow }));
        Assert.That(Number(results[0]), Is.EqualTo(uint.MaxValue));
    }

    [Test]
    public void LastNumberWithEsn_IsRepeated_WhereTheDeviceEncrypts([Values] bool offload)
    {
        XfrmReplayEsn last = new(uint.MaxValue - 1, 0, uint.MaxValue, 0, 32, [0]);
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport()),
            Association(Near, Far, 0x1000, change: s => s with { Flags = XfrmStateFlags.Esn, ReplayWindow = 0, ReplayEsn = last }));
        host = host with { Settings = host.Settings with { EspOffloadIpv4 = offload } };
        PathResult[] results = Series(host, 3);
        Assert.That(results.Select(r => r.Sent().Length), Is.EqualTo(offload ? new[] { 1, 0, 1 } : new[] { 1, 0, 0 }));
    }

    [TestCase(false, 300)]
    [TestCase(true, 60)]
    public void TfcPadding_IsAdded_ButNotInFrontOfTheDevice(bool offload, int payloadBytes)
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Remote, Tunnel(Near, Far)), Association(Near, Far, 0x1000, XfrmMode.Tunnel, s => s with { TfcPadBytes = 300 }));
        host = host with { Settings = host.Settings with { EspOffloadIpv4 = offload } };
        int padded = (payloadBytes + 2 + 3) / 4 * 4;
        Assert.That(host.Send(Udp(Near, Remote)).Sent().Single().Length, Is.EqualTo(20 + 8 + 8 + padded + 16));
    }

    [Test]
    public void OuterHeader_FollowsTheInnerOne_AsLinuxHasIt(
        [Values(0, 1, 2, 3)] int ecn, [Values] bool dontFragment, [Values] bool noEcn, [Values] bool noDscp, [Values] bool noPmtu)
    {
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near, Remote, Tunnel(Near, Far)), Association(Near, Far, 0x1000, XfrmMode.Tunnel, s => s with
        {
            Flags = s.Flags | (noEcn ? XfrmStateFlags.NoEcn : 0) | (noPmtu ? XfrmStateFlags.NoPmtuDiscovery : 0),
            ExtraFlags = noDscp ? XfrmExtraFlags.DontEncapDscp : XfrmExtraFlags.None,
        }));
        ByteString inner = Udp(Near, Remote, options: new IpPacketOptions { TrafficClass = (byte)(0xb8 | ecn), DontFragment = dontFragment, HopLimit = 9 });
        Assert.That(IpPacketView.TryParse(host.Send(inner).Sent().Single().Span, out IpPacketView outer, out _));
        int expected = (noDscp ? 0 : 0xb8) | (noEcn ? 0 : ecn == CongestionExperienced ? 2 : ecn);
        Assert.That((outer.TrafficClass, outer.DontFragment, outer.HopLimit), Is.EqualTo(((byte)expected, dontFragment && !noPmtu, (byte)64)));
    }

    [Test]
    public void BeetOptions_GoIntoThePseudoHeader_WithTheLeftOverByte()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Remote, Tunnel(Near, Far, XfrmMode.Beet)),
            Association(Near, Far, 0x1000, XfrmMode.Beet, s => Algorithm(s, "null") with { Selector = XfrmSelector.Of(AddressPrefix.Host(Near), AddressPrefix.Host(Remote)) }));
        ByteString sent = host.Send(Udp(Near, Remote, options: new IpPacketOptions { Ipv4Options = ByteString.FromHex("01010100") })).Sent().Single();

        // IP, SPI and number; then next header, length, pad length, and the last byte of the inner destination.
        Assert.That(sent.Slice(28..36).ToString(), Is.EqualTo("1100000a01010100"));
    }

    [Test]
    public void DestinationOptionsOfIpv6_StayInFrontOfEsp()
    {
        ByteString options = ByteString.FromHex("0000010400000000");
        LinuxHost host = Gateway().With(Rule(XfrmDirection.Out, Near6, Far6, Transport()), Association(Near6, Far6, 0x1000));
        ByteString packet = Udp(Near6, Far6, options: new IpPacketOptions
        {
            ExtensionHeaders = [(IpProtocol.HopByHopOptions, options), (IpProtocol.DestinationOptions, options)],
        });
        Assert.That(IpPacketView.TryParse(host.Send(packet).Sent().Single().Span, out IpPacketView view, out _));
        Assert.That((view.HeaderBytes, view.Protocol), Is.EqualTo((56, IpProtocol.Esp)));
    }

    [Test]
    public void TransitFragment_IsTransformedAsItIs()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Hidden, Remote, Transport()), Association(Hidden, Remote, 0x1000));
        ByteString fragment = Udp(Hidden, Remote, options: new IpPacketOptions { MoreFragments = true });
        Assert.That(IpPacketView.TryParse(host.Receive(fragment, InnerSide).Sent().Single().Span, out IpPacketView view, out _));
        Assert.That((view.Protocol, view.Fragment.MoreFragments), Is.EqualTo((IpProtocol.Esp, true)));
    }

    [Test]
    public void AnotherProtocolThanEsp_IsSaidToBeUnsupported()
    {
        LinuxHost host = Gateway().With(
            Rule(XfrmDirection.Out, Near, Far, Transport() with { Protocol = IpProtocol.Ah }),
            Association(Near, Far, 0x1000, change: s => s with { Protocol = IpProtocol.Ah, Combined = null, Integrity = new XfrmAlgorithm("hmac(sha1)", ByteString.Adopt(new byte[20]), 96) }));
        Assert.That(host.Send(Udp(Near, Far)).Events[^1], Is.TypeOf<PathEvent.Unsupported>());
    }

    private static LinuxHost Protected(LinuxHost host) =>
        host.With(Rule(XfrmDirection.Out, Hidden, Remote, Tunnel(Near, Far)), Association(Near, Far, 0x1000, XfrmMode.Tunnel));

    private static XfrmState Algorithm(XfrmState state, string name)
    {
        XfrmAlgorithm sha256 = new("hmac(sha256)", ByteString.Adopt(new byte[32]), 128);
        return name switch
        {
            "null" => state with { Combined = null, Encryption = new XfrmAlgorithm("ecb(cipher_null)", default), Integrity = sha256 },
            "cbc" => state with { Combined = null, Encryption = new XfrmAlgorithm("cbc(aes)", ByteString.Adopt(new byte[16])), Integrity = sha256 },
            _ => state,
        };
    }

    private static PathResult[] Series(LinuxHost host, int packets)
    {
        List<PathResult> results = [];
        for (int i = 0; i < packets; i++)
        {
            results.Add(host.Send(Udp(Near, Far)));
            host = results[^1].Next;
        }

        return [.. results];
    }

    private static IEnumerable<bool> Expiries(PathResult result) => result.Events.OfType<PathEvent.Notified>()
        .Select(e => e.Notification).OfType<XfrmNotification.StateExpired>().Select(e => e.Hard);

    private static uint Number(PathResult result) => new EspHeaderView(result.Sent().Single().Span[20..]).SequenceLow;
}
