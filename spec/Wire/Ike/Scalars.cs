namespace Conformance.Spec.Wire.Ike;

/// <summary>SPI of one side of an IKE SA, 64 bits; 0 stands for a responder that is not known yet. RFC 7296 §3.1.</summary>
public readonly record struct IkeSpi(ulong Value)
{
    /// <summary>Length on the wire, in bytes.</summary>
    public const int LengthBytes = 8;

    /// <summary>True for the responder's SPI in the first request.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Reads 8 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static IkeSpi FromBytes(ByteString bytes) => bytes.Length == LengthBytes
        ? new(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes.Span))
        : throw new ArgumentException($"an SPI of an IKE SA has 8 bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>The 8 bytes, as a proposal carries them.</summary>
    public ByteString ToByteString()
    {
        byte[] bytes = new byte[LengthBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);
        return ByteString.Adopt(bytes);
    }

    /// <summary>The usual notation of 16 digits.</summary>
    public override string ToString() => $"0x{Value:x16}";
}

/// <summary>Message ID, which orders the requests of one side of an IKE SA. RFC 7296 §2.2.</summary>
public readonly record struct MessageId(uint Value)
{
    /// <summary>The ID of the request after this one.</summary>
    public MessageId Next => new(unchecked(Value + 1));

    /// <summary>Decimal notation.</summary>
    public override string ToString() => $"{Value}";
}
