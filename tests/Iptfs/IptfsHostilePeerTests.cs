using System.Collections.Immutable;
using Conformance.Generators.Iptfs;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Iptfs;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Iptfs;

/// <summary>Payloads of a sender that breaks the rules, and packets that policy does not admit. RFC 9347 §2.2.6, §2.5.</summary>
[TestFixture(WireDevice.BareIp)]
[TestFixture(WireDevice.Ethernet)]
[Needs(Capabilities.EspInbound | Capabilities.Iptfs)]
public class IptfsHostilePeerTests(WireDevice device) : IptfsTest(device)
{
    private const int MutatedStreams = 400;
    private const string Afterwards = "RFC9347-2.5-02";

    [Requirement("RFC9347-2.2.6-01")]
    [Test]
    public void PacketThatNoPolicyNames_NotDelivered([Values] bool isIpv6, [Range(0, 2)] int at)
    {
        IptfsSession session = Converse();
        AddressSet ends = isIpv6 ? AddressPlan.Ipv6 : AddressPlan.Ipv4;
        AddressSet others = AddressPlan.Of(isIpv6, sentinel: true);
        ByteString foreign = new PlainPacket(others.Remote, ends.Protected).Bytes;
        ByteString[] packets = [session.Inner(isIpv6, 20), session.Inner(isIpv6, 20), session.Inner(isIpv6, 20)];
        session.ExpectTogether([packets[0]]);
        packets[at] = foreign;
        session.Expect(
            [AggFragArrival.Of(session.NextSequence(), Framer.Split(packets, [])[0])], unexpected: "RFC9347-2.2.6-01", refused: [foreign]);
    }

    // A sender that is restarted, or whose queue fails, begins anew in the middle of a packet.
    [Requirement(Afterwards)]
    [Test]
    public void PacketNeverFinished_LaterPacketsDelivered([Values] bool isIpv6, [Values(2, 10, 30)] int begun)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(false, 10)]);
        ByteString packet = session.Inner(isIpv6, 60);
        session.Expect([AggFragArrival.Of(session.NextSequence(), Framer.Split([packet], [begun])[0])]);
        session.Expect([Next(session)], Afterwards);
        session.Expect([Next(session)], Afterwards);
    }

    [Requirement("RFC9347-2.5-03")]
    [Test]
    public void WrongBlockOffset_NothingGluedTogether([Values] bool isIpv6, [Values(2, 10, 30)] int begun, [Values(-9, -1, 1, 9, 60000)] int error)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(false, 10)]);
        ImmutableArray<AggFragPayload> honest = Framer.Split([session.Inner(isIpv6, 60), session.Inner(false, 12)], [begun]);
        AggFragPayload wrong = honest[1] with { BlockOffset = (ushort)(honest[1].BlockOffset + error) };
        session.Expect([AggFragArrival.Of(session.NextSequence(), honest[0]), AggFragArrival.Of(session.NextSequence(), wrong)], unexpected: "RFC9347-2.5-03");
    }

    [Requirement(Afterwards)]
    [TestCaseSource(nameof(Oddities))]
    public void OddPayload_LaterPacketsDelivered(string hex)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(false, 10)]);
        session.Expect([new AggFragArrival(session.NextSequence(), ByteString.FromHex(hex), "an odd payload")], unexpected: "RFC9347-2.5-03");

        // What a payload begins may be anything: a number is left out so that it is given up.
        session.NextSequence();
        session.Expect([Next(session)], Afterwards);
        session.Expect([Next(session)], Afterwards);
    }

    [Requirement(Afterwards)]
    [TestCaseSource(nameof(OddPairs))]
    public void OddPayloadWithItsRest_LaterPacketsDelivered(string begin, string rest)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(false, 10)]);
        session.Expect(
            [
                new AggFragArrival(session.NextSequence(), ByteString.FromHex(begin), "the begin of something odd"),
                new AggFragArrival(session.NextSequence(), ByteString.FromHex(rest), "its rest"),
            ],
            unexpected: "RFC9347-2.5-03");
        session.NextSequence();
        session.Expect([Next(session)], Afterwards);
        session.Expect([Next(session)], Afterwards);
    }

    // Whatever such payloads give: nothing that policy does not name, and the stack lives.
    [Requirement("RFC9347-2.2.6-01")]
    [Test]
    public void MutatedStreams_NothingPastPolicy([Values(0, 3)] int reorderWindowPackets)
    {
        IptfsSession session = Converse(options: new AggregationOptions { ReorderWindowPackets = reorderWindowPackets, LostPacketTimer = TimeSpan.FromMilliseconds(5) });
        Random random = new((int)Seed);
        for (int i = 0; i < MutatedStreams; i++)
        {
            AggFragStream stream = AggFragStream.Draw(random, new StreamTraits(Loses: true, Overtakes: true, IsTiny: true));
            session.Provoke([.. AggFragStream.Arriving(stream.Frame(session.Packets(stream))).Select(payload => Mutated(random, AggFragArrival.Of(session.NextSequence(), payload.Payload)))]);
        }
    }

    // Mostly the fields that lengths are read from.
    private static AggFragArrival Mutated(Random random, AggFragArrival arrival)
    {
        byte[] bytes = arrival.Bytes.ToArray();
        for (int faults = random.Next(3); faults > 0 && bytes.Length > 8; faults--)
        {
            int at = random.Next(3) switch { 0 => random.Next(2, 4), 1 => random.Next(4, Math.Min(bytes.Length, 12)), _ => random.Next(bytes.Length) };
            bytes[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0, _ => 0xff };
        }

        return arrival with { Bytes = ByteString.Adopt(random.Next(12) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes), Description = "a mutated payload" };
    }

    private static AggFragArrival Next(IptfsSession session) => AggFragArrival.Of(session.NextSequence(), Framer.Split([session.Inner(false, 20)], [])[0]);

    private static IEnumerable<TestCaseData> Oddities()
    {
        static TestCaseData Case(string name, string hex) => new TestCaseData(hex).SetArgDisplayNames(name);
        yield return Case("no data", "00000000");
        yield return Case("no data and a BlockOffset", "0000ffff");
        yield return Case("header cut short", "000000");
        yield return Case("no header", "");
        yield return Case("congestion header cut short", "010000000000");
        yield return Case("congestion header alone", "01000000" + new string('0', 40));
        yield return Case("IPv4 of length 0", "00000000" + "45000000" + new string('0', 80));
        yield return Case("IPv4 of length 19", "00000000" + "45000013" + new string('0', 80));
        yield return Case("IPv4 with IHL 0", "00000000" + "40000014" + new string('0', 80));
        yield return Case("IPv4 with IHL beyond its length", "00000000" + "4f000014" + new string('0', 80));
        yield return Case("IPv4 of one octet", "00000000" + "45");
        yield return Case("IPv6 of five octets", "00000000" + "6000000000");
        yield return Case("type 5", "00000000" + "50000014" + new string('0', 80));
        yield return Case("type 15", "00000000" + "ffffffff" + new string('f', 80));
        yield return Case("IPv4 of 65535 octets", "00000000" + "4500ffff" + new string('0', 80));
        yield return Case("BlockOffset at the end", "00000028" + new string('a', 80));
        yield return Case("BlockOffset behind the end", "00000100" + new string('a', 80));
    }

    // Begin and rest of packets whose length says what they cannot have.
    private static IEnumerable<TestCaseData> OddPairs()
    {
        static TestCaseData Case(string name, string begin, string rest) => new TestCaseData(begin, rest).SetArgDisplayNames(name);
        foreach (int length in new[] { 0, 3, 4, 6, 7, 19 })
        {
            string total = $"{length:x4}";
            yield return Case($"IPv4 of length {length} begun with 2 octets", "000000004500", "00000100" + total + new string('0', 508));
            yield return Case($"IPv4 of length {length} begun with 3 octets", $"00000000450{0}{total[..2]}", "0000ffff" + total[2..] + new string('0', 2048));
        }

        yield return Case("IPv6 of 65575 octets begun with 5", "0000000060000000ff", "0000ffff" + "fffd40" + new string('0', 2048));
        yield return Case("IPv6 that turns out short", "00000000600000", "00000100" + "000000fd40" + new string('0', 480));
        yield return Case("IPv4 of 65535 octets begun with 2", "000000004500", "0000fffd" + "ffff" + new string('0', 2048));
    }

    private sealed record PlainPacket(IpAddress Source, IpAddress Destination)
    {
        public ByteString Bytes => ByteString.Adopt(IpPackets.Raw(Source, Destination, IpProtocol.Experiment253, new byte[20]));
    }
}
