using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>The header of an IKE message over any bytes whatever; missing bytes read as zero. RFC 7296 §3.1.</summary>
/// <param name="bytes">From the initiator's SPI on, without the non-ESP marker of UDP port 4500.</param>
public readonly ref struct IkeHeaderView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Length of the header, in bytes.</summary>
    public const int HeaderBytes = 28;

    /// <summary>Flag I: from the initiator of this IKE SA.</summary>
    public const byte InitiatorFlag = 0x08;

    /// <summary>Flag V: the sender knows a higher major version.</summary>
    public const byte VersionFlag = 0x10;

    /// <summary>Flag R: a response.</summary>
    public const byte ResponseFlag = 0x20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The initiator's SPI.</summary>
    public IkeSpi InitiatorSpi => new(LooseFields.Quad(_bytes, 0));

    /// <summary>The responder's SPI.</summary>
    public IkeSpi ResponderSpi => new(LooseFields.Quad(_bytes, 8));

    /// <summary>Type of the first payload.</summary>
    public PayloadType NextPayload => (PayloadType)LooseFields.Byte(_bytes, 16);

    /// <summary>Major version.</summary>
    public int MajorVersion => LooseFields.Byte(_bytes, 17) >> 4;

    /// <summary>Minor version.</summary>
    public int MinorVersion => LooseFields.Byte(_bytes, 17) & 0x0f;

    /// <summary>Exchange type.</summary>
    public ExchangeType ExchangeType => (ExchangeType)LooseFields.Byte(_bytes, 18);

    /// <summary>All flags, reserved ones too.</summary>
    public byte Flags => LooseFields.Byte(_bytes, 19);

    /// <summary>Flag I.</summary>
    public bool IsFromInitiator => (Flags & InitiatorFlag) != 0;

    /// <summary>Flag R.</summary>
    public bool IsResponse => (Flags & ResponseFlag) != 0;

    /// <summary>Flag V.</summary>
    public bool KnowsHigherVersion => (Flags & VersionFlag) != 0;

    /// <summary>Message ID.</summary>
    public MessageId MessageId => new(LooseFields.Long(_bytes, 20));

    /// <summary>Length of header and payloads in bytes, as the field says.</summary>
    public uint LengthBytes => LooseFields.Long(_bytes, 24);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Rest => LooseFields.Run(_bytes, HeaderBytes);

    /// <summary>A walk over the payloads behind the header, whatever the length field says.</summary>
    public PayloadChainView Payloads => new(NextPayload, Rest, HeaderBytes);
}
