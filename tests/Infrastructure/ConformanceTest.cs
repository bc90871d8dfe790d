using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Running;
using NUnit.Framework;

namespace Conformance.Tests.Infrastructure;

/// <summary>Base of every test that judges the target.</summary>
[NonParallelizable]
[Category("Conformance")]
public abstract class ConformanceTest
{
    private readonly List<EspSession> _sessions = [];

    /// <summary>The seed of the running test.</summary>
    protected static ulong Seed => ConformanceRun.Current.SeedOf(TestContext.CurrentContext.Test.FullName);

    /// <summary>Ends the sessions of the test.</summary>
    [TearDown]
    public void EndSessions()
    {
        _sessions.ForEach(s => s.Dispose());
        _sessions.Clear();
    }

    /// <summary>Installs a scenario on the emptied target.</summary>
    protected EspSession Start(EspScenario scenario) => Start(scenario, ConformanceRun.Current.Target);

    /// <summary>Installs a scenario on a target of the run.</summary>
    protected EspSession Start(EspScenario scenario, ITarget target)
    {
        EspSession session = EspSession.Start(target, scenario, Seed);
        _sessions.Add(session);
        return session;
    }
}
