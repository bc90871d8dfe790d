using Conformance.Generators.Policy;
using Conformance.Spec.Crypto;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Decorrelation;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>Lookup and selection of SAs, and the check of what came on one. RFC 4301 §4.1, §4.4.2, §5.2.</summary>
public class SecurityAssociationDatabaseTests
{
    private static readonly IpAddress Me = IpAddress.Parse("192.0.2.1");
    private static readonly IpAddress Peer = IpAddress.Parse("192.0.2.2");
    private static readonly IpAddress Group = IpAddress.Parse("233.252.0.1");
    private static readonly IpAddress Elsewhere = IpAddress.Parse("192.0.2.9");

    // SPI alone, with destination, with both: the longest that fits wins, whatever the order of installation. RFC 4301 §4.1.
    [Test]
    public void InboundLookup_TakesTheLongestMatch()
    {
        SadEntry[] entries =
        [
            new() { Sa = Sa(Peer, Me) },
            new() { Sa = Sa(Elsewhere, Group), Lookup = SadLookup.SpiAndDestination },
            new() { Sa = Sa(Peer, Group), Lookup = SadLookup.SpiDestinationAndSource },
        ];
        SecurityAssociationDatabase forwards = new([.. entries], []);
        SecurityAssociationDatabase backwards = new([.. entries.Reverse()], []);
        (IpAddress Destination, IpAddress Source, SadEntry Expected)[] cases =
            [(Group, Peer, entries[2]), (Group, Elsewhere, entries[1]), (Group, Me, entries[1]), (Me, Peer, entries[0]), (Me, Elsewhere, entries[0])];
        Assert.That(cases.Where(c => forwards.FindInbound(new Spi(1), c.Destination, c.Source) != c.Expected), Is.Empty);
        Assert.That(cases.Where(c => backwards.FindInbound(new Spi(1), c.Destination, c.Source) != c.Expected), Is.Empty);
        Assert.That(forwards.FindInbound(new Spi(2), Me, Peer), Is.Null);
    }

    [Test]
    public void InboundLookup_OfAGroupOnly_KnowsNoOtherDestination()
    {
        SecurityAssociationDatabase database = new([new() { Sa = Sa(Peer, Group), Lookup = SadLookup.SpiAndDestination }], []);
        Assert.That(database.FindInbound(new Spi(1), Group, Elsewhere), Is.Not.Null);
        Assert.That(database.FindInbound(new Spi(1), Me, Peer), Is.Null);
    }

    [Test]
    public void OutboundCandidates_FitEntryStepSelectorsAndDscp()
    {
        ProtectionStep step = new() { Mode = EspMode.Transport };
        SpdEntry entry = Entry("one", PolicyAction.Protect.With(step), Set("192.0.2.1", "192.0.2.2", Ports(IpProtocol.Tcp)));
        SpdEntry other = Entry("other", PolicyAction.Protect.With(step), SelectorSet.Any);
        FlowSelectors flow = Flow("192.0.2.1", "192.0.2.2");
        SadEntry right = SadEntry.Create(Sa(Me, Peer), entry, flow)!;
        SecurityAssociationDatabase database = new([],
        [
            right with { Origin = other },
            right with { Sa = Sa(Me, Peer) with { Mode = EspMode.Tunnel } },
            right with { Selectors = [Set("192.0.2.1", "192.0.2.9")] },
            right with { DscpValues = [46] },
            right,
        ]);
        Assert.That(database.OutboundCandidates(entry, step, flow), Is.EqualTo(new[] { right }));
        Assert.That(database.OutboundCandidates(entry, step, flow, dscp: 46), Is.EqualTo(new[] { right with { DscpValues = [46] }, right }));
    }

    [TestCase("10.0.0.1", "10.0.1.1", ProtectedPacketVerdict.Accepted)]
    [TestCase("10.0.0.1", "10.0.2.1", ProtectedPacketVerdict.OutsideSaSelectors)]
    [TestCase("10.0.0.5", "10.0.1.1", ProtectedPacketVerdict.PolicyAsksOtherwise)]
    [TestCase("10.0.0.6", "10.0.1.1", ProtectedPacketVerdict.PolicyAsksOtherwise)]
    public void PacketOfAnSa_IsCheckedAgainstItsSelectorsAndTheSpd(string local, string remote, ProtectedPacketVerdict expected)
    {
        SpdEntry entry = Entry("mine", Protect, Set("10.0.0.0/24", "10.0.1.0/24"));
        SecurityPolicyDatabase database = new(
        [
            Entry("open", Bypass, Set("10.0.0.5", "any")),
            Entry("theirs", PolicyAction.Protect.With(new() { Mode = EspMode.Transport, ExtendedSequenceNumbers = true }), Set("10.0.0.6", "any")),
            entry,
        ]);
        SadEntry sa = new() { Sa = Sa(Peer, Me), Origin = entry, Selectors = entry.Selectors };
        Assert.That(ProtectedPacketCheck.Check(database, sa, Flow(local, remote)), Is.EqualTo(expected));
    }

    // With a decorrelated SAD the selectors alone do what the ordered search does. RFC 4301 §4.4.1.
    [Test]
    public void OrderedSearch_AcceptsWhatTheDecorrelatedPartsOfTheEntryHold() => Prop.ForAll(SpdArbitraries.Any, one =>
    {
        DecorrelatedDatabase cut = DecorrelatedDatabase.Of(one.Database, PolicyDirection.Inbound);
        return one.Database.Entries.Index().Where(e => e.Item.Action is PolicyAction.Protect).All(e => one.Flows.All(flow =>
        {
            SadEntry sa = new() { Sa = Sa(Peer, Me), Origin = e.Item, Selectors = e.Item.Selectors };
            bool accepted = ProtectedPacketCheck.Check(one.Database, sa, flow) == ProtectedPacketVerdict.Accepted;
            return accepted == cut.LinkedWith(e.Index).Any(part => part.Box.Contains(flow));
        }));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static SecurityAssociation Sa(IpAddress source, IpAddress destination)
    {
        EspSuite suite = EspSuites.All.First(s => s.Encryption.IsCombinedMode);
        return new SecurityAssociation
        {
            Spi = new Spi(1),
            Mode = EspMode.Transport,
            Source = source,
            Destination = destination,
            Suite = suite,
            EncryptionKey = new ByteString(new byte[16]),
        };
    }
}
