using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>Where a stack does ESP.</summary>
public enum EspPath
{
    /// <summary>Each packet for itself, behind segmentation and in front of coalescing.</summary>
    Plain,

    /// <summary>In the offload paths: in front of segmentation, and where packets are coalesced.</summary>
    Offload,
}

/// <summary>Base of the tests about super-packets and merging: they run on a target of their own, without and with ESP in the offload paths.</summary>
public abstract class OffloadTest(EspPath path) : ConformanceTest
{
    /// <summary>Modes and families in which what is forwarded crosses ESP.</summary>
    protected static IEnumerable<EspScenario> Scenarios =>
        from mode in new[] { EspMode.Tunnel, EspMode.Beet }
        from outer in new[] { false, true }
        from inner in new[] { false, true }
        select new EspScenario { Mode = mode, OuterIpv6 = outer, InnerIpv6 = inner };

    /// <summary>Installs a scenario on the target of these tests.</summary>
    /// <exception cref="UnsupportedException">It does not cut or merge.</exception>
    protected EspSession StartOffloading(EspScenario scenario, Capabilities needed)
    {
        ITarget target = ConformanceRun.Current.Offloading(path == EspPath.Offload);
        if (path == EspPath.Plain && target.EspOffload is null)
        {
            throw new UnsupportedException("for stacks that choose at their start between ESP in software and in the offload paths; this one does not, so its way is judged once");
        }

        Capabilities missing = needed & ~target.Capabilities;
        return missing == Capabilities.None ? Start(scenario, target) : throw new UnsupportedException($"the target lacks {missing}");
    }

    /// <summary>A verdict on the offload path needs a sign that it was taken; only targets that count packets of IP output can give one.</summary>
    /// <exception cref="UnsupportedException">There is none.</exception>
    protected void RequireEvidence(bool isSeen, string otherwise)
    {
        if (path == EspPath.Offload && !isSeen && ConformanceRun.Current.Offloading(true).ReadCounters().ContainsKey("IpOutRequests"))
        {
            throw new UnsupportedException($"nothing shows that the offload path was taken: {otherwise}");
        }
    }
}
