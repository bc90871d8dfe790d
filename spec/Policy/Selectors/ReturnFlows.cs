using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Selectors;

/// <summary>The traffic that an ICMP error answers: the header inside it with its ends reversed. RFC 4301 §6.2.</summary>
public static class ReturnFlows
{
    private const int IpVersion6 = 6;

    /// <summary>The selectors of the return traffic; null for what is no error, or shows no header.</summary>
    /// <param name="datagram">The error, from its own IP header on.</param>
    /// <param name="direction">Which way the error crosses.</param>
    public static FlowSelectors? Of(ByteString datagram, PolicyDirection direction)
    {
        if (IcmpErrors.TryRead(datagram) is not { } error || !IpPacketView.TryParse(Completed(error.Quoted), out IpPacketView quoted, out _))
        {
            return null;
        }

        // The packet inside crossed the other way, so that local is local and remote is remote in both.
        return FlowSelectors.Of(quoted, direction == PolicyDirection.Outbound ? PolicyDirection.Inbound : PolicyDirection.Outbound);
    }

    // A quotation ends where its sender pleased: its lengths are made to say so.
    private static byte[] Completed(ByteString quoted)
    {
        bool ipv6 = quoted.Length > 0 && quoted[0] >> 4 == IpVersion6;
        int least = ipv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes;
        if (quoted.Length < least || (!ipv6 && quoted.Length < (quoted[0] & 0x0f) * 4))
        {
            return [];
        }

        byte[] bytes = quoted.ToArray();
        IpPackets.FinishHeader(bytes);
        return bytes;
    }
}
