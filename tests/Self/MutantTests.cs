using System.Diagnostics;
using Conformance.Harness.Processes;
using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using Conformance.Harness.Targets.Reference.Mutants.Ike;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Every planted fault is caught by a test that names the right requirement: the suite can fail. Faults of IKE have <see cref="IkeFaultTests"/>.</summary>
[Category("Mutants")]
[Parallelizable(ParallelScope.Children)]
public class MutantTests
{
    private static IEnumerable<string> Names => MutantCatalogue.All.Where(m => m is not IkeFault).Select(m => m.Name);

    [TestCaseSource(nameof(Names))]
    public void PlantedFault_IsAccusedOfItsRequirement(string name)
    {
        Mutant mutant = MutantCatalogue.Find(name)!;
        TargetSpec broken = new(TargetSpec.DefaultName, Mutant: name);
        IReadOnlyList<TestVerdict> verdicts = JudgeInAProcessOfItsOwn(broken, [.. mutant.Breaks]);

        Assert.That(verdicts, Is.Not.Empty, $"no test names {string.Join(" or ", mutant.Breaks)}");
        Assert.That(
            verdicts.Where(v => v.Verdict is Verdict.Fail or Verdict.Warning).Select(v => v.BrokenRequirement),
            Is.SupersetOf(mutant.Breaks),
            string.Join('\n', verdicts.Where(v => v.Verdict != Verdict.Pass).Take(5)));
    }

    // The baseline: without a fault the same tests pass.
    [Test]
    public void NoFault_NothingIsAccused()
    {
        IReadOnlyList<TestVerdict> verdicts = JudgeInAProcessOfItsOwn(new TargetSpec(TargetSpec.DefaultName), ["RFC4303-3.4.3-08"]);
        Assert.That(verdicts, Is.Not.Empty);
        Assert.That(verdicts.Where(v => v.Verdict != Verdict.Pass), Is.Empty);
    }

    private static List<TestVerdict> JudgeInAProcessOfItsOwn(TargetSpec spec, string[] requirements)
    {
        string directory = Reaper.Current.CreateTemporaryDirectory();
        try
        {
            ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            string anyOf = string.Join('|', requirements.Select(id => $"Requirement={id}"));
            foreach (string argument in new[] { "--filter", $"TestCategory=Conformance&({anyOf})", "--progress", "off" })
            {
                start.ArgumentList.Add(argument);
            }

            foreach ((string variable, string value) in spec.Environment)
            {
                start.Environment[variable] = value;
            }

            YoungGeneration.Widen(start);
            start.Environment[ConformanceRun.DirectoryVariable] = directory;
            using GuardedProcess suite = Reaper.Current.Start(start);
            Task<string> errors = suite.Process.StandardError.ReadToEndAsync();
            string output = suite.Process.StandardOutput.ReadToEnd();
            suite.Process.WaitForExit();
            string journal = Path.Combine(directory, Journal.FileName);
            Assert.That(File.Exists(journal), Is.True, output + errors.Result);
            return [.. Journal.ReadVerdicts(File.ReadLines(journal))];
        }
        finally
        {
            Reaper.Current.DeleteTemporaryDirectory(directory);
        }
    }
}
