using System.Buffers.Binary;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>An ESP datagram that the tester may send, with what an honest receiver would make of it.</summary>
/// <param name="Datagram">From the outer IP header on.</param>
/// <param name="Plain">The packet inside.</param>
/// <param name="Spi">Index in the packet.</param>
/// <param name="Sequence">Full sequence number it was sealed with.</param>
/// <param name="EspOffsetBytes">Where the ESP header starts in the datagram.</param>
/// <param name="IcvBytes">Length of the ICV at its end.</param>
/// <param name="Fault">What was broken, or null for an honest packet.</param>
public sealed record SealedPacket(ByteString Datagram, ByteString Plain, Spi Spi, ulong Sequence, int EspOffsetBytes, int IcvBytes, string? Fault = null)
{
    /// <summary>The VLAN of the frame around it; null for the one that the link is in.</summary>
    public ushort? VlanId { get; init; }

    /// <summary>A datagram of which only the bytes are known.</summary>
    public static SealedPacket Recorded(ByteString datagram, string description) => new(datagram, ByteString.Empty, default, 0, 0, 0, description);

    /// <summary>The same packet with the last bit of the ICV flipped.</summary>
    public SealedPacket WithForgedIcv() => WithFlippedBit(Datagram.Length - 1, 0, "forged ICV");

    /// <summary>The same packet with one bit flipped; outer IP and UDP headers are for the caller to keep valid.</summary>
    /// <param name="offsetBytes">Offset in the datagram.</param>
    /// <param name="bit">0 is the least significant.</param>
    /// <param name="fault">Name of the fault.</param>
    public SealedPacket WithFlippedBit(int offsetBytes, int bit, string fault)
    {
        byte[] bytes = Datagram.ToArray();
        bytes[offsetBytes] ^= (byte)(1 << bit);
        return With(bytes, fault);
    }

    /// <summary>The same packet with another SPI in its header.</summary>
    public SealedPacket WithSpi(Spi spi)
    {
        byte[] bytes = Datagram.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(EspOffsetBytes), spi.Value);
        return With(bytes, $"SPI {spi}") with { Spi = spi };
    }

    /// <summary>The same packet with other IPv4 fragment fields.</summary>
    public SealedPacket WithFragmentFields(int offsetBytes, bool moreFragments)
    {
        byte[] bytes = Datagram.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)((offsetBytes / 8) | (moreFragments ? 0x2000 : 0)));
        IpPackets.FinishHeader(bytes);
        return With(bytes, $"fragment at {offsetBytes}{(moreFragments ? ", more follow" : "")}");
    }

    /// <summary>The same packet cut to its first bytes of ESP, with outer lengths that say so.</summary>
    public SealedPacket WithEspCutTo(int espBytes) =>
        WithEsp(Datagram.Span.Slice(EspOffsetBytes, espBytes), $"cut to {espBytes} bytes of ESP");

    /// <summary>The same outer headers, with lengths that fit, around other bytes than ESP.</summary>
    public SealedPacket WithEsp(ReadOnlySpan<byte> content, string fault) =>
        With(OuterDatagram.Resize(Datagram.Span, EspOffsetBytes, content), fault);

    /// <summary>The same packet in UDP with a checksum that is right and not zero.</summary>
    public SealedPacket WithUdpChecksum()
    {
        byte[] bytes = Datagram.ToArray();
        Span<byte> udp = bytes.AsSpan(EspOffsetBytes - OuterDatagram.UdpHeaderBytes);
        bool readable = IpPacketView.TryParse(Datagram.Span, out IpPacketView packet, out ParseError error);
        if (!readable)
        {
            throw new InvalidOperationException(error.ToString());
        }

        udp.Slice(6, 2).Clear();
        ushort checksum = InternetChecksum.Compute(packet.Source, packet.Destination, IpProtocol.Udp, udp);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return With(bytes, "UDP checksum present");
    }

    /// <summary>The same packet with other bytes.</summary>
    public SealedPacket With(byte[] datagram, string fault) => this with { Datagram = ByteString.Adopt(datagram), Fault = fault };

    /// <summary>SPI, number and fault.</summary>
    public override string ToString() => EspOffsetBytes == 0 ? Fault ?? "" : $"ESP spi={Spi} seq={Sequence}" + (Fault is null ? "" : $" ({Fault})");
}

/// <summary>The tester's end of a connection: seals what the target receives. RFC 4303 §3.3.</summary>
public sealed class Peer
{
    private readonly SecurityAssociation _sa;
    private readonly IKeyring _keyring;
    private readonly Func<int, byte[]> _iv;
    private readonly PlainPackets _plain;

    internal Peer(SecurityAssociation sa, IKeyring keyring, Func<int, byte[]> iv, PlainPackets plain)
    {
        _sa = sa;
        _keyring = keyring;
        _iv = iv;
        _plain = plain;
    }

    /// <summary>The SA on which the target receives.</summary>
    public SecurityAssociation Sa => _sa;

    /// <summary>Plain packets in the direction of the target.</summary>
    public PlainPackets Plain => _plain;

    /// <summary>Seals a fresh plain packet.</summary>
    /// <param name="sequence">Full sequence number.</param>
    /// <param name="payloadBytes">Payload behind the inner IP header, in bytes.</param>
    /// <param name="options">Padding and trailer; null for the model's own choice.</param>
    public SealedPacket Seal(ulong sequence, int payloadBytes = 32, SealOptions? options = null) =>
        SealPlain(_plain.Next(payloadBytes), sequence, options);

    /// <summary>Seals a given plain packet.</summary>
    /// <exception cref="InvalidOperationException">The mode cannot enclose it.</exception>
    public SealedPacket SealPlain(ByteString plain, ulong sequence, SealOptions? options = null, bool asIfWithoutEsn = false)
    {
        EnclosedPacket enclosed = ModeEnclosure.Enclose(_sa, plain)
            ?? throw new InvalidOperationException($"{_sa.Mode} mode cannot enclose this packet");
        EspProtection protection = _keyring.ProtectionOf(_sa);
        byte[] esp = EspPacket.Seal(
            protection, _sa.Spi, new SequenceNumber(sequence), _sa.ExtendedSequenceNumbers && !asIfWithoutEsn, _iv(protection.IvBytes),
            enclosed.Payload.Span, enclosed.NextHeader, options ?? SealOptions.Default);
        return Wrap(enclosed, esp, plain, sequence);
    }

    /// <summary>Seals a fresh plain packet under another SPI with the keys of this SA.</summary>
    public SealedPacket SealAs(Spi spi, ulong sequence)
    {
        ByteString plain = _plain.Next(32);
        EnclosedPacket enclosed = ModeEnclosure.Enclose(_sa, plain)
            ?? throw new InvalidOperationException($"{_sa.Mode} mode cannot enclose this packet");
        EspProtection protection = _keyring.ProtectionOf(_sa);
        byte[] esp = EspPacket.Seal(
            protection, spi, new SequenceNumber(sequence), _sa.ExtendedSequenceNumbers, _iv(protection.IvBytes),
            enclosed.Payload.Span, enclosed.NextHeader, SealOptions.Default);
        return Wrap(enclosed, esp, plain, sequence) with { Spi = spi };
    }

    private SealedPacket Wrap(EnclosedPacket enclosed, byte[] esp, ByteString plain, ulong sequence)
    {
        byte[] datagram = OuterDatagram.Build(_sa, enclosed, esp);
        return new SealedPacket(ByteString.Adopt(datagram), plain, _sa.Spi, sequence, datagram.Length - esp.Length, _keyring.ProtectionOf(_sa).IcvBytes);
    }
}
