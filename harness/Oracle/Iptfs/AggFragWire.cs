using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>What must hold of every ESP packet that a target sends in AGGFRAG mode, and the inner packets in it.</summary>
internal sealed class AggFragWire
{
    private readonly IptfsSession _session;
    private readonly Keyring _keys;
    private readonly IvHistory _ivs;
    private ReceiverState _peer;
    private ReassemblyState _state = ReassemblyState.Empty;
    private ulong _last;

    public AggFragWire(IptfsSession session, Keyring keys)
    {
        (_session, _keys) = (session, keys);
        _ivs = new IvHistory(session.UnderTest.Outbound.Suite.Encryption);
        _peer = ReceiverState.Empty.With(InboundAssociation.Create(session.UnderTest.Outbound)).With(InboundAssociation.Create(session.Sentinel.Outbound));
    }

    /// <summary>Payloads with more than one packet, or part of one.</summary>
    public int SharedPayloads { get; private set; }

    /// <summary>Opens a datagram; the packets that it completes, and what is wrong with it.</summary>
    public (IReadOnlyList<ByteString> Packets, Violation? Violation) Judge(ByteString datagram)
    {
        ReceiveContext context = EspReceiver.Rfc.Run(_peer, datagram, _keys);
        SecurityAssociation sa = _session.UnderTest.Outbound;
        switch (context.Outcome)
        {
            case ReceiveOutcome.NotEsp:
                return ([], IsInClear(datagram) ? new Violation("RFC9347-2.3-01", "a packet that policy protects left in clear", IsPrecise: false) : null);
            case ReceiveOutcome.Discarded { Reason: DiscardReason.NextHeaderInvalid }:
                return ([], new Violation("RFC9347-2.3-01", $"next header {context.NextHeader} left on an SA in AGGFRAG mode"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.InnerMalformed }:
                return ([], new Violation("RFC9347-6.1-01", "the payload is of no known format"));
            case ReceiveOutcome.Discarded { Reason: DiscardReason.Malformed }:
                return ([], null);
            case ReceiveOutcome.Discarded discarded:
                return ([], new Violation("RFC4303-2-02", $"the packet does not open: {discarded.Reason}"));
        }

        _peer = context.State;
        return ReceiveStages.Found(context).Sa == sa ? JudgeOpened(context, sa) : ([], null);
    }

    private (IReadOnlyList<ByteString> Packets, Violation? Violation) JudgeOpened(ReceiveContext context, SecurityAssociation sa)
    {
        ulong sequence = context.Sequence.Value;
        ulong expected = ++_last;
        if (sequence != expected)
        {
            return ([], new Violation("RFC9347-2.2.3-06", $"sequence number {sequence} where {expected} is next"));
        }

        if (_ivs.Judge(new ByteString(context.Esp.Slice(EspProtection.HeaderBytes, sa.Suite.IvBytes)), context.Esp[..^sa.Suite.IcvBytes]) is { } repeated)
        {
            return ([], repeated);
        }

        AggFragView view = new(context.Payload.Span);
        if (view.SubType == AggFragView.Basic && view.Flags != 0)
        {
            return ([], new Violation("RFC9347-6.1.1-02", $"the reserved octet is 0x{view.Flags:x2}"));
        }

        if (!AggFragPayload.TryParse(context.Payload.Span, out AggFragPayload? payload, out ParseError error))
        {
            return ([], new Violation("RFC9347-6.1-01", error.ToString()));
        }

        bool wasUnderWay = _state.Begun is not null;
        Extraction extraction = Reassembler.Receive(_state, sequence, payload!);
        _state = extraction.Next;
        SharedPayloads += extraction.Packets.Length > 1 || wasUnderWay || _state.Begun is not null ? 1 : 0;
        return (extraction.Packets, wasUnderWay && payload!.BlockOffset == 0 && extraction.Fault is not null
            ? new Violation("RFC9347-2.2.3-05", "a payload with other packets stands between the pieces of one")
            : extraction.Fault is { } fault ? new Violation("RFC9347-2.2.3-07", fault)
            : extraction.LostBegun || (!wasUnderWay && payload!.BlockOffset > 0) ? new Violation("RFC9347-2.2.3-05", "the rest of a packet does not follow its begin")
            : JudgeOuterHeader(context.Datagram));
    }

    private static Violation? JudgeOuterHeader(ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView outer, out _))
        {
            return null;
        }

        return TrafficClasses.EcnOf(outer.TrafficClass) != Ecn.NotCapable ? new Violation("RFC9347-3.1-01", $"the outer ECN field is {TrafficClasses.EcnOf(outer.TrafficClass)}")
            : TrafficClasses.DscpOf(outer.TrafficClass) != 0 ? new Violation("RFC9347-2.2.5.3-01", $"the outer DSCP is {TrafficClasses.DscpOf(outer.TrafficClass)}")
            : null;
    }

    private bool IsInClear(ByteString datagram) => IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _)
        && (packet.Source == _session.UnderTest.Plain.Local || packet.Source == Contract.AddressPlan.Ipv6.Protected || packet.Source == Contract.AddressPlan.Ipv4.Protected);
}
