using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>IPComp of Child SAs. RFC 7296 §2.22.</summary>
public class CompressionTests
{
    private const byte Deflate = 2;
    private const byte Lzs = 3;
    private const byte Lzjh = 4;

    [Honours("RFC7296-2.22-02")]
    [Test]
    public void FirstOfferThatTheResponderKnows_IsChosen()
    {
        ManualPair pair = Established([Deflate, Lzs, Lzjh], [Lzjh, Lzs]);
        CompressionAgreement first = pair.First.Children[0].Compression!;
        Assert.That(first.Transform, Is.EqualTo(Lzs));
        Assert.That(pair.Second.Children[0].Compression, Is.EqualTo(new CompressionAgreement(Lzs, first.Outbound, first.Inbound)));
        Assert.That(first.Inbound, Is.InRange(256, 61439));
    }

    [Honours("RFC7296-2.22-01", "RFC7296-2.22-05", "RFC7296-2.22-10")]
    [Test]
    public void EachRekey_OffersAllAlgorithmsAndDrawsOtherParameterIndices()
    {
        ManualPair pair = Established([Deflate, Lzs], [Deflate]);
        CompressionAgreement old = pair.First.Children[0].Compression!;
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        Assert.That(pair.Sent[0].Split("IPCOMP_SUPPORTED"), Has.Length.EqualTo(3));
        pair.Deliver();
        Assert.That(pair.Sent[1].Split("IPCOMP_SUPPORTED"), Has.Length.EqualTo(2));
        pair.DeliverAll();
        CompressionAgreement fresh = pair.First.Children[0].Compression!;
        Assert.That(fresh.Transform, Is.EqualTo(Deflate));
        Assert.That(fresh.Inbound, Is.Not.EqualTo(old.Inbound));
        Assert.That(fresh.Outbound, Is.Not.EqualTo(old.Outbound));
        Assert.That(pair.Sent, Has.None.Contains("INFORMATIONAL").And.Contains("IPCOMP"), "it ends with the Child SA, unnamed");
    }

    [Honours("RFC7296-2.22-09")]
    [Test]
    public void ResponderWithoutIt_MakesTheChildWithout()
    {
        ManualPair pair = Established([Deflate], []);
        Assert.That(pair.First.Children[0].Compression, Is.Null);
        Assert.That(pair.Second.Children[0].Compression, Is.Null);
    }

    [Honours("RFC7296-2.22-06")]
    [Test]
    public void InitiatorWithoutIt_GetsNone()
    {
        ManualPair pair = Established([], [Deflate]);
        Assert.That(pair.Second.Children[0].Compression, Is.Null);
        pair.Ask(1, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        Assert.That(pair.First.Children[1].Compression, Is.Null);
    }

    [Honours("RFC7296-2.22-06")]
    [Test]
    public void AlgorithmThatWasNotOffered_IsNotTaken()
    {
        TamperedConversation played = Answered(p => p is IkePayload.Notify { Notification: NotifyType.IpcompSupported } notify ? Notify(notify, Lzs) : p);
        Assert.That(played.First.Children, Has.Count.EqualTo(1));
        Assert.That(played.Reports, Has.Some.Contains("no Child SA"));
    }

    [Honours("RFC7296-2.22-07")]
    [Test]
    public void TwoAlgorithms_AreNotTaken()
    {
        TamperedConversation played = Answered(p => p, new IkePayload.Notify(NotifyType.IpcompSupported, new NotifyContent.Compression(300, Deflate).ToByteString()));
        Assert.That(played.First.Children, Has.Count.EqualTo(1));
        Assert.That(played.Reports, Has.Some.Contains("no Child SA"));
    }

    // A Child SA asked for, with another hand in the answer.
    private static TamperedConversation Answered(Func<IkePayload, IkePayload> change, IkePayload? extra = null)
    {
        TamperedConversation played = TamperedConversation.Play(Configuration(true, [Deflate]), Configuration(false, [Deflate]));
        Assert.That(played.First.Children[0].Compression, Is.Not.Null, "baseline");
        played.Do(0, new IkeCommand.CreateChild(0, 1), ExchangeType.CreateChildSa, change, extra, isOnlyAnswers: true);
        return played;
    }

    private static IkePayload.Notify Notify(IkePayload.Notify old, byte transform)
    {
        NotifyContent.TryRead(old, out NotifyContent? content, out _);
        return new IkePayload.Notify(NotifyType.IpcompSupported, (((NotifyContent.Compression)content!) with { Transform = transform }).ToByteString());
    }

    private static ManualPair Established(ValueList<byte> first, ValueList<byte> second) => ManualPair.Established((c, isFirst) => With(c, isFirst ? first : second));

    private static IkeConfiguration Configuration(bool isFirst, ValueList<byte> compressions) => With(
        isFirst ? ExplorationPair.Configuration("first", "second", 1, 2, 0) : ExplorationPair.Configuration("second", "first", 2, 1, 0), compressions);

    private static IkeConfiguration With(IkeConfiguration plain, ValueList<byte> compressions) =>
        plain with { Children = new([.. plain.Children.Select(c => c with { Compressions = compressions })]) };
}
