using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>Makes plain packets of one direction, no two of which are alike.</summary>
/// <remarks>
/// The upper protocol is 253, reserved for experiments (RFC 3692), so that no stack answers it. Identification (IPv4)
/// or flow label (IPv6) carries a counter, so that also empty packets differ.
/// </remarks>
public sealed class PlainPackets(IpAddress source, IpAddress destination)
{
    private const byte PatternStart = 0x40;
    private static readonly byte[] Pattern = [.. Enumerable.Range(0, ushort.MaxValue).Select(i => (byte)(PatternStart + i))];
    private uint _counter;

    /// <summary>Source of every packet.</summary>
    public IpAddress Source => source;

    /// <summary>Destination of every packet.</summary>
    public IpAddress Destination => destination;

    /// <summary>The next packet, with a payload of the given length in bytes.</summary>
    public ByteString Next(int payloadBytes)
    {
        _counter++;
        byte[] packet = IpPackets.Raw(source, destination, IpProtocol.Experiment253, Pattern.AsSpan(0, payloadBytes));
        Mark(packet);
        if (payloadBytes >= sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(packet.Length - payloadBytes), _counter);
        }

        return ByteString.Adopt(packet);
    }

    // 0 would let a stack choose an identification of its own.
    private void Mark(byte[] packet)
    {
        if (source.IsIpv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet, 0x60000000 | (_counter & 0xfffff) | 1 << 19);
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)((_counter % 0xffff) + 1));
        IpPackets.FinishHeader(packet);
    }
}
