using Conformance.Harness.Targets.Reference.Mutants;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Everything that two sides and a network can do keeps the invariants, and each planted fault breaks one.</summary>
public class ExplorationTests
{
    // The largest scenario is explored whole by the verb; here as far as fits into seconds.
    private const int MostStates = 30_000;

    public static IEnumerable<string> Scenarios => Scenario.All.Select(s => s.Name);

    public static IEnumerable<IkeMutant> Mutants => IkeMutants.All.Where(m => m.Scenario is not null);

    [Honours("RFC7296-2.8.1-08")]
    [TestCaseSource(nameof(Scenarios))]
    public void Scenario_KeepsTheInvariants(string name)
    {
        for (int variant = 0; variant < 2; variant++)
        {
            ExplorationReport report = Explore(Scenario.Find(name)!, variant, null);
            Assert.That(report.Violation, Is.Null, string.Join('\n', report.Path));
            Assert.That(report.Restful, Is.GreaterThan(0), "it never comes to rest");
            Assert.That(report.IsWhole || report.States >= MostStates);
        }
    }

    [TestCaseSource(nameof(Mutants))]
    public void PlantedFault_HasACounterexample(IkeMutant mutant)
    {
        ExplorationReport report = Explore(Scenario.Find(mutant.Scenario!)!, 0, mutant.Rules);
        Assert.That(report.Violation, Is.Not.Null);
        Assert.That(report.Path, Is.Not.Empty);
    }

    private static ExplorationReport Explore(Scenario scenario, int variant, IkeRules? rules)
    {
        (IkeMachine first, IkeMachine second) = ExplorationPair.Create(variant, new SymbolicCryptography(), rules, scenario);
        return new Explorer(scenario, first, second).Run(mostStates: MostStates);
    }
}
