using Conformance.Spec.Wire;

namespace Conformance.Generators.Offload;

/// <summary>Payloads in which every byte follows from its place in the stream, so that a wrong place shows.</summary>
public static class Pattern
{
    private const uint Multiplier = 2654435761;

    /// <summary>The bytes of a stream from a place on.</summary>
    public static ByteString Bytes(int length, uint from)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)((from + (uint)i) * Multiplier >> 24);
        }

        return ByteString.Adopt(bytes);
    }
}
