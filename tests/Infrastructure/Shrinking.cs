using Conformance.Harness.Oracle;

namespace Conformance.Tests.Infrastructure;

/// <summary>Makes what failed smaller as long as it fails, for tests whose attempts need SAs of their own.</summary>
internal static class Shrinking
{
    /// <summary>The failure of the smallest value that was found; that of the first attempt again where nothing smaller fails, null where it passes now.</summary>
    /// <param name="value">What failed.</param>
    /// <param name="shrink">Smaller values.</param>
    /// <param name="failure">Tries a value anew.</param>
    /// <param name="most">Attempts.</param>
    public static ConformanceException? Smallest<T>(T value, Func<T, IEnumerable<T>> shrink, Func<T, ConformanceException?> failure, int most)
    {
        ConformanceException? smallest = failure(value);
        int attempts = 0;
        for (bool smaller = smallest is not null; smaller;)
        {
            smaller = false;
            foreach (T candidate in shrink(value))
            {
                if (attempts++ < most && failure(candidate) is { } still)
                {
                    (value, smallest, smaller) = (candidate, still, true);
                    break;
                }
            }
        }

        return smallest;
    }

    /// <summary>The failure of an attempt, or null.</summary>
    public static ConformanceException? Of(Action attempt)
    {
        try
        {
            attempt();
            return null;
        }
        catch (ConformanceException failure)
        {
            return failure;
        }
    }
}
