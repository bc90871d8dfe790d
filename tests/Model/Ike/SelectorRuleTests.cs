using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>What is proposed, narrowed and kept of the traffic and the modes of Child SAs. RFC 7296 §1.3.3, §2.9, §2.23.1.</summary>
public class SelectorRuleTests
{
    private static readonly TrafficSelector.Range Mine = Host("10.1.0.7");
    private static readonly TrafficSelector.Range Theirs = Host("10.2.0.9");

    [Honours("RFC7296-1.3.3-05")]
    [Test]
    public void Rekey_RepeatsTheNotificationsOfTheFirstExchange([Values] bool has)
    {
        ManualPair pair = ManualPair.Established((c, _) => With(c, x => x with { IsTransport = has, RefusesTfcPadding = has, CarriesFragments = has }));
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        string[] modes = ["N(USE_TRANSPORT_MODE)", "N(ESP_TFC_PADDING_NOT_SUPPORTED)", "N(NON_FIRST_FRAGMENTS_ALSO)"];
        Assert.That(modes.Count(m => pair.Sent[0].Contains(m, StringComparison.Ordinal)), Is.EqualTo(has ? modes.Length : 0));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Single().IsTransport, Is.EqualTo(has));
    }

    [Honours("RFC7296-1.3.3-06")]
    [TestCase(false, "SA(1 ESP", TestName = "RekeyWithoutUseTransportMode_MakesATunnel")]
    [TestCase(true, "SK {N(TS_UNACCEPTABLE)}", TestName = "RekeyWithoutUseTransportMode_IsRefusedWhereATunnelWillNotDo")]
    public void RekeyInAnotherMode(bool needsTransport, string answer)
    {
        ManualPair pair = ManualPair.Established((c, _) => With(c, x => x with { IsTransport = true, NeedsTransport = needsTransport }));
        Assert.That(pair.Second.Children.Single().IsTransport, "baseline");
        Rekey(pair, pair.First.Children[0].Own, pair.First.Children[0].Peer);
        Assert.That(pair.Sent[^1], Does.Contain(answer).And.Not.Contain("USE_TRANSPORT_MODE"));
        Assert.That(pair.Second.Children.Skip(1).Select(c => c.IsTransport), Is.All.False);
    }

    [Honours("RFC7296-2.9-09")]
    [Test]
    public void FirstSelectorsThatPolicyDoesNotHave_AreLeftOutOfTheRest()
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => isFirst ? c : With(c, x => x with { Own = [Port(x.Own[0], 80)] }));
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = new(Packet(Mine, 50000), Packet(Theirs, 25)) });
        Assert.That(pair.Sent[0], Does.Contain("25-25"), "baseline: the packet's come first");
        pair.DeliverAll();
        Assert.That(pair.First.Children[1].Peer, Is.EqualTo((ValueList<TrafficSelector>)[Port(pair.Machines[0].Configuration.Children[0].Peer[0], 80)]));
    }

    [Honours("RFC7296-2.9-15")]
    [Test]
    public void OfferOfWhichAPartIsAcceptable_IsNarrowed([Values] bool isForOnePair)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => isFirst ? c : With(c, x => x with { Own = [Theirs], Peer = [Mine], IsForOnePair = isForOnePair }));
        Assert.That((pair.First.Children.Single().Own, pair.First.Children.Single().Peer), Is.EqualTo(((ValueList<TrafficSelector>)[Mine], (ValueList<TrafficSelector>)[Theirs])));
    }

    [Honours("RFC7296-2.9.1-01")]
    [TestCase("10.1.0.7", true)]
    [TestCase("10.77.0.7", false)]
    public void PacketThatPolicyDoesNotHave_IsNotProposed(string own, bool isProposed)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = new(Packet(Host(own), 50000), Packet(Theirs, 443)) });
        Assert.That(pair.Sent[0], isProposed ? Does.Contain($"TSi(6 {own}") : Does.Contain("TSi(any 10.1.0.0-10.1.0.255 any port), TSr(any 10.2.0.0-10.2.0.255 any port)"));
    }

    [Honours("RFC7296-2.9.2-03")]
    [TestCase(false)]
    [TestCase(true)]
    public void RekeyWithMoreInAnotherOrder_KeepsWhatIsInUse(bool isForOnePair)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => With(c, x => isFirst ? x with { Own = [Mine], Peer = [Theirs] } : x with { IsForOnePair = isForOnePair }));
        ChildSa old = pair.Second.Children.Single();
        Assert.That(old.Own, Is.EqualTo((ValueList<TrafficSelector>)[Theirs]), "baseline");
        Rekey(pair, [Host("10.1.0.8"), Mine], [Host("10.2.0.10"), Theirs]);
        Assert.That(pair.Second.Children, Has.Count.EqualTo(2));
        Assert.That((pair.Second.Children[1].Own.Contains(Theirs), pair.Second.Children[1].Peer.Contains(Mine)), Is.EqualTo((true, true)));
    }

    [Honours("RFC7296-2.23.1-08")]
    [Test]
    public void ResponderBehindANat_PutsItsOwnAddressIntoTsr()
    {
        PathPair pair = new(c => With(c with { DetectsNat = true }, x => x with { IsTransport = true, Own = [TrafficSelector.Range.All(false)], Peer = [TrafficSelector.Range.All(false)] }), isTranslated: true);
        pair.Ask(1, new IkeCommand.Initiate());
        ChildSa made = pair.First.Children.Single();
        Assert.That((made.IsTransport, made.IsInitiator), Is.EqualTo((true, false)));
        Assert.That(made.Own, Is.EqualTo((ValueList<TrafficSelector>)[TrafficSelector.Range.Host(pair.Machines[0].Configuration.Own.Address)]));
        Assert.That(made.Original!.Own, Is.EqualTo(Translation.Outside), "which is not what the initiator sent");
    }

    private static void Rekey(ManualPair pair, ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer) => CraftedMessage.Ask(
        pair,
        ExchangeType.CreateChildSa,
        IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, pair.First.Children[0].Inbound),
        new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1001), [.. pair.Machines[0].Configuration.Children[0].Offers[0]])]),
        new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
        new IkePayload.TrafficSelectors(true, own),
        new IkePayload.TrafficSelectors(false, peer));

    private static IkeConfiguration With(IkeConfiguration configuration, Func<ChildConfiguration, ChildConfiguration> change) =>
        configuration with { Children = new([.. configuration.Children.Select(change)]) };

    private static TrafficSelector.Range Host(string address) => TrafficSelector.Range.Host(IpAddress.Parse(address));

    private static TrafficSelector.Range Packet(TrafficSelector.Range host, ushort port) => new(6, port, port, host.FirstAddress, host.FirstAddress);

    private static TrafficSelector.Range Port(TrafficSelector selector, ushort port) =>
        selector is TrafficSelector.Range r ? new(6, port, port, r.FirstAddress, r.LastAddress) : throw new ArgumentException("no range", nameof(selector));
}
