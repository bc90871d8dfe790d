using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>Puts the entries of dumps into the databases of the model, the oldest first.</summary>
internal static class DatabaseLoader
{
    /// <summary>Adds policies; a dump has the youngest first.</summary>
    public static XfrmDatabases WithPolicies(XfrmDatabases databases, PolicyDump dump, ulong now, List<string> remarks)
    {
        int[] ofSockets = [.. dump.Entries.Where(e => e.OfSocket).Select(e => e.Line)];
        if (ofSockets.Length > 0)
        {
            remarks.Add($"left out: policies of single sockets, lines {string.Join(", ", ofSockets)}");
        }

        foreach (PolicyEntry entry in dump.Entries.Reverse().Where(e => !e.OfSocket))
        {
            databases = Applied(databases, new XfrmRequest.AddPolicy(entry.Policy), now, $"--spd, line {entry.Line}: {databases.Release} refuses this policy");
        }

        return dump.Defaults is { } defaults
            ? Applied(databases, new XfrmRequest.SetDefault(defaults.In, defaults.Forward, defaults.Out), now, "the defaults are refused")
            : databases;
    }

    /// <summary>Adds SAs; a dump has the youngest first.</summary>
    public static XfrmDatabases WithStates(XfrmDatabases databases, StateDump dump, string option, ulong now, List<string> remarks)
    {
        foreach (StateEntry entry in dump.Entries.Reverse())
        {
            XfrmState state = entry.State;
            if (state.Protocol is IpProtocol.Ipv4 or IpProtocol.Ipv6)
            {
                remarks.Add($"left out: an SA that the kernel made for IPComp, line {entry.Line}");
            }
            else if (state is { Combined: null, Encryption: null, Integrity: null, Compression: null } && state.Protocol is IpProtocol.Esp or IpProtocol.Ah)
            {
                remarks.Add($"line {entry.Line}: SA {state.Spi} has no algorithms: it is being acquired");
                databases = databases with { States = Larval(databases.States, state, now) };
            }
            else
            {
                databases = Applied(databases, new XfrmRequest.AddState(state), now, $"{option}, line {entry.Line}: {databases.Release} refuses this SA");
            }
        }

        return databases;
    }

    private static XfrmDatabases Applied(XfrmDatabases databases, XfrmRequest request, ulong now, string fault)
    {
        (XfrmDatabases next, XfrmAnswer answer, _) = databases.Apply(request, now);
        return answer is XfrmAnswer.Refused refused
            ? throw new BadInputException($"{fault}: {ErrnoNames.Of(refused.Errno)}{(refused.Reason.Length > 0 ? $", {refused.Reason}" : "")}")
            : next;
    }

    // A dump does not say which policy asked; the model needs one only for its mark.
    private static XfrmStateDatabase Larval(XfrmStateDatabase states, XfrmState state, ulong now)
    {
        XfrmSelector selector = state.Selector;
        XfrmFamily family = selector.Family == XfrmFamily.Unspecified ? state.Family : selector.Family;
        XfrmTemplate template = new()
        {
            Family = state.Family,
            Protocol = state.Protocol,
            Mode = state.Mode,
            RequestId = state.RequestId,
            Spi = state.Spi,
        };
        XfrmPolicy policy = new() { Selector = selector with { Family = family }, Direction = XfrmDirection.Out, Mark = state.Mark, Templates = [template] };
        XfrmFlow flow = new()
        {
            Source = selector.Source.In(family),
            Destination = selector.Destination.In(family),
            Protocol = selector.Protocol,
            SourcePort = selector.SourcePort,
            DestinationPort = selector.DestinationPort,
            OutputInterface = selector.InterfaceIndex,
        };
        return states.Acquire(new XfrmResolution(template, policy, flow, state.SourceAddress, state.DestinationAddress, state.InterfaceId), now).Next;
    }
}
