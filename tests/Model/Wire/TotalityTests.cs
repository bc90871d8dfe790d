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
        WireByteSource source = new(new Random(Seed));
        long[] accepted = new long[ParserRegistry.All.Count];
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < strings; i++)
        {
            Feed(source.Next(), accepted);
        }

        TestContext.Out.WriteLine($"{strings} strings through {accepted.Length} parsers in {watch.Elapsed.TotalSeconds:f1} s");
        for (int i = 0; i < accepted.Length; i++)
        {
            TestContext.Out.WriteLine($"  {ParserRegistry.All[i]}: {accepted[i]} with a meaning");
        }

        // Strings that all are refused would show nothing but the first check of each parser.
        Assert.That(accepted.Count(a => a == 0), Is.LessThanOrEqualTo(1), "parsers that accepted nothing; forging an ICV is the one that should");
    }

    private static void Feed(WireBytes bytes, long[] accepted)
    {
        for (int i = 0; i < accepted.Length; i++)
        {
            try
            {
                accepted[i] += ParserRegistry.All[i].Accepts(bytes.Bytes) ? 1 : 0;
            }
            catch (Exception exception)
            {
                throw new AssertionException($"{ParserRegistry.All[i]} threw {exception} on {bytes.Origin} {bytes.Bytes}", exception);
            }
        }
    }
}
