using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>The way of a packet out of the host, as an ordered list of stages.</summary>
/// <param name="Stages">From the route lookup to the device.</param>
public sealed record TransmitPath(ImmutableArray<PathStage> Stages)
{
    /// <summary>What Linux does.</summary>
    public static TransmitPath Linux { get; } = new(
    [
        RouteLookup.Stage,
        Forwarding.Stage,
        PolicyLookup.Stage,
        StateResolution.Stage,
        OnDemand.Stage,
        BundleCreation.Stage,
        PathMtu.Stage,
        Hooks.Stage,
        OffloadDecision.Stage,
        TransformLoop.Stage,
        IpOutput.Stage,
    ]);

    /// <summary>Sends a packet, as a local program or by forwarding, and follows it until nothing moves any more.</summary>
    /// <param name="host">The host.</param>
    /// <param name="packet">The packet from its IP header on.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="receive">The receive path for what comes back to the host itself; null for that of Linux.</param>
    public PathResult Send(LinuxHost host, ByteString packet, PacketOrigin origin, ReceivePath? receive = null) =>
        new PathRunner(this, receive ?? ReceivePath.Linux).Run(host, new NextPacket.Leaves(packet, origin));

    /// <summary>Every result that the kernel may give, where its SA lookup depends on a hash; the likely one first.</summary>
    public IEnumerable<PathResult> SendAllowed(LinuxHost host, ByteString packet, PacketOrigin origin, ReceivePath? receive = null)
    {
        int outcomes = 1;
        for (int i = 0; i < outcomes; i++)
        {
            PathResult result = Send(host with { HashOutcome = i }, packet, origin, receive);
            outcomes = Math.Max(outcomes, result.HashOutcomes);
            yield return result with { Next = result.Next with { HashOutcome = host.HashOutcome } };
        }
    }

    /// <summary>The same path with what one stage does replaced, be it in a round.</summary>
    /// <exception cref="ArgumentException">No stage has that name.</exception>
    public TransmitPath Replace(string name, Func<PacketInFlight, PacketInFlight> run) =>
        Stages.Any(stage => stage.Flattened().Any(inner => inner.Name == name))
            ? new TransmitPath([.. Stages.Select(stage => stage.Replace(name, run))])
            : throw new ArgumentException($"no stage of the transmit path is called {name}", nameof(name));
}
