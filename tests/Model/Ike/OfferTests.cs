using Conformance.Generators.Ike;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using EncryptionTransform = Conformance.Spec.Wire.Ike.Registries.EncryptionTransform;
using IntegrityTransform = Conformance.Spec.Wire.Ike.Registries.IntegrityTransform;

namespace Conformance.Tests.Model.Ike;

/// <summary>What a side offers, of what its owner told it. RFC 7296 §2.7, §2.8, §3.3.</summary>
public class OfferTests
{
    private static readonly Transform Gcm = Transform.Of(EncryptionTransform.AesGcm16, 128);
    private static readonly Transform LongGcm = Transform.Of(EncryptionTransform.AesGcm16, 256);
    private static readonly Transform Chacha = Transform.Of(EncryptionTransform.ChaCha20Poly1305);
    private static readonly Transform Cbc = Transform.Of(EncryptionTransform.AesCbc, 128);
    private static readonly Transform Hmac = Transform.Of(IntegrityTransform.HmacSha2x256x128);
    private static readonly Transform Prf = Transform.Of(PrfTransform.HmacSha2x256);
    private static readonly Transform Curve = Transform.Of(KeyExchangeMethod.Curve25519);
    private static readonly Transform Short = Transform.Of(SequenceNumbersTransform.Sequential32);
    private static readonly Transform NoIntegrity = new(TransformType.Integrity, 0, []);
    private static readonly Transform NoExchange = new(TransformType.KeyExchange, 0, []);

    [Honours("RFC7296-2.7-07", "RFC7296-3.3-01", "RFC7296-3.3-02", "RFC7296-3.3-10")]
    [Test]
    public void MixedCiphers_AreOfferedInProposalsOfTheirOwn_TheBetterLikedFirst([Values] bool isCombinedFirst)
    {
        Transform[] ciphers = isCombinedFirst ? [Gcm, Cbc] : [Cbc, Gcm];
        ManualPair pair = new((c, _) => With(c with { Offers = [[.. ciphers, Hmac, NoIntegrity, Prf, Curve]] }, [[.. ciphers, Hmac, Short]]));
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        string[] proposals = isCombinedFirst ? ["1 IKE ENCR_AES_GCM_16-128 PRF", "2 IKE ENCR_AES_CBC-128 AUTH_HMAC"] : ["1 IKE ENCR_AES_CBC-128 AUTH_HMAC", "2 IKE ENCR_AES_GCM_16-128 PRF"];
        Assert.That(pair.Sent[0], Does.Contain(proposals[0]).And.Contain(proposals[1]));
        Assert.That(pair.Sent[2], Does.Match("1 ESP [^;]*; 2 ESP ").And.Not.Match("ENCR_AES_GCM_16-128 (ENCR|AUTH)").And.Not.Match("ENCR_AES_CBC-128 ENCR"));
        Assert.That(pair.First.Sas.Single().Suite!.Encryption.IsCombinedMode, Is.EqualTo(isCombinedFirst));
        Assert.That(pair.Second.Children.Single().Suite.Encryption.IsCombinedMode, Is.EqualTo(isCombinedFirst));
    }

    private static IEnumerable<TestCaseData> WrongSuites =>
    [
        new TestCaseData(Gcm, Prf, NoExchange).SetName("NoneInPlaceOfAKeyExchange_IsRefused"),
        new TestCaseData(Transform.Of(EncryptionTransform.NullAuthAesGmac, 128), Prf, Curve).SetName("CipherWithoutAFormInTheSkPayload_IsRefused"),
        new TestCaseData(Transform.Of(EncryptionTransform.ChaCha20Poly1305, 256), Prf, Curve).SetName("KeyLengthOfACipherWithOne_IsRefused"),
        new TestCaseData(Gcm with { Attributes = [.. Gcm.Attributes, .. LongGcm.Attributes] }, Prf, Curve).SetName("TwoKeyLengthsOfOneTransform_AreRefused"),
        new TestCaseData(Gcm with { Attributes = [new TransformAttribute.Fixed((TransformAttributeType)11, 1), .. Gcm.Attributes] }, Prf, Curve).SetName("AnotherAttribute_IsRefused"),
    ];

    [Honours("RFC7296-2.18-05", "RFC7296-3.14-01", "RFC7296-3.3.5-05", "RFC7296-3.3-14")]
    [TestCaseSource(nameof(WrongSuites))]
    public void SuiteThatNoOfferMayHave(Transform cipher, Transform prf, Transform exchange)
    {
        IkeConfiguration plain = ExplorationPair.Configuration("first", "second", 1, 2, 0);
        Assert.That(() => plain with { Offers = [[Gcm, LongGcm, Prf, Curve]] }, Throws.Nothing, "baseline");
        Assert.That(() => plain with { Offers = [[cipher, prf, exchange]] }, Throws.ArgumentException);
    }

    [Test]
    public void IntegrityBesideCombinedModesAlone_IsRefused() =>
        Assert.That(() => With(ExplorationPair.Configuration("first", "second", 1, 2, 0), [[Gcm, Hmac, Short]]), Throws.ArgumentException);

    [Honours("RFC7296-3.3-04", "RFC7296-3.3-14", "RFC7296-2.8-12", "RFC7296-2.13-01")]
    [Test]
    public void TwoKeyLengths_AreTwoTransformsOfOneProposal_WithNoOtherAttribute()
    {
        ManualPair pair = new((c, isFirst) => With(c with { Offers = [[LongGcm, Gcm, Prf, Curve]] }, [[LongGcm, Gcm, Short]]));
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(IkeMessage.TryParse(pair.Network[0].Send.Datagram, out IkeMessage? request, out _));
        Proposal proposal = request!.Find<IkePayload.SecurityAssociation>()!.Proposals.Single();
        Assert.That(proposal.Transforms.SelectMany(t => t.Attributes.Items), Is.EqualTo(LongGcm.Attributes.Concat(Gcm.Attributes)), "no lifetime among them");
        pair.DeliverAll();
        Assert.That((pair.First.Sas[0].Suite!.EncryptionKeyBits, pair.First.Children[0].Suite.EncryptionKeyBits), Is.EqualTo((256, 256)));
    }

    [Honours("RFC7296-1.3-03", "RFC7296-3.3.2-04", "RFC7296-3.3.2-05")]
    [TestCase(false, false, "none")]
    [TestCase(true, false, "Curve25519")]
    [TestCase(true, true, "optional")]
    public void KeyExchangeOfAChild_IsAbsentWantedOrOptional(bool isWanted, bool isOptional, string kind)
    {
        Transform[] exchanges = isOptional ? [Curve, NoExchange] : isWanted ? [Curve] : [];
        ManualPair pair = ManualPair.Established((c, _) => With(c, [[Gcm, Short, .. exchanges]], isWanted));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        Assert.That(SealedMessage.Open(pair.Cryptography, pair.Second.Sas[0], pair.Network[0].Send.Datagram) is { } inside
            && IkePayloads.TryParse(inside.First, inside.Content, out ValueList<IkePayload> payloads, out _)
            && IkePayloads.Find<IkePayload.SecurityAssociation>(payloads)!.Proposals.Single().Transforms.Where(t => t.Type == TransformType.KeyExchange).SequenceEqual(exchanges), kind);
        Assert.That(pair.Sent[0].Contains("KE(", StringComparison.Ordinal), Is.EqualTo(isWanted));
        pair.DeliverAll();
        Assert.That(pair.Sent[1].Contains("KE(", StringComparison.Ordinal), Is.EqualTo(isWanted));
        Assert.That(pair.First.Children[1].InboundKeys, Is.EqualTo(pair.Second.Children[1].OutboundKeys));
    }

    [Honours("RFC7296-3.3.3-01")]
    [Test]
    public void EveryTypeOfTransform_CountsInTheSuite()
    {
        Proposal ike = Proposal.ForIke(1, Cbc, Prf, Hmac, Curve);
        IkeSuite? suite = Suites.OfIke(ProposalSelection.Choose([ike], [[Cbc, Prf, Hmac, Curve]], ProtocolId.Ike, 0, KeyExchangeMethod.Curve25519)!.Transforms);
        Assert.That((suite?.Encryption.TransformId, suite?.Prf.TransformId, suite?.Integrity?.TransformId, suite?.KeyExchange.TransformId), Is.EqualTo((Cbc.Id, Prf.Id, Hmac.Id, Curve.Id)));
        Transform wide = Transform.Of(SequenceNumbersTransform.PartiallyTransmitted64);
        ValueList<Transform> chosen = ProposalSelection.Choose([Proposal.ForEsp(1, new Spi(0x1001), Cbc, Hmac, Curve, wide)], [[Cbc, Hmac, Curve, wide]], ProtocolId.Esp, 4, KeyExchangeMethod.Curve25519)!.Transforms;
        EspSuite? esp = Suites.OfEsp(chosen);
        Assert.That((esp?.Encryption.TransformId, esp?.Integrity?.TransformId, Suites.KeyExchange(chosen), Suites.IsEsn(chosen)), Is.EqualTo((Cbc.Id, Hmac.Id, KeyExchangeMethod.Curve25519, true)));
    }

    [Honours("RFC7296-3.3.3-02")]
    [Test]
    public void TypeThatIsOnlyNone_MayBeLeftOut() =>
        Assert.That(ProposalSelection.Choose([Proposal.ForEsp(1, new Spi(0x1001), Gcm, Short)], [[Gcm, NoIntegrity, NoExchange, Short]], ProtocolId.Esp, 4, null)?.Transforms, Is.EqualTo((ValueList<Transform>)[Gcm, Short]));

    [Honours("RFC7296-3.3.5-03")]
    [Test]
    public void AttributeOfVariableLength_HasALengthAlsoWhereItWouldFit()
    {
        Transform strange = Gcm with { Attributes = [new TransformAttribute.Variable((TransformAttributeType)99, ByteString.FromHex("aabb"))] };
        byte[] content = IkePayloads.ToBytes([new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1001), strange)])]).Content;
        Assert.That(Convert.ToHexStringLower(content), Does.EndWith("0063" + "0002" + "aabb"));
    }

    [Honours("RFC7296-5-01", "RFC7296-3-01")]
    [Test]
    public void Registry_HasNothingWeakerThan128BitsOrUnspecified()
    {
        Assert.That(IkeTransforms.Prfs.Select(p => 8 * p.OutputBytes), Is.All.GreaterThanOrEqualTo(128));
        Assert.That(Suites.OfIke([Gcm, new Transform(TransformType.PseudoRandomFunction, 3, []), Curve]), Is.Null, "PRF_HMAC_TIGER");
        Assert.That(EspSuites.Encryption.Select(e => (int)e.TransformId), Has.None.AnyOf(1, 8, 9), "DES_IV64, 3IDEA, DES_IV32");
        Assert.That(EspSuites.Integrity.Select(e => (int)e.TransformId), Has.None.AnyOf(3, 4), "DES_MAC, KPDK_MD5");
    }

    [Honours("RFC7296-3.3.4-03")]
    [Test]
    public void SuiteThatIsNotConfigured_IsNotTaken()
    {
        ManualPair pair = new((c, isFirst) => c with { Offers = isFirst ? [[Chacha, Prf, Curve], [Cbc, Hmac, Prf, Curve], [Gcm, Prf, Curve]] : [[Gcm, Prf, Curve]] });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        Assert.That(pair.Sent[1], Does.Contain("SA(3 IKE ENCR_AES_GCM_16-128"));
        ManualPair other = new((c, isFirst) => c with { Offers = isFirst ? [[Chacha, Prf, Curve]] : [[Gcm, Prf, Curve]] });
        other.Ask(0, new IkeCommand.Initiate());
        other.Deliver();
        Assert.That(other.Sent[1], Does.Contain("NO_PROPOSAL_CHOSEN"));
    }

    [Honours("RFC7296-1.3-05", "RFC7296-3.3.6-09")]
    [Test]
    public void MethodThatThePeerTook_IsTheOneOfTheNextKePayload()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.WrongGuess, []).Configure(isSymbolic: false);
        ManualPair pair = ManualPair.Established((_, isFirst) => isFirst ? first : second);
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        Assert.That(pair.Sent[0], Does.Contain($"KE({Iana.NameOf(KeyExchangeMethod.Ecp256)}"));
        pair.DeliverAll();
        Assert.That(pair.Sent, Has.None.Contains("INVALID_KE_PAYLOAD"));
    }

    [Honours("RFC7296-3.3.1-10")]
    [Test]
    public void SpiOfAProposal_IsTheOneOfPacketsToItsSender()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        Assert.That(pair.Sent[0], Does.Contain($"SA(1 ESP {pair.First.Children[1].Inbound} "));
        Assert.That(pair.Sent[1], Does.Contain($"SA(1 ESP {pair.Second.Children[1].Inbound} "));
        Assert.That(pair.First.Children[1].Inbound, Is.EqualTo(pair.Second.Children[1].Outbound));
    }

    // The sides like their two ciphers in opposite order, so that a new Child SA of either is not like one of the other.
    [Honours("RFC7296-2.8-05")]
    [TestCase(0)]
    [TestCase(1)]
    public void RekeyedChild_KeepsItsAlgorithms(int side)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, isFirst ? [[Gcm, Short], [Chacha, Short]] : [[Chacha, Short], [Gcm, Short]]));
        EspSuite before = pair.First.Children[0].Suite;
        pair.Ask(1, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        Assert.That(pair.First.Children[1].Suite, Is.Not.EqualTo(before), "baseline");
        pair.Ask(side, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        Assert.That((pair.First.Children[^1].Number, pair.First.Children[^1].Suite), Is.EqualTo((2, before)));
    }

    [Honours("RFC7296-2.8-05")]
    [Test]
    public void RekeyThatOffersOtherAlgorithmsFirst_IsAnsweredWithThoseInUse()
    {
        ManualPair pair = ManualPair.Established((c, _) => With(c, [[Gcm, Short], [Chacha, Short]]));
        Assert.That(pair.Second.Children[0].Suite.Encryption.TransformId, Is.EqualTo(Gcm.Id), "baseline");
        CraftedMessage.Ask(
            pair,
            ExchangeType.CreateChildSa,
            IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, pair.First.Children[0].Inbound),
            new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1001), Chacha, Short), Proposal.ForEsp(2, new Spi(0x1001), Gcm, Short)]),
            new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
            new IkePayload.TrafficSelectors(true, pair.First.Children[0].Own),
            new IkePayload.TrafficSelectors(false, pair.First.Children[0].Peer));
        Assert.That(pair.Sent[^1], Does.Contain("SA(2 ESP"));
        Assert.That(pair.Second.Children[1].Suite, Is.EqualTo(pair.Second.Children[0].Suite));
    }

    private static IkeConfiguration With(IkeConfiguration configuration, ValueList<ValueList<Transform>> suites, bool hasKeyExchange = false) => configuration with
    {
        Children = new([.. configuration.Children.Select(c => c with { Offers = suites, KeyExchange = hasKeyExchange ? KeyExchangeMethod.Curve25519 : null })]),
    };
}
