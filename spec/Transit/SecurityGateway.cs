using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>What a gateway makes of a plain packet before an SA seals it.</summary>
public abstract record GatewayOutcome
{
    private GatewayOutcome()
    {
    }

    /// <summary>The packet, as it goes into the SA.</summary>
    public sealed record Passed(ByteString Packet) : GatewayOutcome;

    /// <summary>Nothing goes on; the source of the packet may be told.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Error">The ICMP error for its source.</param>
    public sealed record Refused(RefusalReason Reason, ByteString Error) : GatewayOutcome;
}

/// <summary>The way of a plain packet to its SA: one hop, and the size that the path leaves. RFC 4301 §5.1.2.1 note 2, §8.2.1.</summary>
public static class SecurityGateway
{
    /// <summary>Applies hop limit and path MTU.</summary>
    /// <param name="sa">The SA that will seal the packet.</param>
    /// <param name="plain">The packet as it came from its source.</param>
    /// <param name="forward">Takes one hop off; null for a packet that starts here.</param>
    /// <param name="pathMtuBytes">Path MTU of the SA.</param>
    /// <param name="gateway">Who signs the errors: an address of the family of the packet.</param>
    public static GatewayOutcome Outbound(
        SecurityAssociation sa, ByteString plain, Func<ByteString, ByteString?>? forward, int pathMtuBytes, IpAddress gateway)
    {
        ByteString packet = plain;
        if (forward is not null)
        {
            if (forward(plain) is not { } forwarded)
            {
                return new GatewayOutcome.Refused(RefusalReason.HopLimitReached, IcmpErrors.TimeExceeded(gateway, plain));
            }

            packet = forwarded;
        }

        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _))
        {
            return new GatewayOutcome.Passed(packet);
        }

        int headerBytes = view.IsIpv6 ? Ipv6HeaderView.FixedBytes : view.HeaderBytes;
        if (PathMtu.DatagramBytes(sa, view.Bytes.Length, headerBytes) <= pathMtuBytes)
        {
            return new GatewayOutcome.Passed(packet);
        }

        int told = PathMtu.LargestPlainBytes(sa, pathMtuBytes, headerBytes);
        if (view.IsIpv6)
        {
            // A source need not go below the least MTU, so what is no longer is carried in fragments of the outer packet.
            return view.Bytes.Length <= PathMtu.LeastIpv6Bytes
                ? new GatewayOutcome.Passed(packet)
                : new GatewayOutcome.Refused(RefusalReason.TooBig, IcmpErrors.TooBig(gateway, plain, Math.Max(told, PathMtu.LeastIpv6Bytes)));
        }

        return view.DontFragment
            ? new GatewayOutcome.Refused(RefusalReason.TooBig, IcmpErrors.TooBig(gateway, plain, told))
            : new GatewayOutcome.Passed(packet);
    }
}
