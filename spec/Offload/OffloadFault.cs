namespace Conformance.Spec.Offload;

/// <summary>What a burst shows that segmentation or coalescing must not do.</summary>
/// <param name="RequirementId">Of the catalogue of offload.</param>
/// <param name="What">The two values that differ, for people.</param>
public sealed record OffloadFault(string RequirementId, string What);
