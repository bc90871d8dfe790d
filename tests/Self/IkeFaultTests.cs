using System.Reflection;
using Conformance.Harness.Oracle;
using Conformance.Harness.Targets.Reference;
using Conformance.Harness.Targets.Reference.Mutants.Ike;
using Conformance.Tests.Ike;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Every planted fault of IKE is caught by a test that names the right requirement.</summary>
/// <remarks>The tests run on a target of their own in this process, so that a fault costs milliseconds and not the start of a process.</remarks>
[Category("Mutants")]
[Parallelizable(ParallelScope.Children)]
public class IkeFaultTests
{
    private static IEnumerable<string> Names => IkeFaults.All.Select(f => f.Name);

    [TestCaseSource(nameof(Names))]
    public void PlantedFault_IsAccusedOfItsRequirement(string name)
    {
        IkeFault fault = IkeFaults.All.First(f => f.Name == name);
        HashSet<string> accused = [];
        List<string> seen = [];
        foreach ((MethodInfo method, object?[] arguments) in fault.Breaks.SelectMany(CasesOf).Distinct())
        {
            if (fault.Breaks.All(accused.Contains))
            {
                break;
            }

            if (Accusation(fault, method, arguments, out string what) is { } requirement)
            {
                accused.Add(requirement);
            }

            seen.Add($"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", arguments)}): {what}");
        }

        Assert.That(accused, Is.SupersetOf(fault.Breaks), string.Join('\n', seen.Take(8)));
    }

    private static IEnumerable<(MethodInfo Method, object?[] Arguments)> CasesOf(string requirement) =>
        from type in typeof(IkeTest).Assembly.GetTypes()
        where type.IsSubclassOf(typeof(IkeTest)) && !type.IsAbstract
        from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        where method.GetCustomAttribute<RequirementAttribute>()?.Ids.Contains(requirement) == true
        from arguments in TestArguments.Of(method)
        select (method, arguments);

    private static string? Accusation(IkeFault fault, MethodInfo method, object?[] arguments, out string what)
    {
        IReadOnlyList<string> tags = method.GetCustomAttribute<RequirementAttribute>()!.Ids;
        using ReferenceStack target = new(fault);
        IkeTest suite = (IkeTest)Activator.CreateInstance(method.DeclaringType!)!;
        suite.Judge(target, tags);
        try
        {
            TestVerdicts.Begin();
            method.Invoke(suite, arguments);
            what = TestVerdicts.Warning ?? "passed";
            return TestVerdicts.WarnedRequirement;
        }
        catch (TargetInvocationException failure) when (failure.InnerException is ConformanceException { Kind: not FailureKind.TesterDefect } departure)
        {
            what = $"{departure.RequirementId}: {departure.Message}";
            return departure.RequirementId ?? tags[0];
        }
        finally
        {
            suite.EndConversations();
        }
    }
}
