using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Indices of network devices by name; dumps name devices, the databases number them.</summary>
/// <param name="Names">Pairs, each name and each index once.</param>
public sealed record DeviceNames(ImmutableArray<(string Name, int Index)> Names)
{
    /// <summary>The loopback device only.</summary>
    public static DeviceNames Standard { get; } = new([("lo", 1)]);

    /// <summary>The name of an index; unnamed ones read as the kernel's tools print them.</summary>
    public string NameOf(int index) => Names.FirstOrDefault(n => n.Index == index).Name ?? $"if{index}";

    /// <summary>The index of a name; a new name gets the next free one.</summary>
    public DeviceNames With(string name, out int index)
    {
        index = Names.FirstOrDefault(n => n.Name == name).Index;
        if (index != 0)
        {
            return this;
        }

        index = Names.Max(n => n.Index) + 1;
        return new DeviceNames(Names.Add((name, index)));
    }

    /// <summary>Equality of all pairs in their order.</summary>
    public bool Equals(DeviceNames? other) => other is not null && Names.SequenceEqual(other.Names);

    /// <inheritdoc/>
    public override int GetHashCode() => Names.Length;
}

/// <summary>How a dump is written: what depends on the options of the command and on the machine.</summary>
public sealed record DumpStyle
{
    /// <summary>The plain form.</summary>
    public static DumpStyle Plain { get; } = new();

    /// <summary>With limits, use and statistics (option -s).</summary>
    public bool Statistics { get; init; }

    /// <summary>Each entry on one line (option -o).</summary>
    public bool OneLine { get; init; }

    /// <summary>Without keys (nokeys).</summary>
    public bool KeysHidden { get; init; }

    /// <summary>Protocols as numbers: the machine has no /etc/protocols.</summary>
    public bool NumericProtocols { get; init; }

    /// <summary>Policies say whether they are main or sub ones: the kernel knows the difference.</summary>
    public bool PolicyTypes { get; init; } = true;

    /// <summary>Device names.</summary>
    public DeviceNames Devices { get; init; } = DeviceNames.Standard;
}
