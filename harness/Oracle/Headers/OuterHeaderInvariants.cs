using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Headers;

/// <summary>What must hold of the IP header in front of every tunnelled packet, held against the packet inside. RFC 4301 §5.1.2, RFC 6040 §4.1.</summary>
/// <remarks>Fields on which the RFCs leave a choice (identification, a flow label that nobody configured) are not judged.</remarks>
internal sealed class OuterHeaderInvariants
{
    private readonly Dictionary<Spi, byte> _firstHopLimit = [];

    /// <summary>Judges one packet; null where nothing is wrong, or where the header is the packet's own.</summary>
    public Violation? Judge(SecurityAssociation sa, OpenedPacket opened)
    {
        // The payload and not the plain packet: decapsulation may have changed the ECN field of that.
        if (sa.Mode != EspMode.Tunnel || opened.IsDummy
            || !IpPacketView.TryParse(opened.Datagram.Span, out IpPacketView outer, out _)
            || !IpPacketView.TryParse(opened.Payload.Span, out IpPacketView inner, out _))
        {
            return null;
        }

        return JudgeLayout(outer) ?? JudgeTrafficClass(sa.Headers, outer, inner) ?? JudgeDontFragment(sa.Headers, outer, inner)
            ?? JudgeFlowLabel(sa.Headers, outer, inner) ?? JudgeHopLimit(sa.Spi, outer, inner);
    }

    /// <summary>A packet that its own receiver would drop for congestion that no router marked.</summary>
    public static Violation MarkedForNothing(SecurityAssociation sa) =>
        EcnCopied(sa.Source.IsIpv6, "the outer ECN field is CE around a packet whose transport does not understand ECN");

    private static Violation? JudgeLayout(IpPacketView outer) => outer switch
    {
        { IsIpv6: false, HeaderBytes: > Ipv4HeaderView.FixedBytes } => new Violation(
            "RFC4301-5.1.2.1-10", $"the outer header has {outer.HeaderBytes - Ipv4HeaderView.FixedBytes} bytes of options")
        { Also = ["RFC4301-5.1.2.1-02"] },
        { IsIpv6: true, HeaderBytes: > Ipv6HeaderView.FixedBytes } => new Violation(
            "RFC4301-5.1.2.2-08", "extension headers stand between the outer header and ESP"),
        _ => null,
    };

    private static Violation? JudgeTrafficClass(TunnelHeaderOptions rules, IpPacketView outer, IpPacketView inner)
    {
        byte dscp = TrafficClasses.DscpOf(outer.TrafficClass);
        byte due = rules.Dscp ?? TrafficClasses.DscpOf(inner.TrafficClass);
        if (dscp != due)
        {
            string copied = outer.IsIpv6 ? "RFC4301-5.1.2.2-02" : "RFC4301-5.1.2.1-03";
            return rules.Dscp is null
                ? new Violation(copied, $"the outer DSCP is {dscp}, the inner one {due}") { Also = ["RFC4301-4.4.2.1-19"] }
                : new Violation("RFC4301-5.1.2.1-17", $"the outer DSCP is {dscp}, the SA says {due}") { Also = ["RFC4301-4.4.2.1-19"] };
        }

        Ecn mark = TrafficClasses.EcnOf(outer.TrafficClass);
        Ecn own = TrafficClasses.EcnOf(inner.TrafficClass);
        return mark == EcnTunnel.Encapsulate(rules.Ecn, own) ? null
            : rules.Ecn == EcnMode.Compatibility
                ? new Violation("RFC6040-4.1-02", $"the outer ECN field is {mark} in compatibility mode") { Also = ["RFC6040-4.3-02", "RFC6040-4.3-04"] }
                : EcnCopied(outer.IsIpv6, $"the outer ECN field is {mark}, the inner one {own}");
    }

    private static Violation EcnCopied(bool ipv6, string what) => new("RFC6040-4.1-01", what)
    {
        Also = ["RFC6040-4.1-03", "RFC6040-4.3-01", "RFC6040-5.1-01", ipv6 ? "RFC4301-5.1.2.2-03" : "RFC4301-5.1.2.1-04"],
    };

    private static Violation? JudgeDontFragment(TunnelHeaderOptions rules, IpPacketView outer, IpPacketView inner)
    {
        // Nothing says what a copy of a field that IPv6 does not have is.
        if (outer.IsIpv6 || (rules.DontFragment == DontFragmentRule.Copy && inner.IsIpv6))
        {
            return null;
        }

        bool due = rules.DontFragment == DontFragmentRule.Set || (rules.DontFragment == DontFragmentRule.Copy && inner.DontFragment);
        if (outer.DontFragment == due)
        {
            return null;
        }

        string what = $"the outer DF is {(outer.DontFragment ? 1 : 0)} where the rule is {rules.DontFragment}";
        return rules.DontFragment == DontFragmentRule.Copy
            ? new Violation("RFC4301-8.1-01", what) { Also = ["RFC4301-5.1.2.1-06", "RFC4301-8.1-02"] }
            : new Violation("RFC4301-8.1-02", what) { Also = ["RFC4301-5.1.2.1-06"] };
    }

    private static Violation? JudgeFlowLabel(TunnelHeaderOptions rules, IpPacketView outer, IpPacketView inner)
    {
        uint? due = rules.FlowLabel switch { null => inner.FlowLabel, 0 => null, var label => label };
        return outer.IsIpv6 && due is { } wanted && outer.FlowLabel != wanted
            ? new Violation("RFC4301-5.1.2.2-04", $"the outer flow label is 0x{outer.FlowLabel:x5}, 0x{wanted:x5} is configured")
            : null;
    }

    // One packet does not tell a built TTL from a copied one: a second one with another inner TTL does.
    private Violation? JudgeHopLimit(Spi spi, IpPacketView outer, IpPacketView inner)
    {
        _firstHopLimit.TryAdd(spi, outer.HopLimit);
        bool copied = outer.HopLimit != _firstHopLimit[spi] && outer.HopLimit - inner.HopLimit is 0 or 1;
        return copied
            ? new Violation(outer.IsIpv6 ? "RFC4301-5.1.2.2-04" : "RFC4301-5.1.2.1-07", $"the outer TTL {outer.HopLimit} follows the inner one")
            : null;
    }
}
