using System.Diagnostics;
using Conformance.Generators.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>No byte string makes a parser throw.</summary>
public class TotalityTests
{
    private const string CountVariable = "IPSEC_PARSER_STRINGS";
    private const int DefaultStrings = 200_000;
    private const int Seed = 4303;

    [Test]
    public void RandomAndMutatedStrings_NeverThrow()
    {
        int strings = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), out int asked) ? asked : DefaultStrings;
        IReadOnlyList<RegisteredParser> parsers = ParserRegistry.All;
        Random random = new(Seed);
        WireByteSource source = new(random);
        long[] accepted = new long[parsers.Count];
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < strings; i++)
        {
            WireBytes bytes = source.Next();
            for (int parser = 0; parser < parsers.Count; parser++)
            {
                accepted[parser] += Accepts(parsers[parser], Own(parsers[parser], source, random) ?? bytes) ? 1 : 0;
            }
        }

        TestContext.Out.WriteLine($"{strings} strings through each of {accepted.Length} parsers in {watch.Elapsed.TotalSeconds:f1} s");
        for (int i = 0; i < accepted.Length; i++)
        {
            TestContext.Out.WriteLine($"  {parsers[i]}: {accepted[i]} with a meaning");
        }

        // Strings that all are refused would show nothing but the first check of a parser.
        Assert.That(parsers.Where((parser, i) => (accepted[i] == 0) != parser.NeverAccepts), Is.Empty, "parsers that accepted nothing, or a forged ICV");
    }

    // A parser of something else than packets gets its own samples, mutated, half of the time.
    private static WireBytes? Own(RegisteredParser parser, WireByteSource source, Random random) => parser.Samples is { } samples && random.Next(2) == 0
        ? new WireBytes($"{parser}, mutated", source.Mutate(samples[random.Next(samples.Count)]))
        : null;

    private static bool Accepts(RegisteredParser parser, WireBytes bytes)
    {
        try
        {
            return parser.Accepts(bytes.Bytes);
        }
        catch (Exception exception)
        {
            throw new AssertionException($"{parser} threw {exception} on {bytes.Origin} {bytes.Bytes}", exception);
        }
    }
}
