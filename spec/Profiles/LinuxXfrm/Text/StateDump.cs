using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>What «ip xfrm state» prints (iproute2 6.1 and later), in the order of the dump: the youngest entry first.</summary>
public sealed record StateDump(ImmutableArray<StateEntry> Entries, DumpStyle Style)
{
    /// <summary>SAs as a dump, in the given order.</summary>
    public static StateDump Of(IEnumerable<XfrmState> states, DumpStyle? style = null) =>
        new([.. states.Select(s => new StateEntry(s))], style ?? DumpStyle.Plain);

    /// <summary>Reads a dump; the style tells how it was written.</summary>
    public static bool TryParse(string text, out StateDump? dump, out TextError error) => TryParse(text, DeviceNames.Standard, out dump, out error);

    /// <summary>Reads a dump whose device names may be known already.</summary>
    public static bool TryParse(string text, DeviceNames devices, out StateDump? dump, out TextError error)
    {
        DumpReader reader = new(text, devices);
        List<StateEntry> entries = [];
        bool more = reader.Next();
        while (more && reader.Ok)
        {
            entries.Add(StateReader.Read(reader, out more));
        }

        error = reader.Error ?? default;
        dump = reader.Ok ? new StateDump([.. entries], reader.Style) : null;
        return reader.Ok;
    }

    /// <summary>The text in another style.</summary>
    public string Print(DumpStyle style)
    {
        StringBuilder text = new();
        foreach (StateEntry entry in Entries)
        {
            StringBuilder one = new();
            StatePrinter.Write(one, entry, style);
            text.Append(style.OneLine ? one.Replace('\n', '\\').Append('\n') : one);
        }

        return text.ToString();
    }

    /// <summary>The text in its own style.</summary>
    public override string ToString() => Print(Style);

    /// <summary>Equality of all entries in their order.</summary>
    public bool Equals(StateDump? other) => other is not null && Style == other.Style && Entries.SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Entries.Length, Style);
}
