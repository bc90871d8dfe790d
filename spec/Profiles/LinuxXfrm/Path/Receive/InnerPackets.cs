using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Packets as they come out of tunnel and BEET mode (xfrm4_remove_tunnel_encap, xfrm4_remove_beet_encap and those of IPv6).</summary>
internal static class InnerPackets
{
    private const byte EcnBits = 3;
    private const byte CongestionExperienced = 3;

    /// <summary>The packet of a tunnel, with what stands behind it still there; null where there is none.</summary>
    public static byte[]? Tunnel(XfrmState state, IpPacketView outer, byte nextHeader, ByteString payload)
    {
        int least = nextHeader switch
        {
            IpProtocol.Ipv4 => Ipv4HeaderView.FixedBytes,
            IpProtocol.Ipv6 => Ipv6HeaderView.FixedBytes,
            _ => int.MaxValue,
        };
        if (payload.Length < least)
        {
            return null;
        }

        byte[] inner = payload.ToArray();
        bool ipv6 = nextHeader == IpProtocol.Ipv6;
        byte trafficClass = ipv6 ? (byte)(BinaryPrimitives.ReadUInt16BigEndian(inner) >> 4) : inner[1];
        byte changed = state.Flags.HasFlag(XfrmStateFlags.DecapDscp) ? (byte)((outer.TrafficClass & ~EcnBits) | (trafficClass & EcnBits)) : trafficClass;
        bool marked = !state.Flags.HasFlag(XfrmStateFlags.NoEcn) && (outer.TrafficClass & EcnBits) == CongestionExperienced;
        changed = marked && (changed & EcnBits) != 0 ? (byte)(changed | CongestionExperienced) : changed;
        if (changed != trafficClass)
        {
            SetTrafficClass(inner, ipv6, changed);
        }

        return inner;
    }

    /// <summary>The packet that BEET mode restores; null where the pseudo header or the selector forbids.</summary>
    public static byte[]? Beet(XfrmState state, IpPacketView outer, byte nextHeader, ByteString payload)
    {
        XfrmFamily family = state.Selector.Family;
        ByteString options = default;
        if (family == XfrmFamily.Unspecified
            || (family == XfrmFamily.Ipv4 && nextHeader == IpProtocol.BeetPseudoHeader
                && !BeetPseudoHeader.TryRead(payload.Span, out nextHeader, out options, out payload, out _)))
        {
            return null;
        }

        return IpPackets.Raw(state.Selector.Source.In(family), state.Selector.Destination.In(family), nextHeader, payload.Span, new IpPacketOptions
        {
            HopLimit = outer.HopLimit,
            TrafficClass = outer.TrafficClass,
            FlowLabel = outer.FlowLabel,
            DontFragment = outer.DontFragment,
            Identification = outer.IsIpv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(outer.Bytes[4..]),
            Ipv4Options = options,
        });
    }

    // The checksum is corrected, not made: a wrong one stays wrong.
    private static void SetTrafficClass(byte[] packet, bool ipv6, byte value)
    {
        if (ipv6)
        {
            ushort first = BinaryPrimitives.ReadUInt16BigEndian(packet);
            BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)((first & 0xf00f) | (value << 4)));
            return;
        }

        int headerBytes = Math.Min((packet[0] & 0x0f) * 4, packet.Length);
        bool right = headerBytes >= Ipv4HeaderView.FixedBytes && InternetChecksum.Compute(packet.AsSpan(0, headerBytes)) == 0;
        packet[1] = value;
        if (right)
        {
            packet.AsSpan(10, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), InternetChecksum.Compute(packet.AsSpan(0, headerBytes)));
        }
    }
}
