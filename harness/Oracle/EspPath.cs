namespace Conformance.Harness.Oracle;

/// <summary>Where a stack does ESP.</summary>
public enum EspPath
{
    /// <summary>Each packet for itself, behind segmentation and in front of coalescing.</summary>
    Plain,

    /// <summary>In the offload paths: in front of segmentation, and where packets are coalesced.</summary>
    Offload,
}
