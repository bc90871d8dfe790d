using Conformance.Generators.Policy;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Which entry decides. RFC 4301 §4.4.1.</summary>
public class OrderTests : PolicyTest
{
    private const int RandomDatabases = 25;
    private const int FlowsOfADatabase = 12;

    [Requirement("RFC4301-4.4.1-05")]
    [Test]
    public void TwoOverlappingEntries_ActByTheAdministratorsOrder()
    {
        SpdEntry web = Bypass("web", Set(upper: To(80)));
        SpdEntry host = Discard("host", Set(remote: "203.0.113.10"));

        PolicySession session = Start(web, host);
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectInbound(Flow(), InClear);
        session.ExpectOutbound(Flow(remoteField: 81), Discarded);

        session = Start(host, web);
        session.ExpectOutbound(Flow(), Discarded);
        session.ExpectInbound(Flow(), Discarded);
        session.ExpectOutbound(Flow(remote: 11), InClear);
    }

    [Requirement("RFC4301-4.4.1-06")]
    [Test]
    public void ThreeNestedEntries_TheFirstThatMatchesDecides()
    {
        PolicySession session = Start(
            Discard("one port of one host", Set(remote: "203.0.113.10", upper: To(80))),
            Bypass("one host", Set(remote: "203.0.113.10")),
            Protect("all", Set()));
        session.ExpectOutbound(Flow(remoteField: 80), Discarded);
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remote: 11), Protected);
        session.ExpectInbound(Flow(remoteField: 80), Discarded);
        session.ExpectInbound(Flow(remoteField: 81), InClear);
    }

    [Requirement("RFC4301-4.4.1-13")]
    [Test]
    public void PacketOfOnlyOneKindOfEntry_IsFound()
    {
        PolicySession session = Start(Protect("secure", Set(remote: "203.0.113.10")), Bypass("open", Set(remote: "203.0.113.11")));
        session.ExpectOutbound(Flow(remote: 10), Protected);
        session.ExpectOutbound(Flow(remote: 11), InClear);
    }

    [Requirement("RFC4301-4.4.1-14")]
    [Test]
    public void KindsOfEntries_AreInterleaved()
    {
        SpdEntry open = Bypass("open", Set(upper: To(80)));
        SpdEntry secure = Protect("secure", Set(remote: "203.0.113.10"));

        PolicySession session = Start(open, secure);
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectInbound(Flow(), InClear);

        session = Start(secure, open);
        session.ExpectOutbound(Flow(), Protected);
        session.ExpectInbound(Flow(), Discarded);
    }

    [Requirement("RFC4301-B-01")]
    [TestCaseSource(nameof(OrdersOfThree))]
    public void NestedEntriesInAnyOrder_DecideAsTheOrderedSearch(int first, int second, int third)
    {
        SpdEntry[] nested = [Discard("one", Set(remote: "203.0.113.10")), Bypass("eight", Set(remote: "203.0.113.8-203.0.113.15")), Protect("all", Set())];
        PolicySession session = Start(nested[first], nested[second], nested[third]);
        foreach (int remote in new[] { 10, 9, 15, 16 })
        {
            session.ExpectOutboundAsModel(Flow(remote: remote));
            session.ExpectInboundAsModel(Flow(remote: remote));
        }
    }

    [Requirement("RFC4301-4.4-01")]
    [Test]
    public void RandomEntries_DecideAsTheModel([Range(0, RandomDatabases - 1)] int number)
    {
        Random random = new(unchecked((int)Seed) + number);
        SpdEntry[] entries = [.. Enumerable.Range(0, random.Next(2, 7)).Select(i => RandomEntry(random, $"p{i}"))];
        PolicySession session = Start(entries);
        for (int i = 0; i < FlowsOfADatabase; i++)
        {
            FlowSelectors flow = RandomFlow(random);
            session.ExpectOutboundAsModel(flow);
            session.ExpectInboundAsModel(flow);
        }
    }

    private static IEnumerable<TestCaseData> OrdersOfThree =>
        from a in Enumerable.Range(0, 3) from b in Enumerable.Range(0, 3) from c in Enumerable.Range(0, 3) where a != b && b != c && a != c select new TestCaseData(a, b, c);

    private static SpdEntry RandomEntry(Random random, string name)
    {
        SelectorSet set = Set(Range(random, "198.51.100."), Range(random, "203.0.113."), RandomUpper(random));
        return random.Next(3) switch
        {
            0 => Protect(name, set),
            1 => Bypass(name, set) with { Directions = (EntryDirections)random.Next(1, 4) },
            _ => Discard(name, set) with { Directions = (EntryDirections)random.Next(1, 4) },
        };
    }

    private static string Range(Random random, string network)
    {
        int first = random.Next(8, 16);
        return random.Next(3) == 0 ? $"{network}8-{network}15" : $"{network}{first}-{network}{random.Next(first, 16)}";
    }

    private static UpperLayerSelector RandomUpper(Random random)
    {
        ushort port = (ushort)random.Next(79, 83);
        return random.Next(4) switch
        {
            0 => new UpperLayerSelector.Any(),
            1 => new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(8)),
            2 => Ports(IpProtocol.Udp, remote: FieldSelector.Between(port, 83)),
            _ => Ports(remote: FieldSelector.Between(79, port)),
        };
    }

    private static FlowSelectors RandomFlow(Random random)
    {
        (int local, int remote) = (random.Next(7, 17), random.Next(7, 17));
        return random.Next(5) switch
        {
            0 => Flow(local, remote, IpProtocol.Icmp, 8 << 8, null),
            1 => Flow(local, remote, IpProtocol.Udp, 2000, random.Next(78, 85)),
            2 => Flow(local, remote, IpProtocol.Udp, null, null),
            _ => Flow(local, remote, IpProtocol.Tcp, 2000, random.Next(78, 85)),
        };
    }
}
