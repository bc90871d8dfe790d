using System.Text;
using Conformance.Spec.Crypto;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Eap.Tls;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Netlink;
using Conformance.Tests.Model.Ike;

namespace Conformance.Tests.Model.Wire;

/// <summary>A parser of untrusted bytes.</summary>
/// <param name="Name">For people.</param>
/// <param name="Accepts">Feeds it; true means that the bytes had a meaning.</param>
/// <param name="Samples">Valid inputs, which are mutated for this parser alone; null where packets are what it reads.</param>
/// <param name="NeverAccepts">True where only a forged ICV could be accepted.</param>
public sealed record RegisteredParser(
    string Name, Func<ByteString, bool> Accepts, IReadOnlyList<ByteString>? Samples = null, bool NeverAccepts = false)
{
    public override string ToString() => Name;
}

/// <summary>Every parser of what comes from outside, one line each; TotalityTests takes them from here.</summary>
public static class ParserRegistry
{
    private static readonly PseudoHeader NoAddresses = new(new IpAddress(0, false), new IpAddress(0, false));
    private static readonly PseudoHeader NoIpv6Addresses = new(new IpAddress(0, true), new IpAddress(0, true));

    // NLMSG_ERROR with errno 22, the request's header, and NLMSGERR_ATTR_MSG "no" (linux/netlink.h).
    private const string Acknowledgement = "2c000000020000030100000000000000" + "eaffffff" + "10000000100005000100000000000000" + "070001006e6f0000";

    // A header of four octets, an IPv4 packet of 24, padding (RFC 9347 §6.1.1).
    private const string OnePacketInAPayload = "00000000" + "450000180001000040fd0000c0000201c0000202" + "40414243" + "000000";

    public static IReadOnlyList<RegisteredParser> All { get; } =
    [
        new(nameof(IpPacketView), bytes => IpPacketView.TryParse(bytes.Span, out _, out _)),
        new(nameof(Ipv4Packet), bytes => Ipv4Packet.TryParse(bytes.Span, out _, out _)),
        new(nameof(Ipv6Packet), bytes => Ipv6Packet.TryParse(bytes.Span, out _, out _)),
        new(nameof(UdpDatagram), bytes => UdpDatagram.TryParse(NoAddresses, bytes.Span, out _, out _)),
        new(nameof(TcpSegment), bytes => TcpSegment.TryParse(NoAddresses, bytes.Span, out _, out _)),
        new(nameof(IcmpMessage), bytes => IcmpMessage.TryParse(bytes.Span, out _, out _)),
        new(nameof(IcmpV6Message), bytes => IcmpV6Message.TryParse(NoIpv6Addresses, bytes.Span, out _, out _)),
        new(nameof(EspHeader), bytes => EspHeader.TryParse(bytes.Span, out _, out _)),
        new(nameof(OptionList), bytes => OptionList.TryParse(bytes.Span, 0, out _, out _)),
        new(nameof(OptionList) + " of IPv6", bytes => OptionList.TryParseIpv6(bytes.Span, 0, out _, out _)),
        new(nameof(UdpEncapsulatedContents), bytes => UdpEncapsulatedContents.Classify(bytes.Span) == UdpEncapsulatedContent.Esp),
        new(nameof(BeetPseudoHeader), bytes => BeetPseudoHeader.TryRead(bytes.Span, out _, out _, out _, out _)),
        new(nameof(AggFragPayload), bytes => AggFragPayload.TryParse(bytes.Span, out AggFragPayload? payload, out _)
            && Reassembler.Receive(ReassemblyState.Empty, 1, payload!).Packets.Length > 0, [ByteString.FromHex(OnePacketInAPayload)]),
        new(nameof(Reassembler), ReadAsStream, [ByteString.FromHex(OnePacketInAPayload).Slice(4..)]),
        new("views", ParsedViews.ReadEveryField),
        new(nameof(EspReceiver), ParsedEsp.Receive, NeverAccepts: true),
        new(nameof(EspReceiver) + " with a known SPI", ParsedEsp.ReceiveOnKnownSa, NeverAccepts: true),
        new(nameof(EspReceiver) + " with a right ICV", ParsedEsp.SealAndReceive),
        new(nameof(ModeEnclosure), ParsedEsp.Enclose),
        new(nameof(NetlinkMessage), bytes => NetlinkMessage.TryParseAll(bytes, out _, out _), [ByteString.FromHex(Acknowledgement)]),
        new(nameof(XfrmAnswerParser), bytes => XfrmAnswerParser.TryParse(new XfrmRequest.DumpStates(), bytes, out _, out _), [ByteString.FromHex(Acknowledgement)]),
        new(nameof(IkeMessage), bytes => IkeMessage.TryParse(bytes, out _, out _), [ByteString.FromHex(IkeMessageTests.FirstRequest)]),
        new(nameof(MsChapV2Packet), bytes => MsChapV2Packet.TryParse(bytes.Span, out _, out _), [Bytes("\x03\x07\x00\x08S=00")]),
        new(nameof(EapTlsPacket), bytes => EapTlsPacket.TryParse(bytes, out _, out _), [ByteString.FromHex("c000000010160301")]),
        new(nameof(MsChapV2Refusal), bytes => MsChapV2Refusal.Read(Text(bytes)) is not null, [Bytes("E=691 R=1 C=000102030405060708090A0B0C0D0E0F V=3 M=no")]),
        new(nameof(EspSuite), bytes => EspSuite.TryParse(Text(bytes), out _, out _), [Bytes("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128")]),
        new(nameof(IpAddress), bytes => IpAddress.TryParse(Text(bytes), out _), [Bytes("192.0.2.1"), Bytes("2001:db8::1")]),
    ];

    // The bytes in pieces of 7, each a payload of its own: the first one may be the rest of something.
    private static bool ReadAsStream(ByteString bytes)
    {
        ReassemblyState state = ReassemblyState.Empty;
        bool any = false;
        for (int at = 0; at < bytes.Length; at += 7)
        {
            Extraction extraction = Reassembler.Receive(state, (ulong)at, new AggFragPayload((ushort)(at == 0 ? 0 : bytes.Length - at), bytes.Slice(at..Math.Min(at + 7, bytes.Length))));
            (state, any) = (extraction.Next with { Wanted = (ulong)at + 7 }, any | extraction.Packets.Length > 0);
        }

        return any;
    }

    private static string Text(ByteString bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static ByteString Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
