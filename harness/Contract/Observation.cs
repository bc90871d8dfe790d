using Conformance.Spec.Wire;

namespace Conformance.Harness.Contract;

/// <summary>What a target lets the tester see. Facts only, never verdicts.</summary>
public abstract record Observation
{
    private Observation()
    {
    }

    /// <summary>An IP packet left on the unprotected side.</summary>
    public sealed record ToWire(Packet Packet) : Observation;

    /// <summary>A plain packet was delivered on the protected side.</summary>
    public sealed record ToHost(Packet Packet) : Observation;

    /// <summary>The stack asked key management for an SA.</summary>
    public sealed record Acquire(string Selector) : Observation;

    /// <summary>The stack told key management that an SA reached a limit.</summary>
    /// <param name="Spi">The SA.</param>
    /// <param name="Hard">True for the end of the SA, false for the soft limit.</param>
    public sealed record Expire(Spi Spi, bool Hard) : Observation;

    /// <summary>The target ended, or broke its protocol; nothing can be observed any more.</summary>
    public sealed record Died(string How) : Observation;
}
