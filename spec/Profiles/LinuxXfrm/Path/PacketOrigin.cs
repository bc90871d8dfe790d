using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>What a local program sent with.</summary>
public enum SocketKind
{
    /// <summary>A raw socket with its own IP header: the flow has protocol 255, no ports, and the source address of the route.</summary>
    HeaderIncluded,

    /// <summary>An ordinary socket: the flow is that of the packet.</summary>
    Ordinary,

    /// <summary>A raw socket of one protocol, whose IP header the kernel writes: no ports, but type and code of ICMP.</summary>
    Raw,
}

/// <summary>Where a packet that is to leave comes from.</summary>
public abstract record PacketOrigin
{
    private PacketOrigin()
    {
    }

    /// <summary>A local program.</summary>
    public sealed record Local(SocketKind Kind = SocketKind.HeaderIncluded, uint Mark = 0, int Device = 0) : PacketOrigin
    {
        /// <summary>Protocol of the flow for <see cref="SocketKind.HeaderIncluded"/>: IPPROTO_RAW for most programs.</summary>
        public byte RawProtocol { get; init; } = 255;

        /// <summary>Source address that the socket is bound to, or null.</summary>
        public IpAddress? BoundSource { get; init; }

        /// <summary>The socket's own outbound policy (IP_XFRM_POLICY), or null.</summary>
        public XfrmPolicy? Policy { get; init; }
    }

    /// <summary>A packet in transit; it came in on a device.</summary>
    public sealed record Forwarded(int Device) : PacketOrigin;

    /// <summary>The host's own ICMP error about a packet.</summary>
    /// <param name="About">The packet that it is about.</param>
    public sealed record Error(ByteString About) : PacketOrigin;
}
