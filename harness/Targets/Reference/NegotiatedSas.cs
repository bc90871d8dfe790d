using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using AddressRange = Conformance.Spec.Policy.Selectors.AddressRange;

namespace Conformance.Harness.Targets.Reference;

/// <summary>What IKE gives to the SPD and the SAD. RFC 7296 §2.9, RFC 4301 §4.4.</summary>
internal static class NegotiatedSas
{
    /// <summary>One PROTECT entry for each configured child, in the mode that its newest SA has; all else is discarded.</summary>
    public static SecurityPolicyDatabase Policy(IkeConfiguration configuration, IkePeer peer) =>
        new([.. configuration.Children.Select((child, i) => EntryOf(child, peer.Children.LastOrDefault(c => c.Configuration == i)?.IsTransport ?? child.IsTransport))]);

    /// <summary>The SAs that are to receive, the oldest first.</summary>
    public static IEnumerable<SadEntry> Inbound(IkePeer peer, SecurityPolicyDatabase policy) =>
        peer.Children.Where(c => peer.Sa(c.Owner) is not null).Select(c => Entry(peer, c, policy, PolicyDirection.Inbound));

    /// <summary>The SAs that are to send, the newest first: what has a successor sends no more. RFC 7296 §2.8.</summary>
    public static IEnumerable<SadEntry> Outbound(IkePeer peer, SecurityPolicyDatabase policy) =>
        peer.Children.Where(c => c.MaySend && peer.Sa(c.Owner) is not null).OrderByDescending(c => c.Number).Select(c => Entry(peer, c, policy, PolicyDirection.Outbound));

    private static SadEntry Entry(IkePeer peer, ChildSa child, SecurityPolicyDatabase policy, PolicyDirection direction)
    {
        IkeSa owner = peer.Sa(child.Owner)!;
        bool isInbound = direction == PolicyDirection.Inbound;
        Route way = owner.Traffic ?? new Route(owner.Own, owner.Peer);
        (Endpoint source, Endpoint destination) = isInbound ? (way.Peer, way.Own) : (way.Own, way.Peer);
        ChildSaKeys keys = isInbound ? child.InboundKeys : child.OutboundKeys;
        return new SadEntry
        {
            Sa = new SecurityAssociation
            {
                Spi = isInbound ? child.Inbound : child.Outbound,
                Mode = child.IsTransport ? EspMode.Transport : EspMode.Tunnel,
                Source = source.Address,
                Destination = destination.Address,
                Suite = child.Suite,
                EncryptionKey = new ByteString(keys.Encryption.Span),
                IntegrityKey = new ByteString(keys.Integrity.Span),
                ExtendedSequenceNumbers = child.IsEsn,
                Encapsulation = child.IsUdpEncapsulated ? new UdpEncapsulation(source.Port, destination.Port) : null,
            },
            Selectors = Sets(child.Own, child.Peer),
            Origin = policy.Entries[child.Configuration],
        };
    }

    private static SpdEntry EntryOf(ChildConfiguration child, bool isTransport) => new()
    {
        Name = child.Name,
        Selectors = Sets(child.Own, child.Peer),
        // The ends of a tunnel are those of the IKE SA, which may move.
        Action = PolicyAction.Protect.With(new ProtectionStep { Mode = isTransport ? EspMode.Transport : EspMode.Tunnel }),
    };

    private static ImmutableArray<SelectorSet> Sets(ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer) =>
    [
        .. from local in own.OfType<TrafficSelector.Range>()
           from remote in peer.OfType<TrafficSelector.Range>()
           where local.FirstAddress.IsIpv6 == remote.FirstAddress.IsIpv6
           select new SelectorSet(Addresses(local), Addresses(remote), Upper(local, remote)),
    ];

    private static AddressSelector Addresses(TrafficSelector.Range range) => AddressSelector.Of(new AddressRange(range.FirstAddress, range.LastAddress));

    private static UpperLayerSelector Upper(TrafficSelector.Range local, TrafficSelector.Range remote)
    {
        byte protocol = local.Protocol != 0 ? local.Protocol : remote.Protocol;
        return protocol == 0 ? new UpperLayerSelector.Any()
            : FlowSelectors.HasPorts(protocol) ? new UpperLayerSelector.Ports(protocol, Ports(local), Ports(remote))
            : new UpperLayerSelector.Protocol(protocol);
    }

    private static FieldSelector Ports(TrafficSelector.Range range) =>
        range.IsAnyPort ? FieldSelector.Any : range.IsOpaque ? FieldSelector.Opaque : FieldSelector.Between(range.FirstPort, range.LastPort);
}
