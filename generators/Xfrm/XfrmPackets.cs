using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>Whole packets from flows.</summary>
public static class XfrmPackets
{
    private const int PayloadBytes = 24;
    private const byte UnassignedProtocol = IpProtocol.Experiment253;

    /// <summary>Protocols that the packets of a family use.</summary>
    public static byte[] Protocols(bool ipv6) =>
        [IpProtocol.Udp, IpProtocol.Tcp, ipv6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp, UnassignedProtocol];

    /// <summary>A valid packet of a flow, with a payload that tells it from the others.</summary>
    /// <param name="flow">Addresses, protocol, ports or ICMP type and code.</param>
    /// <param name="tag">Goes into the payload.</param>
    public static ByteString Of(XfrmFlow flow, uint tag)
    {
        ArgumentNullException.ThrowIfNull(flow);
        byte[] data = new byte[PayloadBytes];
        BinaryPrimitives.WriteUInt32BigEndian(data, tag);
        PseudoHeader addresses = new(flow.Source, flow.Destination);
        byte[] content = flow.Protocol switch
        {
            IpProtocol.Udp => new UdpDatagram { SourcePort = flow.SourcePort, DestinationPort = flow.DestinationPort, Data = ByteString.Adopt(data) }.ToBytes(addresses),
            IpProtocol.Tcp => Tcp(addresses, flow, data),
            IpProtocol.Icmp or IpProtocol.IcmpV6 => Icmp(addresses, flow, data),
            _ => data,
        };
        // A locally sent raw packet of identification 0 would get another one from the stack.
        return ByteString.Adopt(IpPackets.Raw(
            flow.Source, flow.Destination, flow.Protocol, content, new IpPacketOptions { Identification = (ushort)(tag | 1) }));
    }

    private static byte[] Tcp(PseudoHeader addresses, XfrmFlow flow, byte[] data)
    {
        const int headerBytes = 20;
        byte[] segment = [.. new byte[headerBytes], .. data];
        BinaryPrimitives.WriteUInt16BigEndian(segment, flow.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), flow.DestinationPort);
        segment[12] = 0x50;
        segment[13] = 0x10;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), addresses.Checksum(IpProtocol.Tcp, segment));
        return segment;
    }

    private static byte[] Icmp(PseudoHeader addresses, XfrmFlow flow, byte[] data)
    {
        byte[] message = [(byte)flow.SourcePort, (byte)flow.DestinationPort, 0, 0, 0, 1, 0, 1, .. data];
        ushort checksum = flow.Source.IsIpv6 ? addresses.Checksum(IpProtocol.IcmpV6, message) : InternetChecksum.Compute(message);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), checksum);
        return message;
    }
}
