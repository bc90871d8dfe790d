return Conformance.Harness.CommandLine.Cli.Run(args);
