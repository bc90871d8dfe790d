using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Further addresses: the first request, lists that change, addresses that are lost. RFC 4555 §3.1 to §3.6.</summary>
public class MobikeAddressTests
{
    private static readonly IpAddress Another = IpAddress.Parse("192.0.2.77");
    private static readonly IpAddress Third = IpAddress.Parse("192.0.2.78");
    private static readonly IpAddress OtherFamily = IpAddress.Parse("2001:db8::1");

    [Honours("RFC4555-3.1-01", "RFC4555-3.1-02")]
    [Test]
    public void FirstRequest_IsRepeatedOverAllPairsOfAddresses_OctetForOctet()
    {
        ManualPair pair = new((c, isFirst) => isFirst ? c with { Mobike = new MobikeConfiguration { Additional = [Another, OtherFamily], Known = [Third] } } : c);
        pair.Ask(0, new IkeCommand.Initiate());
        for (int i = 0; i < 4; i++)
        {
            pair.Do(0, new IkeEvent.RetransmissionDue(0, 0));
        }

        Assert.That(pair.Network.Select(f => f.Send.Datagram).Distinct().Count(), Is.EqualTo(1));
        Assert.That(pair.Network.Select(f => $"{f.Send.From.Address} {f.Send.To.Address}"), Is.EqualTo(new[]
        {
            "192.0.2.1 192.0.2.2", "192.0.2.77 192.0.2.2", "192.0.2.1 192.0.2.78", "192.0.2.77 192.0.2.78", "192.0.2.1 192.0.2.2",
        }));
        pair.Network.RemoveRange(0, 3);
        pair.Network.RemoveAt(1);
        pair.DeliverAll();
        Assert.That((pair.First.Sas[0].Own.Address, pair.First.Sas[0].Peer.Address), Is.EqualTo((Another, Third)), "what was answered is what works");
        Assert.That(pair.First.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC4555-3.1-02")]
    [Test]
    public void RepetitionFromAnotherAddress_LooksLikeNoNat()
    {
        ManualPair pair = new((c, _) => c with { DetectsNat = true, Mobike = new MobikeConfiguration { Additional = c.Own.Address == IpAddress.Parse("192.0.2.1") ? [Another] : [], Known = [Third] } });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Do(0, new IkeEvent.RetransmissionDue(0, 0));
        pair.Network.RemoveAt(0);
        pair.DeliverAll();
        Assert.That((pair.First.Sas[0].Own.Address, pair.First.Sas[0].Nat, pair.Second.Sas[0].Nat), Is.EqualTo((Another, NatPresence.None, NatPresence.None)));
    }

    [Honours("RFC4555-3.3-02", "RFC4555-3.3-01")]
    [Test]
    public void AddressesOfAllSas_AreThoseOfTheFirstAuthRequest_WhateverTheLaterOnesComeFrom()
    {
        ManualPair pair = new((c, _) => c with { Mobike = new MobikeConfiguration() });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        pair.Network[0] = pair.Network[0] with { Send = pair.Network[0].Send with { From = pair.First.Sas[0].Own with { Address = Another } } };
        pair.DeliverAll();
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Network[0] = pair.Network[0] with { Send = pair.Network[0].Send with { From = pair.First.Sas[0].Own with { Address = Third } } };
        pair.DeliverAll();
        Assert.That(pair.Second.Children, Has.Count.EqualTo(2));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
    }

    [Honours("RFC4555-3.2-01", "RFC4555-3.2-02", "RFC4555-3.4-01", "RFC4555-3.4-02")]
    [Test]
    public void WhatMobikeTells_IsBesideTheSaPayload([Values] bool byEap)
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, byEap ? ConversationOptions.Eap : ConversationOptions.None, []).Configure(isSymbolic: false);
        TamperedConversation played = TamperedConversation.Play(
            first with { Mobike = new MobikeConfiguration { Additional = [Another] } }, second with { Mobike = new MobikeConfiguration { Additional = [Third] } });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        string[] told = [.. played.Notations.Where(n => n.Contains("MOBIKE_SUPPORTED", StringComparison.Ordinal))];
        Assert.That(told, Has.Length.EqualTo(2).And.All.StartsWith("IKE_AUTH").And.All.Contains("ADDITIONAL_IP4_ADDRESS").And.All.Contains(" SA("));
    }

    [Honours("RFC4555-3.6-01", "RFC4555-3.6-02", "RFC4555-3.6-03", "RFC4555-3.6-05", "RFC4555-4.2.2-01", "RFC4555-4.2.3-01")]
    [TestCase(0)]
    [TestCase(1)]
    public void ChangedAddresses_AreToldAsAWhole(int side)
    {
        ManualPair pair = Established();
        IpAddress own = pair.Machines[side].Configuration.Own.Address;
        pair.Ask(side, new IkeCommand.ChangeAddresses(0, [own, Another, OtherFamily]));
        Assert.That(Inside(pair).Select(n => (n.Notification, n.Data)), Is.EqualTo(new[]
        {
            (NotifyType.AdditionalIp4Address, ByteString.FromHex("c000024d")), (NotifyType.AdditionalIp6Address, ByteString.Adopt(OtherFamily.ToBytes())),
        }));
        pair.DeliverAll();
        Assert.That(Other(pair, side).PeerAddresses, Is.EqualTo((ValueList<IpAddress>)[Another, OtherFamily]));
        Assert.That(pair.Sent[^1], Does.StartWith("INFORMATIONAL response").And.EndWith("SK {}"));
        pair.Ask(side, new IkeCommand.ChangeAddresses(0, [Third]));
        pair.DeliverAll();
        Assert.That(Other(pair, side).PeerAddresses, Is.EqualTo((ValueList<IpAddress>)[Third]));
        pair.Ask(side, new IkeCommand.ChangeAddresses(0, []));
        Assert.That(Inside(pair).Select(n => (n.Notification, n.Data)), Is.EqualTo(new[] { (NotifyType.NoAdditionalAddresses, ByteString.Empty) }));
        pair.DeliverAll();
        Assert.That(Other(pair, side).PeerAddresses, Is.Empty);
    }

    [Honours("RFC4555-3.9-02")]
    [Test]
    public void ChangedAddressesWithoutNatTraversal_ForbidNats()
    {
        ManualPair pair = Established(m => m with { ForbidsNat = true });
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Another]));
        Assert.That(Inside(pair).Select(n => n.Notification), Is.EqualTo(new[] { NotifyType.AdditionalIp4Address, NotifyType.NoNatsAllowed }));
        pair.Network[0] = pair.Network[0] with { Send = pair.Network[0].Send with { From = new Endpoint(Translation.Outside, 1024) } };
        pair.DeliverAll();
        Assert.That(pair.Sent[^1], Does.EndWith("SK {N(UNEXPECTED_NAT_DETECTED)}"));
        Assert.That(pair.Second.Sas[0].PeerAddresses, Is.Empty);
    }

    [Honours("RFC4555-3.6-04", "RFC4555-3.5-08")]
    [Test]
    public void OlderListAndOlderMove_AreAnsweredAndNotUsed()
    {
        ManualPair pair = Established(windowRequests: 4);
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Another]));
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Third]));
        pair.Deliver(1);
        pair.DeliverAll();
        Assert.That(pair.Second.Sas[0].PeerAddresses, Is.EqualTo((ValueList<IpAddress>)[Third]));
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Another)));
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Third)));
        pair.Deliver(1);
        pair.DeliverAll();
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Third));
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC4555-3.6-06")]
    [Test]
    public void List_MayGoWithTheMove()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Third]));
        pair.DeliverAll();
        IkeOutcome[] outcomes = [.. pair.Machines[0].Step(pair.First, new IkeEvent.Asked(new IkeCommand.MoveTo(0, Elsewhere(pair, Another))))];
        Assert.That(outcomes.Select(o => o.Outputs.OfType<IkeOutput.Send>().Single().Notation.Contains("ADDITIONAL_IP4_ADDRESS", StringComparison.Ordinal)), Is.EqualTo(new[] { false, true }));
        IkeOutput.Send both = outcomes[1].Outputs.OfType<IkeOutput.Send>().Single();
        IkeSa taken = pair.Machines[1].Run(pair.Second, new IkeEvent.Received(both.Datagram, both.From, both.To)).Next.Sas[0];
        Assert.That((taken.Peer.Address, taken.PeerAddresses), Is.EqualTo((Another, (ValueList<IpAddress>)[Third])));
    }

    [Honours("RFC4555-3.6-07")]
    [Test]
    public void ListThatWasRepeatedFromAnotherAddress_IsSentAnew()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Third]));
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Another)));
        pair.Do(0, new IkeEvent.RetransmissionDue(0, 2));
        Assert.That(pair.Network.Single().Send.From.Address, Is.EqualTo(Another));
        pair.DeliverAll();
        Assert.That(pair.Sent.Count(s => s.Contains("request", StringComparison.Ordinal) && s.Contains("ADDITIONAL_IP4_ADDRESS", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC4555-3.6-08")]
    [Test]
    public void ResponderThatIsNotAnswered_TriesTheListedAddresses()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.ChangeAddresses(0, [Another, OtherFamily, Third]));
        pair.DeliverAll();
        pair.Ask(1, new IkeCommand.ChangeAddresses(0, [IpAddress.Parse("192.0.2.99")]));
        for (int i = 0; i < 3; i++)
        {
            pair.Do(1, new IkeEvent.RetransmissionDue(0, 0));
        }

        Assert.That(pair.Network.Select(f => $"{f.Send.To.Address}"), Is.EqualTo(new[] { "192.0.2.1", "192.0.2.77", "192.0.2.78", "192.0.2.1" }));
        Assert.That(pair.Network.Select(f => f.Send.Datagram).Distinct().Count(), Is.EqualTo(1));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(IpAddress.Parse("192.0.2.1")), "it is for this request only");
    }

    [Honours("RFC4555-3.5-16", "RFC4555-3.6-01")]
    [Test]
    public void ResponderThatLosesItsAddress_UsesAnother_AndTheInitiatorFollows()
    {
        ManualPair pair = Established();
        pair.Ask(1, new IkeCommand.MoveTo(0, pair.Second.Sas[0].Own with { Address = Another }) { IsLost = true });
        Assert.That(pair.Second.Sas[0].Own.Address, Is.EqualTo(Another));
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL request 0: SK {N(NO_ADDITIONAL_ADDRESSES)}" }));
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Peer.Address, Is.EqualTo(Another));
        Assert.That(pair.Sent, Has.Some.StartsWith("INFORMATIONAL request 2: SK {N(UPDATE_SA_ADDRESSES)"));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(pair.First.Sas[0].Own.Address));
    }

    // Found by random conversations: each side followed the other's former address, for ever.
    [Honours("RFC4555-3.5-16", "RFC4555-3.5-09")]
    [Test]
    public void BothMoveAtOnce_EachFindsTheOtherOne()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Another)));
        pair.Ask(1, new IkeCommand.MoveTo(0, pair.Second.Sas[0].Own with { Address = Third }) { IsLost = true });
        for (int i = 0; i < 20 && pair.Network.Count > 0; i++)
        {
            pair.Deliver();
        }

        Assert.That(pair.Network, Is.Empty);
        Assert.That((pair.First.Sas[0].Own.Address, pair.First.Sas[0].Peer.Address), Is.EqualTo((Another, Third)));
        Assert.That((pair.Second.Sas[0].Own.Address, pair.Second.Sas[0].Peer.Address), Is.EqualTo((Third, Another)));
        Assert.That(pair.Sent, Has.Some.Contains("UNACCEPTABLE_ADDRESSES"), "what came to the lost address came late");
    }

    [Honours("RFC4555-3.5-05")]
    [Test]
    public void RequestThatWaitsForItsResponse_IsRepeatedFromTheNewAddress_AndTheMoveIsToldAfterwards()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Another)));
        Assert.That(pair.Network, Is.Empty);
        pair.Do(0, new IkeEvent.RetransmissionDue(0, 2));
        Assert.That(pair.Network.Single().Send.From.Address, Is.EqualTo(Another));
        pair.DeliverAll();
        Assert.That(pair.Sent, Has.Some.StartsWith("INFORMATIONAL request 3: SK {N(UPDATE_SA_ADDRESSES)"));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
    }

    [Honours("RFC4555-3.5-06")]
    [Test]
    public void MoveWhileAMoveWaitsForItsResponse_BeginsAnew()
    {
        ManualPair pair = Established(m => m with { Acceptable = [Third] });
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Another)));
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair, Third)));
        pair.DeliverAll();
        Assert.That(pair.Sent.Count(s => s.Contains("request", StringComparison.Ordinal) && s.Contains("UPDATE_SA_ADDRESSES", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(pair.Sent, Has.Some.Contains("UNACCEPTABLE_ADDRESSES"), "baseline: the first one is refused");
        Assert.That(pair.Reports, Has.None.Contains("does not follow"), "and that says nothing any more");
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Third));
    }

    private static ManualPair Established(Func<MobikeConfiguration, MobikeConfiguration>? configure = null, int windowRequests = 1) =>
        ManualPair.Established((c, _) => c with { WindowRequests = windowRequests, Mobike = configure is null ? new MobikeConfiguration() : configure(new MobikeConfiguration()) });

    private static Endpoint Elsewhere(ManualPair pair, IpAddress address) => pair.First.Sas[0].Own with { Address = address };

    private static IkeSa Other(ManualPair pair, int side) => side == 0 ? pair.Second.Sas[0] : pair.First.Sas[0];

    // The notifications of the only message that is on its way.
    private static IEnumerable<IkePayload.Notify> Inside(ManualPair pair)
    {
        (int to, IkeOutput.Send send) = pair.Network.Single();
        (_, PayloadType first, ByteString content) = SealedMessage.Open(pair.Cryptography, to == 0 ? pair.First.Sas[0] : pair.Second.Sas[0], send.Datagram)!.Value;
        Assert.That(IkePayloads.TryParse(first, content, out ValueList<IkePayload> payloads, out _));
        return payloads.OfType<IkePayload.Notify>();
    }
}
