using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>The mark that an SA gives its packets (xfrm_smark_get).</summary>
public static class OutputMark
{
    /// <summary>A packet's mark with the SA's written over it.</summary>
    public static uint Apply(XfrmMark? output, uint mark) => output is { } set ? (set.Value & set.Mask) | (mark & ~set.Mask) : mark;
}
