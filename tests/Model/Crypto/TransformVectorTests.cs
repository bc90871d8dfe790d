using Conformance.Spec.Crypto;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto;

public class TransformVectorTests
{
    private static IEnumerable<TestCaseData> Vectors() =>
        from file in TransformVectorFile.All
        from vector in file.Cases
        from provider in Enum.GetValues<CryptoProvider>()
        where vector.ParsedSuite.IsSupportedBy(provider)
        select new TestCaseData(vector, provider).SetArgDisplayNames(vector.ToString(), provider.ToString());

    private static IEnumerable<string> Transforms() =>
        EspSuites.Encryption.Select(transform => transform.Name).Concat(EspSuites.Integrity.Select(transform => transform.Name));

    [Honours("RFC7296-2.17-07")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownPlainPacket_SealsToKnownPacket(TransformVector vector, CryptoProvider provider)
    {
        using var protection = vector.Key(provider);
        var packet = new byte[vector.Plain.Length / 2 + protection.IcvBytes];
        Convert.FromHexString(vector.Plain).CopyTo(packet, 0);

        protection.Seal(packet, vector.SequenceHigh, vector.ExtendedSequenceNumber);

        Assert.That(Convert.ToHexStringLower(packet), Is.EqualTo(vector.Sealed), vector.Source);
    }

    [TestCaseSource(nameof(Vectors))]
    public void KnownSealedPacket_OpensToKnownPacket(TransformVector vector, CryptoProvider provider)
    {
        using var protection = vector.Key(provider);
        var packet = Convert.FromHexString(vector.Sealed);

        var opened = protection.TryOpen(packet, vector.SequenceHigh, vector.ExtendedSequenceNumber);

        Assert.That(opened, Is.True);
        Assert.That(Convert.ToHexStringLower(packet[..^protection.IcvBytes]), Is.EqualTo(vector.Plain), vector.Source);
    }

    [TestCaseSource(nameof(Transforms))]
    public void EveryTransform_HasItsOwnKnownAnswers(string transform)
    {
        var file = TransformVectorFile.All.SingleOrDefault(candidate => candidate.Transform == transform);

        Assert.That(file, Is.Not.Null);
        Assert.That(file!.Cases.Select(vector => vector.Suite), Is.Not.Empty.And.All.Contain(transform));
        Assert.That(file.Cases.Select(vector => vector.Name), Is.Unique);
    }

    [Test]
    public void EveryVectorFile_BelongsToATransform() =>
        Assert.That(TransformVectorFile.All.Select(file => file.Transform), Is.EquivalentTo(Transforms()));
}
