using Conformance.Spec.Requirements;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Conformance.Tests.Infrastructure;

/// <summary>The capabilities without which a test is Unsupported.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(Capabilities capabilities) : NUnitAttribute, IApplyToTest
{
    internal const string Property = "Needs";

    /// <summary>The capabilities.</summary>
    public Capabilities Capabilities { get; } = capabilities;

    /// <inheritdoc/>
    public void ApplyToTest(Test test) => test.Properties.Add(Property, Capabilities);

    /// <summary>All that a test and the suites around it ask for.</summary>
    internal static Capabilities Of(ITest test)
    {
        Capabilities needed = Capabilities.None;
        for (ITest? at = test; at is not null; at = at.Parent)
        {
            foreach (object value in at.Properties[Property])
            {
                needed |= (Capabilities)value;
            }
        }

        return needed;
    }
}
