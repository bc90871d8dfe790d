namespace Conformance.Spec.Policy.Selectors;

/// <summary>Ports, ICMP types with codes, or mobility types of an entry: ANY, OPAQUE, or a list of ranges. RFC 4301 §4.4.1.1.</summary>
/// <remarks>A field that a packet does not show is a value of its own: ANY holds it, OPAQUE is it alone, no range holds it.</remarks>
public sealed record FieldSelector
{
    /// <summary>The number that stands for a field that the packet does not show.</summary>
    public const uint Hidden = 0x10000;

    private FieldSelector(ValueSet accepted) => Accepted = accepted;

    /// <summary>Every value, and a hidden field.</summary>
    public static FieldSelector Any { get; } = new(ValueSet.Between(0, Hidden));

    /// <summary>A hidden field only.</summary>
    public static FieldSelector Opaque { get; } = new(ValueSet.Only(Hidden));

    /// <summary>What is accepted, with <see cref="Hidden"/> for a field that is not shown.</summary>
    public ValueSet Accepted { get; }

    /// <summary>True for ANY.</summary>
    public bool IsAny => this == Any;

    /// <summary>True for OPAQUE.</summary>
    public bool IsOpaque => this == Opaque;

    /// <summary>Ranges of values, both ends included.</summary>
    /// <exception cref="ArgumentException">No range, or one that ends before it begins.</exception>
    public static FieldSelector Of(params IEnumerable<(ushort First, ushort Last)> ranges)
    {
        ValueSet set = ValueSet.Of(ranges.Select(r => new ValueRange(r.First, r.Last)));
        return set.IsEmpty ? throw new ArgumentException("a list of ranges has one at least", nameof(ranges)) : new FieldSelector(set);
    }

    /// <summary>The values between two, both included.</summary>
    public static FieldSelector Between(ushort first, ushort last) => Of((first, last));

    /// <summary>One value.</summary>
    public static FieldSelector Only(ushort value) => Between(value, value);

    /// <summary>One ICMP type with a range of codes: type times 256 plus code. RFC 4301 §4.4.1.1.</summary>
    public static FieldSelector IcmpCodes(byte type, byte firstCode, byte lastCode) => Between((ushort)((type << 8) | firstCode), (ushort)((type << 8) | lastCode));

    /// <summary>One ICMP type with every code.</summary>
    public static FieldSelector IcmpType(byte type) => IcmpCodes(type, 0, byte.MaxValue);

    /// <summary>True when the value, or a hidden field, is accepted.</summary>
    public bool Accepts(ushort? value) => Accepted.Contains(value ?? Hidden);

    /// <summary>ANY, OPAQUE, or the ranges.</summary>
    public override string ToString() => IsAny ? "ANY" : IsOpaque ? "OPAQUE" : Accepted.ToString();
}
