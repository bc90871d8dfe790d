using Conformance.Harness.Oracle.Ike.Diagnosis;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Spec.Crypto.Transforms;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>The tables of mistakes: the recipe without a mistake gives the right keys, each mistake gives others, and no two the same.</summary>
public class IkeDiagnosisTests
{
    private static readonly IkeSuite[] Suites =
    [
        IkeTransforms.Default,
        IkeTransforms.Default with { EncryptionKeyBits = 256, Prf = HmacPrf.Sha512 },
        IkeTransforms.Default with { Prf = AesXcbcPrf.Xcbc },
        new(AesCbc.Cbc, 256, Hmac.Sha256, HmacPrf.Sha256, IkeTransforms.Default.KeyExchange),
    ];

    private static IEnumerable<TestCaseData> Cases => Derivations.Select(d => new TestCaseData(d).SetArgDisplayNames($"{d.Suite}, {(d.IsAdditional ? "additional" : d.Root.Length == 0 ? "first" : "rekeyed")}"));

    private static IEnumerable<IkeDerivation> Derivations
    {
        get
        {
            DerivationLog log = new(new RealCryptography());
            foreach (IkeSuite suite in Suites)
            {
                IkeKeys first = log.FirstKeys(suite, Secret(1), new Freshness(Bytes(2, 32), Bytes(3, 40), 0x0101, 0x0202));
                IkeKeys additional = log.AdditionalKeys(suite, first, Secret(4), new Freshness(Bytes(2, 32), Bytes(3, 40), 0x0101, 0x0202));
                IkeKeys rekeyed = log.RekeyedKeys(suite with { Prf = HmacPrf.Sha384 }, suite.Prf, additional.Derivation, [Secret(5), Secret(6)], new Freshness(Bytes(7, 32), Bytes(8, 32), 0x0303, 0x0404));
                yield return log.Of(first)!;
                yield return log.Of(additional)!;
                yield return log.Of(rekeyed)!;
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void RecipeWithoutAMistake_RightKeys(object derivation)
    {
        IkeDerivation made = (IkeDerivation)derivation;
        Assert.That(KeyRecipe.Of(made).ToIkeKeys(made.Suite.IntegrityKeyBytes), Is.EqualTo(made.Keys));
    }

    [TestCaseSource(nameof(Cases))]
    public void EachMistake_KeysOfItsOwn(object derivation)
    {
        IkeDerivation made = (IkeDerivation)derivation;
        (string What, IkeKeys Keys)[] wrong = [.. KeyMistakes.All.Select(m => (m.What, KeyMistakes.Make(m, made)?.Keys)).Where(m => m.Keys is not null).Select(m => (m.What, m.Keys!))];
        Assert.That(wrong, Has.Length.GreaterThan(18));
        Assert.That(wrong.GroupBy(w => (w.Keys.InitiatorSealing, w.Keys.ResponderSealing)).Where(g => g.Count() > 1).Select(g => string.Join(" = ", g.Select(w => w.What))), Is.Empty);
        Assert.That(wrong.Where(w => w.Keys.InitiatorSealing == made.Keys.InitiatorSealing && w.Keys.ResponderSealing == made.Keys.ResponderSealing), Is.Empty);
    }

    [Test]
    public void EveryClauseOfAMistake_IsInTheCatalogue()
    {
        IEnumerable<string> clauses = Derivations.SelectMany(d => KeyMistakes.All.Select(m => m.Clause(d))).Concat(ProtectionMistakes.All.Select(m => m.Clause)).Concat(AuthMistakes.OfSecrets.Select(m => m.Clause));
        Assert.That(clauses.Distinct().Where(c => RequirementCatalogue.Find(c) is null), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void EachMistakeOfAChild_KeysOfItsOwn(bool hasSecret)
    {
        DerivationLog log = new(new RealCryptography());
        IkeKeys ike = log.FirstKeys(IkeTransforms.Default, Secret(1), new Freshness(Bytes(2, 32), Bytes(3, 32), 1, 2));
        ChildKeys keys = log.ChildKeys(HmacPrf.Sha256, ike.Derivation, hasSecret ? [Secret(4), Secret(5)] : [], Bytes(6, 32), Bytes(7, 32), new EspSuite(AesCbc.Cbc, 128, Hmac.Sha256));
        ChildDerivation made = log.Of(keys.InitiatorEncryption, keys.ResponderEncryption)!;
        (string What, ChildKeys Keys)[] wrong = [.. ChildKeyMistakes.All.Select(m => (m.What, ChildKeyMistakes.Make(m, made, log)?.Keys)).Where(m => m.Keys is not null).Select(m => (m.What, m.Keys!))];
        Assert.That(wrong, Has.Length.GreaterThan(12));
        Assert.That(wrong.GroupBy(w => w.Keys).Where(g => g.Count() > 1).Select(g => string.Join(" = ", g.Select(w => w.What))), Is.Empty);
        Assert.That(ChildKeyMistakes.All.Select(m => m.Clause(made)).Distinct().Where(c => RequirementCatalogue.Find(c) is null), Is.Empty);
    }

    private static IkeSecret Secret(int seed) => new(Bytes(seed, 32).Span);

    // Starts with a zero, as one secret in 256 does.
    private static ByteString Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        bytes[0] = 0;
        return ByteString.Adopt(bytes);
    }
}
