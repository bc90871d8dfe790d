using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>A plain packet as ESP opened it.</summary>
/// <param name="Datagram">The packet.</param>
/// <param name="Spi">The SA that it came by.</param>
public readonly record struct Arrival(ByteString Datagram, Spi Spi);

/// <summary>A packet as it is handed on, merged or not.</summary>
/// <param name="Datagram">One IP packet.</param>
/// <param name="Offload">What of it is still to be done.</param>
public readonly record struct Handed(ByteString Datagram, PacketOffload Offload);

/// <summary>How far a stack merges.</summary>
/// <param name="MaximumBytes">Longest merged packet, IP header and all.</param>
/// <param name="MaximumDatagrams">Most UDP datagrams in one.</param>
/// <param name="MergesUdp">False for a stack that merges TCP only.</param>
public sealed record CoalescingLimits(int MaximumBytes = ushort.MaxValue, int MaximumDatagrams = 64, bool MergesUdp = true);

/// <summary>Merges what one poll of a device brought: eager, in one pass over the burst. Kernel: inet_gro_receive, tcp_gro_receive, udp_gro_receive.</summary>
/// <remarks>One of the many ways to merge that <see cref="HandedBurst"/> allows: the embedded target's, and Linux's.</remarks>
public static class Coalescer
{
    /// <summary>The packets handed on; those of one flow in the order in which they came.</summary>
    public static IReadOnlyList<Handed> Coalesce(IReadOnlyList<Arrival> burst, CoalescingLimits limits)
    {
        List<Handed> handed = new(burst.Count);
        Dictionary<FlowKey, HeldPacket> held = [];
        foreach (Arrival arrival in burst)
        {
            if (FlowKey.Of(arrival.Datagram.Span) is not { } flow)
            {
                handed.Add(new Handed(arrival.Datagram, PacketOffload.None));
                continue;
            }

            if (held.TryGetValue(flow, out HeldPacket? before))
            {
                if (before.TryAppend(arrival, limits))
                {
                    continue;
                }

                handed.Add(before.ToHanded());
                held.Remove(flow);
            }

            if (HeldPacket.TryHold(arrival, limits) is { } now)
            {
                held.Add(flow, now);
            }
            else
            {
                handed.Add(new Handed(arrival.Datagram, PacketOffload.None));
            }
        }

        // The end of a poll: nothing waits for packets that may not come.
        handed.AddRange(held.Values.Select(packet => packet.ToHanded()));
        return handed;
    }
}
