using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>Recovery of the high half that does not travel. RFC 4303 appendix A2.2.</summary>
public static class ExtendedSequenceNumbers
{
    /// <summary>The full number a received low half stands for, or null where it would lie below zero.</summary>
    /// <param name="rightEdge">Highest number accepted so far.</param>
    /// <param name="windowPackets">Window size; 0 is treated as 1, because inference needs a place to stand.</param>
    /// <param name="low">The half that was received.</param>
    /// <remarks>
    /// The defining form: of the numbers with this low half, the only one that lies in the 2^32 numbers
    /// which start at the left edge of the window.
    /// </remarks>
    public static SequenceNumber? Infer(SequenceNumber rightEdge, int windowPackets, uint low)
    {
        uint window = (uint)Math.Max(1, windowPackets);
        uint leftEdgeLow = unchecked(rightEdge.Low - window + 1);
        uint stepsRightOfLeftEdge = unchecked(low - leftEdgeLow);
        Int128 leftEdge = (Int128)rightEdge.Value - window + 1;
        Int128 number = leftEdge + stepsRightOfLeftEdge;
        return number < 0 || number > ulong.MaxValue ? null : new SequenceNumber((ulong)number);
    }

    /// <summary>The same by the cases of the RFC's pseudo-code: the window lies in one 2^32 space (A), or spans two (B).</summary>
    public static SequenceNumber? InferByCases(SequenceNumber rightEdge, int windowPackets, uint low)
    {
        uint window = (uint)Math.Max(1, windowPackets);
        uint leftEdgeLow = unchecked(rightEdge.Low - window + 1);
        bool oneSpace = rightEdge.Low >= window - 1;
        uint high = rightEdge.High;
        if (oneSpace)
        {
            if (low >= leftEdgeLow)
            {
                return SequenceNumber.FromHalves(high, low);
            }

            return high == uint.MaxValue ? null : SequenceNumber.FromHalves(high + 1, low);
        }

        if (low >= leftEdgeLow)
        {
            // A new SA has no space before the first; see Interpretations/0003.
            return high == 0 ? null : SequenceNumber.FromHalves(high - 1, low);
        }

        return SequenceNumber.FromHalves(high, low);
    }
}
