namespace Conformance.Spec.Wire;

/// <summary>An IPv6 header over any bytes whatever; missing bytes read as zero. RFC 8200 §3.</summary>
/// <param name="bytes">From the version field on.</param>
public readonly ref struct Ipv6HeaderView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Length in bytes.</summary>
    public const int FixedBytes = 40;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Version, 4 bits.</summary>
    public byte Version => (byte)(LooseFields.Byte(_bytes, 0) >> 4);

    /// <summary>Traffic class.</summary>
    public byte TrafficClass => (byte)(LooseFields.Word(_bytes, 0) >> 4);

    /// <summary>Flow label, 20 bits.</summary>
    public uint FlowLabel => LooseFields.Long(_bytes, 0) & 0xfffff;

    /// <summary>Payload length in bytes, as the field says.</summary>
    public int PayloadLengthBytes => LooseFields.Word(_bytes, 4);

    /// <summary>Next header.</summary>
    public byte NextHeader => LooseFields.Byte(_bytes, 6);

    /// <summary>Hop limit.</summary>
    public byte HopLimit => LooseFields.Byte(_bytes, 7);

    /// <summary>Source address.</summary>
    public IpAddress Source => LooseFields.Address(_bytes, 8, true);

    /// <summary>Destination address of this header.</summary>
    public IpAddress Destination => LooseFields.Address(_bytes, 24, true);

    /// <summary>Extension headers and upper layer by the packet's own length.</summary>
    public ReadOnlySpan<byte> Payload => LooseFields.Run(_bytes, FixedBytes, PayloadLengthBytes);
}

/// <summary>An IPv6 extension header over any bytes whatever; missing bytes read as zero. RFC 8200 §4.</summary>
/// <param name="bytes">From the next header field on.</param>
public readonly ref struct Ipv6ExtensionHeaderView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Length of a fragment header, in bytes.</summary>
    public const int FragmentBytes = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Next header.</summary>
    public byte NextHeader => LooseFields.Byte(_bytes, 0);

    /// <summary>Length in bytes by the field in its second byte, which a fragment header does not have.</summary>
    public int LengthBytes => (LooseFields.Byte(_bytes, 1) + 1) * 8;

    /// <summary>Options of a hop-by-hop or destination options header.</summary>
    public ReadOnlySpan<byte> Options => LooseFields.Run(_bytes, 2, LengthBytes - 2);

    /// <summary>Type of a routing header.</summary>
    public byte RoutingType => LooseFields.Byte(_bytes, 2);

    /// <summary>Segments left of a routing header.</summary>
    public byte SegmentsLeft => LooseFields.Byte(_bytes, 3);

    /// <summary>Type-specific data of a routing header.</summary>
    public ReadOnlySpan<byte> RoutingData => LooseFields.Run(_bytes, 4, LengthBytes - 4);

    /// <summary>Fragment offset of a fragment header, in bytes.</summary>
    public int FragmentOffsetBytes => LooseFields.Word(_bytes, 2) & 0xfff8;

    /// <summary>M flag of a fragment header.</summary>
    public bool MoreFragments => (LooseFields.Byte(_bytes, 3) & 1) != 0;

    /// <summary>Identification of a fragment header.</summary>
    public uint Identification => LooseFields.Long(_bytes, 4);
}
