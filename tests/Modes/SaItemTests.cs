using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>What the SAD keeps for each SA, and what it does. RFC 4301 §4.1, §4.4.2.1.</summary>
public class SaItemTests : ConformanceTest
{
    private const ulong Border = 1UL << 32;

    [Requirement("RFC4301-4.1-01")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound)]
    [TestCase(EspMode.Transport)]
    [TestCase(EspMode.Tunnel)]
    public void OutboundSa_ReceivesNothing(EspMode mode)
    {
        EspSession session = Start(new EspScenario { Mode = mode });
        session.ExpectSent(session.Host.Next(40));
        session.Expect(session.Peer.Seal(1), Delivered);
        session.Expect(session.SealWithTheOutboundSa(2), Discarded, "RFC4301-4.1-01");
    }

    [Requirement("RFC4301-4.4.2.1-02")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase(0x100u)]
    [TestCase(0x2001u)]
    [TestCase(0x80000000u)]
    [TestCase(0xfffffffeu)]
    public void OutboundSpi_StandsInTheHeader(uint spi)
    {
        EspSession session = Start(new EspScenario { OutboundSpi = spi });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(40), "RFC4301-4.4.2.1-02");
        session.Require(sent.Spi.Value == spi, "RFC4301-4.4.2.1-02", $"SPI {sent.Spi} was sent");
    }

    [Requirement("RFC4301-4.4.2.1-03")]
    [Needs(Capabilities.EspOutbound | Capabilities.SequenceSeed)]
    [TestCase(true, (5 * Border) + 7)]
    [TestCase(true, (Border << 31) - 3)]
    [TestCase(false, Border - 4)]
    public void SequenceCounter_HoldsSixtyFourBitsAndThirtyTwo(bool extended, ulong lastUsed)
    {
        EspSession session = Start(new EspScenario { ExtendedSequenceNumbers = extended, OutboundLastSequence = lastUsed });
        OpenedPacket next = session.ExpectSent(session.Host.Next(40), "RFC4301-4.4.2.1-03");
        OpenedPacket after = session.ExpectSent(session.Host.Next(40), "RFC4301-4.4.2.1-03");
        session.Require(
            (next.Sequence.Value, after.Sequence.Value) == (lastUsed + 1, lastUsed + 2), "RFC4301-4.4.2.1-03", $"{next.Sequence} and {after.Sequence} follow {lastUsed}");
    }

    // A window says that the receiver checks replays, and then the last number is the end; without one the counter may begin again.
    [Requirement("RFC4301-4.4.2.1-05")]
    [Needs(Capabilities.EspOutbound | Capabilities.AntiReplay | Capabilities.SequenceSeed)]
    [Test]
    public void CounterOverflow_StopsTheSaOrRollsOverAsItIsSet()
    {
        EspScenario nearTheEnd = new() { OutboundLastSequence = uint.MaxValue - 1 };
        EspSession session = Start(nearTheEnd);
        session.ExpectSent(session.Host.Next(40));
        session.ExpectNothingSent(session.Host.Next(40), "RFC4301-4.4.2.1-05");

        session = Start(nearTheEnd with { ReplayWindowPackets = 0 });
        session.ExpectSent(session.Host.Next(40));
        session.ExpectSent(session.Host.Next(40), "RFC4301-4.4.2.1-05");
    }

    [Requirement("RFC4301-4.4.2.1-07")]
    [Needs(Capabilities.EspInbound | Capabilities.AntiReplay)]
    [Test]
    public void ReplayWindow_StopsRepeatsOrIsIgnoredAsItIsSet()
    {
        EspSession session = Start(new EspScenario());
        SealedPacket packet = session.Peer.Seal(7);
        session.Expect(packet, Delivered, "RFC4301-4.4.2.1-07");
        session.Expect(packet, Discarded, "RFC4301-4.4.2.1-07");

        session = Start(new EspScenario { ReplayWindowPackets = 0 });
        packet = session.Peer.Seal(7);
        session.Expect(packet, Delivered, "RFC4301-4.4.2.1-07");
        session.Expect(packet, Delivered, "RFC4301-4.4.2.1-07");
    }

    // The SA ends while half of the packet is there.
    [Requirement("RFC4301-4.4.2.1-16")]
    [Needs(Capabilities.EspInbound | Capabilities.LifetimePackets | Capabilities.Fragmentation)]
    [Test]
    public void PacketWhoseLastFragmentComesAfterTheEndOfTheSa_Discarded()
    {
        EspSession session = Start(new EspScenario { InboundLifetime = new Lifetime(HardPackets: 2) });
        SealedPacket[] early = Halves(session.Peer.Seal(1, payloadBytes: 100), 0x4301);
        session.Expect(early[0], Discarded, "RFC4301-4.4.2.1-16");
        session.Expect(early[1], Delivered, "RFC4301-4.4.2.1-16");

        SealedPacket[] late = Halves(session.Peer.Seal(3, payloadBytes: 100), 0x4302);
        session.Expect(late[0], Discarded, "RFC4301-4.4.2.1-16");
        session.Expect(session.Peer.Seal(2), Delivered);
        session.Expect(late[1], Discarded, "RFC4301-4.4.2.1-16");
    }

    private static SealedPacket[] Halves(SealedPacket packet, ushort identification)
    {
        byte[] datagram = packet.Datagram.ToArray();
        (datagram[4], datagram[5]) = ((byte)(identification >> 8), (byte)identification);
        IpPackets.FinishHeader(datagram);
        return [.. Fragmenter.Cut(ByteString.Adopt(datagram), 96, identification).Select((piece, i) => packet.With(piece.ToArray(), $"fragment {i + 1}"))];
    }
}
