using System.Buffers.Binary;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Policy;

/// <summary>Packets that show given selectors.</summary>
public static class FlowPackets
{
    private const int PayloadBytes = 32;
    private const int LaterOffsetBytes = 64;

    /// <summary>A packet that shows exactly these selectors in a direction; what they hide is hidden by a later fragment.</summary>
    /// <exception cref="ArgumentException">No packet shows them: for example one port of two.</exception>
    public static byte[] Build(FlowSelectors flow, PolicyDirection direction, byte fill = 0x5a)
    {
        FlowSelectors outbound = direction == PolicyDirection.Outbound ? flow : flow.Swapped();
        byte[] payload = new byte[PayloadBytes];
        payload.AsSpan().Fill(fill);
        byte protocol = flow.Protocol ?? IpProtocol.DestinationOptions;
        bool hasField = FlowSelectors.HasPorts(protocol) || FlowSelectors.IsIcmp(protocol) || protocol == IpProtocol.Mobility;
        if (flow.Protocol is null || (hasField && flow.LocalField is null))
        {
            return IpPackets.Raw(outbound.Local, outbound.Remote, protocol, payload, LaterFragment(outbound.Local.IsIpv6, protocol));
        }

        WriteFields(outbound, payload);
        if (protocol == IpProtocol.Udp)
        {
            return IpPackets.Udp(outbound.Local, outbound.Remote, Field(outbound.LocalField), Field(outbound.RemoteField), payload.AsSpan(8));
        }

        return IpPackets.Raw(outbound.Local, outbound.Remote, protocol, payload);
    }

    private static ushort Field(ushort? value) => value ?? throw new ArgumentException("no packet hides this field alone", nameof(value));

    private static void WriteFields(FlowSelectors outbound, Span<byte> payload)
    {
        switch (outbound.Protocol)
        {
            case { } number when FlowSelectors.HasPorts(number):
                BinaryPrimitives.WriteUInt16BigEndian(payload, Field(outbound.LocalField));
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], Field(outbound.RemoteField));
                break;
            case IpProtocol.Icmp:
                BinaryPrimitives.WriteUInt16BigEndian(payload, Field(outbound.LocalField));
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], 0);
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], InternetChecksum.Compute(payload));
                break;
            case IpProtocol.IcmpV6:
                BinaryPrimitives.WriteUInt16BigEndian(payload, Field(outbound.LocalField));
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], 0);
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], InternetChecksum.Compute(outbound.Local, outbound.Remote, IpProtocol.IcmpV6, payload));
                break;
            case IpProtocol.Mobility:
                payload[0] = IpProtocol.NoNextHeader;
                payload[1] = PayloadBytes / 8 - 1;
                payload[2] = (byte)Field(outbound.LocalField);
                break;
        }
    }

    private static IpPacketOptions LaterFragment(bool isIpv6, byte protocol)
    {
        if (!isIpv6)
        {
            return new IpPacketOptions { FragmentOffsetBytes = LaterOffsetBytes };
        }

        byte[] header = new byte[8];
        header[0] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), LaterOffsetBytes);
        header[7] = 1;
        return new IpPacketOptions { ExtensionHeaders = [(IpProtocol.Fragment, ByteString.Adopt(header))] };
    }
}
