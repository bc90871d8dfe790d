using System.Text;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>An identity: its kind and its data. RFC 7296 §3.5.</summary>
public sealed record Identity
{
    /// <summary>An identity; unknown kinds are kept.</summary>
    /// <exception cref="ArgumentException">An address of wrong length, ID_NULL with data, or too many bytes.</exception>
    public Identity(IdentityType type, ByteString data)
    {
        bool fits = type switch
        {
            IdentityType.Ipv4Address => data.Length == 4,
            IdentityType.Ipv6Address => data.Length == 16,
            IdentityType.Null => data.Length == 0,
            _ => data.Length <= IkePayload.MostBodyBytes - 4,
        };
        Type = type;
        Data = fits ? data : throw new ArgumentException($"{data.Length} bytes for {Iana.NameOf(type)}", nameof(data));
    }

    /// <summary>Nobody. RFC 7619 §2.2.</summary>
    public static Identity Null { get; } = new(IdentityType.Null, ByteString.Empty);

    /// <summary>Kind.</summary>
    public IdentityType Type { get; }

    /// <summary>Data.</summary>
    public ByteString Data { get; }

    /// <summary>An address.</summary>
    public static Identity Of(IpAddress address) => new(address.IsIpv6 ? IdentityType.Ipv6Address : IdentityType.Ipv4Address, ByteString.Adopt(address.ToBytes()));

    /// <summary>A domain name, without a terminator.</summary>
    public static Identity Fqdn(string name) => new(IdentityType.Fqdn, Ascii(name));

    /// <summary>A mail address, without a terminator.</summary>
    public static Identity Mail(string address) => new(IdentityType.Rfc822Address, Ascii(address));

    /// <summary>A network access identifier: with a realm it goes as a mail address, whatever else is in it, else as bytes. RFC 7296 §3.5.</summary>
    public static Identity Nai(string name) => name.Contains('@', StringComparison.Ordinal) ? Mail(name) : KeyId(Ascii(name));

    /// <summary>Bytes that both sides know.</summary>
    public static Identity KeyId(ByteString bytes) => new(IdentityType.KeyId, bytes);

    /// <summary>Kind and data on one line, names as text.</summary>
    public override string ToString() => Type switch
    {
        IdentityType.Ipv4Address or IdentityType.Ipv6Address => $"{Iana.NameOf(Type)} {IpAddress.FromBytes(Data.Span)}",
        IdentityType.Fqdn or IdentityType.Rfc822Address when IsPrintable => $"{Iana.NameOf(Type)} {Encoding.ASCII.GetString(Data.Span)}",
        IdentityType.Null => Iana.NameOf(Type),
        _ when Data.Length > 32 => $"{Iana.NameOf(Type)} {Data.Length} bytes",
        _ => $"{Iana.NameOf(Type)} 0x{Data}",
    };

    private bool IsPrintable => Data.Length <= 255 && !Data.Span.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e);

    private static ByteString Ascii(string text) => ByteString.Adopt(Encoding.ASCII.GetBytes(text));
}
