using Conformance.Generators.Ike;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire.Ike;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Shrinkers get to an end, and what a failure prints can be read.</summary>
public class IkeGeneratorTests
{
    private const int LongestLine = 20_000;
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(100).WithQuietOnSuccess(true);

    private static IEnumerable<string> EveryKind => IkeArbitraries.Payloads.Keys;

    [Test]
    public void Message_ShrinksAndPrints() => Prop.ForAll(IkeArbitraries.Message, message =>
    {
        IkeMessage least = Least(IkeArbitraries.Message, message);
        return least.Payloads.IsEmpty && least.Header.InitiatorSpi.Value == 1 && IsReadable($"{message}") && $"{message}".Contains("SPIs 0x", StringComparison.Ordinal);
    }).Check(Some);

    [TestCaseSource(nameof(EveryKind))]
    public void Payload_ShrinksAndPrints(string kind)
    {
        Arbitrary<IkePayload> arbitrary = IkeArbitraries.Payloads[kind];
        Prop.ForAll(arbitrary, payload => IsReadable($"{payload}") && Least(arbitrary, payload).BodyLengthBytes <= Math.Max(payload.BodyLengthBytes, 60)).Check(Some);
    }

    // A shrinker that gave a value back would never end.
    [TestCaseSource(nameof(EveryKind))]
    public void Shrinker_GivesOtherValues(string kind)
    {
        Arbitrary<IkePayload> arbitrary = IkeArbitraries.Payloads[kind];
        Prop.ForAll(arbitrary, payload => arbitrary.Shrinker(payload).All(smaller => smaller != payload && smaller.Type == payload.Type)).Check(Some);
    }

    [Test]
    public void OneSeed_GivesOneSequenceOfMessages()
    {
        IkeByteSource first = new(new Random(7));
        IkeByteSource second = new(new Random(7));
        Assert.That(Enumerable.Range(0, 500).Select(_ => first.Next()), Is.EqualTo(Enumerable.Range(0, 500).Select(_ => second.Next())));
    }

    private static bool IsReadable(string text) => text.Length is > 0 and < LongestLine && !text.Contains('\n', StringComparison.Ordinal);

    private static T Least<T>(Arbitrary<T> arbitrary, T value)
    {
        for (int steps = 0; steps < 1000; steps++)
        {
            T[] smaller = [.. arbitrary.Shrinker(value).Take(1)];
            if (smaller.Length == 0)
            {
                return value;
            }

            value = smaller[0];
        }

        throw new AssertionException($"no end of shrinking: {value}");
    }
}
