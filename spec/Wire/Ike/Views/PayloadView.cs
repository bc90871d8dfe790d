using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>One payload with its generic header over any bytes whatever. RFC 7296 §3.2.</summary>
public readonly ref struct PayloadView
{
    /// <summary>Length of the generic header, in bytes.</summary>
    public const int HeaderBytes = 4;

    /// <summary>The bit of <see cref="FlagByte"/> that says critical.</summary>
    public const byte CriticalBit = 0x80;

    private readonly ReadOnlySpan<byte> _bytes;

    internal PayloadView(PayloadType type, ReadOnlySpan<byte> bytes, int offsetBytes, bool isWhole)
    {
        Type = type;
        _bytes = bytes;
        OffsetBytes = offsetBytes;
        IsWhole = isWhole;
    }

    /// <summary>Type, as the header or payload before it says.</summary>
    public PayloadType Type { get; }

    /// <summary>Where it starts in the message.</summary>
    public int OffsetBytes { get; }

    /// <summary>True if the generic header is there, and as many bytes as its length says.</summary>
    public bool IsWhole { get; }

    /// <summary>Type of the payload behind it, or of the first one inside SK and SKF.</summary>
    public PayloadType NextPayload => (PayloadType)LooseFields.Byte(_bytes, 0);

    /// <summary>Critical bit and reserved bits.</summary>
    public byte FlagByte => LooseFields.Byte(_bytes, 1);

    /// <summary>Critical bit. RFC 7296 §2.5.</summary>
    public bool IsCritical => (FlagByte & CriticalBit) != 0;

    /// <summary>Length with generic header in bytes, as the field says.</summary>
    public int LengthBytes => LooseFields.Word(_bytes, 2);

    /// <summary>Header and body as far as they are there.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What follows the generic header, as far as it is there.</summary>
    public ReadOnlySpan<byte> Body => LooseFields.Run(_bytes, HeaderBytes);

    /// <summary>Where the body starts in the message.</summary>
    public int BodyOffsetBytes => OffsetBytes + HeaderBytes;

    /// <summary>True for SK and SKF, whose next payload lies inside them. RFC 7296 §3.14, RFC 7383 §2.5.</summary>
    public bool IsEncrypted => Type is PayloadType.Encrypted or PayloadType.EncryptedFragment;
}

/// <summary>A walk over a chain of payloads; it ends at type 0, at SK or SKF, at a payload that is not whole, and where the bytes end. RFC 7296 §3.2.</summary>
public ref struct PayloadChainView
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _offsetBytes;
    private int _at;
    private bool _ended;

    /// <summary>A walk from the first payload on.</summary>
    /// <param name="first">Its type.</param>
    /// <param name="bytes">The chain.</param>
    /// <param name="offsetBytes">Where it starts in the message.</param>
    public PayloadChainView(PayloadType first, ReadOnlySpan<byte> bytes, int offsetBytes)
    {
        _bytes = bytes;
        _offsetBytes = offsetBytes;
        NextType = first;
    }

    /// <summary>The payload that <see cref="MoveNext"/> has come to.</summary>
    public PayloadView Current { get; private set; }

    /// <summary>Type of the payload that would come next; 0 behind the last one.</summary>
    public PayloadType NextType { get; private set; }

    /// <summary>Where the next payload would start in the message.</summary>
    public readonly int NextOffsetBytes => _offsetBytes + _at;

    /// <summary>What has not been walked over.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[_at..];

    /// <summary>The walk itself, for foreach.</summary>
    public readonly PayloadChainView GetEnumerator() => this;

    /// <summary>Goes to the next payload.</summary>
    public bool MoveNext()
    {
        if (_ended || NextType == PayloadType.None || _at >= _bytes.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _bytes[_at..];
        int length = LooseFields.Word(rest, 2);
        bool isWhole = length >= PayloadView.HeaderBytes && length <= rest.Length;
        Current = new PayloadView(NextType, isWhole ? rest[..length] : rest, _offsetBytes + _at, isWhole);
        _ended = !isWhole || Current.IsEncrypted;
        _at += Current.Bytes.Length;
        NextType = Current.IsEncrypted ? PayloadType.None : Current.NextPayload;
        return true;
    }
}
