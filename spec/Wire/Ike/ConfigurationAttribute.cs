using System.Buffers.Binary;
using System.Text;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>One attribute of a configuration payload; an empty value asks for any. RFC 7296 §3.15.1.</summary>
public sealed record ConfigurationAttribute
{
    /// <summary>An attribute; unknown types are kept.</summary>
    /// <exception cref="ArgumentException">A type of more than 15 bits, or too many bytes.</exception>
    public ConfigurationAttribute(ConfigurationAttributeType type, ByteString value = default)
    {
        Type = (ushort)type <= 0x7fff ? type : throw new ArgumentException($"{(int)type}", nameof(type));
        Value = value.Length <= ushort.MaxValue ? value : throw new ArgumentException("too long", nameof(value));
    }

    /// <summary>Type, 15 bits.</summary>
    public ConfigurationAttributeType Type { get; }

    /// <summary>Value.</summary>
    public ByteString Value { get; }

    internal int LengthBytes => 4 + Value.Length;

    /// <summary>True if the value has a length that its type allows; that of other types is not judged. RFC 7296 §3.15.1.</summary>
    public bool HasRightLength => Type switch
    {
        ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp4Netmask or ConfigurationAttributeType.InternalIp4Dns
            or ConfigurationAttributeType.InternalIp4Nbns or ConfigurationAttributeType.InternalIp4Dhcp or ConfigurationAttributeType.PcscfIp4Address => Value.Length is 0 or 4,
        ConfigurationAttributeType.InternalIp6Dns or ConfigurationAttributeType.InternalIp6Dhcp or ConfigurationAttributeType.PcscfIp6Address => Value.Length is 0 or 16,
        ConfigurationAttributeType.InternalIp6Address => Value.Length is 0 or 17,
        ConfigurationAttributeType.InternalIp4Subnet => Value.Length is 0 or 8,
        ConfigurationAttributeType.InternalIp6Subnet => Value.Length == 17,
        ConfigurationAttributeType.SupportedAttributes => Value.Length % 2 == 0,
        _ => true,
    };

    /// <summary>The address in front of the value, or null where there is none.</summary>
    public IpAddress? Address => !HasRightLength ? null : (Type, Value.Length) switch
    {
        (ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp4Netmask or ConfigurationAttributeType.InternalIp4Dns
            or ConfigurationAttributeType.InternalIp4Nbns or ConfigurationAttributeType.InternalIp4Dhcp or ConfigurationAttributeType.InternalIp4Subnet
            or ConfigurationAttributeType.PcscfIp4Address, >= 4) => IpAddress.FromBytes(Value.Span[..4]),
        (ConfigurationAttributeType.InternalIp6Address or ConfigurationAttributeType.InternalIp6Subnet or ConfigurationAttributeType.InternalIp6Dns
            or ConfigurationAttributeType.InternalIp6Dhcp or ConfigurationAttributeType.PcscfIp6Address, >= 16) => IpAddress.FromBytes(Value.Span[..16]),
        _ => null,
    };

    /// <summary>Prefix length behind an IPv6 address, or null where there is none.</summary>
    public byte? PrefixLength => Type is ConfigurationAttributeType.InternalIp6Address or ConfigurationAttributeType.InternalIp6Subnet && Value.Length == 17 ? Value[16] : null;

    /// <summary>Types that SUPPORTED_ATTRIBUTES lists; empty for other types.</summary>
    public ValueList<ConfigurationAttributeType> Supported => Type != ConfigurationAttributeType.SupportedAttributes
        ? []
        : new([.. Enumerable.Range(0, Value.Length / 2).Select(i => (ConfigurationAttributeType)(BinaryPrimitives.ReadUInt16BigEndian(Value.Span[(2 * i)..]) & 0x7fff))]);

    /// <summary>A value that is an address.</summary>
    public static ConfigurationAttribute Of(ConfigurationAttributeType type, IpAddress address) => new(type, ByteString.Adopt(address.ToBytes()));

    /// <summary>An IPv6 address or network with its prefix length.</summary>
    public static ConfigurationAttribute Of(ConfigurationAttributeType type, IpAddress address, byte prefixLength) => new(type, ByteString.Adopt([.. address.ToBytes(), prefixLength]));

    /// <summary>A value that is text.</summary>
    public static ConfigurationAttribute Of(ConfigurationAttributeType type, string text) => new(type, ByteString.Adopt(Encoding.UTF8.GetBytes(text)));

    /// <summary>Name and value on one line.</summary>
    public override string ToString() => Value.Length == 0 ? Iana.NameOf(Type)
        : Address is { } address ? $"{Iana.NameOf(Type)}={address}{(PrefixLength is { } length ? $"/{length}" : "")}"
        : Value.Length <= 32 ? $"{Iana.NameOf(Type)}=0x{Value}"
        : $"{Iana.NameOf(Type)}={Value.Length} bytes";
}
