using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Small policies, SAs and flows that the tests of the databases vary.</summary>
internal static class XfrmCases
{
    public const ulong Now = 1_700_000_000;

    public static IpAddress Local { get; } = IpAddress.Parse("192.0.2.1");

    public static IpAddress Remote { get; } = IpAddress.Parse("198.51.100.1");

    public static XfrmFlow Flow { get; } = new() { Source = IpAddress.Parse("10.1.0.1"), Destination = IpAddress.Parse("10.2.0.1"), Protocol = IpProtocol.Udp, SourcePort = 1000, DestinationPort = 2000 };

    public static XfrmSelector Selector(string source, string destination) => XfrmSelector.Of(Prefix(source), Prefix(destination));

    public static XfrmPolicy Policy(string source = "10.1.0.0/16", string destination = "10.2.0.0/16", uint priority = 0, XfrmDirection direction = XfrmDirection.Out) =>
        new() { Selector = Selector(source, destination), Direction = direction, Priority = priority };

    public static XfrmTemplate Tunnel { get; } = new()
    {
        Source = XfrmAddress.Of(Local),
        Destination = XfrmAddress.Of(Remote),
        Family = XfrmFamily.Ipv4,
        Mode = XfrmMode.Tunnel,
        RequestId = 1,
    };

    public static XfrmState State(uint spi = 0x1001) => new()
    {
        Source = XfrmAddress.Of(Local),
        Destination = XfrmAddress.Of(Remote),
        Spi = new Spi(spi),
        Family = XfrmFamily.Ipv4,
        Mode = XfrmMode.Tunnel,
        RequestId = 1,
        Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", new ByteString(new byte[20]), 128),
    };

    public static XfrmPolicyDatabase Policies(LinuxRelease release, params XfrmPolicy[] policies) =>
        policies.Aggregate(XfrmPolicyDatabase.Empty(release), (database, policy) => database.Apply(new XfrmRequest.AddPolicy(policy), Now).Next);

    public static XfrmStateDatabase States(LinuxRelease release, params XfrmState[] states) =>
        states.Aggregate(XfrmStateDatabase.Empty(release), (database, state) => database.Apply(new XfrmRequest.AddState(state), Now).Next);

    public static int ErrnoOf(XfrmAnswer answer) => answer is XfrmAnswer.Refused refused ? refused.Errno : 0;

    public static XfrmResolution Resolution(XfrmTemplate? template = null) =>
        new(template ?? Tunnel, Policy() with { Templates = [template ?? Tunnel] }, Flow, Local, Remote);

    private static AddressPrefix Prefix(string text)
    {
        string[] parts = text.Split('/');
        return new AddressPrefix(IpAddress.Parse(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
