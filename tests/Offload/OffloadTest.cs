using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>Base of the tests about super-packets and merging: they run on a target of their own, without and with ESP in the offload paths.</summary>
/// <param name="withEspOffload">True for a boot with ESP offload; without it the stack segments first, and merges nothing that came by ESP.</param>
public abstract class OffloadTest(bool withEspOffload) : ConformanceTest
{
    /// <summary>Modes and families in which what is forwarded crosses ESP.</summary>
    protected static IEnumerable<EspScenario> Scenarios =>
        from mode in new[] { EspMode.Tunnel, EspMode.Beet }
        from outer in new[] { false, true }
        from inner in new[] { false, true }
        select new EspScenario { Mode = mode, OuterIpv6 = outer, InnerIpv6 = inner };

    /// <summary>True for the boot with ESP offload.</summary>
    protected bool WithEspOffload => withEspOffload;

    /// <summary>Installs a scenario on the target of these tests.</summary>
    /// <exception cref="UnsupportedException">It does not cut or merge.</exception>
    protected EspSession StartOffloading(EspScenario scenario, Capabilities needed)
    {
        ITarget target = ConformanceRun.Current.Offloading(withEspOffload);
        Capabilities missing = needed & ~target.Capabilities;
        return missing == Capabilities.None ? Start(scenario, target) : throw new UnsupportedException($"the target lacks {missing}");
    }
}
