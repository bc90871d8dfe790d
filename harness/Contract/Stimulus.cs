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

    /// <summary>Virtual time passes; only for targets with <see cref="Spec.Requirements.Capabilities.VirtualClock"/>.</summary>
    public sealed record AdvanceClock(TimeSpan Span) : Stimulus;
}
