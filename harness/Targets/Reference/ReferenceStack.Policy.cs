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

    private void ForgetPolicy()
    {
        (_spd, _sad) = (null, SecurityAssociationDatabase.Empty);
        (_followed, _prohibited) = (FragmentMemory.Empty, 0);
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

        FlowSelectors flow = _engine.Flow(packet, PolicyDirection.Outbound);
        switch (Judge(spd, PolicyDirection.Outbound, flow, plain))
        {
            case PolicyDecision.Bypass:
                _out.Enqueue(new Observation.ToWire(new Packet(_engine.Pass(plain))));
                break;
            case PolicyDecision.Discard discard:
                Count(discard.Reason.ToString());
                TellOfDiscard(discard.Reason, plain);
                break;
            case PolicyDecision.Protect protect:
                Protect(protect.Entry, flow, plain);
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

    private void Protect(SpdEntry entry, FlowSelectors flow, ByteString plain)
    {
        ByteString datagram = plain;
        byte dscp = IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _) ? TrafficClasses.DscpOf(packet.TrafficClass) : (byte)0;
        foreach (ProtectionStep step in ((PolicyAction.Protect)entry.Action).Steps)
        {
            if (!_engine.MayCarry(step, _engine.IsOwn(flow.Local))
                || _engine.Select(_sad, entry, step, flow, dscp) is not { } selected
                || !_outbound.TryGetValue(selected.Sa.Spi, out OutboundAssociation? association)
                || Seal(association, datagram) is not { } enclosed)
            {
                // Without an SA the packet waits for none: it is discarded. RFC 4301 §5.1 step 3.
                Count("NoOutboundSa");
                return;
            }

            datagram = enclosed;
        }

        _out.Enqueue(new Observation.ToWire(new Packet(datagram)));
    }

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

        switch (Judge(spd, PolicyDirection.Inbound, _engine.Flow(packet, PolicyDirection.Inbound), datagram))
        {
            case PolicyDecision.Bypass:
                _out.Enqueue(new Observation.ToHost(new Packet(_engine.Pass(datagram))));
                break;
            case PolicyDecision.Discard discard:
                Count(discard.Reason.ToString());
                break;
        }
    }

    private bool IsForSad(IpPacketView packet) =>
        packet.Protocol == IpProtocol.Esp && (_engine.IsOwn(packet.Destination) || _addresses.Contains(packet.Destination));

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

        SadEntry? entry = _sad.Inbound.FirstOrDefault(e => e.Sa == context.Association?.Sa);
        FlowSelectors flow = _engine.Flow(inner, PolicyDirection.Inbound);
        ProtectedPacketVerdict verdict = entry is null ? ProtectedPacketVerdict.PolicyAsksOtherwise : _engine.Check(spd, entry, flow);
        if (verdict == ProtectedPacketVerdict.Accepted && _engine.ChecksOffsets && entry is not null)
        {
            verdict = ProtectedPacketCheck.Check(spd, entry, flow, inner.Fragment) is ProtectedPacketVerdict.FragmentTooNear and var near ? near : verdict;
        }

        if (verdict == ProtectedPacketVerdict.Accepted && IsForSad(inner))
        {
            // A layer inside a layer. RFC 4301 §5.2, after step 5.
            Open(spd, context.Inner);
        }
        else if (verdict == ProtectedPacketVerdict.Accepted)
        {
            _out.Enqueue(new Observation.ToHost(new Packet(context.Inner)));
        }
        else
        {
            Count(verdict.ToString());
        }
    }
}
