using Conformance.Generators.Xfrm;
using Conformance.Harness.Oracle.Xfrm.Misreadings;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>Names the rule behind a disagreement: the one reading that explains the smallest world and many others.</summary>
public static class XfrmDiagnosis
{
    private const int MostShrinks = 400;

    // Enough that readings which differ at all differ in one of them.
    private const int FurtherWorlds = 100;

    /// <summary>The failure of the smallest world that still fails, whose steps are the session's last.</summary>
    /// <param name="session">The session.</param>
    /// <param name="world">A world in which the target does otherwise than the model.</param>
    /// <param name="draw">Draws further worlds, in which only the true reading agrees everywhere.</param>
    /// <returns>It accuses the rule of that reading; where no reading explains everything, that of the whole path.</returns>
    public static ConformanceException Diagnose(XfrmSession session, XfrmWorld world, Func<XfrmWorld> draw)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(draw);
        (XfrmWorld smallest, ConformanceException? failure) = Smallest(session, world);
        XfrmReading[] possible = [.. session.Explanations(XfrmMisreadings.All)];
        for (int i = 0; i < FurtherWorlds && possible.Length > 0; i++)
        {
            session.Ask(draw());
            possible = [.. session.Explanations(possible)];
        }

        // Asked once more, so that the session holds the steps of just this world.
        failure = Failure(session, smallest) ?? failure;
        if (failure is null)
        {
            return new ConformanceException("a world that failed passes when it is asked again");
        }

        string[] explained = possible.Length > 0
            ? [.. possible.Select(reading => $"  explained by {reading} ({reading.Requirement})")]
            : ["  explained by no single rule that is known to be got wrong"];
        return new ConformanceException(
            failure.Kind, possible.FirstOrDefault(XfrmReading.Linux).Requirement, string.Join('\n', explained.Prepend(failure.Message)), session);
    }

    private static (XfrmWorld World, ConformanceException? Failure) Smallest(XfrmSession session, XfrmWorld world)
    {
        ConformanceException? failure = Failure(session, world);
        int shrinks = 0;
        for (bool smaller = true; smaller && shrinks < MostShrinks;)
        {
            smaller = false;
            foreach (XfrmWorld candidate in XfrmWorlds.Shrink(world).Where(c => c != world))
            {
                if (++shrinks == MostShrinks || Failure(session, candidate) is not { } still)
                {
                    continue;
                }

                (world, failure, smaller) = (candidate, still, true);
                break;
            }
        }

        return (world, Failure(session, world) ?? failure);
    }

    private static ConformanceException? Failure(XfrmSession session, XfrmWorld world)
    {
        try
        {
            session.Judge(world);
            return null;
        }
        catch (ConformanceException failure)
        {
            return failure;
        }
    }
}
