using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Transport mode, padding, fragments and traffic of Child SAs. RFC 7296 §1.3.1, §2.9, §2.23.1.</summary>
public class ChildModeTests
{
    private static readonly IpAddress FirstHost = IpAddress.Parse("192.0.2.1");
    private static readonly IpAddress SecondHost = IpAddress.Parse("192.0.2.2");

    [Honours("RFC7296-1.3.1-03", "RFC7296-1.3.1-04", "RFC7296-1.3.1-05", "RFC7296-1.3.1-07", "RFC7296-1.3.1-08")]
    [TestCase(true, true, true)]
    [TestCase(true, false, false)]
    [TestCase(false, true, false)]
    public void TransportMode_IsThereWhereBothWantIt(bool first, bool second, bool isTransport)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, x => x with { IsTransport = isFirst ? first : second }));
        Assert.That(pair.First.Children.Single().IsTransport, Is.EqualTo(isTransport));
        Assert.That(pair.Second.Children.Single().IsTransport, Is.EqualTo(isTransport));
    }

    [Honours("RFC7296-1.3.1-06")]
    [Test]
    public void WhoNeedsTransportMode_DeletesWhatCameUpInTunnelMode([Values] bool inAuthentication)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, x => isFirst && (x.Name == "net") == inAuthentication ? x with { IsTransport = true, NeedsTransport = true } : x));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Select(c => c.Configuration), Is.EqualTo(new[] { inAuthentication ? 1 : 0 }));
        Assert.That(pair.Second.Children.Select(c => c.Configuration), Is.EqualTo(new[] { inAuthentication ? 1 : 0 }));
    }

    [Honours("RFC7296-1.3.1-09")]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public void RefusedPadding_IsKnownToTheOtherSide(bool first, bool second)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, x => x with { RefusesTfcPadding = isFirst ? first : second }));
        Assert.That(pair.Second.Children.Single().PeerRefusesTfcPadding, Is.EqualTo(first));
        Assert.That(pair.First.Children.Single().PeerRefusesTfcPadding, Is.EqualTo(second));
    }

    [Honours("RFC7296-1.3.1-10", "RFC7296-1.3.1-11")]
    [TestCase(true, true, true)]
    [TestCase(true, false, false)]
    [TestCase(false, true, false)]
    public void Fragments_AreCarriedWhereBothWant(bool first, bool second, bool areCarried)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, x => x with { CarriesFragments = isFirst ? first : second }));
        Assert.That(pair.First.Children.Single().CarriesFragments, Is.EqualTo(areCarried));
        Assert.That(pair.Second.Children.Single().CarriesFragments, Is.EqualTo(areCarried));
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        Assert.That(pair.Sent[0].Contains("NON_FIRST_FRAGMENTS_ALSO", StringComparison.Ordinal), Is.EqualTo(first));
        pair.Deliver();
        Assert.That(pair.Sent[1].Contains("NON_FIRST_FRAGMENTS_ALSO", StringComparison.Ordinal), Is.EqualTo(areCarried));
    }

    [Honours("RFC7296-2.9-05", "RFC7296-2.9-08")]
    [Test]
    public void PolicyThatAllowsThePacket_GoesBeforeOthers()
    {
        // The responder has a policy for each of two ports, the initiator one for all.
        ManualPair pair = Established(c => c, c => c with { Children = [Port(c.Children[0], 80), Port(c.Children[0], 443)] });
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = new(Packet("10.1.0.7", 50000), Packet("10.2.0.9", 443)) });
        Assert.That(pair.Sent[0], Does.Contain("TSi(6 10.1.0.7-10.1.0.7 50000-50000; any 10.1.0.0-10.1.0.255 any port)").And.Contain("TSr(6 10.2.0.9-10.2.0.9 443-443; "));
        pair.DeliverAll();
        Assert.That(pair.Second.Children.Select(c => c.Configuration), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(pair.First.Children[1].Peer.Items.OfType<TrafficSelector.Range>().Select(r => r.FirstPort).Distinct(), Is.EqualTo(new ushort[] { 443 }));
    }

    [Honours("RFC7296-2.9-05", "RFC7296-2.9.2-04")]
    [Test]
    public void PacketThatAsksForTheFirstChild_GoesFirst_AndNotWhenItIsRekeyed()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate { Packet = new(Packet("10.1.0.7", 50000), Packet("10.2.0.9", 443)) });
        pair.DeliverAll();
        Assert.That(pair.Sent[2], Does.Contain("TSi(6 10.1.0.7-10.1.0.7 50000-50000; any 10.1.0.0-10.1.0.255 any port), TSr(6 10.2.0.9-10.2.0.9 443-443; any"));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.RekeyChild(1));
        Assert.That(pair.Sent[^1], Does.Contain("REKEY_SA").And.Contain("TSi(any 10.1.64.0-10.1.64.255 any port)"));
    }

    [Honours("RFC7296-2.23.1-02", "RFC7296-2.23.1-06")]
    [Test]
    public void PacketThroughANat_GoesFirstInTransportMode()
    {
        PathPair pair = Translated(isTransportAtSecond: true, new(Packet($"{FirstHost}", 50000), Packet($"{SecondHost}", 443)));
        Assert.That(pair.First.Children.Single().Own[0], Is.EqualTo(Packet($"{FirstHost}", 50000)));
        Assert.That(pair.First.Children.Single().IsTransport);
    }

    [Honours("RFC7296-1.3-04", "RFC7296-3.4-04")]
    [Test]
    public void KeyExchangeThatIsNotOffered_IsNotSent()
    {
        ManualPair pair = ManualPair.Established((c, _) => With(c, x => x with { KeyExchange = KeyExchangeMethod.Curve448 }));
        Assert.That(() => pair.Ask(0, new IkeCommand.CreateChild(0, 1)), Throws.ArgumentException);
        ManualPair first = new((c, _) => c with { KeyExchange = KeyExchangeMethod.Curve448 });
        Assert.That(() => first.Ask(0, new IkeCommand.Initiate()), Throws.ArgumentException);
    }

    [Honours("RFC7296-2.2-11")]
    [Test]
    public void LastMessageIds_AreForTheSuccessor()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkePeer worn = pair.First.With(pair.First.Sas[0] with { NextRequest = uint.MaxValue - 15 });
        IkeOutcome outcome = pair.Machines[0].Run(worn, new IkeEvent.Asked(new IkeCommand.Probe(0)));
        Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Single().Notation, Does.StartWith($"CREATE_CHILD_SA request {uint.MaxValue - 15}").And.Contain("IKE 0x"));
        Assert.That(outcome.Next.Sas[0].Waiting, Is.EqualTo((ValueList<IkeCommand>)[new IkeCommand.Probe(0)]));
        IkePeer spent = pair.First.With(pair.First.Sas[0] with { NextRequest = uint.MaxValue });
        Assert.That(pair.Machines[0].Run(spent, new IkeEvent.Asked(new IkeCommand.RekeyIke(0))).Outputs, Is.Empty, "no number comes twice");
    }

    [Honours("RFC7296-3.13.1-10", "RFC7296-2.9-10")]
    [Test]
    public void SelectorsOfTwoFamilies_AreRefused()
    {
        // The responder's policy has both families on both sides, the initiator's one on each.
        static ChildConfiguration Both(ChildConfiguration child) => child with { Own = [.. child.Own, TrafficSelector.Range.All(true)], Peer = [.. child.Peer, TrafficSelector.Range.All(true)] };
        ManualPair pair = ManualPair.Established((c, isFirst) => isFirst ? With(c, x => x with { Peer = [TrafficSelector.Range.All(true)] }) : With(c, Both));
        Assert.That(pair.Second.Children, Is.Empty);
        Assert.That(pair.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
        pair = ManualPair.Established((c, isFirst) => isFirst ? c : With(c, Both));
        Assert.That(pair.Second.Children.Single().Own, Has.Count.EqualTo(1), "baseline");
    }

    [Honours("RFC7296-2.9-17", "RFC7296-2.9.2-01", "RFC7296-2.9.2-02")]
    [Test]
    public void AnswerToARekeyBeyondTheOldSelectors_IsNotTaken()
    {
        // The responder narrows the first Child SA to a half of what the initiator's policy has.
        static TrafficSelector.Range Half(TrafficSelector s) => s is TrafficSelector.Range r ? new(r.Protocol, r.FirstPort, r.LastPort, r.FirstAddress, r.LastAddress with { Value = r.LastAddress.Value - 128 }) : throw new ArgumentException("a range", nameof(s));
        IkeConfiguration second = Side(1);
        TrafficSelector whole = Side(0).Children[0].Peer[0];
        second = second with { Children = [second.Children[0] with { Own = [Half(second.Children[0].Own[0])] }] };
        TamperedConversation played = TamperedConversation.Play(Side(0), second);
        Assert.That(played.First.Children.Single().Peer, Is.EqualTo((ValueList<TrafficSelector>)[Half(whole)]), "baseline");
        played.Do(0, new IkeCommand.RekeyChild(0), ExchangeType.CreateChildSa, p => p is IkePayload.TrafficSelectors { OfInitiator: false } ? new IkePayload.TrafficSelectors(false, [whole]) : p, isOnlyAnswers: true);
        Assert.That(played.First.Children.Single().Number, Is.Zero, "the old one stays");
    }

    [Honours("RFC7296-2.9-13")]
    [Test]
    public void PolicyForOnePair_RefusesAnOfferWithoutAFirstPair()
    {
        ManualPair pair = Established(c => c, c => With(c, x => x with { IsForOnePair = true }));
        Assert.That(pair.Second.Children, Is.Empty);
        pair.Ask(0, new IkeCommand.CreateChild(0, 0));
        pair.Deliver();
        Assert.That(pair.Sent[^1], Does.EndWith("SK {N(SINGLE_PAIR_REQUIRED)}"));
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = new(Packet("10.1.0.7", 50000), Packet("10.2.0.9", 443)) });
        pair.DeliverAll();
        ChildSa made = pair.Second.Children.Single();
        Assert.That(made.Own.Items.OfType<TrafficSelector.Range>().Select(r => $"{r.FirstAddress}-{r.LastAddress}").Distinct(), Is.EqualTo(new[] { "10.2.0.9-10.2.0.9" }));
    }

    [Honours("RFC7296-2.9-14")]
    [Test]
    public void SinglePairRequired_BringsARequestForThePacketAlone()
    {
        ManualPair pair = Established(c => c, c => c);
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = new(Packet("10.1.0.7", 50000), Packet("10.2.0.9", 443)) });
        pair.Network.Clear();
        IkeSa sa = pair.First.Sas[0];
        for (int i = 0; i < 2; i++)
        {
            (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Notify(NotifyType.SinglePairRequired)]);
            ByteString answer = Generators.Ike.SealedMessage.To(pair.Cryptography, sa, ExchangeType.CreateChildSa, isResponse: true, sa.NextRequest - 1 + (uint)i, first, ByteString.Adopt(content));
            pair.Do(0, new IkeEvent.Received(answer, sa.Peer, sa.Own));
        }

        Assert.That(pair.Sent, Has.Count.EqualTo(2), "once, and not again");
        Assert.That(pair.Sent[1], Does.Contain("TSi(6 10.1.0.7-10.1.0.7 50000-50000), TSr(6 10.2.0.9-10.2.0.9 443-443)"));
    }

    [Honours("RFC7296-2.23.1-01", "RFC7296-2.23.1-04", "RFC7296-2.23.1-05", "RFC7296-2.23.1-07", "RFC7296-2.23.1-09", "RFC7296-2.23.1-10", "RFC7296-2.23-22")]
    [Test]
    public void TransportModeThroughANat_HasTheAddressesThatEachSideSees()
    {
        PathPair pair = Translated(isTransportAtSecond: true);
        ChildSa first = pair.First.Children.Single();
        ChildSa second = pair.Second.Children.Single();
        Assert.That((first.IsTransport, second.IsTransport), Is.EqualTo((true, true)));
        Assert.That((first.Own, first.Peer), Is.EqualTo((Host(FirstHost), Host(SecondHost))));
        Assert.That((second.Own, second.Peer), Is.EqualTo((Host(SecondHost), Host(Generators.Ike.Translation.Outside))));
        Assert.That(second.Original, Is.EqualTo(new OriginalAddresses(SecondHost, FirstHost)));
        Assert.That(first.Original, Is.EqualTo(new OriginalAddresses(Generators.Ike.Translation.Outside, SecondHost)));

        // Whichever side rekeys it.
        pair.Ask(1, new IkeCommand.RekeyChild(0));
        pair.Ask(0, new IkeCommand.RekeyChild(pair.First.Children.Single().Number));
        Assert.That((pair.First.Children.Single().Own, pair.Second.Children.Single().Peer), Is.EqualTo((Host(FirstHost), Host(Generators.Ike.Translation.Outside))));
        Assert.That(pair.First.Children.Single().IsTransport);
    }

    [Honours("RFC7296-2.23.1-03")]
    [Test]
    public void TransportModeThroughANatThatNoPolicyHas_IsTunnelModeForTheSentAddresses()
    {
        PathPair pair = Translated(isTransportAtSecond: false);
        Assert.That(pair.Second.Children.Single().IsTransport, Is.False);
        Assert.That(pair.Second.Children.Single().Peer, Is.EqualTo(Host(FirstHost)));
        Assert.That(pair.First.Children.Single().IsTransport, Is.False);
    }

    private static PathPair Translated(bool isTransportAtSecond, PacketSelectors? packet = null)
    {
        PathPair pair = new(
            c => With(c with { DetectsNat = true }, x => x with
            {
                IsTransport = c.Own.Address == FirstHost || isTransportAtSecond,
                Own = [TrafficSelector.Range.All(false)],
                Peer = [TrafficSelector.Range.All(false)],
            }),
            isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate { Packet = packet });
        return pair;
    }

    private static ManualPair Established(Func<IkeConfiguration, IkeConfiguration> first, Func<IkeConfiguration, IkeConfiguration> second) =>
        ManualPair.Established((c, isFirst) => isFirst ? first(c) : second(c));

    private static IkeConfiguration Side(int side) => side == 0
        ? ExplorationPair.Configuration("first", "second", 1, 2, 0)
        : ExplorationPair.Configuration("second", "first", 2, 1, 0);

    private static IkeConfiguration With(IkeConfiguration configuration, Func<ChildConfiguration, ChildConfiguration> change) =>
        configuration with { Children = new([.. configuration.Children.Select(change)]) };

    private static ChildConfiguration Port(ChildConfiguration child, ushort port) =>
        child with { Own = new([.. child.Own.Items.OfType<TrafficSelector.Range>().Select(r => new TrafficSelector.Range(6, port, port, r.FirstAddress, r.LastAddress))]) };

    private static TrafficSelector.Range Packet(string address, ushort port) => new(6, port, port, IpAddress.Parse(address), IpAddress.Parse(address));

    private static ValueList<TrafficSelector> Host(IpAddress address) => [TrafficSelector.Range.Host(address)];
}
