using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Selectors;

/// <summary>A run of addresses of one family, both ends included. RFC 4301 §4.4.1.1.</summary>
public sealed record AddressRange
{
    /// <summary>The addresses between two.</summary>
    /// <exception cref="ArgumentException">Two families, or the ends are swapped.</exception>
    public AddressRange(IpAddress first, IpAddress last)
    {
        if (first.IsIpv6 != last.IsIpv6 || first.Value > last.Value)
        {
            throw new ArgumentException($"{first}-{last} is no range of addresses");
        }

        First = first;
        Last = last;
    }

    /// <summary>The lowest address.</summary>
    public IpAddress First { get; }

    /// <summary>The highest address.</summary>
    public IpAddress Last { get; }

    /// <summary>The addresses of a prefix.</summary>
    public static AddressRange Of(AddressPrefix prefix)
    {
        int hostBits = (prefix.Address.IsIpv6 ? 128 : 32) - prefix.LengthBits;
        UInt128 host = hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - UInt128.One;
        return new(prefix.Address with { Value = prefix.Address.Value & ~host }, prefix.Address with { Value = prefix.Address.Value | host });
    }

    /// <summary>Reads a single address, a prefix or a range, for example 10.0.0.1, 10.0.0.0/8 or 10.0.0.1-10.0.0.9.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static AddressRange Parse(string text)
    {
        string[] ends = text.Split('-');
        string[] prefix = text.Split('/');
        return ends.Length == 2 ? new AddressRange(IpAddress.Parse(ends[0]), IpAddress.Parse(ends[1]))
            : prefix.Length == 2
                ? Of(new AddressPrefix(IpAddress.Parse(prefix[0]), LengthBits(prefix[1], IpAddress.Parse(prefix[0]).IsIpv6 ? 128 : 32)))
                : new AddressRange(IpAddress.Parse(text), IpAddress.Parse(text));
    }

    private static int LengthBits(string text, int most) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int bits) && bits <= most
            ? bits
            : throw new FormatException($"«{text}» is no length of a prefix, which is 0 to {most}");
}

/// <summary>Local or remote addresses of an entry: ANY, or a list of ranges. RFC 4301 §4.4.1.1.</summary>
public sealed record AddressSelector
{
    private static readonly ValueSet AllIpv4 = ValueSet.Between(0, uint.MaxValue);
    private static readonly ValueSet AllIpv6 = ValueSet.Between(0, UInt128.MaxValue);
    private readonly ValueSet _ipv4;
    private readonly ValueSet _ipv6;

    private AddressSelector(ValueSet ipv4, ValueSet ipv6)
    {
        _ipv4 = ipv4;
        _ipv6 = ipv6;
    }

    /// <summary>Every address of both families.</summary>
    public static AddressSelector Any { get; } = new(AllIpv4, AllIpv6);

    /// <summary>True for every address of both families.</summary>
    public bool IsAny => this == Any;

    /// <summary>True when no address is accepted.</summary>
    public bool IsEmpty => _ipv4.IsEmpty && _ipv6.IsEmpty;

    /// <summary>The addresses of some ranges.</summary>
    public static AddressSelector Of(params IEnumerable<AddressRange> ranges)
    {
        AddressRange[] list = [.. ranges];
        return new(Values(list, false), Values(list, true));
    }

    /// <summary>The addresses of ranges in the usual notation.</summary>
    /// <exception cref="FormatException">One of them is neither address nor prefix nor range.</exception>
    public static AddressSelector Parse(params IEnumerable<string> ranges) => Of(ranges.Select(AddressRange.Parse));

    /// <summary>One address.</summary>
    public static AddressSelector Host(IpAddress address) => Of(new AddressRange(address, address));

    /// <summary>Addresses of a family given as numbers.</summary>
    public static AddressSelector OfValues(bool isIpv6, ValueSet values) => isIpv6 ? new(ValueSet.Empty, values) : new(values, ValueSet.Empty);

    /// <summary>The addresses of a family as numbers.</summary>
    public ValueSet In(bool isIpv6) => isIpv6 ? _ipv6 : _ipv4;

    /// <summary>True when the address is accepted.</summary>
    public bool Contains(IpAddress address) => In(address.IsIpv6).Contains(address.Value);

    /// <summary>Addresses in both.</summary>
    public AddressSelector Intersect(AddressSelector other) => new(_ipv4.Intersect(other._ipv4), _ipv6.Intersect(other._ipv6));

    /// <summary>The word any, or ranges in the usual notation.</summary>
    public override string ToString() => IsAny ? "any" : IsEmpty ? "none" : string.Join(',', Texts(false).Concat(Texts(true)));

    private static ValueSet Values(IEnumerable<AddressRange> ranges, bool isIpv6) =>
        ValueSet.Of(ranges.Where(r => r.First.IsIpv6 == isIpv6).Select(r => new ValueRange(r.First.Value, r.Last.Value)));

    private IEnumerable<string> Texts(bool isIpv6) => In(isIpv6).Ranges.Select(range =>
    {
        int width = isIpv6 ? 128 : 32;
        (UInt128 value, int bits) = range.ToBlocks(width).First();
        IpAddress first = new(value, isIpv6);
        return range.ToBlocks(width).Skip(1).Any() ? $"{first}-{new IpAddress(range.Last, isIpv6)}" : bits == width ? $"{first}" : $"{first}/{bits}";
    });
}
