using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>Processing under an ordered SPD. RFC 4301 §5.</summary>
public sealed partial class ReferenceStack
{
    private readonly PolicyEngine _engine;
    private readonly HashSet<IpAddress> _addresses = [];
    private SecurityPolicyDatabase? _spd;
    private SecurityAssociationDatabase _sad = SecurityAssociationDatabase.Empty;
    private FragmentMemory _followed = FragmentMemory.Empty;
    private int _prohibited;
    private readonly HashSet<SpdEntry> _asked = [];

    private void ForgetPolicy()
    {
        (_spd, _sad) = (null, SecurityAssociationDatabase.Empty);
        (_followed, _prohibited) = (FragmentMemory.Empty, 0);
        _asked.Clear();
    }

    private void InstallEntry(PolicyDirection direction, SadEntry asked)
    {
        Install(direction, asked.Sa);
        SadEntry entry = _engine.Understand(asked);
        _sad = _sad.With(direction, entry with { Sa = _installed[^1].Sa });
    }

    // RFC 4301 §5.1.
    private void TransmitUnderPolicy(SecurityPolicyDatabase spd, ByteString plain)
    {
        if (!IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _))
        {
            return;
        }

        FlowSelectors own = _engine.Flow(packet, PolicyDirection.Outbound);
        FlowSelectors? back = _engine.Back(plain, PolicyDirection.Outbound);
        OutboundChoice choice = back is { } returned && !_engine.OwnHeaderFirst && _engine.Decide(spd, PolicyDirection.Outbound, returned) is PolicyDecision.Protect forced
            ? new OutboundChoice(forced, returned, true)
            : OutboundChoice.Of(flow => Judge(spd, PolicyDirection.Outbound, flow, plain), own, back);
        switch (choice.Decision)
        {
            case PolicyDecision.Bypass:
                _out.Enqueue(new Observation.ToWire(new Packet(_engine.Pass(plain))));
                break;
            case PolicyDecision.Discard discard:
                Count(discard.Reason.ToString());
                TellOfDiscard(discard.Reason, plain);
                break;
            case PolicyDecision.Protect protect:
                Protect(protect.Entry, choice, plain);
                break;
        }
    }

    private PolicyDecision Judge(SecurityPolicyDatabase spd, PolicyDirection direction, FlowSelectors flow, ByteString packet)
    {
        (_followed, PolicyDecision decision) = _engine.Follow(_followed, packet, _engine.Decide(spd, direction, flow));
        return decision;
    }

    // Not about errors, and not about later fragments. RFC 1122 §3.2.2.
    private void TellOfDiscard(PolicyDiscardReason reason, ByteString plain)
    {
        if (reason != PolicyDiscardReason.ByEntry || IcmpErrors.TryRead(plain) is not null
            || FragmentStore.Read(plain) is { OffsetBytes: > 0 } || _prohibited >= _engine.MostProhibited)
        {
            return;
        }

        _prohibited++;
        Tell(_engine.Prohibited(AddressPlan.Of(plain[0] >> 4 == 6, false).Target, plain));
    }

    private void Protect(SpdEntry entry, OutboundChoice choice, ByteString plain)
    {
        FlowSelectors flow = choice.Flow;
        ByteString datagram = plain;
        byte dscp = IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _) ? TrafficClasses.DscpOf(packet.TrafficClass) : (byte)0;
        foreach (ProtectionStep step in ((PolicyAction.Protect)entry.Action).Steps)
        {
            if (!_engine.MayCarry(step, _engine.IsOwn(flow.Local))
                || _engine.Select(_sad, entry, step, flow, dscp) is not { } selected
                || !_outbound.TryGetValue(selected.Sa.Spi, out OutboundAssociation? association))
            {
                LackSa(entry, choice, plain);
                return;
            }

            if (Fitted(association, datagram) is not { } passed || Seal(association, passed) is not { } enclosed)
            {
                return;
            }

            datagram = enclosed;
        }

        _out.Enqueue(new Observation.ToWire(new Packet(datagram)));
    }

    // A packet without an SA waits for none: it is discarded, and key management is asked once. RFC 4301 §5.1 step 3b.
    private void LackSa(SpdEntry entry, OutboundChoice choice, ByteString plain)
    {
        Count("NoOutboundSa");
        Ask(entry, choice.Flow, _engine.AsksForSa(choice.IsReturned));
        if (_engine.SendsClearWithoutSa)
        {
            _out.Enqueue(new Observation.ToWire(new Packet(plain)));
        }
    }

    private void Ask(SpdEntry entry, FlowSelectors flow, bool asks)
    {
        if (asks && _asked.Add(entry))
        {
            _out.Enqueue(new Observation.Acquire(flow));
        }
    }

    // One hop, and the size that the path leaves; null where the packet may not go on and its source was told.
    private ByteString? Fitted(OutboundAssociation association, ByteString plain)
    {
        switch (_gateway.FromHost(association.Sa, plain))
        {
            case GatewayOutcome.Passed passed:
                return passed.Packet;
            case GatewayOutcome.Refused refused:
                Count(refused.Reason.ToString());
                Tell(_gateway.Answer(association.Sa, refused));
                return null;
            default:
                return null;
        }
    }

    // What is for this device itself and no ESP. RFC 4301 §6.1.1.
    private bool IsForItself(IpPacketView packet, ByteString datagram) => _engine.IsOwn(packet.Destination) && IcmpErrors.TryRead(datagram) is not null;

    // RFC 4301 §5.2.
    private void ReceiveUnderPolicy(SecurityPolicyDatabase spd, ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _))
        {
            Count(nameof(DiscardReason.Malformed));
            return;
        }

        if (IsForSad(packet))
        {
            Open(spd, datagram);
            return;
        }

        FlowSelectors flow = _engine.Flow(packet, PolicyDirection.Inbound);
        PolicyDecision decision = Judge(spd, PolicyDirection.Inbound, flow, datagram);
        if (IsForItself(packet, datagram) && _engine.Hears(decision is PolicyDecision.Bypass))
        {
            _gateway.TakeNotice(datagram, _outbound);
            return;
        }

        switch (decision)
        {
            case PolicyDecision.Bypass:
                _out.Enqueue(new Observation.ToHost(new Packet(_engine.Pass(datagram))));
                break;
            case PolicyDecision.Discard discard:
                Count(discard.Reason.ToString());
                if (discard is { Reason: PolicyDiscardReason.ArrivedInClear, Entry: { } wanted })
                {
                    Ask(wanted, flow, _engine.AsksForInbound);
                }

                break;
        }
    }

    private bool IsForSad(IpPacketView packet) =>
        (packet.Protocol == IpProtocol.Esp || IsEspInUdp(packet)) && (_engine.IsOwn(packet.Destination) || _addresses.Contains(packet.Destination));

    private bool IsEspInUdp(IpPacketView packet) =>
        _ike.Configuration is not null && packet.Protocol == IpProtocol.Udp && new UdpView(packet.Payload).DestinationPort == UdpEncapsulatedContents.Port;

    private void Open(SecurityPolicyDatabase spd, ByteString datagram)
    {
        ReceiveContext context = _receive.Run(_receiver, datagram, _inboundKeys);
        _receiver = context.State;
        if (context.Outcome is ReceiveOutcome.Discarded discarded)
        {
            Count(discarded.Reason.ToString());
            return;
        }

        if (context.Outcome is not null || !IpPacketView.TryParse(context.Inner.Span, out IpPacketView inner, out _))
        {
            return;
        }

        if (context.Association is { } used)
        {
            NoteTraffic(used.Sa.Spi);
        }

        SadEntry? entry = _sad.Inbound.FirstOrDefault(e => e.Sa == context.Association?.Sa);
        FlowSelectors flow = _engine.Flow(inner, PolicyDirection.Inbound);
        ProtectedPacketVerdict verdict = entry is null ? ProtectedPacketVerdict.PolicyAsksOtherwise : _engine.Check(spd, entry, flow);
        if (verdict == ProtectedPacketVerdict.Accepted && _engine.ChecksOffsets && entry is not null)
        {
            verdict = ProtectedPacketCheck.Check(spd, entry, flow, inner.Fragment) is ProtectedPacketVerdict.FragmentTooNear and var near ? near : verdict;
        }

        if (entry is not null)
        {
            verdict = _engine.CheckError(spd, entry, flow, _engine.Back(context.Inner, PolicyDirection.Inbound), verdict);
        }

        if (verdict != ProtectedPacketVerdict.Accepted)
        {
            Count(verdict.ToString());
        }
        else if (IsForSad(inner))
        {
            // A layer inside a layer. RFC 4301 §5.2, after step 5.
            Open(spd, context.Inner);
        }
        else if (_gateway.ToHost(context.Inner) is { } delivered)
        {
            _out.Enqueue(new Observation.ToHost(new Packet(delivered)));
        }
        else
        {
            Count(nameof(DiscardReason.HopLimitReached));
            TransmitUnderPolicy(spd, IcmpErrors.TimeExceeded(AddressPlan.Of(inner.IsIpv6, false).Target, context.Inner));
        }
    }
}
