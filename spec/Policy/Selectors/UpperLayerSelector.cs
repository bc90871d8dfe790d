using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Selectors;

/// <summary>Next layer protocol of an entry with the fields that belong to it. RFC 4301 §4.4.1.1.</summary>
/// <remarks>A protocol without such fields, and ANY, have no place to write them: the rule of RFC 4301 appendix D.2 cannot be broken.</remarks>
public abstract record UpperLayerSelector
{
    private UpperLayerSelector()
    {
    }

    /// <summary>True when the packet's protocol and fields are accepted.</summary>
    public abstract bool Matches(FlowSelectors flow);

    /// <summary>Accepted numbers of protocol, first and second field; see <see cref="FieldSelector.Hidden"/> and <see cref="HiddenProtocol"/>.</summary>
    public abstract (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues();

    /// <summary>The number that stands for a protocol that the packet does not show.</summary>
    public const uint HiddenProtocol = 0x100;

    /// <summary>Every protocol, and a hidden one.</summary>
    public sealed record Any : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) => true;

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() =>
            (ValueSet.Between(0, HiddenProtocol), FieldSelector.Any.Accepted, FieldSelector.Any.Accepted);

        /// <summary>The word.</summary>
        public override string ToString() => "any";
    }

    /// <summary>A protocol that cannot be seen; IPv6 only. RFC 4301 §4.4.2.2.</summary>
    public sealed record Opaque : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) => flow.Protocol is null;

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() =>
            (ValueSet.Only(HiddenProtocol), FieldSelector.Any.Accepted, FieldSelector.Any.Accepted);

        /// <summary>The word.</summary>
        public override string ToString() => "OPAQUE";
    }

    /// <summary>One protocol whatever its fields.</summary>
    public sealed record Protocol(byte Number) : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) => flow.Protocol == Number;

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() =>
            (ValueSet.Only(Number), FieldSelector.Any.Accepted, FieldSelector.Any.Accepted);

        /// <summary>The number.</summary>
        public override string ToString() => $"protocol {Number}";
    }

    /// <summary>A protocol with two ports.</summary>
    public sealed record Ports(byte Number, FieldSelector Local, FieldSelector Remote) : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) =>
            flow.Protocol == Number && Local.Accepts(flow.LocalField) && Remote.Accepts(flow.RemoteField);

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() => (ValueSet.Only(Number), Local.Accepted, Remote.Accepted);

        /// <summary>Number and ports.</summary>
        public override string ToString() => $"protocol {Number} ports {Local} > {Remote}";
    }

    /// <summary>ICMP of either family with types and codes.</summary>
    /// <param name="Number">1 or 58.</param>
    /// <param name="TypeAndCode">Type times 256 plus code.</param>
    public sealed record Icmp(byte Number, FieldSelector TypeAndCode) : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) => flow.Protocol == Number && TypeAndCode.Accepts(flow.LocalField);

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() =>
            (ValueSet.Only(Number), TypeAndCode.Accepted, FieldSelector.Any.Accepted);

        /// <summary>Number and types.</summary>
        public override string ToString() => $"protocol {Number} types {TypeAndCode}";
    }

    /// <summary>The mobility header with its types. RFC 6275.</summary>
    public sealed record Mobility(FieldSelector Type) : UpperLayerSelector
    {
        /// <inheritdoc/>
        public override bool Matches(FlowSelectors flow) => flow.Protocol == IpProtocol.Mobility && Type.Accepts(flow.LocalField);

        /// <inheritdoc/>
        public override (ValueSet Protocol, ValueSet Local, ValueSet Remote) ToValues() =>
            (ValueSet.Only(IpProtocol.Mobility), Type.Accepted, FieldSelector.Any.Accepted);

        /// <summary>Name and types.</summary>
        public override string ToString() => $"mobility types {Type}";
    }
}
