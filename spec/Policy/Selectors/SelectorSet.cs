namespace Conformance.Spec.Policy.Selectors;

/// <summary>One set of selectors, all of which must hold; an entry has one or more. RFC 4301 §4.4.1.2.</summary>
/// <remarks>Names are no part of it: they choose an entry for a key exchange, and no packet shows them.</remarks>
/// <param name="Local">Source outbound, destination inbound.</param>
/// <param name="Remote">Destination outbound, source inbound.</param>
/// <param name="Upper">Protocol with its fields.</param>
public sealed record SelectorSet(AddressSelector Local, AddressSelector Remote, UpperLayerSelector Upper)
{
    /// <summary>Every packet.</summary>
    public static SelectorSet Any { get; } = new(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Any());

    /// <summary>True when all selectors hold: the defining form.</summary>
    public bool Matches(FlowSelectors flow) => Local.Contains(flow.Local) && Remote.Contains(flow.Remote) && Upper.Matches(flow);

    /// <summary>The same set seen from the other end: local and remote change places.</summary>
    public SelectorSet Swapped() => new(Remote, Local, Upper is UpperLayerSelector.Ports ports ? new UpperLayerSelector.Ports(ports.Number, ports.Remote, ports.Local) : Upper);

    /// <summary>Local, remote and protocol.</summary>
    public override string ToString() => $"{Local} <> {Remote} {Upper}";
}
