using Conformance.Spec.Offload;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Contract;

/// <summary>A raw IP datagram as it crosses one of the two borders of a target.</summary>
/// <param name="Bytes">From the first byte of the IP header to the last of the datagram.</param>
public sealed record Packet(ByteString Bytes)
{
    /// <summary>What of it a later stage is to finish; a packet on the wire is always finished.</summary>
    public PacketOffload Offload { get; init; } = PacketOffload.None;

    /// <summary>The VLAN of the frame around it on an Ethernet wire (IEEE 802.1Q, 1 to 4094); null where the frame has no tag.</summary>
    public ushort? VlanId { get; init; }

    /// <summary>Takes over an array that nobody else will change.</summary>
    public static Packet Adopt(byte[] bytes) => new(ByteString.Adopt(bytes));
}
