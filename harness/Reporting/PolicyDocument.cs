using System.Globalization;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Crypto;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Reporting;

/// <summary>An ordered SPD with its SAs in the words of JSON; keys follow from the seed.</summary>
/// <param name="Entries">In order, without that of the sentinel.</param>
/// <param name="Pairs">SAs that are not the ordinary ones.</param>
/// <param name="KeyedByHand">True when the SAs serve no entry in particular.</param>
/// <param name="Addresses">Further addresses of the stack.</param>
public sealed record PolicyDocument(
    IReadOnlyList<EntryDocument> Entries, IReadOnlyList<PairDocument> Pairs, bool KeyedByHand = false, IReadOnlyList<string>? Addresses = null)
{
    /// <summary>Writes a scenario down; null where an entry takes selectors from packets, which no document holds.</summary>
    public static PolicyDocument? From(PolicyScenario scenario) => scenario.Entries.Any(e => e.FromPacket != PopulateFromPacket.None)
        ? null
        : new PolicyDocument(
            [.. scenario.Entries.Select(EntryDocument.From)],
            [.. scenario.Pairs.Select(p => PairDocument.From(p, scenario.Entries.IndexOf(p.Entry)))],
            scenario.KeyedByHand,
            scenario.Addresses.IsEmpty ? null : [.. scenario.Addresses.Select(a => a.ToString())]);

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">A value that no scenario can have; the message names the field.</exception>
    public PolicyScenario ToScenario()
    {
        SpdEntry[] entries = [.. Entries.Select((e, i) => Part.Read($"policy.entries[{i}]", e.ToEntry))];
        return new PolicyScenario
        {
            Entries = [.. entries],
            Pairs = [.. Pairs.Select((p, i) => Part.Read($"policy.pairs[{i}]", () => p.ToPlan(entries)))],
            KeyedByHand = KeyedByHand,
            Addresses = [.. (Addresses ?? []).Select((a, i) => Part.Read($"policy.addresses[{i}]", () => IpAddress.Parse(a)))],
        };
    }
}

/// <summary>One entry.</summary>
/// <param name="Name">Word for reports.</param>
/// <param name="Action">bypass, discard or protect.</param>
/// <param name="Selectors">Its sets.</param>
/// <param name="Directions">Of a bypass or discard entry; both where it is left out.</param>
/// <param name="Steps">Layers of a protect entry, the innermost first.</param>
/// <param name="FromPacket">Selectors that SAs take from the packet; none where it is left out.</param>
public sealed record EntryDocument(
    string Name, string Action, IReadOnlyList<SelectorDocument> Selectors, EntryDirections? Directions = null, IReadOnlyList<StepDocument>? Steps = null,
    PopulateFromPacket? FromPacket = null)
{
    /// <summary>Writes an entry down.</summary>
    public static EntryDocument From(SpdEntry entry) => new(
        entry.Name,
        entry.Action switch { PolicyAction.Bypass => "bypass", PolicyAction.Discard => "discard", _ => "protect" },
        [.. entry.Selectors.Select(SelectorDocument.From)],
        entry.Directions == EntryDirections.Both ? null : entry.Directions,
        entry.Action is PolicyAction.Protect protect ? [.. protect.Steps.Select(StepDocument.From)] : null,
        entry.FromPacket == PopulateFromPacket.None ? null : entry.FromPacket);

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">No entry of an SPD.</exception>
    public SpdEntry ToEntry()
    {
        SpdEntry entry = new()
        {
            Name = Name,
            Selectors = [.. Selectors.Select((s, i) => Part.Read($"selectors[{i}]", s.ToSet))],
            Directions = Directions ?? EntryDirections.Both,
            FromPacket = FromPacket ?? PopulateFromPacket.None,
            Action = Action switch
            {
                "bypass" => new PolicyAction.Bypass(),
                "discard" => new PolicyAction.Discard(),
                "protect" => new PolicyAction.Protect([.. (Steps ?? []).Select((s, i) => Part.Read($"steps[{i}]", s.ToStep))]),
                _ => throw new FormatException($"there is no action «{Action}»"),
            },
        };
        return entry.Faults().FirstOrDefault() is { } fault ? throw new FormatException(fault) : entry;
    }
}

/// <summary>One layer of protection.</summary>
public sealed record StepDocument(
    EspMode Mode, string? TunnelLocal = null, string? TunnelRemote = null, IReadOnlyList<string>? Suites = null, bool ExtendedSequenceNumbers = false,
    bool StatefulFragmentChecks = false)
{
    /// <summary>Writes a layer down.</summary>
    public static StepDocument From(ProtectionStep step) =>
        new(step.Mode, step.TunnelLocal?.ToString(), step.TunnelRemote?.ToString(), step.Suites.IsEmpty ? null : step.Suites, step.ExtendedSequenceNumbers, step.StatefulFragmentChecks);

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">An address that is none.</exception>
    public ProtectionStep ToStep() => new()
    {
        Mode = Mode,
        TunnelLocal = TunnelLocal is null ? null : IpAddress.Parse(TunnelLocal),
        TunnelRemote = TunnelRemote is null ? null : IpAddress.Parse(TunnelRemote),
        Suites = [.. Suites ?? []],
        ExtendedSequenceNumbers = ExtendedSequenceNumbers,
        StatefulFragmentChecks = StatefulFragmentChecks,
    };
}

/// <summary>One selector set: addresses in the usual notation, the upper layer as its kind with protocol and fields.</summary>
/// <param name="Local">Addresses; any for all.</param>
/// <param name="Remote">Addresses; any for all.</param>
/// <param name="Upper">any, opaque, protocol, ports, icmp or mobility.</param>
/// <param name="Protocol">Number of the protocol.</param>
/// <param name="LocalField">Local ports, types with codes, or mobility types: ANY, OPAQUE or ranges.</param>
/// <param name="RemoteField">Remote ports.</param>
public sealed record SelectorDocument(string Local, string Remote, string Upper = "any", byte? Protocol = null, string? LocalField = null, string? RemoteField = null)
{
    private const string All = "any";

    /// <summary>Writes a set down.</summary>
    public static SelectorDocument From(SelectorSet set)
    {
        SelectorDocument addresses = new(set.Local.ToString(), set.Remote.ToString());
        return set.Upper switch
        {
            UpperLayerSelector.Opaque => addresses with { Upper = "opaque" },
            UpperLayerSelector.Protocol protocol => addresses with { Upper = "protocol", Protocol = protocol.Number },
            UpperLayerSelector.Ports ports => addresses with { Upper = "ports", Protocol = ports.Number, LocalField = ports.Local.ToString(), RemoteField = ports.Remote.ToString() },
            UpperLayerSelector.Icmp icmp => addresses with { Upper = "icmp", Protocol = icmp.Number, LocalField = icmp.TypeAndCode.ToString() },
            UpperLayerSelector.Mobility mobility => addresses with { Upper = "mobility", LocalField = mobility.Type.ToString() },
            _ => addresses,
        };
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">A field that says nothing.</exception>
    public SelectorSet ToSet() => new(Addresses(Local), Addresses(Remote), Upper switch
    {
        All => new UpperLayerSelector.Any(),
        "opaque" => new UpperLayerSelector.Opaque(),
        "protocol" => new UpperLayerSelector.Protocol(Number),
        "ports" => new UpperLayerSelector.Ports(Number, Field(LocalField), Field(RemoteField)),
        "icmp" => new UpperLayerSelector.Icmp(Number, Field(LocalField)),
        "mobility" => new UpperLayerSelector.Mobility(Field(LocalField)),
        _ => throw new FormatException($"there is no upper layer «{Upper}»"),
    });

    private byte Number => Protocol ?? throw new FormatException($"«{Upper}» asks for a protocol");

    private static AddressSelector Addresses(string text) => text == All ? AddressSelector.Any : AddressSelector.Parse(text.Split(','));

    private static FieldSelector Field(string? text) => text switch
    {
        null or "ANY" => FieldSelector.Any,
        "OPAQUE" => FieldSelector.Opaque,
        _ => FieldSelector.Of(text.Split(',').Select(Range)),
    };

    private static (ushort First, ushort Last) Range(string text)
    {
        string[] ends = text.Split('-');
        return ends.Length <= 2 && ushort.TryParse(ends[0], CultureInfo.InvariantCulture, out ushort first) && ushort.TryParse(ends[^1], CultureInfo.InvariantCulture, out ushort last)
            ? (first, last)
            : throw new FormatException($"«{text}» is no range of fields");
    }
}

/// <summary>SAs of an entry that are not the ordinary ones.</summary>
/// <param name="Entry">Place of the entry, from 0.</param>
/// <param name="Suite">Transforms.</param>
/// <param name="Selectors">Those of the SAs; all packets where they are left out.</param>
/// <param name="IsInstalled">False for an entry without an SA.</param>
/// <param name="DscpValues">That the outbound SA is for; all where they are left out.</param>
/// <param name="Ends">Local and remote end; those of the entry where they are left out.</param>
public sealed record PairDocument(
    int Entry, string Suite, IReadOnlyList<SelectorDocument>? Selectors = null, bool IsInstalled = true,
    IReadOnlyList<int>? DscpValues = null, IReadOnlyList<string>? Ends = null)
{
    /// <summary>Writes a plan down.</summary>
    public static PairDocument From(SaPairPlan plan, int entry) =>
        new(entry, plan.Suite.ToString(), plan.Selectors?.Select(SelectorDocument.From).ToArray(), plan.IsInstalled,
            plan.DscpValues.IsEmpty ? null : [.. plan.DscpValues],
            plan.Ends is { } ends ? [ends.Local.ToString(), ends.Remote.ToString()] : null);

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">No such entry, or no such transforms.</exception>
    public SaPairPlan ToPlan(IReadOnlyList<SpdEntry> entries) => new(entries[Entry >= 0 && Entry < entries.Count ? Entry : throw new FormatException($"there is no entry {Entry}")])
    {
        Suite = EspSuite.TryParse(Suite, out EspSuite? suite, out string? error) ? suite : throw new FormatException($"suite: {error}"),
        Selectors = Selectors is null ? null : [.. Selectors.Select((s, i) => Part.Read($"selectors[{i}]", s.ToSet))],
        IsInstalled = IsInstalled,
        DscpValues = [.. (DscpValues ?? []).Select(value => value is >= 0 and < 64 ? (byte)value : throw new FormatException($"{value} is no DSCP"))],
        Ends = Ends switch
        {
            null => null,
            [var local, var remote] => (IpAddress.Parse(local), IpAddress.Parse(remote)),
            _ => throw new FormatException("ends are two addresses"),
        },
    };
}

/// <summary>Names the part of a document in which a fault lies.</summary>
internal static class Part
{
    /// <summary>Reads a part; what is wrong in it is told with its place.</summary>
    /// <exception cref="FormatException">Something is.</exception>
    public static T Read<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"{place}: {error.Message}", error);
        }
    }
}
