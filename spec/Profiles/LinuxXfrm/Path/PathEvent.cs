using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>What the world sees of a packet's way through the host.</summary>
public abstract record PathEvent
{
    private PathEvent()
    {
    }

    /// <summary>A packet leaves on a device: to the wire, or forwarded to the protected side.</summary>
    public sealed record Sent(int Device, ByteString Packet) : PathEvent;

    /// <summary>A packet reaches the host's own upper layer.</summary>
    /// <param name="Device">The device that it is said to have come from.</param>
    /// <param name="Packet">As a socket sees it.</param>
    public sealed record Delivered(int Device, ByteString Packet) : PathEvent;

    /// <summary>The packet ends here.</summary>
    /// <param name="Counter">The counter that moved for it, or null.</param>
    /// <param name="Errno">What a local sender is told; 0 where nobody is told.</param>
    /// <param name="Reason">One clause, for people.</param>
    public sealed record Dropped(XfrmCounter? Counter, int Errno, string Reason) : PathEvent;

    /// <summary>A counter moved without ending the packet, or before the one that did.</summary>
    public sealed record Counted(XfrmCounter Counter) : PathEvent;

    /// <summary>The packet waits with its policy until an SA is there (xdst_queue_output).</summary>
    public sealed record Queued : PathEvent;

    /// <summary>A fragment waits for the others.</summary>
    public sealed record Held(ByteString Fragment) : PathEvent;

    /// <summary>The host answers with an ICMP error; how this one fares follows.</summary>
    public sealed record IcmpError(ByteString Packet) : PathEvent;

    /// <summary>Key management is asked, or told something.</summary>
    public sealed record Notified(XfrmNotification Notification) : PathEvent;

    /// <summary>XFRM_MSG_MAPPING: the peer's address or port behind a NAT changed.</summary>
    public sealed record Mapped(XfrmState State, IpAddress Source, ushort SourcePort) : PathEvent;

    /// <summary>The path MTU to a destination was learned from an ICMP error.</summary>
    public sealed record PathMtuLearned(IpAddress Destination, int MtuBytes) : PathEvent;

    /// <summary>The path goes on into something that this model has not.</summary>
    public sealed record Unsupported(string What) : PathEvent;
}
