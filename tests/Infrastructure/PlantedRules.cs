using Conformance.Spec.Ike.Machine;

namespace Conformance.Tests.Infrastructure;

/// <summary>Decisions with a fault, planted into the sides that tests of the model make while a test of those tests runs.</summary>
internal static class PlantedRules
{
    private static readonly AsyncLocal<IkeRules?> Planted = new();

    /// <summary>What sides are made with; null for the RFC's.</summary>
    public static IkeRules? Current
    {
        get => Planted.Value;
        set => Planted.Value = value;
    }
}
