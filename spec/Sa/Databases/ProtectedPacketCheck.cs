using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.Databases;

/// <summary>Whether a packet may have come on the SA on which it came.</summary>
public enum ProtectedPacketVerdict
{
    /// <summary>It may.</summary>
    Accepted,

    /// <summary>The SA's selectors do not hold it. RFC 4301 §5.2 step 5.</summary>
    OutsideSaSelectors,

    /// <summary>A fragment on an SA for fragments that starts inside the header of the next layer. RFC 4301 §7.2.</summary>
    FragmentTooNear,

    /// <summary>An ICMP error, and neither its own header nor the one inside, reversed, is among the SA's traffic. RFC 4301 §6.2.</summary>
    QuotedPacketOutside,

    /// <summary>The ordered SPD gives it to no entry, to one that does not protect, or to one that this SA does not serve. RFC 4301 §4.4.1.</summary>
    PolicyAsksOtherwise,
}

/// <summary>The check of a packet after ESP was taken off. RFC 4301 §5.2 steps 4 and 5.</summary>
public static class ProtectedPacketCheck
{
    /// <summary>The ports and flags of TCP end before it. RFC 1858 §3, see Interpretations/0030.</summary>
    public const int LeastOffsetBytes = 16;

    /// <summary>Against the SA's selectors, and by an ordered search of the SPD, which a decorrelated SAD makes superfluous. RFC 4301 §4.4.1.</summary>
    public static ProtectedPacketVerdict Check(SecurityPolicyDatabase database, SadEntry sa, FlowSelectors inner)
    {
        if (!sa.Accepts(inner))
        {
            return ProtectedPacketVerdict.OutsideSaSelectors;
        }

        int match = database.FirstMatch(PolicyDirection.Inbound, inner);
        return match >= 0 && Serves(sa, database.Entries[match]) ? ProtectedPacketVerdict.Accepted : ProtectedPacketVerdict.PolicyAsksOtherwise;
    }

    /// <summary>The same for a packet, with the least offset of a fragment on an SA that carries nothing but fragments. RFC 4301 §7.2.</summary>
    public static ProtectedPacketVerdict Check(SecurityPolicyDatabase database, SadEntry sa, FlowSelectors inner, FragmentInfo fragment)
    {
        ProtectedPacketVerdict verdict = Check(database, sa, inner);
        bool near = !inner.Local.IsIpv6 && fragment.OffsetBytes is > 0 and < LeastOffsetBytes && sa.Selectors.All(IsForFragments);
        return verdict == ProtectedPacketVerdict.Accepted && near ? ProtectedPacketVerdict.FragmentTooNear : verdict;
    }

    /// <summary>The verdict for what may be an ICMP error: one that does not fit by its own header must fit by the header inside it, reversed. RFC 4301 §6.2.</summary>
    /// <param name="database">The SPD.</param>
    /// <param name="sa">The SA on which it came.</param>
    /// <param name="inner">What its own header shows.</param>
    /// <param name="back">The traffic that it answers; null for what is no error.</param>
    /// <param name="own">The verdict by its own header.</param>
    public static ProtectedPacketVerdict OfError(
        SecurityPolicyDatabase database, SadEntry sa, FlowSelectors inner, FlowSelectors? back, ProtectedPacketVerdict own)
    {
        bool isAnothers = sa.Accepts(inner) && database.FirstMatch(PolicyDirection.Inbound, inner) >= 0;
        return own == ProtectedPacketVerdict.Accepted || isAnothers || back is not { } returned ? own
            : Check(database, sa, returned) == ProtectedPacketVerdict.Accepted ? ProtectedPacketVerdict.Accepted
            : ProtectedPacketVerdict.QuotedPacketOutside;
    }

    private static bool IsForFragments(SelectorSet set) => set.Upper is UpperLayerSelector.Ports { Local.IsOpaque: true, Remote.IsOpaque: true };

    // The outermost layer is the last one; the SAs inside it are met by the packet that it uncovers.
    private static bool Serves(SadEntry sa, SpdEntry entry) =>
        entry.Action is PolicyAction.Protect protect
        && (sa.Origin is null || sa.Origin == entry)
        && protect.Steps.Any(step => step.IsMetBy(sa.Sa, PolicyDirection.Inbound));
}
