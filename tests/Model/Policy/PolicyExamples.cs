using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Policy;

/// <summary>Short forms for selectors, entries and flows of the model tests.</summary>
internal static class PolicyExamples
{
    public static readonly PolicyAction Bypass = new PolicyAction.Bypass();
    public static readonly PolicyAction Discard = new PolicyAction.Discard();
    public static readonly PolicyAction Protect = PolicyAction.Protect.With(new ProtectionStep { Mode = EspMode.Transport });
    public static readonly UpperLayerSelector AnyUpper = new UpperLayerSelector.Any();

    public static SelectorSet Set(string local, string remote, UpperLayerSelector? upper = null) =>
        new(Addresses(local), Addresses(remote), upper ?? AnyUpper);

    public static SpdEntry Entry(string name, PolicyAction action, params SelectorSet[] sets) => new() { Name = name, Action = action, Selectors = [.. sets] };

    public static UpperLayerSelector Ports(byte protocol, FieldSelector? local = null, FieldSelector? remote = null) =>
        new UpperLayerSelector.Ports(protocol, local ?? FieldSelector.Any, remote ?? FieldSelector.Any);

    public static FlowSelectors Flow(string local, string remote, byte? protocol = IpProtocol.Tcp, int? localField = 1, int? remoteField = 1) =>
        new(IpAddress.Parse(local), IpAddress.Parse(remote), protocol, (ushort?)localField, (ushort?)remoteField);

    private static AddressSelector Addresses(string text) => text == "any" ? AddressSelector.Any : AddressSelector.Parse(text.Split(','));
}
