using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;

namespace Conformance.Harness.Tracing.Live;

/// <summary>What one packet brought about, as the model says or as a kernel showed; compared field by field.</summary>
internal sealed record ObservedFacts
{
    /// <summary>Packets on the wire, by their meaning.</summary>
    public ImmutableArray<string> Wire { get; init; } = [];

    /// <summary>Packets towards the protected networks.</summary>
    public ImmutableArray<string> Inner { get; init; } = [];

    /// <summary>Packets that reached a program of the host.</summary>
    public ImmutableArray<string> Delivered { get; init; } = [];

    /// <summary>What key management was asked and told.</summary>
    public ImmutableArray<string> Notifications { get; init; } = [];

    /// <summary>Counters that moved.</summary>
    public ImmutableArray<string> Counters { get; init; } = [];

    /// <summary>What the sender was told, or 0.</summary>
    public int Errno { get; init; }

    /// <summary>What the model says.</summary>
    public static ObservedFacts OfModel(PacketTrace trace, PacketMeaning meaning)
    {
        LinuxHost host = trace.Result.Next;
        ImmutableArray<PathEvent.Sent> sent = [.. trace.Result.Events.OfType<PathEvent.Sent>()];
        int inner = TraceHost.Inner(host).Index;
        return new ObservedFacts
        {
            Wire = [.. sent.Where(s => s.Device != inner).Select(s => meaning.Of(s.Packet))],
            Inner = [.. sent.Where(s => s.Device == inner).Select(s => meaning.Of(s.Packet))],
            Delivered = [.. trace.Result.Events.OfType<PathEvent.Delivered>().Select(d => meaning.Of(d.Packet))],
            Notifications = [.. trace.Result.Events.OfType<PathEvent.Notified>().Select(n => Describe(n.Notification))],
            Counters =
            [
                .. host.Counters.Select(c => (c.Key, Value: c.Value - trace.Before.Counters.GetValueOrDefault(c.Key))).Where(c => c.Value != 0)
                    .Select(c => $"{TraceEvents.Counter(c.Key)} +{c.Value}").Order(StringComparer.Ordinal),
            ],
            Errno = trace.Result.Events.OfType<PathEvent.Dropped>().Select(d => d.Errno).FirstOrDefault(),
        };
    }

    /// <summary>What a kernel showed.</summary>
    public static ObservedFacts OfKernel(
        IReadOnlyList<Observation> observations, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after, PacketMeaning meaning) => new()
        {
            Wire = [.. observations.OfType<Observation.ToWire>().Select(o => meaning.Of(o.Packet.Bytes))],
            Inner = [.. observations.OfType<Observation.ToHost>().Select(o => meaning.Of(o.Packet.Bytes))],
            Delivered = [.. observations.OfType<Observation.ToSocket>().Select(o => meaning.Of(o.Packet.Bytes))],
            Notifications = [.. observations.OfType<Observation.Notice>().Select(n => Describe(n.Notification))],
            Counters =
            [
                .. after.Select(c => (c.Key, Value: c.Value - before.GetValueOrDefault(c.Key))).Where(c => c.Value != 0)
                    .Select(c => $"{c.Key} +{c.Value}").Order(StringComparer.Ordinal),
            ],
            Errno = observations.OfType<Observation.SendRefused>().Select(r => r.Errno).FirstOrDefault(),
        };

    /// <summary>Where the two differ, one line each.</summary>
    public IEnumerable<string> Differences(ObservedFacts kernel)
    {
        foreach ((string name, ImmutableArray<string> model, ImmutableArray<string> live) in new[]
        {
            ("on the wire", Wire, kernel.Wire), ("to the protected side", Inner, kernel.Inner), ("delivered", Delivered, kernel.Delivered),
            ("key management", Notifications, kernel.Notifications), ("counters", Counters, kernel.Counters),
        })
        {
            if (!model.SequenceEqual(live))
            {
                yield return $"{name}: model {Joined(model)}; kernel {Joined(live)}";
            }
        }

        if (Errno != kernel.Errno)
        {
            yield return $"sender: model {ErrnoNames.Of(Errno)}; kernel {ErrnoNames.Of(kernel.Errno)}";
        }
    }

    /// <summary>What happened, in a few words.</summary>
    public string Summary()
    {
        List<string> parts = [];
        parts.AddRange(Notifications.Select(n => n.Split(' ')[0]));
        AddCount(parts, Wire.Length, "on the wire");
        AddCount(parts, Inner.Length, "to the protected side");
        AddCount(parts, Delivered.Length, "delivered");
        parts.AddRange(Counters);
        if (Errno != 0)
        {
            parts.Add(ErrnoNames.Of(Errno));
        }

        return parts.Count == 0 ? "nothing to be seen" : string.Join(", ", parts);
    }

    private static void AddCount(List<string> parts, int count, string where)
    {
        if (count > 0)
        {
            parts.Add($"{count} {where}");
        }
    }

    // Numbers of ACQUIREs and of devices are the kernel's own.
    private static string Describe(XfrmNotification notification) => notification switch
    {
        XfrmNotification.Acquired { Acquire: var a } =>
            $"ACQUIRE {a.Source} > {a.Destination} for {Selector(a.Flow)} by the policy for {Selector(a.Policy.Selector)}",
        XfrmNotification.StateExpired e => $"EXPIRE SA {e.State.Spi} hard {e.Hard}",
        XfrmNotification.PolicyExpired e => $"POLEXPIRE {Selector(e.Policy.Selector)} hard {e.Hard}",
        _ => notification.ToString() ?? "",
    };

    private static string Selector(XfrmSelector s) => $"{s.Source.In(s.Family)}/{s.SourceBits} port {s.SourcePort}/{s.SourcePortMask:x} > "
        + $"{s.Destination.In(s.Family)}/{s.DestinationBits} port {s.DestinationPort}/{s.DestinationPortMask:x} protocol {s.Protocol}";

    private static string Joined(ImmutableArray<string> values) => values.IsEmpty ? "nothing" : string.Join(" and ", values);
}
