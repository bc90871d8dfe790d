using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Iptfs;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Iptfs;

/// <summary>The payloads that a stack makes of packets. RFC 9347 §2.2, §2.3.</summary>
[TestFixture(WireDevice.BareIp)]
[TestFixture(WireDevice.Ethernet)]
[Needs(Capabilities.EspOutbound | Capabilities.Iptfs)]
public class IptfsSendTests(WireDevice device) : IptfsTest(device)
{
    private const int RandomBursts = 60;
    private const int PathMtu = 1400;
    private const int OuterBytes = 600;
    private static readonly AggregationOptions Waiting = new() { SendDelay = TimeSpan.FromMilliseconds(5) };
    private static readonly AggregationOptions Small = Waiting with { OuterBytes = OuterBytes };

    [Requirement("RFC9347-2.3-01", "RFC9347-6.1.1-02")]
    [Test]
    public void OnePacket_LeavesInAPayload([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values] bool isIpv6, [Values(0, 32, 1000)] int payloadBytes)
    {
        IptfsSession session = Converse(scenario);
        session.ExpectSent([session.Plain(isIpv6, payloadBytes)]);
        session.ExpectSent([session.Plain(isIpv6, payloadBytes)]);
    }

    [Requirement("RFC9347-2.2-03")]
    [Test]
    public void PacketsTogether_LeaveInOrder([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values(2, 5, 30)] int count)
    {
        IptfsSession session = Converse(scenario, Waiting);
        session.ExpectSent([.. Enumerable.Range(0, count).Select(i => session.Plain(i % 3 == 1, 20 + i))]);
        TestContext.Out.WriteLine($"{session.SharedPayloads} payloads with more than one packet");
    }

    [Requirement("RFC9347-2.2.3-05", "RFC9347-2.2.3-07")]
    [Test]
    public void PacketLongerThanAPayload_CutIntoConsecutiveOnes([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values] bool isIpv6, [Values(500, 560, 1100, 9000)] int payloadBytes)
    {
        IptfsSession session = Converse(scenario, Small);
        session.ExpectSent([session.Plain(isIpv6, 50), session.Plain(isIpv6, payloadBytes), session.Plain(isIpv6, 50)]);
        session.ExpectSent([session.Plain(isIpv6, payloadBytes)]);
    }

    [Requirement("RFC9347-2.2.6-02")]
    [Test]
    public void PacketLongerThanThePath_NobodyIsTold([Values] bool isIpv6, [Values] bool dontFragment)
    {
        IptfsSession session = Converse(Scenarios[0] with { WireMtuBytes = PathMtu });
        session.ExpectSent([WithDf(session.Plain(isIpv6, 2000), dontFragment)], "RFC9347-2.2.6-02");
        session.Require(session.Answers.Count == 0, "RFC9347-2.2.6-02", $"the host was told {session.Answers.Count} errors");
    }

    [Requirement("RFC9347-2.2.6-03")]
    [Test]
    public void CuttingSwitchedOff_PacketWithoutDfIsFragmented()
    {
        IptfsSession session = Converse(Scenarios[0] with { WireMtuBytes = PathMtu }, new AggregationOptions { DontFragment = true });
        session.ExpectSent([session.Plain(false, 1000)]);
        session.ExpectSentInIpFragments(session.Plain(false, 2000), "RFC9347-2.2.6-03");
    }

    [Requirement("RFC9347-2.2.5.3-01", "RFC9347-3.1-01")]
    [Test]
    public void TrafficClass_NotCopied([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values] bool isIpv6, [Values(0x28, 0x01, 0x02)] int trafficClass)
    {
        IptfsSession session = Converse(scenario);
        session.ExpectSent([TrafficClassed(session.Plain(isIpv6, 32), (byte)trafficClass)]);
    }

    [Requirement("RFC9347-2.2-03")]
    [Test]
    public void RandomBursts_PutTogetherAgain([ValueSource(nameof(Scenarios))] EspScenario scenario)
    {
        IptfsSession session = Converse(scenario, Small);
        Random random = new((int)Seed);
        for (int i = 0; i < RandomBursts; i++)
        {
            session.ExpectSent([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => session.Plain(
                random.Next(3) == 0, random.Next(6) switch { 0 => random.Next(0, 3), 5 => random.Next(1200, 4000), _ => random.Next(0, 500) }))]);
        }

        TestContext.Out.WriteLine($"{session.SharedPayloads} payloads with more than one packet, or part of one");
    }

    private static ByteString WithDf(ByteString packet, bool dontFragment)
    {
        byte[] bytes = packet.ToArray();
        if (bytes[0] >> 4 == 4)
        {
            bytes[6] = (byte)(dontFragment ? 0x40 : 0);
            IpPackets.FinishHeader(bytes);
        }

        return ByteString.Adopt(bytes);
    }

    private static ByteString TrafficClassed(ByteString packet, byte trafficClass) => Spec.Esp.Headers.TrafficClasses.Write(packet, trafficClass);
}
