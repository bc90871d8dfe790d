using System.Reflection;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Tags, mutants and deviation lists name requirements that exist.</summary>
public class RequirementTagTests
{
    private static IEnumerable<MethodInfo> TargetTests =>
        from type in typeof(ConformanceTest).Assembly.GetTypes()
        where type.IsSubclassOf(typeof(ConformanceTest))
        from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        where method.GetCustomAttributes<NUnitAttribute>().Any(a => a is TestAttribute or TestCaseAttribute or TestCaseSourceAttribute)
        select method;

    [Test]
    public void EveryTestAgainstATarget_NamesRequirementsOfTheCatalogue()
    {
        string[] wrong =
        [
            .. from method in TargetTests
               let tag = method.GetCustomAttribute<RequirementAttribute>()
               from id in tag?.Ids ?? ["no [Requirement]"]
               where RequirementCatalogue.Find(id) is null
               select $"{method.DeclaringType?.Name}.{method.Name}: {id}",
        ];
        Assert.That(TargetTests.Count(), Is.GreaterThan(30));
        Assert.That(wrong, Is.Empty);
    }

    // What a test of the model claims must exist, and a test against a target has another tag.
    [Test]
    public void EveryClaimOfTheModel_NamesRequirementsOfTheCatalogueOnATest()
    {
        (MethodInfo Method, HonoursAttribute Tag)[] claims =
        [
            .. from type in typeof(ConformanceTest).Assembly.GetTypes()
               from method in type.GetMethods()
               let tag = method.GetCustomAttribute<HonoursAttribute>()
               where tag is not null
               select (method, tag),
        ];
        Assert.That(claims, Has.Length.GreaterThan(30));
        Assert.That(claims.SelectMany(c => c.Tag.Ids).Where(id => RequirementCatalogue.Find(id) is null), Is.Empty);
        Assert.That(claims.Where(c => c.Tag.Ids.Distinct().Count() != c.Tag.Ids.Count || c.Method.DeclaringType!.IsSubclassOf(typeof(ConformanceTest))
            || !c.Method.GetCustomAttributes<NUnitAttribute>().Any(a => a is TestAttribute or TestCaseAttribute or TestCaseSourceAttribute)).Select(c => c.Method.Name), Is.Empty);
    }

    [Test]
    public void EveryMutant_BreaksRequirementsOfTheCatalogue() =>
        Assert.That(MutantCatalogue.All.SelectMany(m =>
            m.Breaks.Where(id => RequirementCatalogue.Find(id) is null).Select(id => $"{m.Name}: {id}")), Is.Empty);

    // A tag without a target that breaks its clause would be a false claim of coverage.
    [Test]
    public void EveryTag_IsBrokenByAMutant()
    {
        HashSet<string> broken = [.. MutantCatalogue.All.SelectMany(m => m.Breaks)];
        IEnumerable<string> tags = TargetTests.SelectMany(method =>
            method.GetCustomAttribute<RequirementAttribute>()?.Ids ?? []).Distinct();
        Assert.That(tags.Where(id => !broken.Contains(id)), Is.Empty);
    }

    [Test]
    public void EveryDeviation_HasAReasonAndACaptureThatExists()
    {
        IReadOnlyList<Deviation> entries = Deviations.For(new TargetSpec("linux")).Entries;
        Assert.That(entries, Is.Not.Empty);
        Assert.That(entries.Where(e => e.Reason.Length < 20 || e.Capture is null || !File.Exists(Path.Combine(Checkout.Root!, e.Capture))), Is.Empty);
    }
}
