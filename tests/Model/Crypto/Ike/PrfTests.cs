using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class PrfTests
{
    private static readonly IReadOnlyList<PrfVectorFile> Files = VectorFolder.Read<PrfVectorFile>("ike-prf");

    private static ImmutableArray<IkePrf> Prfs() => IkeTransforms.Prfs;

    private static IEnumerable<TestCaseData> Vectors() =>
        from file in Files
        from vector in file.Cases
        from provider in new[] { CryptoProvider.Bcl, CryptoProvider.BouncyCastle }
        select new TestCaseData(Named(file.Prf), vector, provider).SetArgDisplayNames(file.Prf, vector.Name, provider.ToString());

    private static IEnumerable<TestCaseData> Expansions() =>
        from file in Files
        from vector in file.Expansions
        from provider in new[] { CryptoProvider.Bcl, CryptoProvider.BouncyCastle }
        select new TestCaseData(Named(file.Prf), vector, provider).SetArgDisplayNames(file.Prf, vector.Name, provider.ToString());

    [Honours("RFC7296-2.13-06")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownKeyAndData_GiveTheKnownOutput(IkePrf prf, PrfVector vector, CryptoProvider provider) => Assert.That(
        Convert.ToHexStringLower(prf.Compute(Convert.FromHexString(vector.Key), Convert.FromHexString(vector.Data), provider)),
        Is.EqualTo(vector.Output),
        vector.Source);

    [TestCaseSource(nameof(Expansions))]
    public void KnownKeyAndSeed_ExpandToTheKnownOutput(IkePrf prf, PrfExpansion vector, CryptoProvider provider)
    {
        var output = new byte[vector.Output.Length / 2];

        Assert.That(prf.TryExpand(Convert.FromHexString(vector.Key), Convert.FromHexString(vector.Seed), output, provider), Is.True);
        Assert.That(Convert.ToHexStringLower(output), Is.EqualTo(vector.Output), vector.Source);
    }

    [TestCaseSource(nameof(Prfs))]
    public void BothLibraries_GiveTheSameOutput(IkePrf prf) => Draw.Check(100, seed =>
    {
        var key = Draw.Bytes(seed, 1, Draw.Number(seed, 2, 150));
        var data = Draw.Bytes(seed, 3, Draw.Number(seed, 4, 300));
        var (bcl, bouncyCastle) = (new byte[Draw.Number(seed, 5, 400)], new byte[Draw.Number(seed, 5, 400)]);
        return prf.Compute(key, data, CryptoProvider.Bcl).AsSpan().SequenceEqual(prf.Compute(key, data, CryptoProvider.BouncyCastle))
            && prf.TryExpand(key, data, bcl, CryptoProvider.Bcl)
            && prf.TryExpand(key, data, bouncyCastle, CryptoProvider.BouncyCastle)
            && bcl.AsSpan().SequenceEqual(bouncyCastle);
    });

    // RFC 7296 §2.13: the counter is one byte and starts at one.
    [Honours("RFC7296-2.13-09")]
    [TestCaseSource(nameof(Prfs))]
    public void Expansion_EndsAfter255Blocks(IkePrf prf)
    {
        Assert.That(prf.TryExpand([1], [2], new byte[255 * prf.OutputBytes]), Is.True);
        Assert.That(prf.TryExpand([1], [2], new byte[255 * prf.OutputBytes + 1]), Is.False);
    }

    // RFC 7296 §2.13, written out for the first three blocks.
    [Honours("RFC7296-2.13-07")]
    [TestCaseSource(nameof(Prfs))]
    public void Expansion_IsAChainOfBlocks(IkePrf prf)
    {
        byte[] key = [1, 2, 3], seed = [4, 5];
        var first = prf.Compute(key, [.. seed, 1]);
        var second = prf.Compute(key, [.. first, .. seed, 2]);
        var third = prf.Compute(key, [.. second, .. seed, 3]);
        var output = new byte[2 * prf.OutputBytes + 1];

        Assert.That(prf.TryExpand(key, seed, output), Is.True);
        Assert.That(output, Is.EqualTo((byte[])[.. first, .. second, third[0]]));
    }

    [Test]
    public void EveryPrf_HasItsOwnKnownAnswers() =>
        Assert.That(Files.Select(file => file.Prf), Is.EquivalentTo(IkeTransforms.Prfs.Select(prf => prf.Name)));

    private static IkePrf Named(string name) => IkeTransforms.Prfs.Single(prf => prf.Name == name);
}
