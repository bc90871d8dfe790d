using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>How good an event is for the packet; the page gives each a colour.</summary>
public enum EventKind
{
    /// <summary>The packet got where it should.</summary>
    Arrived,

    /// <summary>The packet ended.</summary>
    Ended,

    /// <summary>Something else happened on the way.</summary>
    Aside,
}

/// <summary>An event for people.</summary>
/// <param name="Kind">How good it is for the packet.</param>
/// <param name="Text">One line.</param>
/// <param name="Packet">The bytes that go with it, or null.</param>
public sealed record ShownEvent(EventKind Kind, string Text, ByteString? Packet = null);

/// <summary>Says what the world saw.</summary>
public static class TraceEvents
{
    /// <summary>The event in words.</summary>
    public static ShownEvent Show(LinuxHost host, PathEvent happened) => happened switch
    {
        PathEvent.Sent sent => new(EventKind.Arrived, $"leaves on {host.Device(sent.Device).Name}: {Describe(sent.Packet)}", sent.Packet),
        PathEvent.Delivered delivered => new(EventKind.Arrived, $"delivered to the upper layer: {Describe(delivered.Packet)}", delivered.Packet),
        PathEvent.Dropped dropped => new(EventKind.Ended, Drop(dropped)),
        PathEvent.Counted counted => new(EventKind.Aside, $"{Counter(counted.Counter)} +1"),
        PathEvent.Queued => new(EventKind.Aside, "waits with its policy until the SA is there"),
        PathEvent.Held held => new(EventKind.Aside, $"a fragment waits for the others: {Describe(held.Fragment)}", held.Fragment),
        PathEvent.IcmpError error => new(EventKind.Aside, $"the host answers: {Describe(error.Packet)}", error.Packet),
        PathEvent.Notified { Notification: XfrmNotification.Acquired asked } => new(EventKind.Aside, Acquire(host, asked.Acquire)),
        PathEvent.Notified { Notification: XfrmNotification.StateExpired expired } =>
            new(EventKind.Aside, $"EXPIRE {(expired.Hard ? "hard" : "soft")} of SA {expired.State.Spi}"),
        PathEvent.Notified { Notification: XfrmNotification.PolicyExpired expired } =>
            new(EventKind.Aside, $"POLEXPIRE {(expired.Hard ? "hard" : "soft")} of policy {expired.Policy.Index}"),
        PathEvent.Mapped mapped => new(EventKind.Aside, $"MAPPING: the peer of SA {mapped.State.Spi} is now {mapped.Source} port {mapped.SourcePort}"),
        PathEvent.PathMtuLearned learned => new(EventKind.Aside, $"path MTU to {learned.Destination} is {learned.MtuBytes} bytes"),
        PathEvent.Unsupported unsupported => new(EventKind.Ended, $"the model goes no further: {unsupported.What}"),
        _ => throw new InvalidOperationException($"an event without words: {happened}"),
    };

    /// <summary>The name of a counter in /proc/net/xfrm_stat.</summary>
    public static string Counter(XfrmCounter counter) => $"Xfrm{counter}";

    /// <summary>A packet on one line.</summary>
    public static string Describe(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out ParseError error))
        {
            return $"{packet.Length} bytes, {error}";
        }

        string upper = view.Fragment.OffsetBytes > 0 ? $"protocol {view.Protocol}" : view.Protocol switch
        {
            IpProtocol.Esp => Esp(view.Payload),
            IpProtocol.Udp => Udp(view.Payload),
            IpProtocol.Tcp => $"TCP {new TcpView(view.Payload).SourcePort} > {new TcpView(view.Payload).DestinationPort}",
            IpProtocol.Icmp or IpProtocol.IcmpV6 => $"ICMP type {new IcmpView(view.Payload).Type} code {new IcmpView(view.Payload).Code}",
            _ => $"protocol {view.Protocol}",
        };
        string fragment = view.Fragment.IsFragment ? $", fragment at {view.Fragment.OffsetBytes}{(view.Fragment.MoreFragments ? ", more follow" : "")}" : "";
        return $"{view.Source} > {view.Destination} {upper}, {view.Bytes.Length} bytes{fragment}";
    }

    private static string Esp(ReadOnlySpan<byte> payload) => $"ESP spi {new EspHeaderView(payload).Spi} seq {new EspHeaderView(payload).SequenceLow}";

    private static string Udp(ReadOnlySpan<byte> payload)
    {
        UdpView udp = new(payload);
        bool esp = udp.SourcePort != 0 && UdpEncapsulatedContents.Classify(udp.Data) == UdpEncapsulatedContent.Esp && (udp.SourcePort == 4500 || udp.DestinationPort == 4500);
        return $"UDP {udp.SourcePort} > {udp.DestinationPort}{(esp ? " " + Esp(udp.Data) : "")}";
    }

    private static string Drop(PathEvent.Dropped dropped) =>
        $"dropped: {dropped.Reason}; {(dropped.Counter is { } counter ? $"{Counter(counter)} +1" : "no counter moves")}"
        + (dropped.Errno != 0 ? $"; the sender gets {ErrnoNames.Of(dropped.Errno)}" : "");

    private static string Acquire(LinuxHost host, XfrmAcquire acquire)
    {
        DeviceNames devices = new([.. host.Devices.Select(d => (d.Name, d.Index))]);
        XfrmPolicy asked = new() { Selector = acquire.Flow, Direction = XfrmDirection.Out };
        string selector = PolicyDump.Of([asked], DumpStyle.Plain with { Devices = devices }).ToString().Split('\n')[0].TrimEnd();
        XfrmTemplate? template = acquire.Policy.Templates.FirstOrDefault();
        return $"ACQUIRE {acquire.Sequence} to key management: {acquire.Source} > {acquire.Destination} for {selector}, policy {acquire.Policy.Index}"
            + (template is null ? "" : $" reqid {template.RequestId} {template.Mode.ToString().ToLowerInvariant()}");
    }
}
