namespace Conformance.Spec.Wire;

/// <summary>What a datagram to port 4500 carries. RFC 3948 §2.</summary>
public enum UdpEncapsulatedContent
{
    /// <summary>Neither a keepalive nor room for an SPI or the marker.</summary>
    TooShort,

    /// <summary>One byte 0xff. RFC 3948 §2.3.</summary>
    KeepAlive,

    /// <summary>Key exchange behind four zero bytes, the non-ESP marker. RFC 3948 §2.2.</summary>
    KeyExchange,

    /// <summary>ESP: the first four bytes are an SPI, which is not 0. RFC 3948 §2.1.</summary>
    Esp,
}

/// <summary>Tells apart what shares port 4500. RFC 3948 §2.</summary>
public static class UdpEncapsulatedContents
{
    /// <summary>Port of UDP encapsulation. RFC 3948 §2.1.</summary>
    public const ushort Port = 4500;

    /// <summary>Length of the non-ESP marker, in bytes. RFC 3948 §2.2.</summary>
    public const int NonEspMarkerBytes = 4;

    private const byte KeepAliveByte = 0xff;

    /// <summary>Looks at the data of a UDP datagram.</summary>
    public static UdpEncapsulatedContent Classify(ReadOnlySpan<byte> data) => data switch
    {
        [KeepAliveByte] => UdpEncapsulatedContent.KeepAlive,
        [0, 0, 0, 0, ..] => UdpEncapsulatedContent.KeyExchange,
        { Length: < NonEspMarkerBytes } => UdpEncapsulatedContent.TooShort,
        _ => UdpEncapsulatedContent.Esp,
    };
}
