using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>IKEv2 beside ESP: its datagrams bypass the SPD, its Child SAs enter the SAD. RFC 7296 §2, RFC 4301 §4.4.</summary>
public sealed partial class ReferenceStack
{
    private readonly ReferenceIke _ike;
    private SecurityPolicyDatabase _negotiated = SecurityPolicyDatabase.Empty;

    private void Configure(IkeConfiguration configuration)
    {
        _ike.Configure(configuration);
        InstallNegotiated();
    }

    private CommandOutcome Ask(IkeRequest request)
    {
        if (_ike.Configuration is null)
        {
            return new CommandOutcome.Refused("IKE has no peer");
        }

        if (_ike.Ask(request) is not { } sent)
        {
            return new CommandOutcome.Refused($"{request}: there is none");
        }

        SendIke(sent);
        return new CommandOutcome.Done();
    }

    // True where the packet is for IKE and goes no further.
    private bool TakeIke(ByteString packet)
    {
        if (_ike.Configuration is null || IkeDatagram.Read(packet) is not { } datagram || !_engine.IsOwn(datagram.To.Address)
            || datagram.To.Port is not (Endpoint.IkePort or Endpoint.NatTraversalPort))
        {
            return false;
        }

        // The marker at port 500 belongs to the message there, of which it makes nonsense. RFC 7296 §2.
        ByteString message = datagram.IsMarkedAsDue ? datagram.Message : ByteString.Adopt([0, 0, 0, 0, .. datagram.Message.Span]);
        SendIke(_ike.Step(new IkeEvent.Received(message, datagram.From, datagram.To)));
        return true;
    }

    private void AgeIke(TimeSpan span)
    {
        if (_ike.Configuration is not null)
        {
            SendIke(_ike.Age(span));
        }
    }

    // A packet with a good ICV tells that the peer has the SA. RFC 7296 §2.8.
    private void NoteTraffic(Spi inbound)
    {
        if (_ike.Configuration is not null)
        {
            SendIke(_ike.Step(new IkeEvent.TrafficReceived(inbound)));
        }
    }

    private void SendIke(IEnumerable<IkeOutput.Send> sent)
    {
        foreach (IkeOutput.Send send in sent)
        {
            ByteString packet = new IkeDatagram(send.Datagram, send.From, send.To).ToPacket();
            _out.Enqueue(new Observation.ToWire(new Packet(_mutant?.IkePacket(packet) ?? packet)));
        }

        InstallNegotiated();
    }

    private void InstallNegotiated()
    {
        _negotiated = NegotiatedSas.Policy(_ike.Configuration!, _ike.Peer);
        _spd = _engine.Understand(_negotiated);
        SadEntry[] inbound = [.. NegotiatedSas.Inbound(_ike.Peer, _negotiated).Select(_engine.Understand)];
        SadEntry[] outbound = [.. NegotiatedSas.Outbound(_ike.Peer, _negotiated).Select(_engine.Understand)];
        foreach (SadEntry gone in _sad.Inbound.Where(e => inbound.All(i => i.Sa.Spi != e.Sa.Spi)))
        {
            _receiver = _receiver.Without(gone.Sa.Spi);
        }

        foreach (SadEntry entry in inbound)
        {
            // The same SA at another address keeps its window.
            InboundAssociation? known = _receiver.Associations.TryGet(entry.Sa.Spi, out InboundAssociation? found) ? found : null;
            _receiver = known is null ? _receiver.With(InboundAssociation.Create(entry.Sa)) : known.Sa == entry.Sa ? _receiver : _receiver.With(known with { Sa = entry.Sa });
        }

        ImmutableDictionary<Spi, OutboundAssociation> kept = ImmutableDictionary<Spi, OutboundAssociation>.Empty;
        foreach (SadEntry entry in outbound)
        {
            OutboundAssociation association = _outboundOnceNegotiated.GetValueOrDefault(entry.Sa.Spi) ?? OutboundAssociation.Create(entry.Sa);
            association = _outbound.GetValueOrDefault(entry.Sa.Spi) ?? association;
            kept = kept.SetItem(entry.Sa.Spi, association.Sa == entry.Sa ? association : association with { Sa = entry.Sa });
        }

        // One that may not send for a while goes on counting afterwards.
        foreach ((Spi spi, OutboundAssociation association) in _outbound)
        {
            _outboundOnceNegotiated[spi] = association;
        }

        (_outbound, _sad) = (kept, new SecurityAssociationDatabase([.. inbound.Select(Received)], [.. outbound.Select(e => e with { Sa = kept[e.Sa.Spi].Sa })]));
    }

    private readonly Dictionary<Spi, OutboundAssociation> _outboundOnceNegotiated = [];

    // The receive path hands back the SA that it found: policy looks it up by that.
    private SadEntry Received(SadEntry entry) => _receiver.Associations.TryGet(entry.Sa.Spi, out InboundAssociation? association) ? entry with { Sa = association.Sa } : entry;
}
