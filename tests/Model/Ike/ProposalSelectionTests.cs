using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Which proposals a responder takes, and which answers an initiator. RFC 7296 §2.7, §3.3.</summary>
public class ProposalSelectionTests
{
    private static readonly Transform Gcm = Transform.Of(EncryptionTransform.AesGcm16, 128);
    private static readonly Transform Prf = Transform.Of(PrfTransform.HmacSha2x256);
    private static readonly Transform X25519 = Transform.Of(KeyExchangeMethod.Curve25519);
    private static readonly Transform Short = Transform.Of(SequenceNumbersTransform.Sequential32);
    private static readonly Transform NoIntegrity = new(TransformType.Integrity, 0, []);
    private static readonly Spi Spi = new(0x1000);

    [Honours("RFC7296-3.3.6-05", "RFC7296-3.3.6-06", "RFC7296-3.3.3-03")]
    [Test]
    public void ProposalWithoutAMandatoryType_IsPassedOverForTheNext([Values(0, 1, 2)] int missing)
    {
        Transform[] all = [Gcm, Prf, X25519];
        Proposal lacking = Proposal.ForIke(1, [.. all.Where((_, i) => i != missing)]);
        Assert.That(ChooseIke(lacking), Is.Null);
        Assert.That(ChooseIke(lacking, Proposal.ForIke(2, all))?.Number, Is.EqualTo(2));
    }

    [Honours("RFC7296-3.3.3-04", "RFC7296-3.3.6-05")]
    [Test]
    public void EspProposalWithoutSequenceNumbers_IsNotTaken()
    {
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, Gcm, Short)), Is.Not.Null, "baseline");
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, Gcm)), Is.Null);
    }

    [Honours("RFC7296-3.3.6-04")]
    [Test]
    public void UnknownTransformType_MakesAProposalUnacceptable() =>
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, Gcm, Short, new Transform((TransformType)200, 1, [])), Proposal.ForEsp(2, Spi, Gcm, Short))?.Number, Is.EqualTo(2));

    [Honours("RFC7296-2.7-05", "RFC7296-3.3-11")]
    [Test]
    public void NoneThatIsOffered_IsInTheAnswer()
    {
        Proposal? chosen = ChooseEsp(Proposal.ForEsp(1, Spi, Gcm, NoIntegrity, Short));
        Assert.That(chosen?.Transforms, Is.EqualTo((ValueList<Transform>)[Gcm, NoIntegrity, Short]));
        Assert.That(Suites.OfEsp(chosen!.Transforms), Is.EqualTo(Suites.OfEsp([Gcm, Short])));
    }

    [Honours("RFC7296-2.7-08")]
    [Test]
    public void CombinedModeWithIntegrity_IsNotTaken() =>
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, Gcm, Transform.Of(IntegrityTransform.HmacSha2x256x128), Short)), Is.Null);

    [Honours("RFC7296-3.3-13")]
    [Test]
    public void TwoKeyLengths_AreNotTaken()
    {
        TransformAttribute bits = new TransformAttribute.Fixed(TransformAttributeType.KeyLength, 128);
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, new Transform(TransformType.Encryption, (ushort)EncryptionTransform.AesGcm16, [bits, bits]), Short)), Is.Null);
    }

    [Honours("RFC7296-3.3.5-02", "RFC7296-3.3.6-08")]
    [Test]
    public void KeyLengthInTheLongForm_IsPassedOverForAnotherTransform()
    {
        Transform odd = new(TransformType.Encryption, (ushort)EncryptionTransform.AesGcm16, [new TransformAttribute.Variable(TransformAttributeType.KeyLength, ByteString.FromHex("0080"))]);
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, odd, Short)), Is.Null);
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, odd, Gcm, Short))?.Transforms[0], Is.EqualTo(Gcm));
    }

    [Honours("RFC7296-3.3.5-06")]
    [TestCase(null, true)]
    [TestCase(256, false)]
    public void KeyLengthOfACipherWithOne_IsNotTaken(int? bits, bool isTaken)
    {
        Transform chacha = Transform.Of(EncryptionTransform.ChaCha20Poly1305, bits);
        Assert.That(ProposalSelection.Choose([Proposal.ForEsp(1, Spi, chacha, Short)], [[chacha, Short]], ProtocolId.Esp, 4, null) is not null, Is.EqualTo(isTaken));
    }

    [Honours("RFC7296-3.3.5-08", "RFC7296-3.3.5-10", "RFC7296-2.13-01")]
    [TestCase(null)]
    [TestCase(64)]
    [TestCase(129)]
    public void KeyLengthThatAesHasNot_IsNotTaken(int? bits)
    {
        Transform aes = Transform.Of(EncryptionTransform.AesGcm16, bits);
        Assert.That(ProposalSelection.Choose([Proposal.ForEsp(1, Spi, aes, Short)], [[aes, Short]], ProtocolId.Esp, 4, null), Is.Null);
    }

    [Honours("RFC7296-3.3.5-09")]
    [Test]
    public void LongerKey_IsTakenWhereTheOwnIsNotOffered()
    {
        Transform longer = Transform.Of(EncryptionTransform.AesGcm16, 256);
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, longer, Short))?.Transforms[0], Is.EqualTo(longer));
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, longer, Gcm, Short))?.Transforms[0], Is.EqualTo(Gcm), "the own one goes first");
    }

    [Honours("RFC7296-3.3-08")]
    [TestCase(0, 1, false)]
    [TestCase(1, 1, false)]
    [TestCase(1, 3, false)]
    [TestCase(2, 3, false)]
    [TestCase(1, 2, true)]
    public void ProposalsThatAreNotCounted_AreRefused(byte first, byte second, bool isTaken) =>
        Assert.That(ChooseEsp(Proposal.ForEsp(first, Spi, Gcm, Short), Proposal.ForEsp(second, Spi, Gcm, Short)) is not null, Is.EqualTo(isTaken));

    [Honours("RFC7296-2.7-06", "RFC7296-3.3.2-06")]
    [Test]
    public void TransformsOfTwoProposals_AreNotMixed() =>
        Assert.That(ChooseEsp(
            Proposal.ForEsp(1, Spi, Gcm, Transform.Of(SequenceNumbersTransform.PartiallyTransmitted64)),
            Proposal.ForEsp(2, Spi, Transform.Of(EncryptionTransform.ChaCha20Poly1305), Short)), Is.Null);

    [Honours("RFC7296-3.3.2-07", "RFC7296-3.3.6-07", "RFC7296-3.3.4-04")]
    [Test]
    public void UnknownTransform_IsPassedOver() =>
        Assert.That(ChooseEsp(Proposal.ForEsp(1, Spi, new Transform(TransformType.Encryption, 65000, []), Gcm, Short))?.Transforms, Is.EqualTo((ValueList<Transform>)[Gcm, Short]));

    [Honours("RFC7296-3.3-03")]
    [Test]
    public void OrderOfTheOffer_Decides()
    {
        Transform chacha = Transform.Of(EncryptionTransform.ChaCha20Poly1305);
        Assert.That(ProposalSelection.Choose([Proposal.ForEsp(1, Spi, chacha, Short), Proposal.ForEsp(2, Spi, Gcm, Short)], [[Gcm, Short], [chacha, Short]], ProtocolId.Esp, 4, null)?.Number, Is.EqualTo(1));
    }

    [Honours("RFC7296-5-02")]
    [Test]
    public void IkeSaWithoutIntegrity_IsNoSuite()
    {
        Transform cbc = Transform.Of(EncryptionTransform.AesCbc, 128);
        Assert.That(Suites.OfIke([cbc, Prf, X25519, Transform.Of(IntegrityTransform.HmacSha2x256x128)]), Is.Not.Null, "baseline");
        Assert.That(Suites.OfIke([cbc, Prf, X25519]), Is.Null);
        Assert.That(Suites.OfIke([cbc, Prf, X25519, NoIntegrity]), Is.Null);
    }

    [Honours("RFC7296-3.3.1-08", "RFC7296-2.7-02")]
    [Test]
    public void UnknownProtocol_IsPassedOver() =>
        Assert.That(ChooseEsp(new Proposal(1, (ProtocolId)77, SpiBytes.Of(Spi), [Gcm, Short]), Proposal.ForEsp(2, Spi, Gcm, Short))?.Number, Is.EqualTo(2));

    [Honours("RFC7296-2.18-09", "RFC7296-1.3.2-03", "RFC7296-3.3.1-06")]
    [TestCase("", false)]
    [TestCase("0000000000000000", false)]
    [TestCase("0000000000000001", true)]
    public void IkeSpiOfASuccessor_HasEightOctetsThatAreNotZero(string spi, bool isTaken) =>
        Assert.That(ProposalSelection.Choose([new Proposal(1, ProtocolId.Ike, ByteString.FromHex(spi), [Gcm, Prf, X25519])], [[Gcm, Prf, X25519]], ProtocolId.Ike, 8, null) is not null, Is.EqualTo(isTaken));

    [Honours("RFC7296-2.18-06")]
    [Test]
    public void SuccessorWithoutKeyExchange_IsNotTaken() =>
        Assert.That(ProposalSelection.Choose(
            [new Proposal(1, ProtocolId.Ike, ByteString.FromHex("0000000000000001"), [Gcm, Prf, new Transform(TransformType.KeyExchange, 0, [])])], [[Gcm, Prf, X25519]], ProtocolId.Ike, 8, null), Is.Null);

    [Honours("RFC7296-1.3.2-03", "RFC7296-3.3.1-06")]
    [TestCase("")]
    [TestCase("0000000000000000")]
    public void AnswerWithAnotherIkeSpi_MakesNoSuccessor(string spi)
    {
        TamperedConversation played = TamperedConversation.Play(ExplorationPair.Configuration("first", "second", 1, 2, 0), ExplorationPair.Configuration("second", "first", 2, 1, 0));
        played.Do(0, new IkeCommand.RekeyIke(0), ExchangeType.CreateChildSa, p => p is IkePayload.SecurityAssociation s
            ? new IkePayload.SecurityAssociation([new Proposal(1, ProtocolId.Ike, ByteString.FromHex(spi), s.Proposals[0].Transforms)])
            : p, isOnlyAnswers: true);
        Assert.That(played.First.Sas, Has.Count.EqualTo(1));
    }

    [Honours("RFC7296-3.3.1-04", "RFC7296-3.3.6-01", "RFC7296-3.3.6-02", "RFC7296-2.7-05")]
    [Test]
    public void AnswerIsAChoice_OnlyWithOneTransformOfEachTypeOutOfItsProposal()
    {
        ValueList<Proposal> offer = [Proposal.ForEsp(1, Spi, Gcm, Transform.Of(EncryptionTransform.AesGcm16, 256), Short)];
        Assert.That(IsChoice(1, Gcm, Short), "baseline");
        Assert.That(IsChoice(2, Gcm, Short), Is.False, "another number");
        Assert.That(IsChoice(1, Gcm), Is.False, "a type is missing");
        Assert.That(IsChoice(1, Gcm, Transform.Of(EncryptionTransform.AesGcm16, 256), Short), Is.False, "two of one type");
        Assert.That(IsChoice(1, Gcm, Short, Transform.Of(KeyExchangeMethod.Curve25519)), Is.False, "a type that was not offered");
        Assert.That(IsChoice(1, Transform.Of(EncryptionTransform.AesGcm16, 192), Short), Is.False, "another key length");
        Assert.That(IsChoice(1, new Transform(Gcm.Type, Gcm.Id, [.. Gcm.Attributes, new TransformAttribute.Fixed((TransformAttributeType)99, 1)]), Short), Is.False, "another attribute");

        bool IsChoice(byte number, params ReadOnlySpan<Transform> transforms) => ProposalSelection.IsChoiceOf(Proposal.ForEsp(number, new Spi(0x2000), transforms), offer);
    }

    private static Proposal? ChooseIke(params ReadOnlySpan<Proposal> offered) => ProposalSelection.Choose([.. offered], [[Gcm, Prf, X25519]], ProtocolId.Ike, 0, KeyExchangeMethod.Curve25519);

    private static Proposal? ChooseEsp(params ReadOnlySpan<Proposal> offered) => ProposalSelection.Choose([.. offered], [[Gcm, Short]], ProtocolId.Esp, 4, null);
}
