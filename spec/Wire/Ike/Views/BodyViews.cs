using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>The body of a KE payload. RFC 7296 §3.4.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct KeyExchangeView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Key exchange method.</summary>
    public KeyExchangeMethod Method => (KeyExchangeMethod)LooseFields.Word(_body, 0);

    /// <summary>Public value.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_body, 4);
}

/// <summary>The body of IDi, IDr and AUTH payloads: one number, three reserved bytes, data. RFC 7296 §3.5, §3.8.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct NumberedView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Identification type or authentication method.</summary>
    public byte Number => LooseFields.Byte(_body, 0);

    /// <summary>Data.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_body, 4);
}

/// <summary>The body of CERT and CERTREQ payloads. RFC 7296 §3.6, §3.7.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct CertificateView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Encoding.</summary>
    public CertificateEncoding Encoding => (CertificateEncoding)LooseFields.Byte(_body, 0);

    /// <summary>Certificate data or authorities.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_body, 1);
}

/// <summary>The body of a notification. RFC 7296 §3.10.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct NotifyView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Protocol as it stands, also where it means nothing.</summary>
    public ProtocolId Protocol => (ProtocolId)LooseFields.Byte(_body, 0);

    /// <summary>Length of the SPI in bytes, as the field says.</summary>
    public byte SpiSizeBytes => LooseFields.Byte(_body, 1);

    /// <summary>Type.</summary>
    public NotifyType Type => (NotifyType)LooseFields.Word(_body, 2);

    /// <summary>SPI as far as it is there.</summary>
    public ReadOnlySpan<byte> Spi => LooseFields.Run(_body, 4, SpiSizeBytes);

    /// <summary>Data of the notification.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_body, 4 + SpiSizeBytes);
}

/// <summary>The body of a delete payload. RFC 7296 §3.11.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct DeleteView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Protocol of the SAs.</summary>
    public ProtocolId Protocol => (ProtocolId)LooseFields.Byte(_body, 0);

    /// <summary>Length of each SPI in bytes, as the field says.</summary>
    public byte SpiSizeBytes => LooseFields.Byte(_body, 1);

    /// <summary>Number of SPIs, as the field says.</summary>
    public ushort SpiCount => LooseFields.Word(_body, 2);

    /// <summary>The SPIs end to end.</summary>
    public ReadOnlySpan<byte> Spis => LooseFields.Run(_body, 4);
}

/// <summary>The body of a traffic selector payload. RFC 7296 §3.13.</summary>
/// <param name="body">Behind the generic header.</param>
/// <param name="offsetBytes">Where it starts in the message.</param>
public readonly ref struct TrafficSelectorsView(ReadOnlySpan<byte> body, int offsetBytes)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly int _offsetBytes = offsetBytes;

    /// <summary>Number of selectors, as the field says.</summary>
    public byte Count => LooseFields.Byte(_body, 0);

    /// <summary>A walk over the selectors.</summary>
    public StructureWalk Selectors => new(LooseFields.Run(_body, 4), _offsetBytes + 4, TrafficSelectorView.FixedBytes);
}

/// <summary>One traffic selector over any bytes whatever. RFC 7296 §3.13.1.</summary>
/// <param name="bytes">From its type on.</param>
public readonly ref struct TrafficSelectorView(ReadOnlySpan<byte> bytes)
{
    /// <summary>What all types have: type, a byte of the type's own, length.</summary>
    public const int FixedBytes = 4;

    /// <summary>Length of a range of IPv4 addresses, in bytes.</summary>
    public const int Ipv4Bytes = 16;

    /// <summary>Length of a range of IPv6 addresses, in bytes.</summary>
    public const int Ipv6Bytes = 40;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Type.</summary>
    public TrafficSelectorType Type => (TrafficSelectorType)LooseFields.Byte(_bytes, 0);

    /// <summary>IP protocol; 0 is any.</summary>
    public byte Protocol => LooseFields.Byte(_bytes, 1);

    /// <summary>First port, or ICMP type and code.</summary>
    public ushort FirstPort => LooseFields.Word(_bytes, 4);

    /// <summary>Last port, or ICMP type and code.</summary>
    public ushort LastPort => LooseFields.Word(_bytes, 6);

    /// <summary>First address.</summary>
    public IpAddress FirstAddress => LooseFields.Address(_bytes, 8, IsIpv6);

    /// <summary>Last address.</summary>
    public IpAddress LastAddress => LooseFields.Address(_bytes, 8 + (IsIpv6 ? 16 : 4), IsIpv6);

    private bool IsIpv6 => Type == TrafficSelectorType.Ipv6AddressRange;
}

/// <summary>The body of SKF: which fragment of how many, and its protected content. RFC 7383 §2.5.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct EncryptedFragmentView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Number of this fragment, from 1 on.</summary>
    public ushort Number => LooseFields.Word(_body, 0);

    /// <summary>Number of all fragments.</summary>
    public ushort Total => LooseFields.Word(_body, 2);

    /// <summary>IV, ciphertext and ICV.</summary>
    public ReadOnlySpan<byte> Content => LooseFields.Run(_body, 4);
}

/// <summary>The body of a configuration payload. RFC 7296 §3.15.</summary>
/// <param name="body">Behind the generic header.</param>
/// <param name="offsetBytes">Where it starts in the message.</param>
public readonly ref struct ConfigurationView(ReadOnlySpan<byte> body, int offsetBytes)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly int _offsetBytes = offsetBytes;

    /// <summary>Request, reply, set or acknowledgement.</summary>
    public ConfigurationType Type => (ConfigurationType)LooseFields.Byte(_body, 0);

    /// <summary>A walk over the attributes.</summary>
    public AttributeWalk Attributes => new(LooseFields.Run(_body, 4), _offsetBytes + 4, shortForm: false);
}

/// <summary>The body of an EAP payload. RFC 7296 §3.16, RFC 3748 §4.</summary>
/// <param name="body">Behind the generic header.</param>
public readonly ref struct EapView(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Code.</summary>
    public EapCode Code => (EapCode)LooseFields.Byte(_body, 0);

    /// <summary>Identifier.</summary>
    public byte Identifier => LooseFields.Byte(_body, 1);

    /// <summary>Length of the EAP message in bytes, as the field says.</summary>
    public int LengthBytes => LooseFields.Word(_body, 2);

    /// <summary>Type of a request or response.</summary>
    public EapType Type => (EapType)LooseFields.Byte(_body, 4);

    /// <summary>What follows the type.</summary>
    public ReadOnlySpan<byte> TypeData => LooseFields.Run(_body, 5);
}
