using System.Collections.Immutable;
using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Translation;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>An RFC SPD and the XFRM policies made of it decide the same, under the kernel's own way of matching.</summary>
public class SpdTranslationTests
{
    private const int Cases = 500;
    private const int LeastTranslated = 500;
    private static readonly XfrmBoundary Boundary = new(Unprotected: 5, Protected: 6);

    [Test]
    public void TranslatedPolicies_DecideAsTheOrderedSpd()
    {
        List<string> wrong = [];
        int translated = 0;
        int decisions = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            SpdCase one = SpdArbitraries.Create(new Random(seed));
            SecurityPolicyDatabase expressible = new([.. one.Database.Entries.Where(IsExpressible)]);
            translated += expressible.Entries.Length;
            XfrmPolicyDatabase linux = Install(expressible);
            foreach (FlowSelectors flow in one.Flows)
            {
                decisions += 3;
                if (Outbound(linux, flow) != Crossing(expressible.Decide(PolicyDirection.Outbound, flow), expressible)
                    || Inbound(linux, XfrmDirection.In, flow) != Crossing(expressible.Decide(PolicyDirection.Inbound, flow), expressible)
                    || Inbound(linux, XfrmDirection.Forward, flow) != Crossing(expressible.Decide(PolicyDirection.Inbound, flow), expressible))
                {
                    wrong.Add($"{flow}: {expressible}");
                }
            }
        }

        Assert.That(wrong.Take(3), Is.Empty);
        Assert.That(translated, Is.GreaterThan(LeastTranslated));
        Assert.That(decisions, Is.GreaterThan(30_000));
    }

    // The proof can fail: a mask one bit too short is seen.
    [Test]
    public void CoarserMask_WouldBeSeen()
    {
        SecurityPolicyDatabase database = new([Entry("web", Bypass, Set("any", "10.0.1.0/24", Ports(IpProtocol.Tcp, remote: FieldSelector.Only(80))))]);
        XfrmPolicyDatabase coarse = Install([.. SpdTranslation.Policies(database, Boundary).Select(p => p with { Selector = p.Selector with { DestinationPortMask = (ushort)(p.Selector.DestinationPortMask & 0xfffe) } })]);
        FlowSelectors flow = Flow("10.0.0.1", "10.0.1.1", remoteField: 81);
        Assert.That(Outbound(Install(database), flow), Is.EqualTo("discard"));
        Assert.That(Outbound(coarse, flow), Is.EqualTo("bypass"));
    }

    // Forwarded packets meet policies of both directions: those of the other crossing must not stop them.
    [Test]
    public void PacketsThatCrossTheOtherWay_MeetNoPolicy()
    {
        XfrmPolicyDatabase linux = Install(new SecurityPolicyDatabase([Entry("closed", Discard, SelectorSet.Any)]));
        FlowSelectors flow = Flow("10.0.0.1", "10.0.1.1");
        XfrmFlow outbound = OfPacket(FlowPackets.Build(flow, PolicyDirection.Outbound), Boundary.Unprotected);
        XfrmFlow inbound = OfPacket(FlowPackets.Build(flow, PolicyDirection.Inbound), Boundary.Protected);
        Assert.That(linux.Decide(outbound, XfrmDirection.Forward).IsDefault && linux.Decide(inbound, XfrmDirection.Out).IsDefault);
        Assert.That(linux.Decide(outbound, XfrmDirection.Out).Blocks && linux.Decide(inbound, XfrmDirection.Forward).Blocks);
    }

    // The defaults of in and fwd block both ways: what leaves must get past fwd, and only out is left to policies.
    [Test]
    public void RestByDefault_OnlyOutIsBlockedByAPolicy()
    {
        ImmutableArray<XfrmPolicy> policies = SpdTranslation.Policies(SecurityPolicyDatabase.Empty, Boundary, restByDefault: true);
        Assert.That(policies.Where(p => p.Direction == XfrmDirection.In), Is.Empty);
        Assert.That(policies.Where(p => p.Direction == XfrmDirection.Out).Select(p => (p.Action, p.Selector.InterfaceIndex)), Is.EqualTo(Enumerable.Repeat((XfrmAction.Block, Boundary.Unprotected), 2)));
        Assert.That(policies.Where(p => p.Direction == XfrmDirection.Forward).Select(p => (p.Action, p.Selector.InterfaceIndex)), Is.EqualTo(Enumerable.Repeat((XfrmAction.Allow, Boundary.Unprotected), 2)));
    }

    [TestCase("0-1023", "holds 0")]
    [TestCase("0-65535", "holds 0")]
    [TestCase("OPAQUE", "no OPAQUE port")]
    public void PortsThatXfrmCannotSay_AreRefused(string ports, string reason)
    {
        FieldSelector field = ports == "OPAQUE" ? FieldSelector.Opaque : FieldSelector.Between(0, ushort.Parse(ports[2..], System.Globalization.CultureInfo.InvariantCulture));
        Refused(Ports(IpProtocol.Udp, remote: field), reason);
    }

    [Test]
    public void OtherThingsThatXfrmCannotSay_AreRefused()
    {
        Refused(new UpperLayerSelector.Opaque(), "OPAQUE protocol");
        Refused(new UpperLayerSelector.Protocol(0), "every protocol");
        Refused(new UpperLayerSelector.Protocol(IpProtocol.DestinationOptions), "show no protocol");
        Refused(new UpperLayerSelector.Mobility(FieldSelector.Only(5)), "no mobility type");
        Refused(Ports(33, remote: FieldSelector.Only(5)), "DCCP");
        Refused(new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(0)), "holds 0");
    }

    [Test]
    public void Ranges_BecomeTheFewestPrefixesAndMasks()
    {
        SecurityPolicyDatabase database = new([Entry("range", Bypass, Set("10.0.0.1-10.0.0.6", "10.0.1.1", Ports(IpProtocol.Tcp, remote: FieldSelector.Between(80, 87))))]);
        XfrmPolicy[] outbound = [.. SpdTranslation.Policies(database).Where(p => p is { Direction: XfrmDirection.Out, Priority: SpdTranslation.FirstPriority })];
        Assert.That(outbound.Select(p => $"{p.Selector.Source.In(XfrmFamily.Ipv4)}/{p.Selector.SourceBits}"), Is.EqualTo(new[] { "10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32" }));
        Assert.That(outbound.Select(p => (p.Selector.DestinationPort, p.Selector.DestinationPortMask)), Is.All.EqualTo(((ushort)80, (ushort)0xfff8)));
    }

    private static void Refused(UpperLayerSelector upper, string reason) => Assert.That(
        () => SpdTranslation.Policies(new([Entry("e", Bypass, Set("any", "any", upper))])),
        Throws.TypeOf<NotInXfrmException>().With.Message.Contains(reason).And.Message.Contains("entry 1, e"));

    private static bool IsExpressible(SpdEntry entry)
    {
        try
        {
            return SpdTranslation.Policies(new([entry])).Length > 0;
        }
        catch (NotInXfrmException)
        {
            return false;
        }
    }

    private static XfrmPolicyDatabase Install(SecurityPolicyDatabase database) => Install(SpdTranslation.Policies(database, Boundary));

    private static XfrmPolicyDatabase Install(ImmutableArray<XfrmPolicy> policies)
    {
        XfrmPolicyDatabase linux = XfrmPolicyDatabase.Empty(LinuxRelease.All[0]);
        foreach (XfrmPolicy policy in policies)
        {
            (linux, XfrmAnswer answer) = linux.Apply(new XfrmRequest.AddPolicy(policy), now: 1);
            Assert.That(answer, Is.InstanceOf<XfrmAnswer.Done>());
        }

        return linux;
    }

    private static string Outbound(XfrmPolicyDatabase linux, FlowSelectors flow)
    {
        XfrmPolicyDecision decision = linux.Decide(OfPacket(FlowPackets.Build(flow, PolicyDirection.Outbound), Boundary.Unprotected), XfrmDirection.Out);
        return decision.Blocks ? "discard" : decision.Templates.IsEmpty ? "bypass" : $"protect {decision.Templates[0].RequestId}";
    }

    // A packet in clear fails against templates.
    private static string Inbound(XfrmPolicyDatabase linux, XfrmDirection direction, FlowSelectors flow)
    {
        XfrmPolicyDecision decision = linux.Decide(OfPacket(FlowPackets.Build(flow, PolicyDirection.Inbound), Boundary.Protected), direction);
        return decision.Blocks || !decision.Templates.IsEmpty ? "discard" : "bypass";
    }

    private static XfrmFlow OfPacket(byte[] packet, int outputInterface) =>
        IpPacketView.TryParse(packet, out IpPacketView view, out ParseError error) ? XfrmFlow.OfPacket(view, outputInterface) : throw new AssertionException($"{error}");

    private static string Crossing(PolicyDecision decision, SecurityPolicyDatabase database) => decision switch
    {
        PolicyDecision.Bypass => "bypass",
        PolicyDecision.Protect protect => $"protect {SpdTranslation.RequestId(database.Entries.IndexOf(protect.Entry), 0)}",
        _ => "discard",
    };
}
