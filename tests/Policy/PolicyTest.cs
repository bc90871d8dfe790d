using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Harness.Running;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Policy;

/// <summary>Base of the tests of an ordered SPD: a gateway with hosts behind it and behind its peer.</summary>
[Needs(Capabilities.Spd | Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.TunnelMode)]
public abstract class PolicyTest : ConformanceTest
{
    private readonly List<PolicySession> _policySessions = [];

    /// <summary>All hosts behind the target that are not the sentinel's.</summary>
    protected const string Local = "198.51.100.0/25";

    /// <summary>All hosts behind the peer that are not the sentinel's.</summary>
    protected const string Remote = "203.0.113.0/25";

    /// <summary>The same in IPv6.</summary>
    protected const string Local6 = "2001:db8:0:2::/120";

    /// <summary>The same in IPv6.</summary>
    protected const string Remote6 = "2001:db8:0:3::/120";

    /// <summary>Ends the sessions of the test.</summary>
    [TearDown]
    public void EndPolicySessions()
    {
        _policySessions.ForEach(s => s.Dispose());
        _policySessions.Clear();
    }

    /// <summary>Installs an SPD with an SA pair for each PROTECT entry on the emptied target.</summary>
    protected PolicySession Start(params SpdEntry[] entries) => Start(new PolicyScenario { Entries = [.. entries] });

    /// <summary>Installs an SPD and its SAs on the emptied target.</summary>
    protected PolicySession Start(PolicyScenario scenario)
    {
        PolicySession session = PolicySession.Start(ConformanceRun.Current.Target, scenario, Seed);
        _policySessions.Add(session);
        return session;
    }

    /// <summary>Ends a case of IPv6 on a target without it.</summary>
    protected static void RequireIpv6Where(bool ipv6)
    {
        if (ipv6 && !ConformanceRun.Current.Target.Capabilities.HasFlag(Capabilities.Ipv6))
        {
            throw new UnsupportedException($"the target lacks {Capabilities.Ipv6}");
        }
    }

    /// <summary>A PROTECT entry with a tunnel between target and peer.</summary>
    protected static SpdEntry Protect(string name, params SelectorSet[] sets) => Entry(name, PolicyAction.Protect.With(PolicyScenario.Tunnel(AddressPlan.Ipv4)), sets);

    /// <summary>A PROTECT entry with one layer.</summary>
    protected static SpdEntry Protect(string name, ProtectionStep step, params SelectorSet[] sets) => Entry(name, PolicyAction.Protect.With(step), sets);

    /// <summary>A BYPASS entry of both directions.</summary>
    protected static SpdEntry Bypass(string name, params SelectorSet[] sets) => Entry(name, new PolicyAction.Bypass(), sets);

    /// <summary>A DISCARD entry of both directions.</summary>
    protected static SpdEntry Discard(string name, params SelectorSet[] sets) => Entry(name, new PolicyAction.Discard(), sets);

    /// <summary>A selector set from the usual notation.</summary>
    protected static SelectorSet Set(string local = Local, string remote = Remote, UpperLayerSelector? upper = null) =>
        new(AddressSelector.Parse(local.Split(',')), AddressSelector.Parse(remote.Split(',')), upper ?? new UpperLayerSelector.Any());

    /// <summary>Ports of a protocol; what is left out is ANY.</summary>
    protected static UpperLayerSelector Ports(byte protocol = IpProtocol.Tcp, FieldSelector? local = null, FieldSelector? remote = null) =>
        new UpperLayerSelector.Ports(protocol, local ?? FieldSelector.Any, remote ?? FieldSelector.Any);

    /// <summary>TCP to a port of the remote hosts.</summary>
    protected static UpperLayerSelector To(ushort port) => Ports(remote: FieldSelector.Only(port));

    /// <summary>A flow between two hosts of IPv4, given by the last part of their addresses.</summary>
    protected static FlowSelectors Flow(int local = 10, int remote = 10, byte protocol = IpProtocol.Tcp, int? localField = 2000, int? remoteField = 80) =>
        new(IpAddress.Parse($"198.51.100.{local}"), IpAddress.Parse($"203.0.113.{remote}"), protocol, (ushort?)localField, (ushort?)remoteField);

    /// <summary>A flow between two hosts of IPv6.</summary>
    protected static FlowSelectors Flow6(int local = 0x10, int remote = 0x10, byte protocol = IpProtocol.Tcp, int? localField = 2000, int? remoteField = 80) =>
        new(IpAddress.Parse($"2001:db8:0:2::{local:x}"), IpAddress.Parse($"2001:db8:0:3::{remote:x}"), protocol, (ushort?)localField, (ushort?)remoteField);

    private static SpdEntry Entry(string name, PolicyAction action, SelectorSet[] sets) => new() { Name = name, Action = action, Selectors = [.. sets] };
}
