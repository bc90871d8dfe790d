using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Policy;

/// <summary>Generated SPDs overlap, their flows hit edges, failures shrink and can be read.</summary>
public class PolicyGeneratorTests
{
    [Test]
    public void FailureThatNeedsOneEntry_ShrinksToOneEntryAndOneFlow()
    {
        SpdCase failing = Enumerable.Range(0, 200).Select(seed => SpdArbitraries.Create(new Random(seed))).First(Fails);
        while (failing.Shrink().FirstOrDefault(Fails) is { } smaller)
        {
            failing = smaller;
        }

        Assert.That(failing.Database.Entries, Has.Length.EqualTo(1));
        Assert.That(failing.Flows, Has.Length.EqualTo(1));
        Assert.That($"{failing}", Does.Contain("PROTECT").And.Contain("flows").And.Not.Contain("\n"));
    }

    [Test]
    public void Entries_AreFaultless() => Prop.ForAll(SpdArbitraries.Any, one =>
        one.Database.Entries.All(e => !e.Faults().Except(["OPAQUE protocol in IPv4"]).Any())).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Test]
    public void Decisions_AreOfEveryKind()
    {
        SpdCase[] cases = [.. Enumerable.Range(0, 300).Select(seed => SpdArbitraries.Create(new Random(seed)))];
        string[] kinds =
        [
            .. cases.SelectMany(c => c.Flows.SelectMany(f => new[] { PolicyDirection.Outbound, PolicyDirection.Inbound }.Select(d => c.Database.Decide(d, f))))
                .Select(d => d is PolicyDecision.Discard discard ? $"{discard.Reason}" : d.GetType().Name),
        ];
        Assert.That(kinds.Distinct(), Is.EquivalentTo(new[] { "Protect", "Bypass", "ByEntry", "NoMatch", "ArrivedInClear" }));
        Assert.That(kinds.CountBy(k => k).Select(k => k.Value), Is.All.GreaterThan(200));

        // Overlap: flows that two entries match, which only the order decides.
        Assert.That(cases.Sum(c => c.Flows.Count(f => c.Database.Entries.Count(e => e.Matches(f)) > 1)), Is.GreaterThan(500));
    }

    private static bool Fails(SpdCase one) => one.Flows.Any(flow => one.Database.Decide(PolicyDirection.Outbound, flow) is PolicyDecision.Protect);
}
