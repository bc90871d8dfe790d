using Conformance.Harness.Targets;

namespace Conformance.Harness.Shim;

/// <summary>Placeholder.</summary>
public static class ShimServer
{
    /// <summary>Serves.</summary>
    public static int Run(TargetSpec spec) => 0;
}
