using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>What a gateway has for its clients. RFC 7296 §2.19, §3.15.</summary>
public sealed record AddressPool
{
    /// <summary>Addresses, of one family or of both.</summary>
    public required ValueList<AddressRange> Ranges { get; init; }

    /// <summary>Name servers, networks and what else is told to who asks for it.</summary>
    public ValueList<ConfigurationAttribute> Settings { get; init; }

    /// <summary>No Child SA without an address from here. RFC 7296 §2.19.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>Addresses from one through another.</summary>
/// <param name="First">First address.</param>
/// <param name="Last">Last address.</param>
/// <param name="PrefixLength">Prefix of the network that they are in.</param>
public sealed record AddressRange(IpAddress First, IpAddress Last, byte PrefixLength)
{
    /// <summary>A range in text.</summary>
    public static AddressRange Of(string first, string last, byte prefixLength) => new(IpAddress.Parse(first), IpAddress.Parse(last), prefixLength);

    /// <summary>True if an address is in it.</summary>
    public bool Contains(IpAddress address) => address.IsIpv6 == First.IsIpv6 && address.Value >= First.Value && address.Value <= Last.Value;
}
