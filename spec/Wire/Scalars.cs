namespace Conformance.Spec.Wire;

/// <summary>Security Parameters Index, 32 bits in network byte order on the wire. RFC 4303 §2.1.</summary>
public readonly record struct Spi(uint Value)
{
    /// <summary>The usual notation, for example 0x00001001.</summary>
    public override string ToString() => $"0x{Value:x8}";
}

/// <summary>Extended sequence number, 64 bits; only the low half travels. RFC 4303 §2.2.1.</summary>
/// <remarks>Without extended sequence numbers the high half is zero throughout.</remarks>
public readonly record struct SequenceNumber(ulong Value)
{
    /// <summary>The half that travels in the packet.</summary>
    public uint Low => (uint)Value;

    /// <summary>The half that is only covered by the ICV.</summary>
    public uint High => (uint)(Value >> 32);

    /// <summary>Joins the two halves.</summary>
    public static SequenceNumber FromHalves(uint high, uint low) => new(((ulong)high << 32) | low);

    /// <summary>Decimal notation.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>Why a byte string has no meaning: the field, where it starts, and the reason. RFC 4303 §2 and others.</summary>
/// <param name="Field">Name of the field in the words of its RFC.</param>
/// <param name="OffsetBytes">Offset of that field from the start of the parsed span, in bytes.</param>
/// <param name="Reason">One clause, for people.</param>
public readonly record struct ParseError(string Field, int OffsetBytes, string Reason)
{
    /// <summary>One line: field, offset and reason.</summary>
    public override string ToString() => $"{Field} at byte {OffsetBytes}: {Reason}";
}

/// <summary>Protocol numbers of the IANA registry that IPsec looks at.</summary>
public static class IpProtocol
{
    /// <summary>IPv6 hop-by-hop options. RFC 8200 §4.3.</summary>
    public const byte HopByHopOptions = 0;

    /// <summary>ICMP for IPv4. RFC 792.</summary>
    public const byte Icmp = 1;

    /// <summary>IPv4 in a tunnel. RFC 2003.</summary>
    public const byte Ipv4 = 4;

    /// <summary>TCP. RFC 9293.</summary>
    public const byte Tcp = 6;

    /// <summary>UDP. RFC 768.</summary>
    public const byte Udp = 17;

    /// <summary>IPv6 in a tunnel. RFC 2473.</summary>
    public const byte Ipv6 = 41;

    /// <summary>GRE. RFC 2784.</summary>
    public const byte Gre = 47;

    /// <summary>SCTP. RFC 9260.</summary>
    public const byte Sctp = 132;

    /// <summary>UDP-Lite. RFC 3828.</summary>
    public const byte UdpLite = 136;

    /// <summary>IPv6 routing header. RFC 8200 §4.4.</summary>
    public const byte Routing = 43;

    /// <summary>IPv6 fragment header. RFC 8200 §4.5.</summary>
    public const byte Fragment = 44;

    /// <summary>ESP. RFC 4303 §2.</summary>
    public const byte Esp = 50;

    /// <summary>AH. RFC 4302.</summary>
    public const byte Ah = 51;

    /// <summary>ICMP for IPv6. RFC 4443.</summary>
    public const byte IcmpV6 = 58;

    /// <summary>No next header: an ESP dummy packet. RFC 4303 §2.6.</summary>
    public const byte NoNextHeader = 59;

    /// <summary>IPv6 destination options. RFC 8200 §4.6.</summary>
    public const byte DestinationOptions = 60;

    /// <summary>BEET pseudo header (draft-nikander-esp-beet-mode §5.4).</summary>
    public const byte BeetPseudoHeader = 94;

    /// <summary>IPComp. RFC 3173.</summary>
    public const byte IpComp = 108;

    /// <summary>IPv6 mobility header. RFC 6275.</summary>
    public const byte Mobility = 135;

    /// <summary>Several packets, or parts of some, in one ESP packet. RFC 9347 §6.1.</summary>
    public const byte AggFrag = 144;

    /// <summary>First of two numbers reserved for experiments. RFC 3692.</summary>
    public const byte Experiment253 = 253;
}
