using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Base of tests that judge the IKE of a target.</summary>
[Needs(Capabilities.Ike)]
public abstract class IkeTest : ConformanceTest
{
    private readonly List<IkeSession> _conversations = [];
    private ITarget? _judged;
    private IReadOnlyList<string>? _tags;

    /// <summary>Ends the conversations of the test.</summary>
    [TearDown]
    public void EndConversations()
    {
        _conversations.ForEach(c => c.Dispose());
        _conversations.Clear();
    }

    /// <summary>Judges this target and not that of the run.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tags">Clauses that the test names.</param>
    internal void Judge(ITarget target, IReadOnlyList<string> tags) => (_judged, _tags) = (target, tags);

    /// <summary>Tells the emptied target of its peer.</summary>
    protected IkeSession Start(IkeScenario scenario)
    {
        IkeSession session = IkeSession.Start(_judged ?? ConformanceRun.Current.Target, scenario, _judged is null ? Seed : 1);
        session.Clauses = _tags ?? [.. TestContext.CurrentContext.Test.Properties[RequirementAttribute.Property].OfType<string>()];
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

    /// <summary>A request for one more child like the first.</summary>
    protected static EditableMessage Wanted(IkeSession session, params Transform[] more) => session.Request(
        ExchangeType.CreateChildSa,
        new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x01020304), [.. IkeScenario.EspGcm, .. more])]),
        new IkePayload.Nonce(ByteString.Adopt([.. Enumerable.Range(100, 32).Select(i => (byte)i)])),
        new IkePayload.TrafficSelectors(ofInitiator: true, session.Configuration.Children[0].Own),
        new IkePayload.TrafficSelectors(ofInitiator: false, session.Configuration.Children[0].Peer));
}
