namespace Conformance.Tests.Infrastructure;

/// <summary>The clauses that a test of the model itself shows: a model that broke one would make the test fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HonoursAttribute(params string[] ids) : Attribute
{
    /// <summary>Ids of the catalogue.</summary>
    public IReadOnlyList<string> Ids { get; } = ids;
}
