using System.Globalization;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing.Live;

/// <summary>What a packet says once its ESP is opened: two packets with other IVs and identifications have the same meaning.</summary>
/// <param name="states">SAs whose keys may open it.</param>
internal sealed class PacketMeaning(IReadOnlyList<XfrmState> states)
{
    private const int SpiAndNumberBytes = 8;

    /// <summary>Headers, and what is inside, as one line.</summary>
    public string Of(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out ParseError error))
        {
            return $"{error}: {packet}";
        }

        string fragment = view.Fragment.IsFragment ? $" fragment {view.Fragment.OffsetBytes} more {view.Fragment.MoreFragments}" : "";
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"{view.Source} > {view.Destination} class 0x{view.TrafficClass:x2} ttl {view.HopLimit} df {view.DontFragment} flow {view.FlowLabel}{fragment}");
        string extensions = view.IsIpv6 ? $" {Convert.ToHexStringLower(view.Bytes[Ipv6HeaderView.FixedBytes..view.HeaderBytes])}" : $" {Convert.ToHexStringLower(view.Bytes[20..view.HeaderBytes])}";

        // A piece of an ESP packet cannot be opened: its length and place must do.
        string inside = view.Fragment.IsFragment && view.Protocol is IpProtocol.Esp or IpProtocol.Udp
            ? $"{view.Payload.Length} bytes of protocol {view.Protocol}"
            : Inside(view.Protocol, view.Destination, new ByteString(view.Payload));
        return $"{header}{extensions} [{inside}]";
    }

    /// <summary>The ends of the innermost packet that can be read; null where ESP does not open.</summary>
    public (IpAddress Source, IpAddress Destination)? Ends(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _))
        {
            return null;
        }

        (IpAddress source, IpAddress destination) = (view.Source, view.Destination);
        if (view.Protocol != IpProtocol.Esp)
        {
            return view.Protocol is IpProtocol.Ipv4 or IpProtocol.Ipv6 ? Ends(new ByteString(view.Payload)) : (source, destination);
        }

        if (view.Fragment.IsFragment || Open(destination, new ByteString(view.Payload)) is not { } opened)
        {
            return null;
        }

        return opened.Protocol is IpProtocol.Ipv4 or IpProtocol.Ipv6 ? Ends(opened.Payload) : (source, destination);
    }

    private string Inside(byte protocol, IpAddress destination, ByteString payload)
    {
        switch (protocol)
        {
            case IpProtocol.Esp:
                return Esp(destination, payload);
            case IpProtocol.Ipv4 or IpProtocol.Ipv6:
                return Of(payload);
            case IpProtocol.Udp when payload.Length > UdpView.HeaderBytes + SpiAndNumberBytes && IsEncapsulated(destination, payload):
                UdpView udp = new(payload.Span);
                return $"UDP {udp.SourcePort} > {udp.DestinationPort} {(udp.Checksum == 0 ? "without" : "with")} checksum: {Esp(destination, payload.Slice(UdpView.HeaderBytes..))}";
            default:
                return $"protocol {protocol} {payload}";
        }
    }

    private bool IsEncapsulated(IpAddress destination, ByteString payload) =>
        Find(destination, new EspHeaderView(payload.Span[UdpView.HeaderBytes..]).Spi) is { Encapsulation: not null };

    private XfrmState? Find(IpAddress destination, Spi spi) =>
        states.FirstOrDefault(s => s.Spi == spi && s.DestinationAddress == destination && s.Protocol == IpProtocol.Esp);

    private string Esp(IpAddress destination, ByteString esp)
    {
        EspHeaderView header = new(esp.Span);
        string name = $"ESP {header.Spi} seq {header.SequenceLow}";
        if (Find(destination, header.Spi) is not { } state || XfrmTransforms.Of(state) is null)
        {
            return $"{name} {esp}";
        }

        return Open(destination, esp) is { } opened
            ? $"{name} padding {opened.Padding}: {Inside(opened.Protocol, destination, opened.Payload)}"
            : $"{name} that does not open: {esp}";
    }

    private (byte Protocol, int Padding, ByteString Payload)? Open(IpAddress destination, ByteString esp)
    {
        if (esp.Length < EspProtection.HeaderBytes || Find(destination, new EspHeaderView(esp.Span).Spi) is not { } state || XfrmTransforms.Of(state) is not { } keys)
        {
            return null;
        }

        using EspProtection protection = keys.CreateProtection();
        uint high = state.ReplayEsn?.OutSequenceHigh ?? 0;
        foreach (uint candidate in new[] { high, high + 1, 0u })
        {
            byte[] opened = esp.ToArray();
            if (protection.TryOpen(opened, candidate, state.IsEsn))
            {
                ByteString plain = ByteString.Adopt(opened).Slice((EspProtection.HeaderBytes + protection.IvBytes)..^protection.IcvBytes);
                int padding = plain.Length < EspPacket.TrailerBytes ? 0 : plain[^2];
                int payloadBytes = Math.Max(0, plain.Length - EspPacket.TrailerBytes - padding);
                return (plain[^1], padding, plain.Slice(..payloadBytes));
            }
        }

        return null;
    }
}
