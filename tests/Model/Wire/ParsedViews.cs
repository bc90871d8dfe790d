using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Wire;

/// <summary>The views over any bytes, read as a whole.</summary>
internal static class ParsedViews
{
    /// <summary>Reads every field of every view; true where some part has a length.</summary>
    public static bool ReadEveryField(ByteString bytes)
    {
        Ipv4HeaderView ipv4 = new(bytes.Span);
        Ipv6HeaderView ipv6 = new(bytes.Span);
        Ipv6ExtensionHeaderView extension = new(bytes.Span);
        UdpView udp = new(bytes.Span);
        TcpView tcp = new(bytes.Span);
        IcmpView icmp = new(bytes.Span);
        EspHeaderView esp = new(bytes.Span);
        int lengths = ipv4.Options.Length + ipv4.Payload.Length + ipv6.Payload.Length + extension.Options.Length + extension.RoutingData.Length
            + udp.Data.Length + tcp.Options.Length + tcp.Data.Length + icmp.Body.Length + esp.Rest.Length;
        _ = (ipv4.Version, ipv4.ChecksumIsRight, ipv4.Source, ipv4.Destination, ipv4.FragmentOffsetBytes, ipv4.HeaderChecksum);
        _ = (ipv6.Source, ipv6.Destination, ipv6.FlowLabel, ipv6.TrafficClass, extension.Identification, extension.FragmentOffsetBytes);
        _ = (udp.Checksum, tcp.UrgentPointer, tcp.Control, icmp.Parameter, icmp.NextHopMtuBytes, esp.SequenceLow, esp.Spi);
        return lengths > 0;
    }
}
