using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

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

    /// <summary>A packet was delivered to a program on the stack's own host.</summary>
    public sealed record ToSocket(Packet Packet) : Observation;

    /// <summary>The program that sent the last packet was told an error.</summary>
    /// <param name="Errno">As the socket call gave it.</param>
    public sealed record SendRefused(int Errno) : Observation;

    /// <summary>The stack told key management something: an SA is wanted, a limit was reached.</summary>
    public sealed record Notice(XfrmNotification Notification) : Observation;

    /// <summary>The stack asked key management for an SA. RFC 4301 §5.1 step 3b.</summary>
    /// <param name="Flow">The traffic that wants it.</param>
    public sealed record Acquire(FlowSelectors Flow) : Observation;

    /// <summary>The target ended, or broke its protocol; nothing can be observed any more.</summary>
    public sealed record Died(string How) : Observation;
}
