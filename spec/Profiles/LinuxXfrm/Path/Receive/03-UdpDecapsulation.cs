using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>ESP in UDP, keepalives and key exchange on the port of a decapsulating socket (xfrm4_udp_encap_rcv, xfrm6_udp_encap_rcv).</summary>
/// <remarks>
/// The in policies see the outer datagram first: a policy that wants ESP for everything stops its own ESP in UDP. Short ESP is
/// dropped without a word, since its length is held against the size of the IP header.
/// </remarks>
public static class UdpDecapsulation
{
    private const byte KeepAlive = 0xff;
    private const int LeastBytesIpv4 = 20;
    private const int LeastBytesIpv6 = 40;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("UDP decapsulation", "xfrm4_udp_encap_rcv", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.In.TakenByGro || !IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _)
            || view.Protocol != IpProtocol.Udp || view.Payload.Length < UdpView.HeaderBytes
            || !packet.Host.EncapsulationPorts.Contains(new UdpView(view.Payload).DestinationPort))
        {
            return packet.Decide("not for a decapsulating socket");
        }

        UdpView udp = new(view.Payload);
        if (udp.LengthBytes < UdpView.HeaderBytes || udp.LengthBytes > view.Payload.Length)
        {
            return packet.Drop(null, $"UDP length {udp.LengthBytes} of {view.Payload.Length} bytes");
        }

        packet = PolicyCheck.Check(packet, XfrmDirection.In, PolicyCheck.LoopbackIndex(packet), packet.In.Device);
        if (packet.Ended)
        {
            return packet;
        }

        bool summed = udp.Checksum != 0 || view.IsIpv6;
        if (summed && InternetChecksum.Compute(view.Source, view.Destination, IpProtocol.Udp, view.Payload[..udp.LengthBytes]) != 0)
        {
            return packet.Drop(null, "UDP checksum wrong");
        }

        packet = packet with { OnTheWayIn = packet.In with { IsPolicyChecked = true } };
        ReadOnlySpan<byte> data = udp.Data;
        return data switch
        {
            [KeepAlive] => packet.Drop(null, "a keepalive"),
            { Length: <= 8 } or [0, 0, 0, 0, ..] => packet.Decide("for the socket: no ESP"),
            _ when data.Length < (view.IsIpv6 ? LeastBytesIpv6 : LeastBytesIpv4 + view.HeaderBytes - Ipv4HeaderView.FixedBytes) =>
                packet.Drop(null, $"{data.Length} bytes of ESP in UDP are fewer than an IP header has"),
            _ => (packet with
            {
                OnTheWayIn = packet.In with
                {
                    IsEsp = true,
                    IsUdpEncapsulated = true,
                    UdpSourcePort = udp.SourcePort,
                    EspOffset = view.HeaderBytes + UdpView.HeaderBytes,
                },
                Bytes = packet.Bytes.Slice(..(view.HeaderBytes + udp.LengthBytes)),
            }).Decide("ESP in UDP"),
        };
    }
}
