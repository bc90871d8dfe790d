using Conformance.Generators.Offload;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Offload;

/// <summary>What may be merged, and what judges it.</summary>
public class CoalescerTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);
    private static readonly IpAddress[] Ipv4 = [IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.2.0.1")];
    private static readonly IpAddress[] Ipv6 = [IpAddress.Parse("2001:db8:1::1"), IpAddress.Parse("2001:db8:2::1")];

    [Test]
    public void AnyBurst_MergedAndCutAgain_IsTheBurst([Values] bool isIpv6, [Values] bool mergesUdp) => Prop.ForAll(Burst.Arbitrary, burst =>
    {
        List<Arrival> arrivals = Arrivals(burst, isIpv6);
        OffloadFault? fault = HandedBurst.Judge(arrivals, Coalescer.Coalesce(arrivals, new CoalescingLimits(MergesUdp: mergesUdp)));
        return (fault is null).Label($"{fault}");
    }).Check(Many);

    [Test]
    public void AnyBurst_HandedOnOneByOne_IsAllowedToo([Values] bool isIpv6) => Prop.ForAll(Burst.Arbitrary, burst =>
    {
        List<Arrival> arrivals = Arrivals(burst, isIpv6);
        return HandedBurst.Judge(arrivals, [.. arrivals.Select(arrival => new Handed(arrival.Datagram, PacketOffload.None))]) is null;
    }).Check(Many);

    [Test]
    public void SegmentsOfASuperPacket_MergeIntoIt([Values] bool isIpv6) => Prop.ForAll(SuperPacket.Arbitrary, drawn =>
    {
        // URG is never merged, CWR only in front, and IPv4 options are none of these.
        SuperPacket packet = drawn with { ChecksumIsPartial = true, Control = drawn.Control & ~TcpControl.Urg };
        ByteString whole = packet.Between(Addresses(isIpv6)[0], Addresses(isIpv6)[1]);
        bool isCut = Segmenter.TrySegment(whole, packet.Offload, out var segments, out _);
        IReadOnlyList<Handed> handed = Coalescer.Coalesce([.. segments.Select(segment => new Arrival(segment, new Spi(256)))], new CoalescingLimits());
        return isCut && handed.Count == 1 && handed[0] == new Handed(whole, packet.Offload);
    }).Check(Many);

    [Test]
    public void FewerPackets_AreLost()
    {
        List<Arrival> arrivals = Arrivals(new Burst([new(), new(), new() { PayloadBytes = 1 }]), isIpv6: false);
        Assert.That(HandedBurst.Judge(arrivals, Coalescer.Coalesce(arrivals[..2], new CoalescingLimits()))?.RequirementId, Is.EqualTo("OFFLOAD-gro-09"));
    }

    // Each is merged by force, as a stack would that forgot the rule.
    [TestCaseSource(nameof(Forbidden))]
    public void ForbiddenMerge_IsNamed(BurstItem second, string requirement)
    {
        List<Arrival> arrivals = Arrivals(new Burst([new(), second]), isIpv6: false);
        Arrival like = Arrivals(new Burst([new(), new() { PayloadBytes = second.PayloadBytes }]), isIpv6: false)[1];
        IReadOnlyList<Handed> forced = Coalescer.Coalesce([arrivals[0], like], new CoalescingLimits());

        Assert.That(forced, Has.Count.EqualTo(1), "the baseline merges");
        Assert.That(HandedBurst.Judge([arrivals[0], like], forced), Is.Null);
        Assert.That(HandedBurst.Judge(arrivals, forced)?.RequirementId, Is.EqualTo(requirement));
    }

    [Test]
    public void PacketsOfTwoSas_MayOvertake()
    {
        List<Arrival> arrivals = Arrivals(new Burst([new(), new() { Carrier = BurstCarrier.Successor }]), isIpv6: false);
        Assert.That(HandedBurst.Judge(arrivals, [.. arrivals.Select(arrival => new Handed(arrival.Datagram, PacketOffload.None)).Reverse()]), Is.Null);
    }

    // The copy that came first is taken for the first of its own SA.
    [Test]
    public void RetransmissionByTheSuccessor_IsNoOvertaking()
    {
        BurstItem first = new() { Carrier = BurstCarrier.Successor };
        List<Arrival> arrivals = Arrivals(new Burst([first, first, new() { GapBytes = -200 }]), isIpv6: true);
        Assert.That(arrivals[0].Datagram, Is.EqualTo(arrivals[2].Datagram), "the baseline is a repetition");
        Assert.That(HandedBurst.Judge(arrivals, [.. arrivals.Select(arrival => new Handed(arrival.Datagram, PacketOffload.None))]), Is.Null);
    }

    [Test]
    public void PacketsOfAFlow_MayNotOvertake()
    {
        List<Arrival> arrivals = Arrivals(new Burst([new(), new()]), isIpv6: false);
        Handed[] swapped = [.. arrivals.Select(arrival => new Handed(arrival.Datagram, PacketOffload.None)).Reverse()];
        Assert.That(HandedBurst.Judge(arrivals, swapped)?.RequirementId, Is.EqualTo("OFFLOAD-gro-08"));
    }

    [Test]
    public void Shrinker_OnlyGivesOtherBursts() => Prop.ForAll(Burst.Arbitrary, burst =>
        Burst.Shrink(burst).Take(200).All(next => !next.Items.SequenceEqual(burst.Items) && next.Items.Length > 0)).Check(Many);

    private static IEnumerable<TestCaseData> Forbidden()
    {
        yield return new TestCaseData(new BurstItem { GapBytes = 100 }, "OFFLOAD-gro-02").SetArgDisplayNames("a gap");
        yield return new TestCaseData(new BurstItem { TrafficClass = 8 }, "OFFLOAD-gro-03").SetArgDisplayNames("another DSCP");
        yield return new TestCaseData(new BurstItem { HopLimit = 9 }, "OFFLOAD-gro-04").SetArgDisplayNames("another TTL");
        yield return new TestCaseData(new BurstItem { Control = TcpControl.Ack | TcpControl.Cwr }, "OFFLOAD-gro-05").SetArgDisplayNames("CWR");
        yield return new TestCaseData(new BurstItem { Acknowledgment = 9 }, "OFFLOAD-gro-06").SetArgDisplayNames("another acknowledgment");
    }

    private static List<Arrival> Arrivals(Burst burst, bool isIpv6) =>
        [.. burst.Between(Addresses(isIpv6)[0], Addresses(isIpv6)[1]).Select((packet, i) => new Arrival(packet, new Spi(256 + (uint)burst.Items[i].Carrier)))];

    private static IpAddress[] Addresses(bool isIpv6) => isIpv6 ? Ipv6 : Ipv4;
}
