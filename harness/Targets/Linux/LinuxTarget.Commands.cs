using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Targets.Linux;

/// <summary>Changes of the databases, as requests of XFRM.</summary>
internal sealed partial class LinuxTarget
{
    private const int NoSuchAlgorithm = 38;
    private const int ProtocolNotSupported = 93;
    private const int OperationNotSupported = 95;
    private const int FamilyNotSupported = 97;

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command)
    {
        switch (command)
        {
            case Command.InstallSa install:
                if (XfrmHeaderFlags.Lacking(install.Sa) is { } lacking)
                {
                    return new CommandOutcome.Unsupported(lacking);
                }

                return XfrmTranslation.Of(install.Direction, install.Sa) is { } state
                    ? Outcome(_network.Xfrm(new XfrmRequest.AddState(state)), install.Sa.Suite.ToString())
                    : new CommandOutcome.Unsupported($"XFRM has no name for {install.Sa.Suite}");
            case Command.DeleteSa { Sa: var sa }:
                return Outcome(_network.Xfrm(new XfrmRequest.DeleteState(
                    new XfrmStateKey(XfrmAddress.Of(sa.Destination), sa.Spi, XfrmFamilies.Of(sa.Destination)))), "the SA");
            case Command.Xfrm xfrm:
                return new CommandOutcome.Answered(_network.Xfrm(xfrm.Request));
            case Command.AddAddress add:
                return Outcome(_network.AddAddress(add.Address), $"address {add.Address}");
            case Command.AddRoute add:
                return Outcome(_network.AddRoute(add.Destination, add.TowardsWire, add.Source), $"route to {add.Destination}");
            case Command.InstallPolicy:
                return ExecuteUntilRefused([command])?.Outcome ?? new CommandOutcome.Done();
            case Command.InstallSpd install:
                return _policies.Install(install.Database, install.KeyedByHand);
            case Command.InstallSadEntry install:
                return _policies.Install(install.Direction, install.Entry);
            case Command.SetWireMtu link:
                _network.SetWireMtu((uint)link.Bytes);
                return new CommandOutcome.Done();
            case Command.SetWireVlan link:
                return Outcome(_network.SetWireVlan(link.VlanId), "VLAN devices (module 8021q)");
            default:
                return new CommandOutcome.Unsupported(command.GetType().Name);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<CommandOutcome> ExecuteAll(IReadOnlyList<Command> commands) => commands.All(c => c is Command.Xfrm)
        ? [.. _network.XfrmAll([.. commands.Cast<Command.Xfrm>().Select(c => c.Request)]).Select(a => new CommandOutcome.Answered(a))]
        : [.. commands.Select(Execute)];

    /// <inheritdoc/>
    public (Command Command, CommandOutcome Outcome)? ExecuteUntilRefused(IReadOnlyList<Command> commands)
    {
        // One exchange with the agent for all that is a request of XFRM; whatever is not comes behind it.
        (Command Command, XfrmRequest[]? Requests)[] changes = [.. commands.Select(command => (command, RequestsOf(command)))];
        (Command Command, XfrmRequest Request)[] batch = [.. changes.SelectMany(change => (change.Requests ?? []).Select(request => (change.Command, request)))];
        foreach (((Command command, _), XfrmAnswer answer) in batch.Zip(_network.XfrmAll([.. batch.Select(entry => entry.Request)])))
        {
            if (Outcome(answer, command is Command.InstallSa { Sa: var sa } ? sa.Suite.ToString() : "the policy") is not CommandOutcome.Done and var outcome)
            {
                return (command, outcome);
            }
        }

        foreach ((Command command, _) in changes.Where(change => change.Requests is null))
        {
            if (Execute(command) is not CommandOutcome.Done and var outcome)
            {
                return (command, outcome);
            }
        }

        return null;
    }

    private static CommandOutcome Outcome(XfrmAnswer answer, string what) =>
        Outcome(answer is XfrmAnswer.Refused refused ? new NetlinkStatus(refused.Errno, refused.Reason) : default, what);

    private static CommandOutcome Outcome(NetlinkStatus status, string what) => status.Errno switch
    {
        0 => new CommandOutcome.Done(),
        NoSuchAlgorithm or ProtocolNotSupported or OperationNotSupported or FamilyNotSupported => new CommandOutcome.Unsupported($"the kernel lacks {what} ({status})"),
        _ => new CommandOutcome.Refused(status.ToString()),
    };

    // Null for what is none, or what XFRM has no words for.
    private static XfrmRequest[]? RequestsOf(Command command) => command switch
    {
        Command.InstallSa install when XfrmHeaderFlags.Lacking(install.Sa) is null && XfrmTranslation.Of(install.Direction, install.Sa) is { } state =>
            [new XfrmRequest.AddState(state)],
        Command.InstallPolicy install => RequestsOf(install.Policy),
        _ => null,
    };

    private static XfrmRequest[] RequestsOf(ProtectPolicy policy)
    {
        // A gateway's packets pass the fwd policies, a host's the in policies; forwarded or not depends on the mode.
        XfrmDirection[] directions = policy.Direction == PolicyDirection.Outbound ? [XfrmDirection.Out]
            : policy.Mode == EspMode.Transport ? [XfrmDirection.In]
            : [XfrmDirection.In, XfrmDirection.Forward];
        return [.. directions.Select(direction => new XfrmRequest.AddPolicy(XfrmTranslation.Of(policy, direction)))];
    }
}
