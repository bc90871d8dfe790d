using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Iptfs;
using Conformance.Harness.Running;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Iptfs;

/// <summary>What ESP packets come in by.</summary>
public enum WireDevice
{
    /// <summary>A device of bare IP packets, as TUN is.</summary>
    BareIp,

    /// <summary>An Ethernet device.</summary>
    Ethernet,
}

/// <summary>Base of the tests in AGGFRAG mode: on a stack whose devices can be chosen they run over each kind.</summary>
public abstract class IptfsTest(WireDevice device) : ConformanceTest
{
    private readonly List<IptfsSession> _conversations = [];

    /// <summary>ESP over each family.</summary>
    protected static readonly EspScenario[] Scenarios = [new() { Mode = EspMode.AggFrag }, new() { Mode = EspMode.AggFrag, OuterIpv6 = true, InnerIpv6 = true }];

    /// <summary>Ends the conversations of the test.</summary>
    [TearDown]
    public void EndConversations()
    {
        _conversations.ForEach(s => s.Dispose());
        _conversations.Clear();
    }

    /// <summary>Installs a scenario on the target of these tests.</summary>
    /// <exception cref="UnsupportedException">Its devices cannot be chosen, so that it is judged once.</exception>
    protected IptfsSession Converse(EspScenario? scenario = null, AggregationOptions? options = null, bool anyRemote = false)
    {
        ITarget target = device == WireDevice.Ethernet ? ConformanceRun.Current.OverEthernet : ConformanceRun.Current.Target;
        if (device == WireDevice.Ethernet && target.IsEthernet != true)
        {
            throw new UnsupportedException("for stacks whose devices can be chosen; this one is judged once");
        }

        EspScenario asked = scenario ?? Scenarios[0];
        IptfsSession session = IptfsSession.Start(target, options is null ? asked : asked with { Aggregation = options }, Seed, anyRemote);
        _conversations.Add(session);
        return session;
    }
}
