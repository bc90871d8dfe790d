using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>What «ip xfrm policy» prints (iproute2 6.1 and later), in the order of the dump: the youngest entry first.</summary>
public sealed record PolicyDump(ImmutableArray<PolicyEntry> Entries, DumpStyle Style)
{
    /// <summary>What «ip xfrm policy getdefault» prints, when it stands in the same text; otherwise null.</summary>
    public DefaultActions? Defaults { get; init; }

    /// <summary>Policies as a dump, in the given order.</summary>
    public static PolicyDump Of(IEnumerable<XfrmPolicy> policies, DumpStyle? style = null) =>
        new([.. policies.Select(p => new PolicyEntry(p))], style ?? DumpStyle.Plain);

    /// <summary>Reads a dump; the style tells how it was written.</summary>
    public static bool TryParse(string text, out PolicyDump? dump, out TextError error) => TryParse(text, DeviceNames.Standard, out dump, out error);

    /// <summary>Reads a dump whose device names may be known already.</summary>
    public static bool TryParse(string text, DeviceNames devices, out PolicyDump? dump, out TextError error)
    {
        DumpReader reader = new(text, devices);
        List<PolicyEntry> entries = [];
        DefaultActions? defaults = null;
        bool more = reader.Next();
        while (more && reader.Ok)
        {
            if (reader.Line.Peek == "Default")
            {
                defaults = ReadDefaults(reader);
                more = reader.Next();
            }
            else
            {
                entries.Add(PolicyReader.Read(reader, out more));
            }
        }

        error = reader.Error ?? default;
        dump = reader.Ok ? new PolicyDump([.. entries], reader.Style) { Defaults = defaults } : null;
        return reader.Ok;
    }

    /// <summary>The text in another style.</summary>
    public string Print(DumpStyle style)
    {
        StringBuilder text = new();
        foreach (PolicyEntry entry in Entries)
        {
            StringBuilder one = new();
            PolicyPrinter.Write(one, entry, style);
            text.Append(style.OneLine ? one.Replace('\n', '\\').Append('\n') : one);
        }

        if (Defaults is { } defaults)
        {
            text.Append($"Default policies:\n in:  {Word(defaults.In)}\n fwd: {Word(defaults.Forward)}\n out: {Word(defaults.Out)}\n");
        }

        return text.ToString();
    }

    /// <summary>The text in its own style.</summary>
    public override string ToString() => Print(Style);

    /// <summary>Equality of all entries in their order.</summary>
    public bool Equals(PolicyDump? other) =>
        other is not null && Style == other.Style && Defaults == other.Defaults && Entries.SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Entries.Length, Style);

    private static string Word(XfrmAction action) => action == XfrmAction.Allow ? "accept" : "block";

    private static DefaultActions ReadDefaults(DumpReader reader)
    {
        reader.Line.Expect("Default", "policies:");
        return new DefaultActions(ReadDefault(reader, "in:"), ReadDefault(reader, "fwd:"), ReadDefault(reader, "out:"));
    }

    private static XfrmAction ReadDefault(DumpReader reader, string direction)
    {
        reader.Require($"the default for {direction}");
        reader.Line.Expect(direction);
        if (reader.Line.TakeIf("block"))
        {
            return XfrmAction.Block;
        }

        reader.Line.Expect("accept");
        return XfrmAction.Allow;
    }
}
