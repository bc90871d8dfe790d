using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Harness.Running;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;

namespace Conformance.Tests.Xfrm;

/// <summary>Base of the directed tests of Linux's databases: one situation each, small enough to read.</summary>
/// <remarks>The host is 10.0.0.1 and 10.0.0.2; behind its unprotected side lies 10.0.1.0/24, behind the other 10.0.2.0/24.</remarks>
[Needs(Capabilities.XfrmDatabases)]
public abstract class XfrmTest : ConformanceTest
{
    private const int KeyBytes = 20;
    private uint _tag;

    /// <summary>The host.</summary>
    protected const string Here = "10.0.0.1";

    /// <summary>Its second address.</summary>
    protected const string AlsoHere = "10.0.0.2";

    /// <summary>All of the unprotected side.</summary>
    protected const string Wire = "10.0.1.0/24";

    /// <summary>All of the protected side.</summary>
    protected const string Hidden = "10.0.2.0/24";

    /// <summary>What an out policy that blocks does.</summary>
    protected static XfrmFate Blocked { get; } = XfrmFate.Dropped(XfrmCounter.OutPolBlock, Errno.Eperm);

    /// <summary>Empty databases.</summary>
    protected static XfrmSituation Given { get; } = new();

    /// <summary>Puts the situation before the target and requires what it says.</summary>
    /// <param name="situation">The situation.</param>
    /// <param name="test">The running test, whose first requirement is meant.</param>
    protected void Require(XfrmSituation situation, [CallerMemberName] string test = "")
    {
        ArgumentNullException.ThrowIfNull(situation);
        using XfrmSession session = XfrmSession.Start(ConformanceRun.Current.Target, Seed);
        if (situation.World.Policies.Any(p => p.Type == XfrmPolicyType.Sub) && !session.Features.HasFlag(XfrmFeatures.SubPolicies))
        {
            throw new UnsupportedException("the target has no sub policies");
        }

        session.Judge(situation.World, situation.Fates, GetType().GetMethod(test)!.GetCustomAttribute<RequirementAttribute>()!.Ids[0]);
    }

    /// <summary>A policy for packets that leave.</summary>
    protected static XfrmPolicy Out(string from, string to, params ImmutableArray<XfrmTemplate> templates) => Policy(XfrmDirection.Out, from, to, templates);

    /// <summary>A policy for packets that are delivered to the host.</summary>
    protected static XfrmPolicy In(string from, string to, params ImmutableArray<XfrmTemplate> templates) => Policy(XfrmDirection.In, from, to, templates);

    /// <summary>A policy for packets in transit.</summary>
    protected static XfrmPolicy Forward(string from, string to, params ImmutableArray<XfrmTemplate> templates) => Policy(XfrmDirection.Forward, from, to, templates);

    /// <summary>A policy of two prefixes.</summary>
    protected static XfrmPolicy Policy(XfrmDirection direction, string from, string to, params ImmutableArray<XfrmTemplate> templates) =>
        new() { Direction = direction, Selector = Selector(from, to), Templates = templates };

    /// <summary>A policy that drops.</summary>
    protected static XfrmPolicy Block(XfrmPolicy policy) => policy with { Action = XfrmAction.Block };

    /// <summary>A selector of two prefixes.</summary>
    protected static XfrmSelector Selector(string from, string to) => XfrmSelector.Of(Prefix(from), Prefix(to));

    /// <summary>A tunnel is asked for.</summary>
    protected static XfrmTemplate Tunnel(string source, string destination, uint reqid = 1) => new()
    {
        Mode = XfrmMode.Tunnel,
        Family = XfrmFamilies.Of(IpAddress.Parse(source)),
        Source = XfrmAddress.Of(IpAddress.Parse(source)),
        Destination = XfrmAddress.Of(IpAddress.Parse(destination)),
        RequestId = reqid,
    };

    /// <summary>Transport mode is asked for.</summary>
    protected static XfrmTemplate Transport(uint reqid = 1) => new() { Mode = XfrmMode.Transport, Family = XfrmFamily.Ipv4, RequestId = reqid };

    /// <summary>An SA for all packets, with a key of its own.</summary>
    protected static XfrmState Sa(uint spi, string source, string destination, XfrmMode mode = XfrmMode.Tunnel, uint reqid = 1) => new()
    {
        Source = XfrmAddress.Of(IpAddress.Parse(source)),
        Destination = XfrmAddress.Of(IpAddress.Parse(destination)),
        Family = XfrmFamilies.Of(IpAddress.Parse(source)),
        Spi = new Spi(spi),
        Mode = mode,
        RequestId = reqid,
        Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", new ByteString(Enumerable.Repeat((byte)spi, KeyBytes).ToArray()), 128),
        ReplayWindow = 32,
    };

    /// <summary>A UDP packet.</summary>
    protected ByteString Udp(string from, string to, ushort sourcePort = 7, ushort destinationPort = 9) => XfrmPackets.Of(
        new XfrmFlow { Source = IpAddress.Parse(from), Destination = IpAddress.Parse(to), Protocol = IpProtocol.Udp, SourcePort = sourcePort, DestinationPort = destinationPort },
        ++_tag);

    /// <summary>A packet of a protocol that nobody answers.</summary>
    protected ByteString Raw(string from, string to) => XfrmPackets.Of(
        new XfrmFlow { Source = IpAddress.Parse(from), Destination = IpAddress.Parse(to), Protocol = IpProtocol.Experiment253 }, ++_tag);

    private static AddressPrefix Prefix(string text)
    {
        string[] halves = text.Split('/');
        IpAddress address = IpAddress.Parse(halves[0]);
        return halves.Length == 1 ? AddressPrefix.Host(address) : new AddressPrefix(address, int.Parse(halves[1], CultureInfo.InvariantCulture));
    }
}
