using Conformance.Harness.Oracle.Headers;
using Conformance.Harness.Oracle.Misconstructions;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>What must hold of every packet that a target sends, in every run.</summary>
/// <remarks>
/// It opens under its SA; no sequence number and no IV occurs twice; numbers grow by one; padding is the default one;
/// no SPI is 0; outer headers are those of the SA; what is to be hidden is hidden; nothing that policy protects leaves in clear.
/// </remarks>
internal sealed class StandingInvariants
{
    private const int TellingBytes = 16;
    private readonly EspSession _session;
    private readonly IKeyring _keyring;
    private readonly WireSideInvariants _wireSide;
    private readonly OuterHeaderInvariants _outerHeaders = new();
    private readonly Dictionary<Spi, IvHistory> _ivs = [];
    private readonly Dictionary<Spi, ulong> _lastSequence = [];
    private FragmentStore _fragments = FragmentStore.Empty;
    private Dictionary<FragmentKey, int> _pieces = [];
    private ReceiverState _peer;

    public StandingInvariants(EspSession session, IKeyring keyring)
    {
        _session = session;
        _keyring = keyring;
        _wireSide = new WireSideInvariants(session);
        _peer = ReceiverState.Empty;
        foreach (SecurityAssociation sa in new[] { session.UnderTest.Outbound, session.Sentinel.Outbound })
        {
            _peer = _peer.With(InboundAssociation.Create(sa));
            _lastSequence[sa.Spi] = sa.LastSequence.Value;
            _ivs[sa.Spi] = new IvHistory(sa.Suite.Encryption);
        }
    }

    /// <summary>Opens a packet that left on the wire side; null where it is none of ours, for example neighbour discovery.</summary>
    public (OpenedPacket? Opened, Violation? Violation) Judge(ByteString datagram)
    {
        if (datagram.Length > _session.PathMtuBytes && WireSideInvariants.IsEspOf(datagram, _session.UnderTest.Outbound))
        {
            return (null, new Violation("RFC4301-8.2.1-07", $"{datagram.Length} bytes left on a path of {_session.PathMtuBytes}")
            {
                Also = ["RFC4301-6.1.1-05", "RFC4303-3.3.4-01"],
            });
        }

        return JudgeWhole(datagram);
    }

    private (OpenedPacket? Opened, Violation? Violation) JudgeWhole(ByteString datagram)
    {
        ReceiveContext context = EspReceiver.Rfc.Run(_peer, datagram, _keyring);
        switch (context.Outcome)
        {
            case ReceiveOutcome.NotEsp or ReceiveOutcome.Discarded { Reason: DiscardReason.Malformed or DiscardReason.KeepAlive }:
                return (null, _wireSide.JudgeClear(datagram));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Fragment }:
                return JudgeFragment(datagram);
            case ReceiveOutcome.Discarded { Reason: DiscardReason.CongestionLost }:
                return (null, OuterHeaderInvariants.MarkedForNothing(ReceiveStages.Found(context).Sa));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.NoSecurityAssociation }:
                return (null, context.Esp[..4].SequenceEqual(new byte[4])
                    ? new Violation("RFC4303-2.1-15", "a packet with SPI 0 left") { Also = ["RFC4301-4.4.2.1-02"] }
                    : new Violation("RFC4303-3.3.1-01", "an ESP packet left on an SA that does not exist"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.IntegrityFailure }:
                return (null, ExplainUnopenable(context));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Replayed } when context.Sequence.Value == 0 && _lastSequence[ReceiveStages.Found(context).Sa.Spi] == 0:
                return (null, new Violation("RFC4303-3.3.3-01", "the first packet has sequence number 0"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Replayed or DiscardReason.LeftOfWindow }:
                return (null, new Violation("RFC4303-2.2-01", "a sequence number was used again", IsPrecise: false));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.PaddingInvalid }:
                return (null, new Violation("RFC4303-2.4-08", "pad bytes are not 1, 2, 3 …", IsPrecise: false));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.PadLengthInvalid }:
                return (null, new Violation("RFC4303-2.5-01", "the pad length is larger than what it could cover", IsPrecise: false));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.EncapsulationMismatch }:
                return (null, WireSideInvariants.EncapsulationMismatch(ReceiveStages.Found(context).Sa));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.NextHeaderInvalid }:
                return (null, new Violation("RFC4303-2.6-01", $"next header {context.NextHeader} does not fit the mode", IsPrecise: false));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.InnerMalformed }:
                return (null, new Violation("RFC4303-3.3.2.1-02", "the inner packet is not whole", IsPrecise: false));
            case ReceiveOutcome.Discarded { Reason: not DiscardReason.Dummy } discarded:
                return (null, new Violation("RFC4303-2-02", $"the packet does not open: {discarded.Reason}", IsPrecise: false));
        }

        _peer = context.State;
        return JudgeOpened(context);
    }

    /// <summary>What was sealed opens to what was sent: the packet must be one of those that entered on the host side.</summary>
    public Violation? JudgeContent(OpenedPacket opened, IEnumerable<ByteString> sent)
    {
        ByteString[] plains = [.. sent];
        if (opened.IsDummy)
        {
            return null;
        }

        SecurityAssociation sa = Outbound(opened.Spi);
        ByteString[] due = [.. plains.Select(plain => _session.Forwards ? Hop.Forward(plain) : plain).OfType<ByteString>()];
        if (due.Any(plain => _session.Comparable(plain) == _session.Comparable(opened.Plain)))
        {
            return null;
        }

        if (due.FirstOrDefault(plain => SamePayload(plain, opened.Plain)) is { Length: > 0 } meant
            && sa.Mode != EspMode.Transport && InnerHeaderInvariants.ExplainSealed(meant, opened.Plain) is { } changed)
        {
            return changed;
        }

        byte[] inside = [.. plains.Select(plain => ModeEnclosure.Enclose(sa, plain)?.NextHeader).OfType<byte>()];
        if (inside.Length > 0 && !inside.Contains(opened.NextHeader))
        {
            return new Violation("RFC4303-2.6-01", $"the next header is {opened.NextHeader}", IsPrecise: false);
        }

        return new Violation(
            sa.Mode == EspMode.Transport ? "RFC4303-3.3.2.1-01" : "RFC4303-3.3.2.1-02",
            $"the packet opens to {opened.Plain.Length} bytes that were not sent", IsPrecise: false);
    }

    /// <summary>An SA with confidentiality does not show the end of a payload that is long enough to be told by it.</summary>
    public Violation? JudgeConfidentiality(ByteString datagram, ByteString plain)
    {
        SecurityAssociation sa = _session.UnderTest.Outbound;
        return !sa.Suite.Encryption.IsIntegrityOnly && WireSideInvariants.IsEspOf(datagram, sa)
            && IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _) && packet.Payload.Length >= TellingBytes
            && datagram.Span.IndexOf(packet.Payload[^TellingBytes..]) >= 0
            ? new Violation("RFC4303-2-04", $"the last {TellingBytes} bytes of the payload can be read in the packet")
            : null;
    }

    // Fragmenting after ESP conforms (RFC 4303 §3.3.4); enclosing a fragment shows in that each piece opens by itself.
    private (OpenedPacket? Opened, Violation? Violation) JudgeFragment(ByteString datagram)
    {
        if (FragmentStore.Read(datagram) is not { } piece)
        {
            return (null, null);
        }

        ReceiveContext alone = EspReceiver.Rfc.Run(_peer, Unfragmented(piece), _keyring);
        if (alone.Outcome is null)
        {
            SecurityAssociation sa = ReceiveStages.Found(alone).Sa;
            return (null, sa.Mode == EspMode.Transport
                ? new Violation("RFC4303-3.3.4-02", "transport mode encloses a fragment") { Also = ["RFC4301-4.1-25", "RFC4301-D.1-01"] }
                : new Violation("RFC4301-5.1.2.1-05", "the outer header has the fragment fields of the inner one"));
        }

        _pieces[piece.Key] = _pieces.GetValueOrDefault(piece.Key) + 1;
        (_fragments, ByteString? joined) = _fragments.Add(datagram);
        if (joined is not { } whole)
        {
            return (null, null);
        }

        (OpenedPacket? opened, Violation? violation) = JudgeWhole(whole);
        return (opened is null ? null : opened with { Pieces = _pieces[piece.Key] }, violation);
    }

    private static ByteString Unfragmented(FragmentPiece piece)
    {
        byte[] bytes = [.. piece.Head.Span, .. piece.Data.Span];
        bytes[piece.NamedAt] = piece.NextHeader;
        if (bytes[0] >> 4 == 4)
        {
            (bytes[6], bytes[7]) = ((byte)(bytes[6] & 0xc0), 0);
        }

        IpPackets.FinishHeader(bytes);
        return ByteString.Adopt(bytes);
    }

    private static bool SamePayload(ByteString one, ByteString other) =>
        IpPacketView.TryParse(one.Span, out IpPacketView mine, out _) && IpPacketView.TryParse(other.Span, out IpPacketView theirs, out _)
        && mine.IsIpv6 == theirs.IsIpv6 && mine.Payload.SequenceEqual(theirs.Payload);

    private SecurityAssociation Outbound(Spi spi) =>
        spi == _session.Sentinel.Outbound.Spi ? _session.Sentinel.Outbound : _session.UnderTest.Outbound;

    private (OpenedPacket? Opened, Violation? Violation) JudgeOpened(ReceiveContext context)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        int ivBytes = sa.Suite.IvBytes;
        OpenedPacket opened = new()
        {
            Datagram = context.Datagram,
            EspOffsetBytes = context.EspRange.Start.GetOffset(context.Datagram.Length),
            Spi = sa.Spi,
            Sequence = context.Sequence,
            Iv = new ByteString(context.Esp.Slice(EspProtection.HeaderBytes, ivBytes)),
            Payload = context.Payload,
            Padding = new ByteString(context.Plaintext.Span[context.Payload.Length..^EspPacket.TrailerBytes]),
            NextHeader = context.NextHeader,
            Plain = context.Inner,
            UdpEncapsulated = context.UdpEncapsulated,
        };
        ulong last = _lastSequence[sa.Spi];
        bool rollsOver = last == uint.MaxValue
            && sa is { ReplayWindowPackets: 0, ExtendedSequenceNumbers: false, Suite.Encryption.HasImplicitIv: false };
        _lastSequence[sa.Spi] = opened.Sequence.Value;
        if (!rollsOver && opened.Sequence.Value != last + 1)
        {
            return (opened, new Violation("RFC4303-2.2-01", $"sequence number {opened.Sequence} follows {last}", IsPrecise: false));
        }

        return (opened, _ivs[sa.Spi].Judge(opened.Iv, context.Esp[..^sa.Suite.IcvBytes])
            ?? WireSideInvariants.JudgeOuterHeaders(sa, opened) ?? (_session.MakesHeaders ? _outerHeaders.Judge(sa, opened) : null));
    }

    // A wrong ICV says little; which wrong ICV it is says what the stack forgot.
    private Violation ExplainUnopenable(ReceiveContext context)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        SecurityAssociation other = sa.Spi == _session.Sentinel.Outbound.Spi ? _session.UnderTest.Outbound : _session.Sentinel.Outbound;
        return IcvDiagnosis.Explain(sa, other, context.Esp, context.Sequence.High, _keyring)
            ?? new Violation(
                sa.Suite.Encryption.IsCombinedMode ? "RFC4303-3.3.2.2-01" : "RFC4303-3.3.2.1-05",
                "the packet does not open with the keys of its SA", IsPrecise: false);
    }
}
