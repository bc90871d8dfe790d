namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>The ways in which databases of Linux's form are known to be got wrong, one rule each.</summary>
/// <remarks>They serve twice: planted into the embedded target, and to name the rule that a target broke.</remarks>
public static class XfrmMisreadings
{
    /// <summary>All, those of policies first.</summary>
    public static IReadOnlyList<XfrmReading> All { get; } = [.. PolicyMisreadings.All, .. TemplateMisreadings.All, .. StateMisreadings.All, .. FeatureMisreadings.All];
}
