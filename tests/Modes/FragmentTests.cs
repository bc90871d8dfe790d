using System.Buffers.Binary;
using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>Fragments of ESP packets, before they are opened and after they were sealed. RFC 4303 §3.3.4, §3.4.1, RFC 4301 §5.2.</summary>
[Needs(Capabilities.Fragmentation)]
public class FragmentTests : ConformanceTest
{
    private const int PieceBytes = 64;

    [Requirement("RFC4303-3.3.4-04", "RFC4303-3.4.1-01", "RFC4303-3.4.1-05", "RFC4301-5.2-02")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Orders))]
    public void FragmentsInAnyOrder_DeliveredOnceWhole(EspScenario scenario, int[] order, string clause)
    {
        EspSession session = Start(scenario);
        IReadOnlyList<SealedPacket> pieces = Pieces(session, session.Peer.Seal(1, payloadBytes: 3 * PieceBytes - 70), order.Length);
        foreach (int piece in order[..^1])
        {
            session.Expect(pieces[piece], Discarded, clause);
        }

        session.Expect(pieces[order[^1]], Delivered, clause);
    }

    [Requirement("RFC4303-3.3.4-04")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Families))]
    public void ManyFragments_Delivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        IReadOnlyList<SealedPacket> pieces = Pieces(session, session.Peer.Seal(1, payloadBytes: 1300), null);
        foreach (SealedPacket piece in pieces.SkipLast(1))
        {
            session.Expect(piece, Discarded, "RFC4303-3.3.4-04");
        }

        session.Expect(pieces[^1], Delivered, "RFC4303-3.3.4-04");
    }

    // A piece that came twice is no second packet, and the datagram is whole all the same.
    [Requirement("RFC4303-3.4.1-01")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Families))]
    public void FragmentThatCameTwice_HarmsNothing(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        IReadOnlyList<SealedPacket> pieces = Pieces(session, session.Peer.Seal(1, payloadBytes: 3 * PieceBytes - 70), 3);
        session.Expect(pieces[0], Discarded, "RFC4303-3.4.1-01");
        session.Expect(pieces[0], Discarded, "RFC4303-3.4.1-01");
        session.Expect(pieces[1], Discarded, "RFC4303-3.4.1-01");
        session.Expect(pieces[2], Delivered, "RFC4303-3.4.1-01");
    }

    [Requirement("RFC4301-5.2-02")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Families))]
    public void FragmentsOfTwoPacketsInterleaved_BothDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        IReadOnlyList<SealedPacket> first = Pieces(session, session.Peer.Seal(1, payloadBytes: 100), 2);
        IReadOnlyList<SealedPacket> second = Pieces(session, session.Peer.Seal(2, payloadBytes: 100), 2);
        session.Expect(first[0], Discarded, "RFC4301-5.2-02");
        session.Expect(second[1], Discarded, "RFC4301-5.2-02");
        session.Expect(first[1], Delivered, "RFC4301-5.2-02");
        session.Expect(second[0], Delivered, "RFC4301-5.2-02");
    }

    [Requirement("RFC4303-3.4.1-02")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Families))]
    public void LastFragmentMissing_NothingDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        IReadOnlyList<SealedPacket> pieces = Pieces(session, session.Peer.Seal(1, payloadBytes: 3 * PieceBytes - 70), 3);
        session.Expect(pieces[0], Discarded, "RFC4303-3.4.1-02");
        session.Expect(pieces[1], Discarded, "RFC4303-3.4.1-02");
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    [Requirement("RFC4303-3.3.4-01", "RFC4301-8.2.1-07", "RFC4301-8.2.1-08")]
    [Needs(Capabilities.EspOutbound | Capabilities.LinkMtu)]
    [TestCaseSource(nameof(Oversize))]
    public void PacketThatOutgrowsTheLinkAndMayBeFragmented_SentInFragments(EspScenario scenario, string clause)
    {
        EspSession session = Start(scenario with { WireMtuBytes = 1400 });
        OpenedPacket sent = session.ExpectSent(ModeCases.OfLength(session.Host, 1390, dontFragment: false), clause);
        session.Require(sent.Pieces > 1, clause, "a datagram longer than the link left in one piece");
        session.Require(session.Answers.Count == 0, clause, "the source was sent an error all the same");
        session.ExpectSent(session.Host.Next(40), clause);
    }

    [Requirement("RFC4301-5.1-13")]
    [Needs(Capabilities.EspOutbound | Capabilities.LinkMtu | Capabilities.Gateway)]
    [TestCase(false)]
    [TestCase(true)]
    public void Ipv6PacketInTransit_IsNotFragmentedBeforeEsp(bool outerIpv6)
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = outerIpv6, InnerIpv6 = true, WireMtuBytes = 1400 });
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, 1390, dontFragment: false), "RFC4301-5.1-13");
        session.ExpectSent(session.Host.Next(40), "RFC4301-5.1-13");
    }

    // Identifications differ from test to test: pieces that a target still waits with belong to nobody else.
    private static IReadOnlyList<SealedPacket> Pieces(EspSession session, SealedPacket packet, int? count)
    {
        uint identification = (uint)HashCode.Combine(session.Seed, packet.Sequence) | 1;
        byte[] datagram = packet.Datagram.ToArray();
        if (datagram[0] >> 4 == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)identification);
            IpPackets.FinishHeader(datagram);
        }

        int body = datagram.Length - (datagram[0] >> 4 == 4 ? Ipv4HeaderView.FixedBytes : Ipv6HeaderView.FixedBytes);
        int pieceBytes = count is { } wanted ? ((body + wanted - 1) / wanted + 7) / 8 * 8 : PieceBytes;
        return [.. Fragmenter.Cut(ByteString.Adopt(datagram), pieceBytes, identification)
            .Select((piece, i) => packet.With(piece.ToArray(), $"fragment {i + 1}"))];
    }

    private static IEnumerable<TestCaseData> Families =>
        from scenario in new EspScenario[]
        {
            new(),
            new() { OuterIpv6 = true },
            new() { Mode = EspMode.Transport },
            new() { Mode = EspMode.Transport, OuterIpv6 = true, InnerIpv6 = true },
        }
        select new TestCaseData(scenario);

    private static IEnumerable<TestCaseData> Orders =>
        from family in Families
        let scenario = (EspScenario)family.Arguments[0]!
        from order in new int[][] { [0, 1], [1, 0], [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] }
        from clause in order is [0, 1]
            ? new[] { "RFC4303-3.3.4-04", "RFC4303-3.4.1-01", "RFC4303-3.4.1-05", "RFC4301-5.2-02" }
            : ["RFC4303-3.3.4-04"]
        select new TestCaseData(scenario, order, clause);

    private static IEnumerable<TestCaseData> Oversize =>
        from outer in new[] { false, true }
        from clause in new[] { "RFC4303-3.3.4-01", "RFC4301-8.2.1-07", "RFC4301-8.2.1-08" }
        select new TestCaseData(new EspScenario { OuterIpv6 = outer }, clause);
}
