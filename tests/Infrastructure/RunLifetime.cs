using Conformance.Harness.Running;
using NUnit.Framework;

namespace Conformance.Tests;

/// <summary>Announces the plan, and ends the target when the last test is done.</summary>
[SetUpFixture]
public sealed class RunLifetime
{
    /// <summary>Ends the run.</summary>
    [OneTimeTearDown]
    public void End()
    {
        if (ConformanceRun.HasStarted)
        {
            ConformanceRun.Current.Dispose();
        }
    }
}
