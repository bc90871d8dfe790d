namespace Conformance.Benchmarks;

/// <summary>Seal and open of whole packets over the bare primitive on the same number of bytes.</summary>
public static class TransformRatios
{
    private const double Goal = 0.85;

    /// <summary>One line per suite, size and direction; the goal is for AES-GCM at 1400 bytes.</summary>
    public static IEnumerable<RatioLine> Lines()
    {
        foreach (var suite in TransformWork.SuiteNames)
        {
            foreach (var payloadBytes in new[] { 64, 1400 })
            {
                double? goal = suite.StartsWith("ENCR_AES_GCM_16", StringComparison.Ordinal) && payloadBytes == 1400 ? Goal : null;
                using var work = TransformWork.For(suite, payloadBytes);
                yield return new RatioLine($"seal {payloadBytes,4} {suite}", work.BareSeal, work.Seal, goal);
                yield return new RatioLine($"open {payloadBytes,4} {suite}", work.BareOpen, work.Open, goal);
            }
        }
    }
}
