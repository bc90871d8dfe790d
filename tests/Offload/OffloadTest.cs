using Conformance.Generators.Offload;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>Base of the tests about super-packets and merging: they run on a target of their own, without and with ESP in the offload paths.</summary>
/// <remarks>A verdict needs a sign of the way that packets took; without one it is Unsupported.</remarks>
public abstract class OffloadTest(EspPath path) : ConformanceTest
{
    private const int Attempts = 25;

    /// <summary>Modes and families: tunnel and BEET in every pair, transport, and ESP in UDP.</summary>
    protected static IEnumerable<EspScenario> Scenarios =>
    [
        .. from mode in new[] { EspMode.Tunnel, EspMode.Beet }
           from outer in new[] { false, true }
           from inner in new[] { false, true }
           select new EspScenario { Mode = mode, OuterIpv6 = outer, InnerIpv6 = inner },
        .. from encapsulated in new[] { false, true }
           from mode in encapsulated ? new[] { EspMode.Transport, EspMode.Tunnel } : [EspMode.Transport]
           from ipv6 in new[] { false, true }
           select new EspScenario { Mode = mode, OuterIpv6 = ipv6, InnerIpv6 = ipv6, UdpEncapsulated = encapsulated },
    ];

    /// <summary>Installs a scenario on the target of these tests.</summary>
    /// <exception cref="UnsupportedException">It does not cut or merge.</exception>
    protected EspSession StartOffloading(EspScenario scenario, Capabilities needed, bool overEthernet = false)
    {
        ITarget target = ConformanceRun.Current.Offloading(path == EspPath.Offload, overEthernet);
        if (path == EspPath.Plain && target.EspOffload is null)
        {
            throw new UnsupportedException("for stacks that choose at their start between ESP in software and in the offload paths; this one does not, so its way is judged once");
        }

        Capabilities missing = needed & ~target.Capabilities;
        return missing == Capabilities.None ? Start(scenario, target) : throw new UnsupportedException($"the target lacks {missing}");
    }

    /// <summary>Sends a super-packet, and requires what cutting first gives and a sign of the way.</summary>
    /// <exception cref="UnsupportedException">Nothing shows which way it took.</exception>
    protected void Cut(EspSession session, SuperPacket packet, string? clause = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(packet);
        session.ExpectCut(packet, clause);
        Require(IsProven(session), session);
    }

    /// <summary>Sends a burst again and again until some of it comes merged: where a poll ends is the stack's affair. Requires that it is always handed on as it came.</summary>
    /// <exception cref="UnsupportedException">It never comes merged, or nothing shows which way it took.</exception>
    protected void Hand(EspSession session, Burst burst, int least = 1)
    {
        ArgumentNullException.ThrowIfNull(session);
        int proven = 0;
        for (int i = 0; i < Attempts * least && proven < least; i++)
        {
            session.ExpectHanded(burst);
            proven += session.Pieces > 0 && IsProven(session) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{proven} bursts with a sign of the way and merged packets");
        Require(proven >= least, session);
    }

    /// <summary>Shows with a super-packet of another conversation which way those of a scenario take, for packets that cannot show it themselves.</summary>
    /// <exception cref="UnsupportedException">Nothing shows it, or the super-packet did not leave as it should, which is for the other tests to judge.</exception>
    protected void Prove(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario, Capabilities.Segmentation);
        Require(Shrinking.Of(() => session.ExpectCut(new SuperPacket { PayloadBytes = 300 })) is null && IsProven(session), session);
    }

    /// <summary>True where the target's counters tell that the last super-packet or burst took the way that is to be judged, or where it has one way only and no such counters.</summary>
    protected bool IsProven(EspSession session)
    {
        ArgumentNullException.ThrowIfNull(session);

        // No stack that is known has ESP in UDP in all of its offload paths: there it must only be known which way it took.
        return !session.TellsWay || session.Way == path || (session.Scenario.UdpEncapsulated && session.Way is not null);
    }

    /// <summary>Ends a test whose verdict would rest on no evidence.</summary>
    /// <exception cref="UnsupportedException">It would.</exception>
    protected void Require(bool isProven, EspSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!isProven)
        {
            string way = path == EspPath.Offload ? "the offload path" : "the path without offload";
            throw new UnsupportedException($"nothing shows that packets took {way}, cut or merged: {session.Signs}");
        }
    }
}
