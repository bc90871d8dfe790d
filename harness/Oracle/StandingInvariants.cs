using Conformance.Harness.Contract;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>A clause that a packet breaks, whatever the test was about.</summary>
/// <param name="RequirementId">The clause.</param>
/// <param name="What">One sentence for people.</param>
internal sealed record Violation(string RequirementId, string What);

/// <summary>What must hold of every packet that a target sends, in every run.</summary>
/// <remarks>
/// It opens under its SA; no sequence number and no IV occurs twice; numbers grow by one; padding is the default one;
/// no SPI is 0; nothing that policy protects leaves in clear.
/// </remarks>
internal sealed class StandingInvariants
{
    private readonly EspSession _session;
    private readonly IKeyring _keyring;
    private readonly Dictionary<Spi, HashSet<ByteString>> _ivs = [];
    private readonly Dictionary<Spi, ulong> _lastSequence = [];
    private ReceiverState _peer;

    public StandingInvariants(EspSession session, IKeyring keyring)
    {
        _session = session;
        _keyring = keyring;
        _peer = ReceiverState.Empty;
        foreach (SecurityAssociation sa in new[] { session.UnderTest.Outbound, session.Sentinel.Outbound })
        {
            _peer = _peer.With(InboundAssociation.Create(sa));
            _lastSequence[sa.Spi] = sa.LastSequence.Value;
            _ivs[sa.Spi] = [];
        }
    }

    /// <summary>Opens a packet that left on the wire side; null where it is none of ours, for example neighbour discovery.</summary>
    public (OpenedPacket? Opened, Violation? Violation) Judge(ByteString datagram)
    {
        ReceiveContext context = EspReceiver.Rfc.Run(_peer, datagram, _keyring);
        switch (context.Outcome)
        {
            case ReceiveOutcome.NotEsp or ReceiveOutcome.Discarded { Reason: DiscardReason.Malformed or DiscardReason.KeepAlive }:
                return (null, JudgeClear(datagram));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Fragment }:
                // Fragmenting after ESP conforms (RFC 4303 §3.3.4); the oracle does not put datagrams together yet.
                throw new UnsupportedException("the target fragments its ESP packets, which the oracle cannot read");
            case ReceiveOutcome.Discarded { Reason: DiscardReason.NoSecurityAssociation }:
                return (null, context.Esp[..4].SequenceEqual(new byte[4])
                    ? new Violation("RFC4303-2.1-15", "a packet with SPI 0 left")
                    : new Violation("RFC4303-3.3.1-01", "an ESP packet left on an SA that does not exist"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.IntegrityFailure }:
                return (null, ExplainUnopenable(context));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Replayed } when context.Sequence.Value == 0 && _lastSequence[ReceiveStages.Found(context).Sa.Spi] == 0:
                return (null, new Violation("RFC4303-3.3.3-01", "the first packet has sequence number 0"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Replayed or DiscardReason.LeftOfWindow }:
                return (null, new Violation("RFC4303-2.2-01", "a sequence number was used again"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.PaddingInvalid }:
                return (null, new Violation("RFC4303-2.4-08", "pad bytes are not 1, 2, 3 …"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.PadLengthInvalid }:
                return (null, new Violation("RFC4303-2.5-01", "the pad length is larger than what it could cover"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.EncapsulationMismatch }:
                return (null, new Violation("RFC3948-2.1-01", "UDP encapsulation is not as the SA says"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.NextHeaderInvalid }:
                return (null, new Violation("RFC4303-2.6-01", $"the next header {context.NextHeader} does not fit the mode"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.InnerMalformed }:
                return (null, new Violation("RFC4303-3.3.2.1-02", "the inner packet is not whole"));
            case ReceiveOutcome.Discarded { Reason: not DiscardReason.Dummy } discarded:
                return (null, new Violation("RFC4303-2-02", $"the packet does not open: {discarded.Reason}"));
        }

        _peer = context.State;
        return JudgeOpened(context);
    }

    /// <summary>What was sealed opens to what was sent: the packet must be one of those that entered on the host side.</summary>
    public Violation? JudgeContent(OpenedPacket opened, IEnumerable<ByteString> sent)
    {
        ByteString[] plains = [.. sent];
        if (opened.IsDummy || plains.Any(plain => PacketComparison.SameButForOneHop(plain.Span, opened.Plain.Span)))
        {
            return null;
        }

        SecurityAssociation sa = opened.Spi == _session.Sentinel.Outbound.Spi ? _session.Sentinel.Outbound : _session.UnderTest.Outbound;
        byte[] inside = [.. plains.Select(plain => ModeEnclosure.Enclose(sa, plain.Span)?.NextHeader).OfType<byte>()];
        if (inside.Length > 0 && !inside.Contains(opened.NextHeader))
        {
            return new Violation("RFC4303-2.6-01", $"the next header is {opened.NextHeader}");
        }

        return new Violation(
            sa.Mode == EspMode.Transport ? "RFC4303-3.3.2.1-01" : "RFC4303-3.3.2.1-02",
            $"the packet opens to {opened.Plain.Length} bytes that were not sent");
    }

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
        bool rollsOver = sa.ReplayWindowPackets == 0 && !sa.ExtendedSequenceNumbers && last == uint.MaxValue;
        _lastSequence[sa.Spi] = opened.Sequence.Value;
        if (!rollsOver && opened.Sequence.Value != last + 1)
        {
            return (opened, new Violation("RFC4303-2.2-01", $"sequence number {opened.Sequence} follows {last}"));
        }

        if (sa.Suite.Encryption.IvRule != IvRule.None && !_ivs[sa.Spi].Add(opened.Iv))
        {
            return (opened, new Violation(IvRequirement(sa.Suite.Encryption), $"IV {opened.Iv} occurs twice under one key"));
        }

        return (opened, null);
    }

    private Violation? JudgeClear(ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _))
        {
            return new Violation("RFC4303-3.3.1-01", "something that is no IP packet left on the wire side");
        }

        // ESP in UDP whose length field cuts the ESP packet off looks like anything but ESP.
        if (packet.Protocol == IpProtocol.Udp && _session.Scenario.UdpEncapsulated && packet.Payload.Length >= OuterDatagram.UdpHeaderBytes
            && System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[4..]) != packet.Payload.Length)
        {
            return new Violation("RFC3948-2.1-06", $"the UDP length is not that of the {packet.Payload.Length} bytes in the IP packet");
        }

        foreach (Connection connection in new[] { _session.UnderTest, _session.Sentinel })
        {
            if (packet.Source == connection.Plain.Local && packet.Destination == connection.Plain.Remote && packet.Protocol == IpProtocol.Experiment253)
            {
                return new Violation("RFC4303-3.3.1-01", "a packet that policy protects left in clear");
            }
        }

        return null;
    }

    // A wrong ICV says little; which wrong ICV it is says what the stack forgot.
    private Violation ExplainUnopenable(ReceiveContext context)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        bool combined = sa.Suite.Encryption.IsCombinedMode;
        if (sa.ExtendedSequenceNumbers)
        {
            byte[] packet = context.Esp.ToArray();
            if (_keyring.ProtectionOf(sa).TryOpen(packet, 0, extendedSequenceNumber: false))
            {
                return new Violation(Clauses.HighHalfLeftOut(sa.Suite), "the ICV leaves out the high half of the sequence number");
            }
        }

        return new Violation(combined ? "RFC4303-3.3.2.2-01" : "RFC4303-3.3.2.1-05", "the packet does not open with the keys of its SA");
    }

    private static string IvRequirement(EncryptionTransform transform) => transform.Rfc.Split(' ') is ["RFC", var number, ..]
        ? number switch
        {
            "3686" => "RFC3686-2.1-01",
            "4106" => "RFC4106-3.1-02",
            "4309" => "RFC4309-3.1-02",
            "4543" => "RFC4543-3.1-02",
            "7634" => "RFC7634-2-02",
            _ => "RFC3602-3-03",
        }
        : "RFC3602-3-03";
}
