namespace Conformance.Spec.Wire;

/// <summary>An ICMP or ICMPv6 message over any bytes whatever; missing bytes read as zero. RFC 792, RFC 4443 §2.1.</summary>
/// <param name="bytes">From the type on.</param>
public readonly ref struct IcmpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Type, code, checksum and four bytes that depend on the type, in bytes.</summary>
    public const int HeaderBytes = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Type.</summary>
    public byte Type => LooseFields.Byte(_bytes, 0);

    /// <summary>Code.</summary>
    public byte Code => LooseFields.Byte(_bytes, 1);

    /// <summary>Checksum as it stands.</summary>
    public ushort Checksum => LooseFields.Word(_bytes, 2);

    /// <summary>The four bytes behind the checksum.</summary>
    public uint Parameter => LooseFields.Long(_bytes, 4);

    /// <summary>Next-hop MTU of an ICMP fragmentation-needed message, in bytes. RFC 1191 §4.</summary>
    public int NextHopMtuBytes => LooseFields.Word(_bytes, 6);

    /// <summary>Identifier of an echo.</summary>
    public ushort Identifier => LooseFields.Word(_bytes, 4);

    /// <summary>Sequence number of an echo.</summary>
    public ushort Sequence => LooseFields.Word(_bytes, 6);

    /// <summary>Echo data, or the packet that an error quotes.</summary>
    public ReadOnlySpan<byte> Body => LooseFields.Run(_bytes, HeaderBytes);
}
