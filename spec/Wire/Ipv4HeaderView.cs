namespace Conformance.Spec.Wire;

/// <summary>An IPv4 header over any bytes whatever; missing bytes read as zero. RFC 791 §3.1.</summary>
/// <param name="bytes">From the version field on.</param>
public readonly ref struct Ipv4HeaderView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Header without options, in bytes.</summary>
    public const int FixedBytes = 20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Version, 4 bits.</summary>
    public byte Version => (byte)(LooseFields.Byte(_bytes, 0) >> 4);

    /// <summary>Internet header length in bytes, as the field says: 0 to 60.</summary>
    public int HeaderLengthBytes => (LooseFields.Byte(_bytes, 0) & 0x0f) * 4;

    /// <summary>Type of service. RFC 2474, RFC 3168.</summary>
    public byte TypeOfService => LooseFields.Byte(_bytes, 1);

    /// <summary>Total length in bytes, as the field says.</summary>
    public int TotalLengthBytes => LooseFields.Word(_bytes, 2);

    /// <summary>Identification.</summary>
    public ushort Identification => LooseFields.Word(_bytes, 4);

    /// <summary>Bit 0 of the flags, reserved.</summary>
    public bool ReservedFlag => (LooseFields.Byte(_bytes, 6) & 0x80) != 0;

    /// <summary>DF.</summary>
    public bool DontFragment => (LooseFields.Byte(_bytes, 6) & 0x40) != 0;

    /// <summary>MF.</summary>
    public bool MoreFragments => (LooseFields.Byte(_bytes, 6) & 0x20) != 0;

    /// <summary>Fragment offset in bytes.</summary>
    public int FragmentOffsetBytes => (LooseFields.Word(_bytes, 6) & 0x1fff) * 8;

    /// <summary>Time to live.</summary>
    public byte TimeToLive => LooseFields.Byte(_bytes, 8);

    /// <summary>Protocol.</summary>
    public byte Protocol => LooseFields.Byte(_bytes, 9);

    /// <summary>Header checksum as it stands.</summary>
    public ushort HeaderChecksum => LooseFields.Word(_bytes, 10);

    /// <summary>True if the checksum fits the header, as far as its bytes are there.</summary>
    public bool ChecksumIsRight => InternetChecksum.Compute(LooseFields.Run(_bytes, 0, HeaderLengthBytes)) == 0;

    /// <summary>Source address.</summary>
    public IpAddress Source => LooseFields.Address(_bytes, 12, false);

    /// <summary>Destination address.</summary>
    public IpAddress Destination => LooseFields.Address(_bytes, 16, false);

    /// <summary>Options, as far as IHL reaches and bytes are there.</summary>
    public ReadOnlySpan<byte> Options => LooseFields.Run(_bytes, FixedBytes, HeaderLengthBytes - FixedBytes);

    /// <summary>What lies between the header's and the packet's end by their own lengths.</summary>
    public ReadOnlySpan<byte> Payload => LooseFields.Run(_bytes, HeaderLengthBytes, TotalLengthBytes - HeaderLengthBytes);
}
