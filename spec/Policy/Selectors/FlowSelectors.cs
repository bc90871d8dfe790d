using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Selectors;

/// <summary>The values that a packet shows to the SPD. RFC 4301 §4.4.1.1.</summary>
/// <param name="Local">Source outbound, destination inbound.</param>
/// <param name="Remote">Destination outbound, source inbound.</param>
/// <param name="Protocol">Next layer protocol behind the extension headers that are skipped; null when it is not shown.</param>
/// <param name="LocalField">Local port, ICMP type times 256 plus code, or mobility type; null when there is none or it is not shown.</param>
/// <param name="RemoteField">Remote port; null when there is none or it is not shown.</param>
public readonly record struct FlowSelectors(IpAddress Local, IpAddress Remote, byte? Protocol, ushort? LocalField, ushort? RemoteField)
{
    private const byte Dccp = 33;
    private const int MobilityTypeOffsetBytes = 2;

    /// <summary>The values of a packet that crosses the boundary in a direction.</summary>
    /// <remarks>
    /// The fields of a fragment are those that its bytes hold: a first fragment shows them, a later one shows none. A later fragment of IPv6
    /// whose fragment header names an extension header shows no protocol either.
    /// </remarks>
    public static FlowSelectors Of(IpPacketView packet, PolicyDirection direction)
    {
        bool later = packet.Fragment.OffsetBytes != 0;
        byte? protocol = later && packet.IsIpv6 && Ipv6ExtensionHeader.IsExtension(packet.Protocol) ? null : packet.Protocol;
        (ushort? first, ushort? second) = later || protocol is null ? (null, null) : Fields(packet.Protocol, packet.Payload);
        FlowSelectors outbound = new(packet.Source, packet.Destination, protocol, first, second);
        return direction == PolicyDirection.Outbound ? outbound : outbound.Swapped();
    }

    /// <summary>True for protocols whose first four bytes are two ports.</summary>
    public static bool HasPorts(byte protocol) => protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.UdpLite or IpProtocol.Sctp or Dccp;

    /// <summary>True for ICMP of either family.</summary>
    public static bool IsIcmp(byte protocol) => protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;

    /// <summary>Local and remote change places; types and codes have no side.</summary>
    public FlowSelectors Swapped() => Protocol is { } protocol && HasPorts(protocol)
        ? new(Remote, Local, Protocol, RemoteField, LocalField)
        : this with { Local = Remote, Remote = Local };

    /// <summary>Addresses, protocol and fields on one line.</summary>
    public override string ToString() =>
        $"{Local} <> {Remote} protocol {(Protocol is { } protocol ? $"{protocol}" : "hidden")} {Text(LocalField)} > {Text(RemoteField)}";

    private static string Text(ushort? field) => field is { } value ? $"{value}" : "-";

    private static (ushort? First, ushort? Second) Fields(byte protocol, ReadOnlySpan<byte> payload) => protocol switch
    {
        _ when HasPorts(protocol) && payload.Length >= 4 => (BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt16BigEndian(payload[2..])),
        _ when IsIcmp(protocol) && payload.Length >= 2 => (BinaryPrimitives.ReadUInt16BigEndian(payload), null),
        IpProtocol.Mobility when payload.Length > MobilityTypeOffsetBytes => (payload[MobilityTypeOffsetBytes], null),
        _ => (null, null),
    };
}
