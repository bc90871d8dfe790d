using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>An AGGFRAG payload that the tester sends.</summary>
/// <param name="Sequence">ESP sequence number.</param>
/// <param name="Bytes">From the sub-type on.</param>
/// <param name="Description">In words.</param>
public sealed record AggFragArrival(ulong Sequence, ByteString Bytes, string Description)
{
    /// <summary>An honest payload.</summary>
    public static AggFragArrival Of(ulong sequence, AggFragPayload payload) => new(
        sequence, payload.ToBytes(), $"payload of {payload.DataBlocks.Length} octets, BlockOffset {payload.BlockOffset}{(payload.Congestion is null ? "" : ", with congestion information")}");

    /// <summary>The same with one octet of the header changed.</summary>
    public AggFragArrival With(int offsetBytes, byte value, string fault)
    {
        byte[] bytes = Bytes.ToArray();
        bytes[offsetBytes] = value;
        return this with { Bytes = ByteString.Adopt(bytes), Description = $"{Description}, {fault}" };
    }
}
