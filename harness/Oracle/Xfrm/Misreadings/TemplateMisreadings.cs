using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>How templates are got wrong.</summary>
internal static class TemplateMisreadings
{
    /// <summary>One line each.</summary>
    public static IEnumerable<XfrmReading> All =>
    [
        Templates("templates-reversed", "XFRM-template-01", "the innermost transform is applied last", t => [.. t.Reverse()], XfrmDirection.Out),
        Templates("only-first-template", "XFRM-template-01", "a stack that knows one layer of protection forgets the others", t => [.. t.Take(1)], XfrmDirection.Out),
        Templates("clear-packet-admitted", "XFRM-template-02", "policies are asked on the way out only", Optional, XfrmDirection.In, XfrmDirection.Forward),
        new("reqid-unchecked-inwards", "XFRM-template-02", "any SA will do where one of this policy is asked for")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.WithPolicies(PolicyCheck.Stage, AnyRequestId)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.WithPolicies(Forwarding.Stage, AnyRequestId)),
        },
        Templates(
            "optional-template-required", "XFRM-template-03", "a key manager that forgets the level asks for SAs that nobody wants, and drops packets meanwhile",
            t => [.. t.Select(one => one with { Optional = false })], XfrmDirection.In, XfrmDirection.Out, XfrmDirection.Forward),
        new("further-sa-admitted", "XFRM-template-04", "once the templates are satisfied nobody looks at what is left of the way")
        {
            Receive = ReceivePath.Linux.Replace(PolicyCheck.Stage.Name, StageViews.OrAs(PolicyCheck.Stage, [XfrmCounter.InTmplMismatch], WithLess)),
            Transmit = TransmitPath.Linux.Replace(Forwarding.Stage.Name, StageViews.OrAs(Forwarding.Stage, [XfrmCounter.InTmplMismatch], WithLess)),
        },
    ];

    private static XfrmReading Templates(
        string name, string requirement, string story, Func<ImmutableArray<XfrmTemplate>, ImmutableArray<XfrmTemplate>> understand, params XfrmDirection[] directions) =>
        PolicyMisreadings.Policies(name, requirement, story, p => directions.Contains(p.Direction) ? p with { Templates = understand(p.Templates) } : p);

    private static ImmutableArray<XfrmTemplate> Optional(ImmutableArray<XfrmTemplate> templates) => [.. templates.Select(t => t with { Optional = true })];

    private static XfrmPolicy AnyRequestId(XfrmPolicy policy) => policy with { Templates = [.. policy.Templates.Select(t => t with { RequestId = 0 })] };

    private static IEnumerable<PacketInFlight> WithLess(PacketInFlight packet) =>
        Enumerable.Range(0, packet.SecurityPath.Length).Reverse().Select(count => packet with { SecurityPath = packet.SecurityPath[..count] });
}
