using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>The host and its databases in a few lines, with the names that the stages use for the entries.</summary>
internal static class TraceHeader
{
    public static IEnumerable<string> Lines(TraceRequest request, LinuxHost host, ImmutableArray<IpAddress> own)
    {
        string how = request.OwnAddresses.IsEmpty ? " (read off the input; --local ADDRESS says otherwise)" : "";
        yield return $"model of {host.Release}, {(request.EspOffload ? "with" : "without")} ESP offload code (esp4_offload, esp6_offload)";
        yield return $"own addresses {(own.IsEmpty ? "none" : string.Join(", ", own))}{how}; {TraceHost.Wire(host).Name} to the wire, MTU {request.MtuBytes}";
        foreach (XfrmPolicyEntry entry in host.Databases.Policies.Entries)
        {
            yield return $"policy {entry.Policy.Index}{Line(request, entry.Policy)}: {Policy(entry.Policy, request.Policies.Style)}";
        }

        foreach (XfrmStateEntry entry in host.Databases.States.Entries)
        {
            yield return $"SA {entry.State.Spi}: {State(entry)}";
        }

        if (host.Databases.Policies.Entries.IsEmpty)
        {
            yield return "the SPD is empty";
        }

        if (host.Databases.States.Entries.IsEmpty)
        {
            yield return "the SAD is empty";
        }
    }

    private static string Line(TraceRequest request, XfrmPolicy policy)
    {
        PolicyEntry? read = request.Policies.Entries.FirstOrDefault(e =>
            !e.OfSocket && e.Policy.Selector == policy.Selector && e.Policy.Direction == policy.Direction && e.Policy.Type == policy.Type
            && e.Policy.Priority == policy.Priority && e.Policy.InterfaceId == policy.InterfaceId
            && (e.Policy.Mark.Value & e.Policy.Mark.Mask) == policy.Mark.Value && e.Policy.Mark.Mask == policy.Mark.Mask);
        return read is null ? "" : $" (line {read.Line})";
    }

    private static string Policy(XfrmPolicy policy, DumpStyle style)
    {
        string[] words = PolicyDump.Of([policy], style with { Statistics = false, OneLine = true }).ToString()
            .Split([' ', '\t', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words);
    }

    private static string State(XfrmStateEntry entry)
    {
        XfrmState state = entry.State;
        string algorithms = string.Join(" and ", new[] { state.Combined, state.Encryption, state.Integrity, state.Compression }
            .OfType<XfrmAlgorithm>().Select(a => a.IcvBits == 0 ? a.Name : $"{a.Name} {a.IcvBits}"));
        return $"{state.SourceAddress} > {state.DestinationAddress} {state.Mode.ToString().ToLowerInvariant()} reqid {state.RequestId}"
            + (algorithms.Length > 0 ? $", {algorithms}" : "")
            + (state.Encapsulation is { } udp ? $", encapsulated {udp.SourcePort} > {udp.DestinationPort}" : "")
            + (entry.IsValid ? "" : ", being acquired");
    }
}
