namespace Conformance.Spec.Offload;

/// <summary>What a burst shows that segmentation or coalescing must not do.</summary>
/// <param name="RequirementId">Of the catalogue of offload.</param>
/// <param name="What">The two values that differ, for people.</param>
/// <param name="At">Which of the packets that were due it is about, from 0; null where it is about none of them.</param>
public sealed record OffloadFault(string RequirementId, string What, int? At = null);
