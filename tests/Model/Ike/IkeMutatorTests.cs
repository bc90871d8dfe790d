using Conformance.Generators.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Each mutator makes the one fault that it names, and the parser says which.</summary>
public class IkeMutatorTests
{
    private static IEnumerable<string> EverySample => IkeSamples.All.Keys;

    private static IEnumerable<IkeMutator> Refused => IkeMutators.All.Where(m => m.Expected is IkeExpectation.Refused);

    private static IEnumerable<IkeMutator> Ignored => IkeMutators.All.Where(m => m.Expected is IkeExpectation.Ignored);

    private static IEnumerable<IkeMutator> Kept => IkeMutators.All.Where(m => m.Expected is IkeExpectation.Kept or IkeExpectation.UnsupportedCritical);

    [TestCaseSource(nameof(EverySample))]
    public void Sample_HasAMeaning(string name)
    {
        Assert.That(IkeMessage.TryParse(IkeSamples.All[name].ToBytes(), out var read, out var error), Is.True, $"{error}");
        Assert.That(read, Is.EqualTo(IkeSamples.All[name]));
    }

    [Honours("RFC7296-3.1-03", "RFC7296-3.1-07", "RFC7296-3.1-08", "RFC7296-3.1-12", "RFC7296-3.1-24", "RFC7296-3.1-25", "RFC7296-3.2-09", "RFC7296-3.3-05", "RFC7296-3.3.1-01", "RFC7296-3.3.1-07", "RFC7296-3.3.2-01", "RFC7296-3.5-07", "RFC7296-3.9-01", "RFC7296-3.10-06", "RFC7296-3.11-04", "RFC7296-3.11-05", "RFC7296-3.13-03", "RFC7296-3.13.1-01", "RFC7296-3.13.1-08", "RFC7296-3.16-02", "RFC7296-3.16-03")]
    [TestCaseSource(nameof(Refused))]
    public void Fault_IsRefusedWhereItIs(IkeMutator mutator)
    {
        RawNode mutated = Mutated(mutator);
        var expected = (IkeExpectation.Refused)mutator.Expected;

        Assert.That(IkeMessage.TryParse(mutated.ToBytes(), out _, out var error), Is.False);
        Assert.That((error.Field, error.OffsetBytes), Is.EqualTo((expected.Field, expected.Path.Length == 0 ? 0 : mutated.OffsetOf(expected.Path))), $"{error}\n{string.Join('\n', mutated.Lines())}");
    }

    [Honours("RFC7296-2.5-10", "RFC7296-3.1-16", "RFC7296-3.1-20", "RFC7296-3.2-04", "RFC7296-3.2-08", "RFC7296-3.3.1-03", "RFC7296-3.3.2-03", "RFC7296-3.4-09", "RFC7296-3.8-06", "RFC7296-3.13-02", "RFC7296-3.15-02", "RFC7296-3.15.1-02")]
    [TestCaseSource(nameof(Ignored))]
    public void IgnoredField_ChangesNoMeaning(IkeMutator mutator)
    {
        byte[] bytes = Mutated(mutator).ToBytes();
        Assert.That(bytes, Is.Not.EqualTo(IkeSamples.All[mutator.Sample].ToBytes()));
        Assert.That(IkeMessage.TryParse(bytes, out var read, out var error), Is.True, $"{error}");
        Assert.That(read, Is.EqualTo(IkeSamples.All[mutator.Sample]));
    }

    [Honours("RFC7296-2.5-12", "RFC7296-3.2-03")]
    [TestCaseSource(nameof(Kept))]
    public void UnknownPart_IsKept(IkeMutator mutator)
    {
        byte[] bytes = Mutated(mutator).ToBytes();
        Assert.That(IkeMessage.TryParse(bytes, out var read, out var error), Is.True, $"{error}");
        Assert.That(read, Is.Not.EqualTo(IkeSamples.All[mutator.Sample]));
        var critical = read!.Payloads.OfType<IkePayload.Unknown>().FirstOrDefault(p => p.IsCritical);
        Assert.That(critical?.Type, Is.EqualTo((mutator.Expected as IkeExpectation.UnsupportedCritical)?.Type));
    }

    [Test]
    public void Mutators_HaveNamesAndClauses()
    {
        Assert.That(IkeMutators.All.Select(m => $"{m}"), Is.Unique);
        Assert.That(IkeMutators.All.Where(m => !m.Clause.StartsWith("RFC ", StringComparison.Ordinal)), Is.Empty);
    }

    private static RawNode Mutated(IkeMutator mutator) => mutator.Apply(IkeDissection.Of(ByteString.Adopt(IkeSamples.All[mutator.Sample].ToBytes())));
}
