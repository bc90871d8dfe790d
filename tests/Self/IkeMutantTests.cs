using System.Reflection;
using Conformance.Generators.Ike;
using Conformance.Harness.Targets.Reference.Mutants;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using NUnit.Framework.Internal;

namespace Conformance.Tests.Self;

/// <summary>Every fault planted into the model of IKEv2 is found: by explorations, by random conversations, or by a test that claims its requirement.</summary>
public class IkeMutantTests
{
    private const int Seed = 11;
    private const int MostConversations = 2_000;

    private static IEnumerable<IkeMutant> OfConversations => IkeMutants.All.Where(m => m.Options is not null);

    private static IEnumerable<IkeMutant> OfTests => IkeMutants.All.Where(m => m is { Options: null, Scenario: null });

    [TestCaseSource(nameof(OfConversations))]
    public void PlantedFault_IsFoundByConversations(IkeMutant mutant)
    {
        Random random = new(Seed);
        for (int i = 0; i < MostConversations; i++)
        {
            ConversationCase drawn = ConversationCase.Draw(random);
            ConversationCase played = drawn with { Options = mutant.Options!.Value };
            if (ConversationRun.Play(played, new SymbolicCryptography(), mutant.Rules).Violation is { } violation)
            {
                TestContext.Out.WriteLine($"conversation {i + 1}: {violation}");
                return;
            }
        }

        Assert.Fail("no conversation finds it");
    }

    [TestCaseSource(nameof(OfTests))]
    public void PlantedFault_IsFoundByATestThatClaimsItsRequirement(IkeMutant mutant)
    {
        MethodInfo[] methods = [.. Claiming(mutant.Requirement)];
        Assert.That(methods, Is.Not.Empty, "no test of the model claims it");
        Assert.That(methods.SelectMany(m => TestArguments.Of(m).Select(a => (Method: m, Arguments: a))).Any(t => Fails(t.Method, t.Arguments, mutant.Rules)), "no test that claims it fails");
    }

    [Test]
    public void EveryMutant_BreaksARequirementOfTheCatalogue() =>
        Assert.That(IkeMutants.All.Where(m => RequirementCatalogue.Find(m.Requirement) is null).Select(m => m.Name), Is.Empty);

    private static IEnumerable<MethodInfo> Claiming(string requirement) =>
        from type in typeof(IkeMutantTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        where method.GetCustomAttribute<HonoursAttribute>()?.Ids.Contains(requirement) == true
        select method;

    // What the test asserts is noted in a context of its own: it is meant to fail.
    private static bool Fails(MethodInfo method, object?[] arguments, IkeRules rules)
    {
        using TestExecutionContext.IsolatedContext context = new();
        PlantedRules.Current = rules;
        try
        {
            method.Invoke(Activator.CreateInstance(method.DeclaringType!), arguments);
            return false;
        }
        catch (TargetInvocationException)
        {
            return true;
        }
        finally
        {
            PlantedRules.Current = null;
        }
    }
}
