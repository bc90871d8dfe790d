using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in how datagrams to port 4500 are taken apart.</summary>
public abstract record UdpReceiveMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.UdpDecapsulation), context =>
    {
        ReceiveContext classified = ReceiveStages.UdpDecapsulation.Run(context);
        return IpPacketView.TryParse(context.Datagram.Span, out IpPacketView packet, out _) && packet.Protocol == IpProtocol.Udp
            ? Change(context, classified, packet)
            : classified;
    });

    private protected abstract ReceiveContext Change(ReceiveContext context, ReceiveContext classified, IpPacketView packet);
}

/// <summary>The end of longer packets in UDP is cut off.</summary>
public sealed record UdpHeaderCountedTwice() : UdpReceiveMutant(
    "udp-header-counted-twice", "RFC3948-3.3-01", "the UDP length is taken for that of its data")
{
    private const int LongBytes = 200;

    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC3948-3.5-01"];

    private protected override ReceiveContext Change(ReceiveContext context, ReceiveContext classified, IpPacketView packet) =>
        classified.UdpEncapsulated && packet.Payload.Length > LongBytes
            ? classified with { EspRange = classified.EspRange.Start..(classified.EspRange.End.Value - UdpView.HeaderBytes) }
            : classified;
}

/// <summary>ESP behind a non-ESP marker is processed.</summary>
public sealed record NonEspMarkerSkipped() : UdpReceiveMutant("non-esp-marker-skipped", "RFC3948-2.2-02", "zeros in front are skipped")
{
    private protected override ReceiveContext Change(ReceiveContext context, ReceiveContext classified, IpPacketView packet)
    {
        int start = packet.HeaderBytes + UdpView.HeaderBytes + UdpEncapsulatedContents.NonEspMarkerBytes;
        return classified.Outcome is ReceiveOutcome.NotEsp && context.Datagram.Length > start
            ? context with { UdpEncapsulated = true, EspRange = start..context.Datagram.Length }
            : classified;
    }
}

/// <summary>Over IPv4 a UDP checksum that is not zero is refused.</summary>
public sealed record UdpChecksumMustBeZero() : UdpReceiveMutant(
    "udp-checksum-must-be-zero", "RFC3948-2.1-04", "what one peer sends is taken for the rule")
{
    private protected override ReceiveContext Change(ReceiveContext context, ReceiveContext classified, IpPacketView packet) =>
        !packet.IsIpv6 && new UdpView(packet.Payload).Checksum != 0 ? context.Discard(DiscardReason.Malformed) : classified;
}

/// <summary>A keepalive with a checksum goes to the host.</summary>
public sealed record KeepAliveWithChecksumDelivered() : UdpReceiveMutant(
    "keepalive-with-checksum-delivered", "RFC3948-2.3-03", "a comparison with one fixed datagram")
{
    private protected override ReceiveContext Change(ReceiveContext context, ReceiveContext classified, IpPacketView packet) =>
        classified.Outcome is ReceiveOutcome.Discarded { Reason: DiscardReason.KeepAlive } && new UdpView(packet.Payload).Checksum != 0
            ? classified with { Outcome = new ReceiveOutcome.Delivered(context.Datagram) }
            : classified;
}

/// <summary>A fault in what is sent in UDP.</summary>
public abstract record UdpSendMutant(string Name, string Requirement, string Story) : OutputMutant(Name, Requirement, Story)
{
    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes) =>
        sa.Encapsulation is null ? datagram : ChangeUdp(datagram, espOffsetBytes, espOffsetBytes - UdpView.HeaderBytes);

    private protected abstract byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes);

    private protected static byte[] Finish(byte[] datagram, int udpOffsetBytes)
    {
        IpPackets.FinishHeader(datagram);
        Span<byte> udp = datagram.AsSpan(udpOffsetBytes);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        return datagram;
    }
}

/// <summary>The UDP header is left out.</summary>
public sealed record UdpLeftOut() : UdpSendMutant("udp-left-out", "RFC3948-3.2-01", "the encapsulation of the SA is not looked at")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC3948-3.4-01"];

    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes)
    {
        byte[] bare = [.. datagram[..udpOffsetBytes], .. datagram[espOffsetBytes..]];
        bare[bare[0] >> 4 == 6 ? 6 : 9] = IpProtocol.Esp;
        IpPackets.FinishHeader(bare);
        return bare;
    }
}

/// <summary>Four zero bytes stand in front of ESP.</summary>
public sealed record MarkerInFrontOfEsp() : UdpSendMutant(
    "marker-in-front-of-esp", "RFC3948-2.1-01", "one send function for key exchange and ESP")
{
    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes) =>
        Finish([.. datagram[..espOffsetBytes], 0, 0, 0, 0, .. datagram[espOffsetBytes..]], udpOffsetBytes);
}

/// <summary>The source port is 500.</summary>
public sealed record UdpPortOfIke() : UdpSendMutant("udp-port-of-ike", "RFC3948-2.1-02", "the port before the move to 4500")
{
    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(udpOffsetBytes), 500);
        return datagram;
    }
}

/// <summary>The UDP length counts the header only.</summary>
public sealed record UdpLengthOfTheHeader() : UdpSendMutant(
    "udp-length-of-the-header", "RFC3948-2.1-06", "scapy finishes the header before ESP stands behind it")
{
    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(udpOffsetBytes + 4), UdpView.HeaderBytes);
        return datagram;
    }
}

/// <summary>The IPv4 header checksum is that of the packet without UDP.</summary>
public sealed record IpChecksumStale() : UdpSendMutant("ip-checksum-stale", "RFC3948-3.2-02", "UDP is put in after the header was finished")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC3948-3.4-02"];

    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes)
    {
        if (datagram[0] >> 4 == 4)
        {
            datagram[11] ^= 0x21;
        }

        return datagram;
    }
}

/// <summary>Over IPv4 the UDP checksum is computed.</summary>
public sealed record UdpChecksumOverIpv4() : UdpSendMutant("udp-checksum-over-ipv4", "RFC3948-2.1-03", "the ordinary way of UDP")
{
    private protected override byte[] ChangeUdp(byte[] datagram, int espOffsetBytes, int udpOffsetBytes)
    {
        bool readable = IpPacketView.TryParse(datagram, out IpPacketView packet, out _);
        if (readable && !packet.IsIpv6)
        {
            ushort checksum = InternetChecksum.Compute(packet.Source, packet.Destination, IpProtocol.Udp, packet.Payload);
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(udpOffsetBytes + 6), checksum);
        }

        return datagram;
    }
}
