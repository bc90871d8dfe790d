using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Outer headers as Linux fills them in (xfrm4_tunnel_encap_add, xfrm6_tunnel_encap_add, xfrm4_beet_encap_add, xfrm6_beet_encap_add).</summary>
internal static class OuterHeaders
{
    private const byte EcnBits = 3;
    private const byte CongestionExperienced = 3;
    private const byte Ect0 = 2;

    /// <summary>The header of a tunnel; its lengths are not set.</summary>
    public static (PacketInFlight Packet, byte[] Header) Tunnel(PacketInFlight packet, XfrmState state, IpPacketView inner)
    {
        // Of IPv6 inside, DF counts as set.
        bool dontFragment = inner.DontFragment && !state.Flags.HasFlag(XfrmStateFlags.NoPmtuDiscovery);
        uint identification = packet.Host.Identification + 1;
        IpPacketOptions options = new()
        {
            HopLimit = packet.Host.Settings.HopLimit,
            TrafficClass = TrafficClass(state, inner.TrafficClass),
            DontFragment = dontFragment,
            Identification = dontFragment ? (ushort)0 : (ushort)identification,
            FlowLabel = inner.FlowLabel,
        };
        byte[] header = IpPackets.Raw(state.SourceAddress, state.DestinationAddress, IpProtocol.Esp, [], options);
        return (dontFragment ? packet : packet with { Host = packet.Host with { Identification = identification } }, header);
    }

    /// <summary>The header of BEET mode: TTL, TOS and, between IPv4, identification and DF are those of the inner header.</summary>
    public static byte[] Beet(XfrmState state, IpPacketView inner) => IpPackets.Raw(state.SourceAddress, state.DestinationAddress, IpProtocol.Esp, [], new IpPacketOptions
    {
        HopLimit = inner.HopLimit,
        TrafficClass = inner.TrafficClass,
        DontFragment = inner.DontFragment,
        FlowLabel = inner.FlowLabel,
        Identification = inner.IsIpv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(inner.Bytes[4..]),
    });

    // INET_ECN_encapsulate: congestion experienced is not copied out but becomes ECT(0).
    private static byte TrafficClass(XfrmState state, byte inner)
    {
        int dscp = state.ExtraFlags.HasFlag(XfrmExtraFlags.DontEncapDscp) ? 0 : inner & ~EcnBits;
        int ecn = (inner & EcnBits) == CongestionExperienced ? Ect0 : inner & EcnBits;
        return (byte)(dscp | (state.Flags.HasFlag(XfrmStateFlags.NoEcn) ? 0 : ecn));
    }
}
