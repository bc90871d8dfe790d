using Conformance.Generators.Iptfs;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Iptfs;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Iptfs;

/// <summary>What comes out of AGGFRAG payloads. RFC 9347 §2.2, §2.5, §6.1.</summary>
[TestFixture(WireDevice.BareIp)]
[TestFixture(WireDevice.Ethernet)]
[Needs(Capabilities.EspInbound | Capabilities.Iptfs)]
public class IptfsReceiveTests(WireDevice device) : IptfsTest(device)
{
    private const int RandomStreams = 150;
    private const int MostShrinks = 120;
    private const int ReorderWindow = 3;
    private static readonly AggregationOptions Reordering = new() { ReorderWindowPackets = ReorderWindow, LostPacketTimer = TimeSpan.FromMilliseconds(20) };

    [Requirement("RFC9347-2.2-01", "RFC9347-2.5-01")]
    [Test]
    public void SeveralPackets_AllDeliveredInOrder([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values(1, 2, 3, 20)] int count)
    {
        IptfsSession session = Converse(scenario);
        session.ExpectTogether([session.Inner(scenario.InnerIpv6, 32)]);
        session.ExpectTogether([.. Enumerable.Range(0, count).Select(i => session.Inner(scenario.InnerIpv6, 32 + i))]);
    }

    // Policy that admits any source shows what else would be dropped for it.
    [Requirement("RFC9347-2.2.1-02")]
    [Test]
    public void SeveralPackets_DeliveredByteForByte([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values] bool isIpv6)
    {
        IptfsSession session = Converse(scenario, anyRemote: true);
        session.ExpectTogether([session.Inner(isIpv6, 32)], "RFC9347-2.2.1-02");
        session.ExpectTogether([session.Inner(isIpv6, 32), session.Inner(isIpv6, 32)], "RFC9347-2.2.1-02");
        session.ExpectTogether([session.Inner(isIpv6, 600), session.Inner(isIpv6, 1), session.Inner(isIpv6, 600)], "RFC9347-2.2.1-02");
    }

    [Requirement("RFC9347-2.2.1-02")]
    [Test]
    public void EndOfAPacketAndTheNext_DeliveredByteForByte([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values] bool isIpv6)
    {
        IptfsSession session = Converse(scenario, anyRemote: true);
        int first = session.Inner(isIpv6, 60).Length;
        session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, 60), new InnerPacket(isIpv6, 10)], [new StreamPayload { DataBytes = first - 30 }, new StreamPayload { DataBytes = 500 }]));
    }

    [Requirement("RFC9347-2.2.1-01")]
    [Test]
    public void BothFamiliesInOnePayload_Delivered([ValueSource(nameof(Scenarios))] EspScenario scenario)
    {
        IptfsSession session = Converse(scenario);
        session.ExpectTogether([session.Inner(false, 40)]);
        session.ExpectTogether([session.Inner(true, 40)]);
        session.ExpectTogether([session.Inner(false, 40), session.Inner(true, 8)]);
        session.ExpectTogether([session.Inner(true, 40), session.Inner(false, 8)]);
    }

    [Requirement("RFC9347-2.2.3-01")]
    [Test]
    public void OnePacketInTwoPayloads_DeliveredWhereverTheCut([Values] bool isIpv6)
    {
        IptfsSession session = Converse();
        int total = session.Inner(isIpv6, 24).Length;
        for (int cut = 1; cut < total; cut++)
        {
            session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, 24)], [new StreamPayload { DataBytes = cut }, new StreamPayload { DataBytes = total }]));
        }
    }

    [Requirement("RFC9347-2.2.3-01")]
    [Test]
    public void OnePacketInManyPayloads_Delivered([Values] bool isIpv6, [Values(7, 100)] int dataBytes, [Values(10, 1300)] int payloadBytes)
    {
        IptfsSession session = Converse();
        session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, payloadBytes)], [.. Enumerable.Repeat(new StreamPayload { DataBytes = dataBytes }, payloadBytes + 40)]));
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
    }

    [Requirement("RFC9347-2.2.3-01")]
    [Test]
    public void LengthFieldInThreePayloads_Delivered([Values] bool isIpv6, [Values(1, 2)] int dataBytes)
    {
        IptfsSession session = Converse();
        StreamPayload small = new() { DataBytes = dataBytes };
        session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, 60)], [small, small, small, small, small, small, new StreamPayload { DataBytes = 500 }]));
    }

    [Requirement("RFC9347-2.2.3-01")]
    [Test]
    public void PieceThatEndsWithTheHeader_Joined([Values] bool isIpv6, [Values(6, 12, 19)] int cut, [Values(0, 30)] int payloadBytes)
    {
        IptfsSession session = Converse();
        StreamPayload rest = new() { DataBytes = 500 };
        session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, payloadBytes)], [rest]));
        session.ExpectStream(new AggFragStream([new InnerPacket(isIpv6, payloadBytes)], [new StreamPayload { DataBytes = cut }, new StreamPayload { DataBytes = (isIpv6 ? 40 : 20) - cut }, rest]));
    }

    [Requirement("RFC9347-2.2.3-02")]
    [Test]
    public void PaddingBetweenPieces_ChangesNothing([Values] bool isIpv6, [Values(2, 10, 30, 60)] int cut, [Values(1, 3)] int payloads)
    {
        IptfsSession session = Converse();
        session.ExpectStream(new AggFragStream(
            [new InnerPacket(isIpv6, 60)], [new StreamPayload { DataBytes = cut }, new StreamPayload { DataBytes = 200, AllPadBefore = payloads }]));
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
    }

    [Requirement("RFC9347-2.2-02")]
    [Test]
    public void PieceLost_TheNextPacketIsFound([Values] bool isIpv6, [Values(0, 1, 2)] int lost)
    {
        IptfsSession session = Converse();
        StreamPayload[] payloads = [.. Enumerable.Range(0, 3).Select(i => new StreamPayload { DataBytes = i == 2 ? Rest(isIpv6) : 40, IsLost = i == lost })];
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
        session.ExpectStream(
            new AggFragStream([new InnerPacket(isIpv6, 80), new InnerPacket(false, 30), new InnerPacket(false, 10)], [.. payloads, new StreamPayload { DataBytes = 400 }]),
            "RFC9347-2.2-02");
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
    }

    // A first piece and an end that have the length of the packet together, with a piece missing between them.
    [Requirement("RFC9347-2.2.3-03")]
    [Test]
    public void PieceMissingBetweenPieces_NotJoined([Values] bool isIpv6)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
        System.Collections.Immutable.ImmutableArray<AggFragPayload> one = Framer.Split([session.Inner(isIpv6, 80)], [40]);
        System.Collections.Immutable.ImmutableArray<AggFragPayload> other = Framer.Split([session.Inner(isIpv6, 80)], [40]);
        AggFragArrival begin = AggFragArrival.Of(session.NextSequence(), one[0]);
        session.NextSequence();
        session.Expect([begin, AggFragArrival.Of(session.NextSequence(), other[1])], unexpected: "RFC9347-2.2.3-03");
        session.ExpectTogether([session.Inner(isIpv6, 10)]);
    }

    // The end of a packet of 80 octets behind its header, and a packet of 30.
    private static int Rest(bool isIpv6) => (isIpv6 ? 40 : 20) + 80 - 80 + 50;

    [Requirement("RFC9347-2.2.3-04")]
    [Test]
    public void PayloadsOutOfOrder_JoinedAllTheSame()
    {
        IptfsSession session = Converse(options: Reordering);
        session.ExpectTogether([session.Inner(false, 10)]);
        Random random = new((int)Seed);
        for (int i = 0; i < RandomStreams; i++)
        {
            Try(session, AggFragStream.Draw(random, new StreamTraits(Overtakes: true, StopsBehindPieces: true)), "RFC9347-2.2.3-04", Reordering);
        }
    }

    [Requirement("RFC9347-2-01")]
    [Test]
    public void RandomStreams_EveryPacketDelivered([ValueSource(nameof(Scenarios))] EspScenario scenario)
    {
        IptfsSession session = Converse(scenario);
        Random random = new((int)Seed);
        for (int i = 0; i < RandomStreams; i++)
        {
            Try(session, AggFragStream.Draw(random, new StreamTraits(StopsBehindPieces: true)), "RFC9347-2-01", AggregationOptions.Default);
        }
    }

    [Requirement("RFC9347-2.2.1-02")]
    [Test]
    public void RandomStreamsOfPiecesAndPackets_DeliveredByteForByte([ValueSource(nameof(Scenarios))] EspScenario scenario)
    {
        IptfsSession session = Converse(scenario);
        Random random = new((int)Seed);
        for (int i = 0; i < RandomStreams; i++)
        {
            Try(session, AggFragStream.Draw(random, new StreamTraits()), "RFC9347-2.2.1-02", AggregationOptions.Default);
        }
    }

    [Requirement("RFC9347-2.2-02")]
    [Test]
    public void RandomLosses_EveryWholePacketDelivered()
    {
        IptfsSession session = Converse();
        Random random = new((int)Seed);
        for (int i = 0; i < RandomStreams; i++)
        {
            Try(session, AggFragStream.Draw(random, new StreamTraits(Loses: true, StopsBehindPieces: true)), "RFC9347-2.2-02", AggregationOptions.Default);
        }
    }

    [Requirement("RFC9347-6.1.3.3-01")]
    [Test]
    public void PaddingBehindPackets_PacketsDelivered([Values(1, 2, 5, 40)] int padBytes, [Values(1, 2)] int packets)
    {
        IptfsSession session = Converse();
        session.ExpectStream(new AggFragStream([.. Enumerable.Repeat(new InnerPacket(false, 20), packets)], [new StreamPayload { DataBytes = 400, PadBytes = padBytes }]));
        session.ExpectTogether([session.Inner(false, 10)]);
    }

    [Requirement("RFC9347-6.1.1-01")]
    [Test]
    public void ReservedOctet_Ignored([Values(1, 2, 0x80, 0xff)] int value)
    {
        IptfsSession session = Converse();
        session.ExpectTogether([session.Inner(false, 20)]);
        session.Expect([Whole(session).With(1, (byte)value, $"reserved octet 0x{value:x2}")]);
    }

    [Requirement("RFC9347-6.1.2-01")]
    [Test]
    public void CongestionInformation_BlocksBehindIt([Values(20, 400)] int dataBytes)
    {
        IptfsSession session = Converse();
        StreamPayload payload = new() { DataBytes = dataBytes, HasCongestion = true };
        session.ExpectStream(new AggFragStream([new InnerPacket(false, 20)], [payload, payload, payload]) { StopsBehindPieces = true });
        session.ExpectStream(new AggFragStream([new InnerPacket(false, 20), new InnerPacket(true, 9)], [payload, new StreamPayload { DataBytes = 300 }]) { StopsBehindPieces = true });
    }

    [Requirement("RFC9347-6.1.2-02")]
    [Test]
    public void FlagsOfCongestionInformation_ChangeNothingForTheBlocks([Values(1, 2, 3, 4, 0x80, 0xfc)] int value)
    {
        IptfsSession session = Converse();
        AggFragArrival genuine = Whole(session, CongestionInformation.None);
        session.Expect([genuine]);
        session.Expect([Whole(session, CongestionInformation.None).With(1, (byte)value, $"second octet 0x{value:x2}")]);
    }

    [Requirement("RFC9347-6.1-02")]
    [Test]
    public void UnknownSubType_NothingDelivered([Values(2, 3, 255)] int subType)
    {
        IptfsSession session = Converse();
        session.Expect([Whole(session)]);
        session.Expect([Whole(session).With(0, (byte)subType, $"sub-type {subType}")], unexpected: "RFC9347-6.1-02");
        session.Expect([Whole(session)]);
    }

    private static AggFragArrival Whole(IptfsSession session, CongestionInformation? congestion = null) => AggFragArrival.Of(
        session.NextSequence(), Framer.Split([session.Inner(false, 20)], [])[0] with { Congestion = congestion });

    private void Try(IptfsSession session, AggFragStream stream, string clause, AggregationOptions options)
    {
        if (Shrinking.Of(() => session.ExpectStream(stream, clause)) is { } failure)
        {
            throw Shrinking.Smallest(stream, AggFragStream.Shrink, smaller => Alone(smaller, clause, options), MostShrinks) ?? failure;
        }
    }

    // Each candidate gets SAs of its own, and a packet in front of it, so that the receiver knows where the numbers stand.
    private ConformanceException? Alone(AggFragStream stream, string clause, AggregationOptions options) => Shrinking.Of(() =>
    {
        IptfsSession session = Converse(options: options);
        session.ExpectTogether([session.Inner(false, 10)]);
        session.ExpectStream(stream, clause);
        session.ExpectTogether([session.Inner(false, 10)]);
    });
}
