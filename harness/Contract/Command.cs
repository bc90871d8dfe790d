using Conformance.Spec.Policy;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Contract;

/// <summary>A change of a target's databases.</summary>
public abstract record Command
{
    private Command()
    {
    }

    /// <summary>Adds an SA; inbound means that the target receives on it.</summary>
    public sealed record InstallSa(PolicyDirection Direction, SecurityAssociation Sa) : Command;

    /// <summary>Removes an SA.</summary>
    public sealed record DeleteSa(PolicyDirection Direction, SecurityAssociation Sa) : Command;

    /// <summary>Appends a PROTECT entry to the SPD.</summary>
    public sealed record InstallPolicy(ProtectPolicy Policy) : Command;

    /// <summary>Sets the MTU of the link on the wire side, in bytes, until the next reset.</summary>
    public sealed record SetWireMtu(int Bytes) : Command;
}

/// <summary>What became of a command.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>Carried out.</summary>
    public sealed record Done : CommandOutcome;

    /// <summary>The stack knows the thing asked for and refuses it.</summary>
    public sealed record Refused(string Reason) : CommandOutcome;

    /// <summary>The stack or its adapter cannot do this at all.</summary>
    public sealed record Unsupported(string Reason) : CommandOutcome;
}
