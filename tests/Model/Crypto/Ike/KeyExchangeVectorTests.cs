using System.Globalization;
using System.Numerics;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class KeyExchangeVectorTests
{
    private static readonly IReadOnlyList<KeyExchangeVectorFile> Files = VectorFolder.Read<KeyExchangeVectorFile>("ike-key-exchange");

    private static IEnumerable<TestCaseData> Vectors() =>
        from file in Files
        from vector in file.Cases
        let method = IkeTransforms.KeyExchanges.Single(method => method.Name == file.Method)
        from provider in new[] { CryptoProvider.Bcl, CryptoProvider.BouncyCastle }
        where method.IsSupportedBy(provider)
        select new TestCaseData(method, vector, provider).SetArgDisplayNames(file.Method, vector.Name, provider.ToString());

    private static IEnumerable<PrimeVector> Primes() => VectorFolder.Read<PrimeVectorFile>("ike-modp-primes").SelectMany(file => file.Cases);

    [TestCaseSource(nameof(Vectors))]
    public void KnownPrivateValues_GiveTheKnownPublicValuesAndSecret(
        KeyExchangeMethod method, KeyExchangeVector vector, CryptoProvider provider)
    {
        var (initiator, responder) = (Convert.FromHexString(vector.InitiatorRandomness), Convert.FromHexString(vector.ResponderRandomness));

        Assert.That(method.TryMakePublic(initiator, out var initiatorPublic, out _, provider), Is.True);
        Assert.That(Convert.ToHexStringLower(initiatorPublic!), Is.EqualTo(vector.InitiatorPublic), vector.Source);
        Assert.That(method.TryRespond(responder, initiatorPublic, out var responderPublic, out var shared, out _, provider), Is.True);
        Assert.That(Convert.ToHexStringLower(responderPublic!), Is.EqualTo(vector.ResponderPublic), vector.Source);
        Assert.That(shared.ToString(), Is.EqualTo(vector.Shared), vector.Source);
        Assert.That(method.TryAgree(initiator, responderPublic, out var agreed, out _, provider), Is.True);
        Assert.That(agreed, Is.EqualTo(shared));
    }

    [TestCaseSource(nameof(Primes))]
    public void PrimeFromItsFormula_IsThePrintedOne(PrimeVector vector)
    {
        var group = IkeTransforms.KeyExchanges.OfType<ModpGroup>().Single(group => group.Name == vector.Method);

        Assert.That(group.Prime, Is.EqualTo(BigInteger.Parse("0" + vector.Prime, NumberStyles.HexNumber)), vector.Source);
    }

    [Test]
    public void EveryMethod_HasItsOwnKnownAnswers() =>
        Assert.That(Files.Select(file => file.Method), Is.EquivalentTo(IkeTransforms.KeyExchanges.Select(method => method.Name)));
}
