using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>A policy as a dump shows it, with what the SPD itself has no place for.</summary>
public sealed record PolicyEntry(XfrmPolicy Policy)
{
    /// <summary>True for a policy that one socket set for itself; it is in the dump, but not in the SPD.</summary>
    public bool OfSocket { get; init; }

    /// <summary>Security label, or null.</summary>
    public string? SecurityContext { get; init; }

    /// <summary>Hardware that does the work, or null.</summary>
    public OffloadParameters? Offload { get; init; }

    /// <summary>Line where it begins; 0 for one that was not read.</summary>
    public int Line { get; init; }
}

/// <summary>An SA as a dump shows it, with what the SAD itself has no place for.</summary>
public sealed record StateEntry(XfrmState State)
{
    /// <summary>When it was used last, in seconds since 1970, or null.</summary>
    public ulong? LastUsed { get; init; }

    /// <summary>Care-of address of Mobile IPv6, or null.</summary>
    public XfrmAddress? CareOfAddress { get; init; }

    /// <summary>CPU that it is bound to, or null.</summary>
    public uint? Cpu { get; init; }

    /// <summary>Security label, or null.</summary>
    public string? SecurityContext { get; init; }

    /// <summary>Hardware that does the work, or null.</summary>
    public OffloadParameters? Offload { get; init; }

    /// <summary>Line where it begins; 0 for one that was not read.</summary>
    public int Line { get; init; }
}

/// <summary>Hardware offload (struct xfrm_user_offload).</summary>
/// <param name="Device">Device index.</param>
/// <param name="Direction">In or out; null in policies.</param>
/// <param name="Packet">True when the hardware does the whole packet, false for the cryptography only; null from tools that do not say.</param>
public sealed record OffloadParameters(int Device, XfrmDirection? Direction, bool? Packet);

/// <summary>What happens to packets that no policy matches (struct xfrm_userpolicy_default).</summary>
public sealed record DefaultActions(XfrmAction In, XfrmAction Forward, XfrmAction Out)
{
    /// <summary>All pass.</summary>
    public static DefaultActions Accept { get; } = new(XfrmAction.Allow, XfrmAction.Allow, XfrmAction.Allow);
}
