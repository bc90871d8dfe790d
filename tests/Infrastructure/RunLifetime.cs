using Conformance.Harness.Running;
using NUnit.Framework;

/// <summary>Ends the target when the last test is done; outside any namespace, so that it spans the assembly.</summary>
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
