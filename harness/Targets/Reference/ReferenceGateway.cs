using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>What stands around ESP in the embedded target: reassembly, one hop, path MTU, ICMP errors. RFC 4301 §5.1.2, §6.1, §8.2.</summary>
internal sealed class ReferenceGateway(Mutant? mutant)
{
    private static readonly TimeSpan PathMtuLifetime = TimeSpan.FromMinutes(10);
    private static readonly HashSet<IpAddress> Own =
        [AddressPlan.Ipv4.Target, AddressPlan.Ipv4Sentinel.Target, AddressPlan.Ipv6.Target, AddressPlan.Ipv6Sentinel.Target];

    private readonly Dictionary<Spi, (int Bytes, TimeSpan Age)> _learned = [];
    private FragmentStore _fragments = FragmentStore.Empty;
    private uint _identification;

    /// <summary>MTU of the link on the wire side.</summary>
    public int LinkMtuBytes { get; set; } = int.MaxValue;

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        _learned.Clear();
        _fragments = FragmentStore.Empty;
        LinkMtuBytes = int.MaxValue;
    }

    /// <summary>The whole datagram where this was its last piece; else what came, which ESP refuses if it is a piece. RFC 4303 §3.4.1.</summary>
    public ByteString Reassemble(ByteString datagram)
    {
        if (FragmentStore.Read(datagram) is null)
        {
            return datagram;
        }

        (_fragments, ByteString? whole) = mutant?.Reassemble(_fragments, datagram) ?? _fragments.Add(datagram);
        return whole ?? datagram;
    }

    /// <summary>Learns from an unprotected path MTU message. RFC 4301 §8.2.1.</summary>
    public void TakeNotice(ByteString datagram, ImmutableDictionary<Spi, OutboundAssociation> associations)
    {
        if (IcmpErrors.TryRead(datagram) is not { } error || !Own.Contains(error.Destination))
        {
            return;
        }

        IEnumerable<SecurityAssociation> outbound = associations.Values.Select(association => association.Sa);
        if ((mutant is null ? PathMtuMessages.Map(error, outbound) : mutant.Learn(error, outbound)) is { } news)
        {
            _learned[news.Sa.Spi] = (news.MtuBytes, TimeSpan.Zero);
        }
    }

    /// <summary>Lets what was learned grow old. RFC 4301 §8.2.2.</summary>
    public void Age(TimeSpan span)
    {
        foreach ((Spi spi, (int bytes, TimeSpan age)) in _learned.ToArray())
        {
            _learned[spi] = (bytes, age + span);
            if (age + span >= PathMtuLifetime && (mutant?.PathMtuAges ?? true))
            {
                _learned.Remove(spi);
            }
        }
    }

    /// <summary>A plain packet on its way to an SA.</summary>
    public GatewayOutcome FromHost(SecurityAssociation sa, ByteString plain)
    {
        IpAddress gateway = AddressPlan.Of(plain[0] >> 4 == 6, false).Target;
        Func<ByteString, ByteString?>? forward = sa.Mode == EspMode.Transport ? null : packet => Forward(packet, outbound: true);

        // AGGFRAG mode cuts what is longer than the path. RFC 9347 §2.2.6.
        int mtu = sa is { Mode: EspMode.AggFrag, Aggregation.DontFragment: false } && mutant?.TellsTooBig != true ? int.MaxValue : PathMtuOf(sa);
        return SecurityGateway.Outbound(sa, plain, forward, mutant?.PathMtu(sa, mtu) ?? mtu, gateway);
    }

    /// <summary>The error for the source of a refused packet; a host that sends for itself needs none.</summary>
    public ByteString? Answer(SecurityAssociation sa, GatewayOutcome.Refused refused) =>
        sa.Mode == EspMode.Transport ? null : mutant is null ? refused.Error : mutant.Answer(refused.Error);

    /// <summary>A sealed datagram in pieces that fit the path.</summary>
    public IReadOnlyList<ByteString> ToWire(SecurityAssociation sa, ByteString datagram)
    {
        int mtu = PathMtuOf(sa);
        return mutant?.Fragment(datagram, mtu, ++_identification) ?? Fragmenter.Split(datagram, mtu, ++_identification);
    }

    /// <summary>A decapsulated packet on its way to its destination; null where it may not be forwarded.</summary>
    public ByteString? ToHost(ByteString inner) =>
        !IpPacketView.TryParse(inner.Span, out IpPacketView packet, out _) || Own.Contains(packet.Destination)
            ? inner
            : Forward(inner, outbound: false);

    /// <summary>True for a delivered packet with a pair of ECN fields that no sender makes. RFC 6040 §4.2.</summary>
    public static bool HasUnusedEcnPair(ReceiveContext context) =>
        context.Association is { Sa.Mode: EspMode.Tunnel }
        && IpPacketView.TryParse(context.Payload.Span, out IpPacketView inner, out _)
        && IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _)
        && EcnTunnel.IsUnused(TrafficClasses.EcnOf(inner.TrafficClass), TrafficClasses.EcnOf(outer.TrafficClass));

    private ByteString? Forward(ByteString packet, bool outbound) => mutant is null ? Hop.Forward(packet) : mutant.Forward(packet, outbound);

    /// <summary>The path MTU of an SA.</summary>
    public int PathMtuOf(SecurityAssociation sa) =>
        Math.Min(LinkMtuBytes, _learned.TryGetValue(sa.Spi, out (int Bytes, TimeSpan Age) learned) ? learned.Bytes : int.MaxValue);
}
