using System.CommandLine;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets;
using Command = System.CommandLine.Command;

namespace Conformance.Harness.CommandLine;

/// <summary>The verbs of the program.</summary>
public static class Cli
{
    /// <summary>Something ran and nothing failed.</summary>
    public const int ExitGood = 0;

    /// <summary>The target departs from a requirement, or nothing was judged.</summary>
    public const int ExitFailed = 1;

    /// <summary>Bad input.</summary>
    public const int ExitBadInput = 2;

    /// <summary>The target cannot be had here.</summary>
    public const int ExitUnsupported = 3;

    /// <summary>Runs a command line; returns the exit code.</summary>
    public static int Run(string[] args)
    {
        RootCommand root = new("Conformance and fuzz suite for IPsec: runs a target against an executable model of the RFCs.")
        {
            RunVerb(), TargetsVerb(), ReplayVerb(), ExplainVerb(), MutantsVerb(), ServeVerb(), new TraceVerb().Create(), new ExploreVerb().Create(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine($"ipsec-conformance: {parsed.Errors[0].Message}");
            return ExitBadInput;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (BadInputException error)
        {
            Console.Error.WriteLine($"ipsec-conformance: {error.Message}");
            return ExitBadInput;
        }
        catch (TargetUnavailableException error)
        {
            Console.Error.WriteLine($"ipsec-conformance: Unsupported: {error.Message}");
            return ExitUnsupported;
        }
    }

    private static Command RunVerb()
    {
        TargetOptions target = new();
        Option<string?> filter = new("--filter") { Description = "Only tests whose name, suite or requirement contains this text" };
        Option<string> seed = new("--seed") { Description = "Seed of everything random; decimal or 0x…", DefaultValueFactory = _ => "1" };
        Option<string?> directory = new("--out") { Description = "Directory for journal and findings" };
        Command verb = new("run", "Judge a target by the whole suite") { filter, seed, directory };
        target.AddTo(verb);
        verb.SetAction(parsed => SuiteRunner.Run(target.Read(parsed), parsed.GetValue(filter), parsed.GetValue(seed)!, parsed.GetValue(directory)));
        return verb;
    }

    private static Command TargetsVerb()
    {
        Command verb = new("targets", "What can be judged here, and what to install for the rest");
        verb.SetAction(_ => TargetsReport.Print());
        return verb;
    }

    private static Command ReplayVerb()
    {
        Argument<string> path = new("finding") { Description = "A finding.json or its directory" };
        TargetOptions target = new();
        Command verb = new("replay", "Run the steps of a stored finding again") { path };
        target.AddTo(verb);
        verb.SetAction(parsed => FindingReplay.Run(parsed.GetValue(path)!, target.Given(parsed) ? target.Read(parsed) : null));
        return verb;
    }

    private static Command ExplainVerb()
    {
        Argument<string?> id = new("requirement-id") { Description = "For example RFC4303-3.4.3-09; without it, counts", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> open = new("--open") { Description = "Instead, what has no test yet in a document, for example RFC4301" };
        Option<string?> unhonoured = new("--unhonoured") { Description = "Instead, what concerns messages, keys or state and is not shown to be honoured by the model, for example RFC7296" };
        Command verb = new("explain", "What a requirement says, how it is tested, and by which tests") { id, open, unhonoured };
        verb.SetAction(parsed => parsed.GetValue(open) is { } document ? ExplainReport.PrintOpen(document)
            : parsed.GetValue(unhonoured) is { } other ? ExplainReport.PrintUnhonoured(other)
            : ExplainReport.Print(parsed.GetValue(id)));
        return verb;
    }

    private static Command MutantsVerb()
    {
        Command verb = new("mutants", "The faults that can be planted with --mutant");
        verb.SetAction(_ => TargetsReport.PrintMutants());
        return verb;
    }

    private static Command ServeVerb()
    {
        Option<string?> mutant = new("--mutant") { Description = "Plant this fault" };
        Command verb = new("serve", "Speak the shim protocol on standard input and output, as an example of a shim") { mutant };
        verb.SetAction(parsed => Shim.ShimServer.Run(new TargetSpec(TargetSpec.DefaultName, Mutant: parsed.GetValue(mutant))));
        return verb;
    }
}

/// <summary>The options that select a target.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string> _target = new("--target") { Description = "Name of the target", DefaultValueFactory = _ => TargetSpec.DefaultName };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "linux: a User-mode Linux executable" };
    private readonly Option<string?> _command = new("--command") { Description = "shim: command line of the program" };
    private readonly Option<string?> _mutant = new("--mutant") { Description = "reference: plant a fault" };

    private readonly Option<bool> _espOffload = new("--esp-offload") { Description = "linux: load the kernel's ESP offload modules" };

    private readonly Option<bool> _gro = new("--gro") { Description = "linux: packets come in by polls, so that coalescing meets ESP before IP does" };

    private readonly Option<string?> _deviations = new("--deviations") { Description = "A JSON file of known deviations of your target" };

    public void AddTo(Command verb)
    {
        verb.Options.Add(_deviations);
        verb.Options.Add(_target);
        verb.Options.Add(_kernel);
        verb.Options.Add(_command);
        verb.Options.Add(_mutant);
        verb.Options.Add(_espOffload);
        verb.Options.Add(_gro);
    }

    public bool Given(ParseResult parsed) => parsed.GetResult(_target) is { Implicit: false } || parsed.GetValue(_kernel) is not null
        || parsed.GetValue(_command) is not null || parsed.GetValue(_mutant) is not null
        || parsed.GetValue(_espOffload) || parsed.GetValue(_gro);

    public TargetSpec Read(ParseResult parsed)
    {
        TargetSpec spec = new(parsed.GetValue(_target)!, parsed.GetValue(_kernel), parsed.GetValue(_command), parsed.GetValue(_mutant),
            parsed.GetValue(_deviations) is { Length: > 0 } file ? Path.GetFullPath(file) : parsed.GetValue(_deviations),
            parsed.GetValue(_espOffload), parsed.GetValue(_gro));
        TargetCatalogue.Validate(spec);
        return spec;
    }
}
