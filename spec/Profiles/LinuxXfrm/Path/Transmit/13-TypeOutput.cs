using System.Buffers.Binary;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Encryption, ICV, and UDP around it where the SA asks (esp_output, esp6_output; at the device esp_xmit).</summary>
public static class TypeOutput
{
    private const int LargestDatagramBytes = 65535;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("type output", "esp_output", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        XfrmState state = Transform.Entry(packet).State;
        EnclosedPacket enclosed = way.Enclosed ?? throw new InvalidOperationException("the mode gave no header");
        XfrmKeys keys = XfrmTransforms.Of(state) ?? throw new InvalidOperationException("the SA has no algorithms");
        (LinuxHost host, ByteString iv) = packet.Host.Draw(keys.Suite.IvBytes);
        using EspProtection protection = keys.CreateProtection();
        byte[] esp = EspPacket.Seal(
            protection, state.Spi, way.Sequence, state.IsEsn, iv.Span, enclosed.Payload.Span, enclosed.NextHeader,
            new SealOptions { TfcPaddingBytes = TfcPadding(packet, state, enclosed) });
        int udpBytes = state.Encapsulation is null ? 0 : UdpView.HeaderBytes;
        int total = enclosed.OuterHeader.Length + udpBytes + esp.Length;
        packet = packet with { Host = host };
        if (total > LargestDatagramBytes)
        {
            return packet.Drop(XfrmCounter.OutStateProtoError, $"{total} bytes fit into no datagram", Errno.Emsgsize);
        }

        return (packet with { Bytes = ByteString.Adopt(Join(state, enclosed, esp)) })
            .Decide($"ESP SPI {state.Spi} number {way.Sequence}", keys.Suite.ToString(), way.IsDeferred ? "by validate_xmit_xfrm, in front of the device" : "at once");
    }

    // The code in front of the device knows nothing of TFC padding.
    private static int TfcPadding(PacketInFlight packet, XfrmState state, EnclosedPacket enclosed)
    {
        if (state.TfcPadBytes == 0 || packet.Out.IsDeferred)
        {
            return 0;
        }

        int target = (int)Math.Min(state.TfcPadBytes, (uint)StateMtu.Of(state, packet.Out.Layer.ChildMtuBytes));
        return Math.Max(0, target - enclosed.Payload.Length);
    }

    private static byte[] Join(XfrmState state, EnclosedPacket enclosed, byte[] esp)
    {
        ReadOnlySpan<byte> header = enclosed.OuterHeader.Span;
        if (state.Encapsulation is not { } encapsulation)
        {
            byte[] plain = [.. header, .. esp];
            plain[enclosed.NextHeaderOffsetBytes] = IpProtocol.Esp;
            IpPackets.FinishHeader(plain);
            return plain;
        }

        byte[] datagram = [.. header, .. new byte[UdpView.HeaderBytes], .. esp];
        datagram[enclosed.NextHeaderOffsetBytes] = IpProtocol.Udp;
        IpPackets.FinishHeader(datagram);
        Span<byte> udp = datagram.AsSpan(header.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp, encapsulation.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], encapsulation.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        if (state.Family == XfrmFamily.Ipv6 && IpPacketView.TryParse(datagram, out IpPacketView view, out _))
        {
            ushort checksum = InternetChecksum.Compute(view.Source, view.Destination, IpProtocol.Udp, udp);
            BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        }

        return datagram;
    }
}
