using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace Conformance.Tests.Infrastructure;

/// <summary>The clauses that a test against a target stands for: a target that breaks one makes the test fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequirementAttribute(params string[] ids) : NUnitAttribute, IApplyToTest, IWrapTestMethod
{
    internal const string Property = "Requirement";

    /// <summary>Ids of the catalogue; the first one is accused unless a step names another.</summary>
    public IReadOnlyList<string> Ids { get; } = ids;

    /// <inheritdoc/>
    public void ApplyToTest(Test test)
    {
        foreach (string id in Ids)
        {
            test.Properties.Add(Property, id);
        }
    }

    /// <inheritdoc/>
    public TestCommand Wrap(TestCommand command) => new JudgingCommand(command, Ids);
}
