using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Headers;

/// <summary>The four values of the ECN field. RFC 3168 §5.</summary>
public enum Ecn : byte
{
    /// <summary>The transport does not understand ECN.</summary>
    NotCapable = 0,

    /// <summary>ECT(1).</summary>
    Capable1 = 1,

    /// <summary>ECT(0).</summary>
    Capable0 = 2,

    /// <summary>CE: a router met congestion.</summary>
    CongestionExperienced = 3,
}

/// <summary>The two fields of a TOS or traffic class octet, and how to write it. RFC 2474 §3, RFC 3168 §5.</summary>
public static class TrafficClasses
{
    private const byte EcnMask = 3;

    /// <summary>The lower two bits.</summary>
    public static Ecn EcnOf(byte trafficClass) => (Ecn)(trafficClass & EcnMask);

    /// <summary>The upper six bits, as a number from 0 to 63.</summary>
    public static byte DscpOf(byte trafficClass) => (byte)(trafficClass >> 2);

    /// <summary>Joins the two fields.</summary>
    public static byte Join(byte dscp, Ecn ecn) => (byte)((dscp << 2) | (byte)ecn);

    /// <summary>The same packet with another octet, and the IPv4 checksum that fits.</summary>
    public static ByteString Write(ByteString packet, byte trafficClass)
    {
        byte[] bytes = packet.ToArray();
        if (bytes[0] >> 4 == 6)
        {
            bytes[0] = (byte)(0x60 | (trafficClass >> 4));
            bytes[1] = (byte)((trafficClass << 4) | (bytes[1] & 0x0f));
        }
        else
        {
            bytes[1] = trafficClass;
            IpPackets.FinishHeader(bytes);
        }

        return ByteString.Adopt(bytes);
    }
}
