using System.Diagnostics;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace Conformance.Tests.Infrastructure;

/// <summary>Runs one test against the target and turns what happened into a verdict, in the journal and for NUnit.</summary>
internal sealed class JudgingCommand(TestCommand inner, IReadOnlyList<string> requirements) : DelegatingTestCommand(inner)
{
    public override TestResult Execute(TestExecutionContext context)
    {
        string name = Test.Name;
        string suite = SuiteOf(Test);
        Stopwatch watch = Stopwatch.StartNew();
        Judgement judgement;
        if (Missing() is { } missing)
        {
            judgement = missing;
        }
        else
        {
            TestVerdicts.Begin();
            Exception? failure = Run(context);
            judgement = Judge(failure, $"{suite}.{name}");
        }

        judgement = AgainstDeviations(judgement, $"{suite}.{name}");
        ConformanceRun.Current.Record(new TestVerdict(
            name, suite, requirements, judgement.Verdict, judgement.Broken, judgement.Detail, judgement.Finding, watch.Elapsed.TotalMilliseconds));
        context.CurrentResult.SetResult(StateOf(judgement.Verdict), Describe(judgement));
        return context.CurrentResult;
    }

    // A suite that runs in several ways has its way in its name, so that verdicts and deviations tell them apart.
    private static string SuiteOf(Test test)
    {
        ITest? fixture = test.Parent;
        while (fixture is not null and not TestFixture)
        {
            fixture = fixture.Parent;
        }

        string suite = test.ClassName?.Split('.')[^1] ?? "";
        return fixture is TestFixture { Arguments: { Length: > 0 } ways } ? $"{suite}({string.Join(',', ways)})" : suite;
    }

    private static ResultState StateOf(Verdict verdict) => verdict switch
    {
        Verdict.Pass => ResultState.Success,
        Verdict.Warning => ResultState.Warning,
        Verdict.Unsupported or Verdict.KnownDeviation => ResultState.Ignored,
        _ => ResultState.Failure,
    };

    private Judgement? Missing()
    {
        try
        {
            Capabilities missing = NeedsAttribute.Of(Test) & ~ConformanceRun.Current.Target.Capabilities;
            return missing == Capabilities.None ? null : new Judgement(Verdict.Unsupported, null, $"the target lacks {missing}", null);
        }
        catch (TargetUnavailableException unavailable)
        {
            return Unavailable(unavailable);
        }
    }

    // What was there and does not come back was broken by something: that is no lack of a capability.
    private Judgement Unavailable(TargetUnavailableException error) => ConformanceRun.Current.Identity is null
        ? new Judgement(Verdict.Unsupported, null, error.Message, null)
        : new Judgement(Verdict.NotObserved, requirements[0], $"the target broke and does not start again: {error.Message}", null);

    private Exception? Run(TestExecutionContext context)
    {
        try
        {
            innerCommand.Execute(context);
            return null;
        }
        catch (Exception error)
        {
            // Every exception of a test body is a verdict; the judgement below tells which.
            return error is NUnitException { InnerException: { } cause } ? cause : error;
        }
    }

    private Judgement Judge(Exception? failure, string test)
    {
        switch (failure)
        {
            case null:
                string? warning = TestVerdicts.Warning;
                return warning is null
                    ? new Judgement(Verdict.Pass, null, null, null)
                    : new Judgement(Verdict.Warning, TestVerdicts.WarnedRequirement, warning, null);
            case UnsupportedException unsupported:
                return new Judgement(Verdict.Unsupported, null, unsupported.Message, null);
            case TargetUnavailableException unavailable:
                return Unavailable(unavailable);
            case ConformanceException { Kind: FailureKind.TesterDefect } defect:
                return new Judgement(Verdict.Fail, null, "defect of the suite: " + defect.Message, null);
            case ConformanceException { Session: { } session } departure:
                string accused = departure.RequirementId ?? requirements[0];
                string directory = ConformanceRun.Current.Store(departure, session, accused, test);
                if (departure.Kind != FailureKind.Disagreement)
                {
                    // A dead or silent target would fail every test that follows, and say nothing by it.
                    ConformanceRun.Current.Restart();
                }

                Verdict verdict = departure.Kind == FailureKind.NotObserved ? Verdict.NotObserved
                    : IsAdvice(accused) && departure.Kind == FailureKind.Disagreement ? Verdict.Warning
                    : Verdict.Fail;
                return new Judgement(verdict, accused, departure.Message, directory);
            case IOException broken:
                ConformanceRun.Current.Restart();
                return new Judgement(Verdict.NotObserved, requirements[0], $"the target broke: {broken.Message}", null);
            default:
                return new Judgement(Verdict.Fail, null, failure.ToString(), null);
        }
    }

    // Breaking a SHOULD is a warning, however it was found.
    private static bool IsAdvice(string requirement) =>
        RequirementCatalogue.Find(requirement)?.Level is RequirementLevel.Should or RequirementLevel.ShouldNot;

    private Judgement AgainstDeviations(Judgement judgement, string test)
    {
        ConformanceRun run = ConformanceRun.Current;
        if (judgement.Verdict == Verdict.Unsupported || run.Identity is not { } identity
            || run.Deviations.Find(test, identity.ToString()) is not { } known)
        {
            return judgement;
        }

        return judgement.Verdict switch
        {
            Verdict.Fail when Deviations.Covers(known, judgement.Broken) =>
                judgement with { Verdict = Verdict.KnownDeviation, Detail = $"{known.Reason}\n{judgement.Detail}" },
            Verdict.Pass => new Judgement(Verdict.UnexpectedPass, requirements[0], $"listed as a deviation, but it passes: {known.Reason}", null),
            _ => judgement,
        };
    }

    private static string Describe(Judgement judgement)
    {
        if (judgement.Verdict == Verdict.Pass)
        {
            return "";
        }

        Requirement? broken = judgement.Broken is { } id ? RequirementCatalogue.Find(id) : null;
        List<string> lines = [$"{judgement.Verdict.ToString().ToUpperInvariant()}  {judgement.Broken}  {broken?.LevelWord}".TrimEnd()];
        if (broken is not null)
        {
            lines.Add(broken.Text);
        }

        lines.Add(judgement.Detail ?? "");
        if (judgement.Finding is { } directory)
        {
            string file = Path.Combine(directory, Finding.FileName);
            lines.Add($"capture    {Path.Combine(directory, "trace.pcapng")}");
            lines.Add($"replay     {Finding.Read(file).Again(file)}");
        }

        return string.Join(Environment.NewLine, lines);
    }

    private sealed record Judgement(Verdict Verdict, string? Broken, string? Detail, string? Finding);
}
