using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Headers;

/// <summary>Which clause a packet breaks that went through a tunnel and came out with another header. RFC 4301 §5.1.2, RFC 6040 §4.</summary>
internal static class InnerHeaderInvariants
{
    /// <summary>Names the field in which an inner packet differs from what was to be sealed; null where its header is right.</summary>
    public static Violation? ExplainSealed(ByteString due, ByteString seen)
    {
        if (!TryParse(due, seen, out IpPacketView expected, out IpPacketView found))
        {
            return null;
        }

        if (TrafficClasses.EcnOf(expected.TrafficClass) != TrafficClasses.EcnOf(found.TrafficClass))
        {
            return new Violation("RFC6040-4.1-03", "the inner ECN field was changed by the encapsulation");
        }

        return expected.HopLimit != found.HopLimit
            ? Hops(expected, found, "RFC4301-5.1.2.1-12")
            : Rest(expected, found, []);
    }

    /// <summary>Names the field in which a delivered packet differs from what the receiver should have made of it.</summary>
    /// <param name="due">As it should be.</param>
    /// <param name="seen">As it was delivered.</param>
    /// <param name="before">As it was sealed.</param>
    /// <param name="outer">The datagram around it.</param>
    public static Violation? ExplainDelivered(ByteString due, ByteString seen, ByteString before, ByteString outer)
    {
        if (ChecksumIsWrong(seen))
        {
            return new Violation("RFC4301-5.1.2.1-15", "the IPv4 checksum of the delivered packet is wrong") { Also = ["RFC6040-4.2-10"] };
        }

        if (!TryParse(due, seen, out IpPacketView expected, out IpPacketView found))
        {
            return null;
        }

        if (TrafficClasses.DscpOf(expected.TrafficClass) != TrafficClasses.DscpOf(found.TrafficClass))
        {
            return new Violation(
                found.IsIpv6 ? "RFC4301-5.1.2.2-13" : "RFC4301-5.1.2-08", $"the delivered DSCP is {TrafficClasses.DscpOf(found.TrafficClass)}")
            {
                Also = ["RFC4301-5.1.2-06"],
            };
        }

        Ecn wrong = TrafficClasses.EcnOf(found.TrafficClass);
        if (TrafficClasses.EcnOf(expected.TrafficClass) != wrong)
        {
            bool readable = IpPacketView.TryParse(before.Span, out IpPacketView sealedPacket, out _);
            bool outerReadable = IpPacketView.TryParse(outer.Span, out IpPacketView around, out _);
            return readable && outerReadable
                ? Marks(TrafficClasses.EcnOf(sealedPacket.TrafficClass), TrafficClasses.EcnOf(around.TrafficClass), wrong)
                : null;
        }

        return expected.HopLimit != found.HopLimit
            ? Hops(expected, found, "RFC4301-5.1.2.1-13")
            : Rest(expected, found, [found.IsIpv6 ? "RFC4301-5.1.2.2-11" : "RFC4301-5.1.2.1-19"]);
    }

    private static Violation Marks(Ecn inner, Ecn outer, Ecn delivered)
    {
        string what = $"inner {inner} in outer {outer} was delivered as {delivered}";
        string[] table = ["RFC6040-4.2-01", "RFC6040-4.4-01"];
        return (inner, outer) switch
        {
            (Ecn.NotCapable, _) => new Violation("RFC6040-4.2-04", what) { Also = [.. table, "RFC6040-4.2-03"] },
            (Ecn.Capable0, Ecn.Capable1) => new Violation("RFC6040-4.2-06", what) { Also = [.. table, "RFC6040-4.2-05", "RFC6040-5.1-02"] },
            (Ecn.Capable0 or Ecn.Capable1, Ecn.CongestionExperienced) => new Violation("RFC6040-4.2-07", what)
            {
                Also = [.. table, "RFC6040-4.2-05", "RFC6040-4.3-04", "RFC4301-5.1.2.1-18"],
            },
            (Ecn.CongestionExperienced, _) => new Violation("RFC6040-4.2-09", what) { Also = [.. table, "RFC6040-4.2-05"] },
            _ => new Violation("RFC6040-4.2-08", what) { Also = [.. table, "RFC6040-4.2-05"] },
        };
    }

    private static Violation Hops(IpPacketView expected, IpPacketView found, string ipv4Clause) => new(
        found.IsIpv6 ? "RFC4301-5.1.2.2-10" : ipv4Clause, $"the inner TTL is {found.HopLimit} and not {expected.HopLimit}");

    // The headers behind the fixed part, then the fixed part without what was judged before.
    private static Violation? Rest(IpPacketView expected, IpPacketView found, IReadOnlyList<string> also)
    {
        int fixedBytes = expected.IsIpv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes;
        if (!expected.Bytes[fixedBytes..expected.HeaderBytes].SequenceEqual(found.Bytes[fixedBytes..found.HeaderBytes]))
        {
            return new Violation("RFC4301-5.1.2-03", "options or extension headers of the inner packet were changed")
            {
                Also = [.. also, "RFC4303-3.1.2-03"],
            };
        }

        return !expected.Bytes[..fixedBytes].SequenceEqual(found.Bytes[..fixedBytes])
            ? new Violation("RFC4301-5.1.2-02", "the inner header was changed") { Also = also }
            : null;
    }

    private static bool TryParse(ByteString due, ByteString seen, out IpPacketView expected, out IpPacketView found)
    {
        found = default;
        return IpPacketView.TryParse(due.Span, out expected, out _) && IpPacketView.TryParse(seen.Span, out found, out _)
            && expected.IsIpv6 == found.IsIpv6;
    }

    private static bool ChecksumIsWrong(ByteString packet) =>
        packet.Length >= Ipv4HeaderView.FixedBytes && packet[0] >> 4 == 4 && !new Ipv4HeaderView(packet.Span).ChecksumIsRight;
}
