using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Decorrelation;
using Conformance.Spec.Policy.Matching;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>The forms that need no order decide as the ordered SPD does. RFC 4301 §4.4.1, appendix B.</summary>
public class DecorrelationTests
{
    private const int MostEntries = 4;
    private const int Decisions = 998_880;
    private static readonly PolicyDirection[] Directions = [PolicyDirection.Outbound, PolicyDirection.Inbound];
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(400);

    [Test]
    public void AllOrdersOfUpToFourOverlappingEntries_DecideEveryPacketAlike()
    {
        SpdEntry[] pool = Pool();
        FlowSelectors[] space = [.. Space()];
        int decisions = 0;
        List<string> wrong = [];
        foreach (SecurityPolicyDatabase ordered in Orders(pool, MostEntries).Select(order => new SecurityPolicyDatabase([.. order])))
        {
            foreach (PolicyDirection direction in Directions)
            {
                DecorrelatedDatabase cut = DecorrelatedDatabase.Of(ordered, direction);
                FirstMatchIndex index = new(ordered, direction);
                foreach (FlowSelectors flow in space)
                {
                    int expected = ordered.FirstMatch(direction, flow);
                    decisions++;
                    if ((cut.Find(flow)?.Origin ?? -1) != expected || index.Find(flow) != expected)
                    {
                        wrong.Add($"{direction} {flow}: {ordered}");
                    }
                }
            }
        }

        Assert.That(wrong.Take(3), Is.Empty);
        Assert.That(decisions, Is.EqualTo(Decisions));
    }

    [Test]
    public void DecorrelatedParts_DecideAlikeAndNeverOverlap() => Prop.ForAll(SpdArbitraries.Any, one => Directions.All(direction =>
    {
        DecorrelatedDatabase cut = DecorrelatedDatabase.Of(one.Database, direction);
        bool disjoint = cut.Entries.Index().All(a => cut.Entries.Skip(a.Index + 1).All(b => !a.Item.Box.Overlaps(b.Box)));
        return disjoint && one.Flows.All(flow => cut.Decide(flow) == one.Database.Decide(direction, flow)
            && cut.Entries.Count(e => e.Box.Contains(flow)) <= 1);
    })).Check(Many);

    [Test]
    public void ThreeSeparateDatabases_DecideAlikeInEitherOrder() => Prop.ForAll(SpdArbitraries.Any, one =>
    {
        SeparateDatabases parts = SeparateDatabases.Of(one.Database);
        return one.Flows.All(flow => parts.DecideOutbound(flow) == one.Database.Decide(PolicyDirection.Outbound, flow)
            && parts.DecideOutbound(flow, securedFirst: false) == parts.DecideOutbound(flow)
            && IsSameCrossing(parts.DecideInbound(flow), one.Database.Decide(PolicyDirection.Inbound, flow)));
    }).Check(Many);

    [Test]
    public void Cache_DecidesAlikeInEveryOrderOfArrival() => Prop.ForAll(SpdArbitraries.Any, one => Directions.All(direction =>
    {
        PolicyCache cache = PolicyCache.Cold(DecorrelatedDatabase.Of(one.Database, direction));
        foreach (FlowSelectors flow in one.Flows.Concat(one.Flows.Reverse()))
        {
            (PolicyDecision decision, cache, _) = cache.Decide(flow);
            if (decision != one.Database.Decide(direction, flow) || cache.Decide(flow).Hit != (decision.Origin is not null))
            {
                return false;
            }
        }

        return true;
    })).Check(Many);

    [Test]
    public void FastMatcher_FindsTheFirstMatch() => Prop.ForAll(SpdArbitraries.Any, one => Directions.All(direction =>
    {
        FirstMatchIndex index = new(one.Database, direction);
        return one.Flows.All(flow => index.Find(flow) == one.Database.FirstMatch(direction, flow));
    })).Check(Many);

    [Test]
    public void FastMatcher_FindsTheFirstMatchAmongHundreds()
    {
        Random random = new(4301);
        SecurityPolicyDatabase large = new([.. Enumerable.Range(0, 600).Select(i => SpdArbitraries.Entry(random, $"p{i}"))]);
        FirstMatchIndex index = new(large, PolicyDirection.Outbound);
        FlowSelectors[] flows = [.. Enumerable.Range(0, 2000).Select(_ => SpdArbitraries.Flow(random, large))];
        Assert.That(flows.Where(flow => index.Find(flow) != large.FirstMatch(PolicyDirection.Outbound, flow)).Take(3), Is.Empty);
    }

    [Test]
    public void PartsOfOneEntry_StayLinkedAndAreCachedTogether()
    {
        SpdEntry hole = Entry("hole", Discard, Set("10.0.0.5", "any"));
        SpdEntry whole = Entry("whole", Protect, Set("10.0.0.0/24", "any"));
        DecorrelatedDatabase cut = DecorrelatedDatabase.Of(new([hole, whole]), PolicyDirection.Outbound);
        Assert.That(cut.LinkedWith(1).Select(e => e.Box[0]), Is.EqualTo(new[] { AddressSelector.Parse("10.0.0.0-10.0.0.4", "10.0.0.6-10.0.0.255").In(false) }));

        PolicyCache warm = PolicyCache.Cold(cut).Decide(Flow("10.0.0.1", "10.0.1.1")).Next;
        Assert.That(warm.Decide(Flow("10.0.0.9", "10.0.1.1")).Hit, Is.True);
        (PolicyDecision decision, _, bool hit) = warm.Decide(Flow("10.0.0.5", "10.0.1.1"));
        Assert.That((decision, hit), Is.EqualTo(((PolicyDecision)new PolicyDecision.Discard(PolicyDiscardReason.ByEntry, hole), false)));
    }

    // What the proofs above would catch: entries put side by side without taking away what earlier ones have.
    [Test]
    public void EntriesThatStillOverlap_WouldDecideByTheirPlace()
    {
        SecurityPolicyDatabase ordered = new([Entry("narrow", Discard, Set("10.0.0.5", "any")), Entry("wide", Bypass, Set("10.0.0.0/24", "any"))]);
        SecurityPolicyDatabase reversed = new([.. ordered.Entries.Reverse()]);
        FlowSelectors flow = Flow("10.0.0.5", "10.0.1.1");
        Assert.That(ordered.Decide(PolicyDirection.Outbound, flow), Is.Not.EqualTo(reversed.Decide(PolicyDirection.Outbound, flow)));
    }

    // SPD-I does not know why: a packet that should have been protected is simply in no entry of it.
    private static bool IsSameCrossing(PolicyDecision separate, PolicyDecision ordered) =>
        separate == ordered || (separate is PolicyDecision.Discard { Reason: PolicyDiscardReason.NoMatch } && ordered is PolicyDecision.Discard { Reason: PolicyDiscardReason.ArrivedInClear });

    private static SpdEntry[] Pool() =>
    [
        Entry("all", Discard, SelectorSet.Any),
        Entry("local", Bypass, Set("10.0.0.0/31", "any")),
        Entry("remote", Protect, Set("any", "10.0.1.1-10.0.1.2")),
        Entry("tcp", Protect, Set("10.0.0.1-10.0.0.3", "10.0.1.0/30", Ports(IpProtocol.Tcp, remote: FieldSelector.Between(1, 2)))),
        Entry("fragments", Discard, Set("any", "any", Ports(IpProtocol.Tcp, FieldSelector.Opaque, FieldSelector.Opaque))),
        Entry("icmp", Bypass, Set("any", "10.0.1.2", new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(8)))),
        Entry("two", Protect, Set("10.0.0.2", "any", Ports(IpProtocol.Tcp, FieldSelector.Only(1))), Set("any", "10.0.1.3", new UpperLayerSelector.Protocol(IpProtocol.Icmp))),
        Entry("answers", Bypass, Set("10.0.0.0/30", "10.0.1.0/31")) with { Directions = EntryDirections.Inbound },
    ];

    // Every local and remote address around the bounds, with every port, type and hidden field that an entry tells apart.
    private static IEnumerable<FlowSelectors> Space() =>
        from local in Enumerable.Range(0, 4)
        from remote in Enumerable.Range(0, 4)
        from upper in new (byte Protocol, int? Local, int? Remote)[]
        {
            (IpProtocol.Tcp, 1, 1), (IpProtocol.Tcp, 1, 2), (IpProtocol.Tcp, 1, 3), (IpProtocol.Tcp, 2, 1), (IpProtocol.Tcp, 2, 2), (IpProtocol.Tcp, 2, 3), (IpProtocol.Tcp, null, null),
            (IpProtocol.Udp, 1, 1), (IpProtocol.Udp, null, null),
            (IpProtocol.Icmp, 0x7ff, null), (IpProtocol.Icmp, 0x800, null), (IpProtocol.Icmp, 0x8ff, null), (IpProtocol.Icmp, 0x900, null), (IpProtocol.Icmp, null, null),
            (IpProtocol.Esp, null, null),
        }
        select Flow($"10.0.0.{local}", $"10.0.1.{remote}", upper.Protocol, upper.Local, upper.Remote);

    private static IEnumerable<IEnumerable<SpdEntry>> Orders(SpdEntry[] pool, int most) => most == 0
        ? [[]]
        : Orders(pool, most - 1).SelectMany(order => order.Count() < most - 1 ? [order] : pool.Except(order).Select(order.Append).Prepend(order));
}
