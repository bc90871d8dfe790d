using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>The next header that an IPv6 packet in transport mode gets where the device, or the code before it, encrypts (esp6_gso_encap).</summary>
/// <remarks>
/// Extension headers are looked for from the fixed header on, when the headers have moved forward already to make room for ESP.
/// Where one stands behind that room, what is read in its place are the last bytes of the headers as they stood before.
/// </remarks>
internal static class StaleNextHeader
{
    private const ushort FragmentOffset = 0xfff8;
    private const int NextHeaderOffset = 6;
    private const int LeastBytes = 8;

    /// <summary>The enclosed packet with the next header that Linux reads.</summary>
    /// <param name="enclosed">The packet as its mode has split it.</param>
    /// <param name="packet">The packet before.</param>
    /// <param name="state">The SA.</param>
    public static EnclosedPacket Of(EnclosedPacket enclosed, ReadOnlySpan<byte> packet, XfrmState state)
    {
        int headers = enclosed.OuterHeader.Length;
        int room = XfrmTransforms.Of(state) is { } keys ? Math.Min(StateMtu.HeaderBytes(state, keys.Suite), headers) : 0;
        ReadOnlySpan<byte> moved = [.. enclosed.OuterHeader.Span, .. packet[(headers - room)..headers], .. packet[headers..]];
        return enclosed with { NextHeader = UpperProtocol(moved) ?? moved[NextHeaderOffset] };
    }

    // ipv6_skip_exthdr; null where it gives up.
    private static byte? UpperProtocol(ReadOnlySpan<byte> packet)
    {
        (byte protocol, int at) = (packet[NextHeaderOffset], Ipv6HeaderView.FixedBytes);
        while (protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.Fragment or IpProtocol.Ah or IpProtocol.NoNextHeader or IpProtocol.DestinationOptions)
        {
            if (protocol == IpProtocol.NoNextHeader || at + LeastBytes > packet.Length)
            {
                return null;
            }

            if (protocol == IpProtocol.Fragment && (BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) & FragmentOffset) != 0)
            {
                break;
            }

            int length = protocol switch
            {
                IpProtocol.Fragment => Ipv6ExtensionHeaderView.FragmentBytes,
                IpProtocol.Ah => (packet[at + 1] + 2) * 4,
                _ => (packet[at + 1] + 1) * 8,
            };
            (protocol, at) = (packet[at], at + length);
        }

        return protocol;
    }
}
