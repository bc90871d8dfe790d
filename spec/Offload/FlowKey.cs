using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>What makes packets of TCP or UDP those of one flow.</summary>
internal readonly record struct FlowKey(IpAddress Source, IpAddress Destination, byte Protocol, ushort SourcePort, ushort DestinationPort)
{
    /// <summary>The flow of a packet; null for fragments and for other protocols.</summary>
    public static FlowKey? Of(ReadOnlySpan<byte> datagram)
    {
        if (!IpPacketView.TryParse(datagram, out IpPacketView packet, out _) || packet.Fragment.IsFragment
            || packet.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp) || packet.Payload.Length < UdpView.HeaderBytes)
        {
            return null;
        }

        UdpView ports = new(packet.Payload);
        return new FlowKey(packet.Source, packet.Destination, packet.Protocol, ports.SourcePort, ports.DestinationPort);
    }
}
