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

    [Requirement("XFRM-path-01")]
    [Test]
    public void RandomDatabases_DecideAsTheModelOfThePath()
    {
        using XfrmSession session = XfrmSession.Start(ConformanceRun.Current.Target, Seed);
        Random random = new((int)Seed);
        for (int i = 0; i < Worlds; i++)
        {
            XfrmWorld world = XfrmWorlds.Draw(random, session.Features);
            try
            {
                session.Judge(world);
            }
            catch (ConformanceException failure) when (failure.Kind == FailureKind.Disagreement)
            {
                throw XfrmDiagnosis.Diagnose(session, world, () => XfrmWorlds.Draw(random, session.Features));
            }
        }

        TestContext.Out.WriteLine($"{session.Decisions} decisions, {session.OpenDecisions} left open by a hash, {session.Repeated} worlds asked again");
    }
}
