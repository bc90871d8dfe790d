using Conformance.Spec.Requirements;

namespace Conformance.Harness.Contract;

/// <summary>Who is being judged.</summary>
/// <param name="Name">Name of the adapter, for example linux.</param>
/// <param name="Version">Version of the stack behind it, for example 6.1.176.</param>
public sealed record TargetIdentity(string Name, string Version)
{
    /// <summary>End of the version of a kernel whose ESP offload modules were loaded on request.</summary>
    public const string WithEspOffload = " with ESP offload";

    /// <summary>Name and version.</summary>
    public override string ToString() => Version.Length == 0 ? Name : $"{Name} {Version}";
}

/// <summary>One IPsec stack behind the contract. Adapters carry bytes and facts; all judgement is in the oracle.</summary>
/// <remarks>
/// Calls are synchronous and come from one thread. Observations keep the order in which the stack produced them
/// on each of its two sides. Every adapter configures the addresses of <see cref="AddressPlan"/> as its own.
/// </remarks>
public interface ITarget : IDisposable
{
    /// <summary>Name and version.</summary>
    TargetIdentity Identity { get; }

    /// <summary>What can be asked of it.</summary>
    Capabilities Capabilities { get; }

    /// <summary>Whether ESP is in its offload paths (segmentation behind ESP, decryption in front of coalescing); null where its start does not choose.</summary>
    bool? EspOffload => null;

    /// <summary>Whether its wire side is an Ethernet device, and not one of bare IP packets; null where its start does not choose.</summary>
    bool? IsEthernet => null;

    /// <summary>Empties the databases and forgets observations not yet read.</summary>
    void Reset();

    /// <summary>Changes the databases.</summary>
    CommandOutcome Execute(Command command);

    /// <summary>Changes the databases many times; outcomes in order.</summary>
    IReadOnlyList<CommandOutcome> ExecuteAll(IReadOnlyList<Command> commands) => [.. commands.Select(Execute)];

    /// <summary>Changes the databases in order; the first change that is not made, and why, or null. What stands behind it may have been made or not.</summary>
    (Command Command, CommandOutcome Outcome)? ExecuteUntilRefused(IReadOnlyList<Command> commands)
    {
        foreach (Command command in commands)
        {
            if (Execute(command) is not CommandOutcome.Done and var outcome)
            {
                return (command, outcome);
            }
        }

        return null;
    }

    /// <summary>Feeds stimuli in order, without waiting for what they cause.</summary>
    void Send(IReadOnlyList<Stimulus> stimuli);

    /// <summary>Feeds stimuli one by one and tells apart what came of each; needs <see cref="Capabilities.XfrmDatabases"/>.</summary>
    /// <exception cref="NotSupportedException">The target has no way to tell them apart.</exception>
    IReadOnlyList<Effect> Play(IReadOnlyList<Stimulus> stimuli) => throw new NotSupportedException($"{Identity} cannot tell apart what comes of each packet");

    /// <summary>The next observation, or null after <paramref name="timeout"/> without one.</summary>
    Observation? Observe(TimeSpan timeout);

    /// <summary>Which way packets took, of a stack that shows it; null where it does not.</summary>
    WaySigns? ReadWay() => null;

    /// <summary>The stack's own counters, by its own names; empty where it has none.</summary>
    IReadOnlyDictionary<string, long> ReadCounters();
}

/// <summary>Everything that came of one stimulus.</summary>
/// <param name="Observations">In the order of the stack on each of its sides.</param>
/// <param name="Counters">The stack's counters afterwards, by its own names.</param>
public sealed record Effect(IReadOnlyList<Observation> Observations, IReadOnlyDictionary<string, long> Counters);

/// <summary>A target cannot be had here: what is missing and how to get it.</summary>
public sealed class TargetUnavailableException : Exception
{
    /// <summary>A reason for people.</summary>
    public TargetUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>A reason with its cause.</summary>
    public TargetUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>For serializers.</summary>
    public TargetUnavailableException()
    {
    }
}
