namespace Conformance.Harness.Contract;

/// <summary>What the tester does to a target.</summary>
public abstract record Stimulus
{
    private Stimulus()
    {
    }

    /// <summary>A plain packet enters the stack on its protected side.</summary>
    public sealed record FromHost(Packet Packet) : Stimulus;

    /// <summary>An IP packet arrives on the unprotected side.</summary>
    public sealed record FromWire(Packet Packet) : Stimulus;

    /// <summary>A program on the stack's own host sends a packet.</summary>
    /// <param name="Packet">Protocol, addresses, ports and payload; the stack writes the rest of the IP header itself unless it is included.</param>
    /// <param name="Mark">Mark of the socket.</param>
    /// <param name="HeaderIncluded">True for a raw socket that brings its own IP header.</param>
    public sealed record FromSocket(Packet Packet, uint Mark = 0, bool HeaderIncluded = false) : Stimulus;

    /// <summary>Virtual time passes; only for targets with <see cref="Spec.Requirements.Capabilities.VirtualClock"/>.</summary>
    public sealed record AdvanceClock(TimeSpan Span) : Stimulus;

    /// <summary>The owner asks the stack for something, by <see cref="ITarget.Execute"/>; stands in the steps of a session only.</summary>
    public sealed record Told(Command Command) : Stimulus;
}
