using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>What a remote client asks of the gateway. RFC 7296 §2.19.</summary>
public sealed record AddressRequest
{
    /// <summary>A request.</summary>
    /// <param name="attributes">Attributes of CFG_REQUEST, an inner address among them.</param>
    /// <param name="isNeeded">True if the client cannot do without an address.</param>
    /// <exception cref="ArgumentException">No inner address is asked for, or something is told that only the gateway may tell. RFC 7296 §3.15.1.</exception>
    public AddressRequest(ValueList<ConfigurationAttribute> attributes, bool isNeeded = true)
    {
        Attributes = attributes.Any(a => IsInnerAddress(a.Type)) ? attributes : throw new ArgumentException("no inner address is asked for", nameof(attributes));
        bool isTold = attributes.Any(a => a.Value.Length > 0 && a.Type is ConfigurationAttributeType.InternalIp4Netmask or ConfigurationAttributeType.SupportedAttributes);
        _ = isTold ? throw new ArgumentException("a mask or a list of attributes is asked for without a value", nameof(attributes)) : 0;
        IsNeeded = isNeeded;
    }

    /// <summary>Attributes of CFG_REQUEST.</summary>
    public ValueList<ConfigurationAttribute> Attributes { get; }

    /// <summary>True if the client cannot do without an address. RFC 7296 §3.15.4.</summary>
    public bool IsNeeded { get; }

    /// <summary>Attributes without a value.</summary>
    public static AddressRequest Of(params ReadOnlySpan<ConfigurationAttributeType> types)
    {
        List<ConfigurationAttribute> attributes = [];
        foreach (ConfigurationAttributeType type in types)
        {
            attributes.Add(new ConfigurationAttribute(type));
        }

        return new([.. attributes]);
    }

    /// <summary>True for INTERNAL_IP4_ADDRESS and INTERNAL_IP6_ADDRESS.</summary>
    public static bool IsInnerAddress(ConfigurationAttributeType type) =>
        type is ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp6Address;
}
