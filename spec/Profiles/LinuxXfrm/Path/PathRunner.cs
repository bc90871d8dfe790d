using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>What became of a packet and of the host.</summary>
/// <param name="Next">The host afterwards.</param>
/// <param name="Events">What the world saw, in order.</param>
/// <param name="Reports">What each stage did, in order.</param>
/// <param name="HashOutcomes">How many outcomes the SA lookups may have had together, see <see cref="LinuxHost.HashOutcome"/>.</param>
public sealed record PathResult(LinuxHost Next, IReadOnlyList<PathEvent> Events, IReadOnlyList<StageReport> Reports, int HashOutcomes);

/// <summary>Takes packets through the stages of both paths until none is left.</summary>
/// <param name="transmit">Transmit path.</param>
/// <param name="receive">Receive path.</param>
internal sealed class PathRunner(TransmitPath transmit, ReceivePath receive)
{
    // A packet that fell into a loop of transforms to itself would go on for ever.
    private const int MostPackets = 1000;

    public PathResult Run(LinuxHost host, NextPacket first)
    {
        Stack<NextPacket> waiting = new([first]);
        ImmutableArray<PathEvent> events = [];
        ImmutableArray<StageReport> reports = [];
        int outcomes = 1;
        for (int packets = 0; waiting.TryPop(out NextPacket? next); packets++)
        {
            if (packets == MostPackets)
            {
                return new PathResult(host, events.Add(new PathEvent.Unsupported("a packet goes round in circles")), reports, outcomes);
            }

            (PacketInFlight packet, IEnumerable<PathStage> stages) = Enter(host, next);
            packet = Through(packet with { Events = events, Reports = reports, HashOutcomes = outcomes }, stages);
            (host, events, reports, outcomes) = (packet.Host, packet.Events, packet.Reports, packet.HashOutcomes);
            foreach (NextPacket follower in packet.Next.Reverse())
            {
                waiting.Push(follower);
            }
        }

        return new PathResult(host, events, reports, outcomes);
    }

    private static PacketInFlight Through(PacketInFlight packet, IEnumerable<PathStage> stages)
    {
        foreach (PathStage stage in stages)
        {
            packet = stage.Apply(packet);
            if (packet.Ended)
            {
                return packet;
            }
        }

        throw new InvalidOperationException("the last stage let a packet go");
    }

    private (PacketInFlight Packet, IEnumerable<PathStage> Stages) Enter(LinuxHost host, NextPacket next)
    {
        PacketInFlight packet = new() { Host = host, Bytes = next.Bytes, Mark = next.Mark };
        return next switch
        {
            NextPacket.Leaves leaves => (
                packet with
                {
                    SecurityPath = leaves.SecurityPath,
                    Verified = leaves.Verified,
                    OnTheWayOut = new Outbound { Origin = leaves.Origin },
                    Mark = leaves.Origin is PacketOrigin.Local local ? local.Mark : leaves.Mark,
                },
                transmit.Stages),
            NextPacket.Arrives arrives => (
                packet with
                {
                    SecurityPath = arrives.SecurityPath,
                    Verified = arrives.Verified,
                    OnTheWayIn = new Inbound { Device = host.Device(arrives.Device), AfterDecapsulation = arrives.AfterDecapsulation, IsRequeued = arrives.IsRequeued },
                },
                receive.Stages),
            NextPacket.Piece piece => (packet with { OnTheWayOut = piece.Out }, transmit.Stages.SkipWhile(stage => stage.Name != piece.AfterStage).Skip(1)),
            _ => throw new InvalidOperationException($"no path for {next}"),
        };
    }
}
