using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>What a router does to a packet between its two sides. RFC 1812 §5.3.1, RFC 8200 §3.</summary>
public static class Hop
{
    /// <summary>The packet with its TTL or hop limit one lower, or null where it may not go on.</summary>
    public static ByteString? Forward(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) || view.HopLimit <= 1)
        {
            return null;
        }

        return WithHopLimit(packet, (byte)(view.HopLimit - 1));
    }

    /// <summary>The same packet with another TTL or hop limit, and the IPv4 checksum that fits.</summary>
    public static ByteString WithHopLimit(ByteString packet, byte hopLimit)
    {
        byte[] bytes = packet.ToArray();
        if (bytes[0] >> 4 == 6)
        {
            bytes[7] = hopLimit;
        }
        else
        {
            bytes[8] = hopLimit;
            IpPackets.FinishHeader(bytes);
        }

        return ByteString.Adopt(bytes);
    }
}
