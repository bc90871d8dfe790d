using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Contract;

/// <summary>IKE inside UDP inside IP: port 500, or port 4500 behind the non-ESP marker. RFC 7296 §2, §2.23, RFC 3948 §2.2.</summary>
/// <param name="Message">From the IKE header on.</param>
/// <param name="From">Source.</param>
/// <param name="To">Destination.</param>
public sealed record IkeDatagram(ByteString Message, Endpoint From, Endpoint To)
{
    /// <summary>False where it stands at port 4500 without the marker, or at another port with it.</summary>
    public bool IsMarkedAsDue { get; init; } = true;

    /// <summary>The whole IP packet.</summary>
    public ByteString ToPacket()
    {
        bool isMarked = (From.Port == Endpoint.NatTraversalPort || To.Port == Endpoint.NatTraversalPort) == IsMarkedAsDue;
        byte[] data = isMarked ? [.. new byte[UdpEncapsulatedContents.NonEspMarkerBytes], .. Message.Span] : Message.ToArray();
        return ByteString.Adopt(IpPackets.Udp(From.Address, To.Address, From.Port, To.Port, data));
    }

    /// <summary>What an IP packet carries; null where that is neither at a port of IKE nor could be IKE.</summary>
    public static IkeDatagram? Read(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView ip, out _) || ip.Protocol != IpProtocol.Udp
            || !UdpDatagram.TryParse(new PseudoHeader(ip.Source, ip.Destination), ip.Payload, out UdpDatagram? udp, out _))
        {
            return null;
        }

        (Endpoint from, Endpoint to) = (new Endpoint(ip.Source, udp!.SourcePort), new Endpoint(ip.Destination, udp.DestinationPort));
        bool isEncapsulated = udp.SourcePort == Endpoint.NatTraversalPort || udp.DestinationPort == Endpoint.NatTraversalPort;
        if (!isEncapsulated)
        {
            bool isMarked = StartsWithMarker(udp.Data.Span);
            return udp.SourcePort == Endpoint.IkePort || udp.DestinationPort == Endpoint.IkePort
                ? new IkeDatagram(isMarked ? udp.Data.Slice(UdpEncapsulatedContents.NonEspMarkerBytes..) : udp.Data, from, to) { IsMarkedAsDue = !isMarked }
                : null;
        }

        return UdpEncapsulatedContents.Classify(udp.Data.Span) == UdpEncapsulatedContent.KeyExchange
            ? new IkeDatagram(udp.Data.Slice(UdpEncapsulatedContents.NonEspMarkerBytes..), from, to)
            : null;
    }

    // An SPI may start with zeros too: the version tells where the header starts.
    private static bool StartsWithMarker(ReadOnlySpan<byte> data)
    {
        const int VersionOffset = 17;
        const byte Major = 2;
        return UdpEncapsulatedContents.Classify(data) == UdpEncapsulatedContent.KeyExchange
            && data.Length > VersionOffset + UdpEncapsulatedContents.NonEspMarkerBytes
            && data[VersionOffset] >> 4 != Major && data[VersionOffset + UdpEncapsulatedContents.NonEspMarkerBytes] >> 4 == Major;
    }
}
