using Conformance.Generators.Xfrm;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Xfrm;

/// <summary>Random databases of Linux's form with packets aimed at their edges, each decision held against the model of the path.</summary>
[Needs(Capabilities.XfrmDatabases)]
public class RandomDatabaseTests : ConformanceTest
{
    private const int Worlds = 2500;
    private const int MostShrinks = 400;
    private const int PlainWorldsOneIn = 4;
    private const int FeatureOneIn = 4;

    [Requirement("XFRM-path-01")]
    [Test]
    public void RandomDatabases_DecideAsTheModelOfThePath()
    {
        using XfrmSession session = XfrmSession.Start(ConformanceRun.Current.Target, Seed);
        Random random = new((int)Seed);
        for (int i = 0; i < Worlds; i++)
        {
            XfrmWorld world = XfrmWorlds.Draw(random.Next(), Features(random) & session.Features);
            try
            {
                session.Judge(world);
            }
            catch (ConformanceException)
            {
                throw Smallest(session, world);
            }
        }

        TestContext.Out.WriteLine($"{session.Decisions} decisions, {session.OpenDecisions} left open by a hash, {session.Repeated} worlds asked again");
    }

    // Some worlds are plain, so that a failure of one feature hides nothing; in the others features meet.
    private static XfrmFeatures Features(Random random) => random.Next(PlainWorldsOneIn) == 0
        ? XfrmFeatures.None
        : Enum.GetValues<XfrmFeatures>().Where(_ => random.Next(FeatureOneIn) == 0).Aggregate(XfrmFeatures.None, (all, one) => all | one);

    // The failure of the smallest world that still fails; its steps are the session's last.
    private static ConformanceException Smallest(XfrmSession session, XfrmWorld world)
    {
        ConformanceException? smallest = Failure(session, world);
        int shrinks = 0;
        for (bool smaller = true; smaller && shrinks < MostShrinks;)
        {
            smaller = false;
            foreach (XfrmWorld candidate in XfrmWorlds.Shrink(world).Where(c => c != world))
            {
                if (++shrinks == MostShrinks || Failure(session, candidate) is null)
                {
                    continue;
                }

                (world, smaller) = (candidate, true);
                break;
            }
        }

        // Asked once more, so that the session holds the steps of just this world.
        return Failure(session, world) ?? smallest ?? new ConformanceException("a world that failed passes when it is asked again");
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
