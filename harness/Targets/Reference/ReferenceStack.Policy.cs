using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>Processing under an ordered SPD. RFC 4301 §5.</summary>
public sealed partial class ReferenceStack
{
    private readonly PolicyEngine _engine;
    private readonly HashSet<IpAddress> _addresses = [];
    private SecurityPolicyDatabase? _spd;
    private SecurityAssociationDatabase _sad = SecurityAssociationDatabase.Empty;

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
        switch (_engine.Decide(spd, PolicyDirection.Outbound, flow))
        {
            case PolicyDecision.Bypass:
                _out.Enqueue(new Observation.ToWire(new Packet(_engine.Pass(plain))));
                break;
            case PolicyDecision.Discard discard:
                Count(discard.Reason.ToString());
                break;
            case PolicyDecision.Protect protect:
                Protect(protect.Entry, flow, plain);
                break;
        }
    }

    private void Protect(SpdEntry entry, FlowSelectors flow, ByteString plain)
    {
        ByteString datagram = plain;
        foreach (ProtectionStep step in ((PolicyAction.Protect)entry.Action).Steps)
        {
            if (_engine.Select(_sad, entry, step, flow) is not { } selected
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

        switch (_engine.Decide(spd, PolicyDirection.Inbound, _engine.Flow(packet, PolicyDirection.Inbound)))
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
        ProtectedPacketVerdict verdict = entry is null
            ? ProtectedPacketVerdict.PolicyAsksOtherwise
            : _engine.Check(spd, entry, _engine.Flow(inner, PolicyDirection.Inbound));
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
