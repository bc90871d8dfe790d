using Conformance.Harness.Oracle.Ike;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Base of tests that judge the IKE of a target.</summary>
[Needs(Capabilities.Ike)]
public abstract class IkeTest : ConformanceTest
{
    private readonly List<IkeSession> _conversations = [];

    /// <summary>Ends the conversations of the test.</summary>
    [TearDown]
    public void EndConversations()
    {
        _conversations.ForEach(c => c.Dispose());
        _conversations.Clear();
    }

    /// <summary>Tells the emptied target of its peer.</summary>
    protected IkeSession Start(IkeScenario scenario)
    {
        IkeSession session = IkeSession.Start(ConformanceRun.Current.Target, scenario, Seed);
        session.Clauses = [.. TestContext.CurrentContext.Test.Properties[RequirementAttribute.Property].OfType<string>()];
        _conversations.Add(session);
        return session;
    }

    /// <summary>A conversation with an IKE SA and a child that the tester has initiated.</summary>
    protected IkeSession Established(IkeScenario? scenario = null)
    {
        IkeSession session = Start(scenario ?? new IkeScenario());
        session.Establish();
        return session;
    }
}
