using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Nothing of RFC 7296 that concerns messages, keys or state is left without a test that shows that the model honours it.</summary>
public class HonouredClauseTests
{
    private static readonly Dictionary<string, string> NotHonoured = new()
    {
        ["RFC7296-2.12-01"] = "all random values follow from a seed, which outlives an IKE SA so that its conversation can be played again",
        ["RFC7296-3.8-03"] = "a side signs by the schemes that its owner names, in that order, and none is the default",
    };

    [Test]
    public void EveryClauseOfMessagesKeysOrState_IsHonouredButForThoseNamedHere()
    {
        TestIndex index = TestIndex.Read(typeof(ConformanceTest).Assembly);
        Requirement[] owed = [.. RequirementCatalogue.All.Where(r => r.Document == "RFC 7296" && r.Concerns == RequirementConcern.Messages)];
        Assert.That(owed, Has.Length.GreaterThan(700));
        Assert.That(owed.Where(r => !index.IsHonoured(r)).Select(r => r.Id), Is.EquivalentTo(NotHonoured.Keys));
        Assert.That(NotHonoured.Values, Is.All.Matches<string>(reason => reason.Length > 40));
    }
}
