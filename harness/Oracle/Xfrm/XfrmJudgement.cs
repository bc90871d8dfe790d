using Conformance.Harness.Contract;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>Holds what a target did with a packet against what the model of the path says.</summary>
/// <param name="comparison">Compares packets.</param>
/// <param name="senderIsTold">True when the packet came from a socket, whose owner sees errors.</param>
internal sealed class XfrmJudgement(SealedComparison comparison, bool senderIsTold)
{
    /// <summary>What differs, in words; null when the target did just what the model says.</summary>
    /// <param name="before">Counters of the model before the packet.</param>
    /// <param name="model">What the model says.</param>
    /// <param name="observations">What was seen.</param>
    /// <param name="moved">How far each of the target's counters moved.</param>
    public string? Difference(LinuxHost before, PathResult model, IReadOnlyList<Observation> observations, IReadOnlyDictionary<string, long> moved) =>
        Packets("on the wire", Sent(model, XfrmHosts.Wire), [.. observations.OfType<Observation.ToWire>().Select(o => o.Packet.Bytes)])
        ?? Packets("on the protected side", Sent(model, XfrmHosts.Protected), [.. observations.OfType<Observation.ToHost>().Select(o => o.Packet.Bytes)])
        ?? Packets("to a socket", Delivered(model), [.. observations.OfType<Observation.ToSocket>().Select(o => o.Packet.Bytes)])
        ?? (senderIsTold ? Errno(model, observations) : null)
        ?? Notices(model, observations)
        ?? Expiries(model, observations)
        ?? Counters(before, model.Next, moved);

    /// <summary>What the model says, in a few words.</summary>
    public static string Describe(PathResult model) => Join(model.Events.Where(e => e is not PathEvent.Counted).Select(e => e switch
    {
        PathEvent.Sent sent => $"{(sent.Device == XfrmHosts.Wire ? "to the wire" : "to the protected side")} {Describe(sent.Packet)}",
        PathEvent.Delivered delivered => $"to a socket {Describe(delivered.Packet)}",
        PathEvent.Dropped dropped => $"dropped{(dropped.Counter is { } counter ? $" Xfrm{counter}" : "")}{(dropped.Errno == 0 ? "" : $" errno {dropped.Errno}")}: {dropped.Reason}",
        PathEvent.Notified { Notification: XfrmNotification.Acquired acquired } => $"ACQUIRE {acquired.Acquire.Source} > {acquired.Acquire.Destination}",
        PathEvent.Notified { Notification: XfrmNotification.StateExpired expired } => $"{(expired.Hard ? "hard" : "soft")} expiry of SA {expired.State.Spi}",
        _ => e.ToString() ?? "",
    }));

    /// <summary>What was seen, in a few words.</summary>
    public static string Describe(IReadOnlyList<Observation> observations, IReadOnlyDictionary<string, long> moved) => Join(observations.Select(o => o switch
    {
        Observation.ToWire wire => $"to the wire {Describe(wire.Packet.Bytes)}",
        Observation.ToHost host => $"to the protected side {Describe(host.Packet.Bytes)}",
        Observation.ToSocket socket => $"to a socket {Describe(socket.Packet.Bytes)}",
        Observation.SendRefused refused => $"errno {refused.Errno}",
        Observation.Notice { Notification: XfrmNotification.Acquired acquired } => $"ACQUIRE {acquired.Acquire.Source} > {acquired.Acquire.Destination}",
        Observation.Notice { Notification: XfrmNotification.StateExpired expired } => $"{(expired.Hard ? "hard" : "soft")} expiry of SA {expired.State.Spi}",
        _ => o.ToString() ?? "",
    }).Concat(moved.Select(m => $"{m.Key} +{m.Value}")));

    private static string Join(IEnumerable<string> parts) => string.Join("; ", parts) is { Length: > 0 } text ? text : "nothing";

    private static string Describe(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out ParseError error)
        ? $"{view.Source} > {view.Destination} protocol {view.Protocol}"
        : error.ToString();

    private static List<ByteString> Sent(PathResult model, int device) =>
        [.. model.Events.OfType<PathEvent.Sent>().Where(e => e.Device == device).Select(e => e.Packet)];

    private static List<ByteString> Delivered(PathResult model) => [.. model.Events.OfType<PathEvent.Delivered>().Select(e => e.Packet)];

    private string? Packets(string where, List<ByteString> wanted, List<ByteString> got)
    {
        if (wanted.Count != got.Count)
        {
            return $"{got.Count} packets {where}, not {wanted.Count}";
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (comparison.Difference(wanted[i], got[i]) is { } difference)
            {
                return $"{where}: {difference}";
            }
        }

        return null;
    }

    private static string? Errno(PathResult model, IReadOnlyList<Observation> observations)
    {
        int wanted = model.Events.OfType<PathEvent.Dropped>().Select(d => d.Errno).FirstOrDefault(e => e != 0);
        int got = observations.OfType<Observation.SendRefused>().Select(r => r.Errno).FirstOrDefault();
        return wanted == got ? null : $"the sender was told errno {got}, not {wanted}";
    }

    // Sequence numbers of ACQUIREs run on from world to world; the interface is the target's own numbering.
    private static string? Notices(PathResult model, IReadOnlyList<Observation> observations)
    {
        List<XfrmAcquire> wanted = [.. model.Events.OfType<PathEvent.Notified>().Select(n => n.Notification).OfType<XfrmNotification.Acquired>().Select(a => a.Acquire)];
        List<XfrmAcquire> got = [.. observations.OfType<Observation.Notice>().Select(n => n.Notification).OfType<XfrmNotification.Acquired>().Select(a => a.Acquire)];
        if (wanted.Count != got.Count)
        {
            return $"{got.Count} ACQUIREs, not {wanted.Count}";
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Source != got[i].Source || wanted[i].Destination != got[i].Destination)
            {
                return $"ACQUIRE for {got[i].Source} > {got[i].Destination}, not {wanted[i].Source} > {wanted[i].Destination}";
            }

            if (wanted[i].Flow with { InterfaceIndex = 0 } != got[i].Flow with { InterfaceIndex = 0 })
            {
                return $"ACQUIRE with the selector {got[i].Flow}, not {wanted[i].Flow}";
            }

            if (wanted[i].Policy.Selector != got[i].Policy.Selector || wanted[i].Policy.Direction != got[i].Policy.Direction)
            {
                return $"ACQUIRE of another policy: {got[i].Policy.Selector}";
            }
        }

        return null;
    }

    private static string? Expiries(PathResult model, IReadOnlyList<Observation> observations)
    {
        string wanted = Expiries(model.Events.OfType<PathEvent.Notified>().Select(n => n.Notification));
        string got = Expiries(observations.OfType<Observation.Notice>().Select(n => n.Notification));
        return wanted == got ? null : $"expiry of {(got.Length == 0 ? "nothing" : got)}, not of {(wanted.Length == 0 ? "nothing" : wanted)}";
    }

    private static string Expiries(IEnumerable<XfrmNotification> notifications) =>
        string.Join(", ", notifications.OfType<XfrmNotification.StateExpired>().Select(e => $"SA {e.State.Spi} {(e.Hard ? "hard" : "soft")}"));

    private static string? Counters(LinuxHost before, LinuxHost after, IReadOnlyDictionary<string, long> moved)
    {
        foreach (XfrmCounter counter in Enum.GetValues<XfrmCounter>())
        {
            long wanted = after.Counters.GetValueOrDefault(counter) - before.Counters.GetValueOrDefault(counter);
            long got = moved.GetValueOrDefault($"Xfrm{counter}");
            if (wanted != got)
            {
                return $"Xfrm{counter} moved by {got}, not {wanted}";
            }
        }

        return null;
    }
}
