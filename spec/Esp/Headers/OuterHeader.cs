using System.Buffers.Binary;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Headers;

/// <summary>The IP header that a tunnel puts in front of ESP. RFC 4301 §5.1.2.1, §5.1.2.2.</summary>
public static class OuterHeader
{
    /// <summary>TTL or hop limit of a tunnel, which has nothing to do with the inner one.</summary>
    public const byte HopLimit = 64;

    /// <summary>The header of tunnel mode: no options and no extension headers, whatever the inner packet has.</summary>
    public static ByteString ForTunnel(SecurityAssociation sa, IpPacketView inner)
    {
        TunnelHeaderOptions rules = sa.Headers;
        Ecn ecn = EcnTunnel.Encapsulate(rules.Ecn, TrafficClasses.EcnOf(inner.TrafficClass));
        return Write(sa, inner, new IpPacketOptions
        {
            HopLimit = HopLimit,
            TrafficClass = TrafficClasses.Join(rules.Dscp ?? TrafficClasses.DscpOf(inner.TrafficClass), ecn),
            DontFragment = rules.DontFragment switch
            {
                DontFragmentRule.Set => true,
                DontFragmentRule.Clear => false,
                _ => !inner.IsIpv6 && inner.DontFragment,
            },
            FlowLabel = rules.FlowLabel ?? inner.FlowLabel,
        });
    }

    /// <summary>The header of BEET mode: the packet's own fields between other addresses (draft-nikander-esp-beet-mode §5.1).</summary>
    public static ByteString ForBeet(SecurityAssociation sa, IpPacketView inner) => Write(sa, inner, new IpPacketOptions
    {
        HopLimit = inner.HopLimit,
        TrafficClass = inner.TrafficClass,
        DontFragment = !inner.IsIpv6 && inner.DontFragment,
        FlowLabel = inner.FlowLabel,
    });

    /// <summary>The header of AGGFRAG mode, which copies nothing: there may be several inner packets, or none. RFC 9347 §2.2.5, §3.1.</summary>
    public static ByteString ForAggFrag(SecurityAssociation sa) => ByteString.Adopt(IpPackets.Raw(sa.Source, sa.Destination, IpProtocol.Esp, [], new IpPacketOptions
    {
        HopLimit = HopLimit,
        TrafficClass = TrafficClasses.Join(sa.Headers.Dscp ?? 0, Ecn.NotCapable),
        DontFragment = sa.Headers.DontFragment == DontFragmentRule.Set,
        FlowLabel = sa.Headers.FlowLabel ?? 0,
    }));

    // The inner identification is as good as any other, and lets packets be told apart in a capture.
    private static ByteString Write(SecurityAssociation sa, IpPacketView inner, IpPacketOptions fields) => ByteString.Adopt(IpPackets.Raw(
        sa.Source, sa.Destination, IpProtocol.Esp, [],
        fields with { Identification = inner.IsIpv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(inner.Bytes[4..]) }));
}
