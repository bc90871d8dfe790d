using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>The way of a packet into the host or through it, as an ordered list of stages.</summary>
/// <param name="Stages">From the device to a socket, or to the transmit path.</param>
public sealed record ReceivePath(ImmutableArray<PathStage> Stages)
{
    /// <summary>What Linux does.</summary>
    public static ReceivePath Linux { get; } = new(
    [
        Arrival.Stage,
        Routing.Stage,
        UdpDecapsulation.Stage,
        ProtocolHandlers.Stage,
        InputLoop.Stage,
        Reinjection.Stage,
        PolicyCheck.Stage,
        Delivery.Stage,
    ]);

    /// <summary>Takes in a packet and follows it, forwarding included, until nothing moves any more.</summary>
    /// <param name="host">The host.</param>
    /// <param name="packet">The packet from its IP header on.</param>
    /// <param name="device">Index of the device that it arrives on.</param>
    /// <param name="transmit">The transmit path for forwarded packets and ICMP errors; null for that of Linux.</param>
    /// <param name="mark">Mark that the packet has on arrival.</param>
    public PathResult Receive(LinuxHost host, ByteString packet, int device, TransmitPath? transmit = null, uint mark = 0) =>
        new PathRunner(transmit ?? TransmitPath.Linux, this).Run(host, new NextPacket.Arrives(packet, device, mark));

    /// <summary>Every result that the kernel may give, where the SA lookup of a forwarded packet depends on a hash; the likely one first.</summary>
    public IEnumerable<PathResult> ReceiveAllowed(LinuxHost host, ByteString packet, int device, TransmitPath? transmit = null, uint mark = 0)
    {
        int outcomes = 1;
        for (int i = 0; i < outcomes; i++)
        {
            PathResult result = Receive(host with { HashOutcome = i }, packet, device, transmit, mark);
            outcomes = Math.Max(outcomes, result.HashOutcomes);
            yield return result with { Next = result.Next with { HashOutcome = host.HashOutcome } };
        }
    }

    /// <summary>The same path with what one stage does replaced, be it in a round.</summary>
    /// <exception cref="ArgumentException">No stage has that name.</exception>
    public ReceivePath Replace(string name, Func<PacketInFlight, PacketInFlight> run) =>
        Stages.Any(stage => stage.Flattened().Any(inner => inner.Name == name))
            ? new ReceivePath([.. Stages.Select(stage => stage.Replace(name, run))])
            : throw new ArgumentException($"no stage of the receive path is called {name}", nameof(name));
}
