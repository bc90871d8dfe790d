using System.Buffers.Binary;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>Compares a packet that left with the one that the model let out: headers by field, ESP by what it opens to.</summary>
/// <remarks>Ciphertexts, IVs and identifications that a stack draws itself are never compared.</remarks>
/// <param name="associations">The SAs that may have sealed something, by SPI; several may have one.</param>
/// <param name="keyring">Their keys.</param>
/// <param name="sentByASocket">True when the stack wrote also the innermost header.</param>
internal sealed class SealedComparison(ILookup<Spi, SecurityAssociation> associations, Keyring keyring, bool sentByASocket = false)
{
    /// <summary>The same comparison for packets of which the stack wrote the innermost header too, or not.</summary>
    public SealedComparison For(bool isSentByASocket) => new(associations, keyring, isSentByASocket);

    /// <summary>What differs, in words; null for nothing.</summary>
    public string? Difference(ByteString expected, ByteString observed)
    {
        if (expected == observed)
        {
            return null;
        }

        if (!IpPacketView.TryParse(observed.Span, out IpPacketView got, out ParseError error))
        {
            return $"no IP packet: {error}";
        }

        if (!IpPacketView.TryParse(expected.Span, out IpPacketView wanted, out error))
        {
            return $"the model's packet cannot be read: {error}";
        }

        // A piece of a sealed packet opens to nothing.
        return Headers(wanted, got) ?? (wanted is { Protocol: IpProtocol.Esp, Fragment.IsFragment: true }
            ? wanted.Payload.Length == got.Payload.Length ? null : $"a fragment of {got.Payload.Length} bytes, not {wanted.Payload.Length}"
            : Content(wanted.Protocol, wanted.Payload, got.Payload, new PseudoHeader(got.Source, got.Destination)));
    }

    // The identification of a new header is the stack's own; that of the innermost packet is what was sent.
    private string? Headers(IpPacketView wanted, IpPacketView got)
    {
        bool isOwn = sentByASocket || wanted.Protocol == IpProtocol.Esp || (wanted.Protocol == IpProtocol.Udp && EncapsulatesEsp(wanted.Payload));
        return wanted.IsIpv6 != got.IsIpv6 ? "another IP version"
            : wanted.Source != got.Source ? $"source {got.Source}, not {wanted.Source}"
            : wanted.Destination != got.Destination ? $"destination {got.Destination}, not {wanted.Destination}"
            : wanted.Protocol != got.Protocol ? $"protocol {got.Protocol}, not {wanted.Protocol}"
            : wanted.HopLimit != got.HopLimit ? $"TTL {got.HopLimit}, not {wanted.HopLimit}"
            : wanted.TrafficClass != got.TrafficClass ? $"traffic class {got.TrafficClass:x2}, not {wanted.TrafficClass:x2}"
            : wanted.DontFragment != got.DontFragment ? $"DF {got.DontFragment}"
            : wanted.Fragment != got.Fragment ? $"fragment {got.Fragment}, not {wanted.Fragment}"
            : wanted.HeaderBytes != got.HeaderBytes ? $"{got.HeaderBytes} bytes of header, not {wanted.HeaderBytes}"
            : !got.IsIpv6 && InternetChecksum.Compute(got.Bytes[..((got.Bytes[0] & 0x0f) * 4)]) != 0 ? "wrong header checksum"
            : !got.IsIpv6 && !isOwn && Identification(wanted) != Identification(got) ? $"identification {Identification(got)}, not {Identification(wanted)}"
            : null;
    }

    private static ushort Identification(IpPacketView packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.Bytes[4..]);

    private string? Content(byte protocol, ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> got, PseudoHeader addresses) => protocol switch
    {
        IpProtocol.Esp => Esp(wanted, got, addresses),
        IpProtocol.Udp when EncapsulatesEsp(wanted) => Udp(wanted, got, addresses),
        IpProtocol.Ipv4 or IpProtocol.Ipv6 => Difference(new ByteString(wanted), new ByteString(got)) is { } inner ? $"inner packet: {inner}" : null,
        _ => wanted.SequenceEqual(got) ? null : "another payload",
    };

    private bool EncapsulatesEsp(ReadOnlySpan<byte> udp) =>
        udp.Length > OuterDatagram.UdpHeaderBytes + EspProtection.HeaderBytes
        && associations[new Spi(BinaryPrimitives.ReadUInt32BigEndian(udp[OuterDatagram.UdpHeaderBytes..]))].Any(sa => sa.Encapsulation is not null);

    private string? Udp(ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> got, PseudoHeader addresses)
    {
        if (got.Length < OuterDatagram.UdpHeaderBytes || !wanted[..6].SequenceEqual(got[..6]))
        {
            return "another UDP header";
        }

        return Esp(wanted[OuterDatagram.UdpHeaderBytes..], got[OuterDatagram.UdpHeaderBytes..], addresses);
    }

    private string? Esp(ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> got, PseudoHeader addresses)
    {
        if (got.Length < EspProtection.HeaderBytes)
        {
            return "no room for an ESP header";
        }

        uint spi = BinaryPrimitives.ReadUInt32BigEndian(got);
        uint wantedSpi = BinaryPrimitives.ReadUInt32BigEndian(wanted);
        if (spi != wantedSpi)
        {
            return $"SPI {new Spi(spi)}, not {new Spi(wantedSpi)}";
        }

        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(got[4..]);
        uint wantedSequence = BinaryPrimitives.ReadUInt32BigEndian(wanted[4..]);
        if (sequence != wantedSequence)
        {
            return $"sequence number {sequence}, not {wantedSequence}";
        }

        // Several SAs may have the SPI: the one that opens the model's packet must open the other.
        SecurityAssociation? used = null;
        foreach (SecurityAssociation sa in associations[new Spi(spi)])
        {
            used = TryOpen(sa, wanted, out _, out _) ? sa : used;
        }

        if (used is null || !TryOpen(used, wanted, out byte wantedNext, out ReadOnlySpan<byte> wantedPayload))
        {
            return $"the model's packet under SPI {new Spi(spi)} does not open";
        }

        return !TryOpen(used, got, out byte nextHeader, out ReadOnlySpan<byte> payload) ? $"what left under SPI {used.Spi} does not open"
            : nextHeader != wantedNext ? $"next header {nextHeader}, not {wantedNext}"
            : Content(nextHeader, wantedPayload, payload, addresses);
    }

    // Worlds are young: no sequence number has left its first 2^32.
    private bool TryOpen(SecurityAssociation sa, ReadOnlySpan<byte> esp, out byte nextHeader, out ReadOnlySpan<byte> payload)
    {
        EspProtection protection = keyring.ProtectionOf(sa);
        byte[] packet = esp.ToArray();
        nextHeader = 0;
        payload = default;
        if (!protection.TryOpen(packet, 0, sa.ExtendedSequenceNumbers))
        {
            return false;
        }

        ReadOnlySpan<byte> plain = packet.AsSpan((EspProtection.HeaderBytes + protection.IvBytes)..^protection.IcvBytes);
        int payloadBytes = plain.Length - EspPacket.TrailerBytes - (plain.Length < EspPacket.TrailerBytes ? 0 : plain[^2]);
        if (payloadBytes < 0)
        {
            return false;
        }

        nextHeader = plain[^1];
        payload = plain[..payloadBytes];
        return true;
    }
}
