using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Errno of every request on policies that is refused; each case departs in one thing from one that is accepted.</summary>
public sealed class RefusedPolicyTests
{
    private static readonly XfrmTemplate Transport = new() { Family = XfrmFamily.Ipv4, Mode = XfrmMode.Transport };

    private static readonly TestCaseData[] Faults =
    [
        Case("share above 3", policy => policy with { Share = 4 }),
        Case("action above block", policy => policy with { Action = (XfrmAction)2 }),
        Case("no family", policy => policy with { Selector = policy.Selector with { Family = XfrmFamily.Unspecified } }),
        Case("source prefix of 33 bits", policy => policy with { Selector = policy.Selector with { SourceBits = 33 } }),
        Case("destination prefix of 33 bits", policy => policy with { Selector = policy.Selector with { DestinationBits = 33 } }),
        Case("direction 3", policy => policy with { Direction = (XfrmDirection)3 }),
        Case("index of another direction", policy => policy with { Index = 8 }),
        Case("index of a socket policy", policy => policy with { Index = 13 }),
        Case("type above sub", policy => policy with { Type = (XfrmPolicyType)2 }),
        Case("seven templates", policy => policy with { Templates = [.. Enumerable.Repeat(XfrmCases.Tunnel, 7)] }),
        Case("template of mode 6", policy => policy with { Templates = [XfrmCases.Tunnel with { Mode = (XfrmMode)6 }] }),
        Case("template of an unknown family", policy => policy with { Templates = [XfrmCases.Tunnel with { Family = (XfrmFamily)3 }] }),
        Case("template of UDP", policy => policy with { Templates = [XfrmCases.Tunnel with { Protocol = 17 }] }),
        Case("transport changes family", policy => policy with { Templates = [Transport with { Family = XfrmFamily.Ipv6 }] }),
        Case("transport changes family of the tunnel before", policy => policy with { Templates = [XfrmCases.Tunnel with { Family = XfrmFamily.Ipv6 }, Transport] }),
        Case("optional tunnel outbound", policy => policy with { Templates = [XfrmCases.Tunnel with { Optional = true }] }),
    ];

    private static readonly TestCaseData[] Accepted =
    [
        Case("share 3", policy => policy with { Share = 3 }),
        Case("prefixes of 32 bits", policy => policy with { Selector = policy.Selector with { SourceBits = 32, DestinationBits = 32 } }),
        Case("index of the direction", policy => policy with { Index = 17 }),
        Case("type sub", policy => policy with { Type = XfrmPolicyType.Sub }),
        Case("six templates", policy => policy with { Templates = [.. Enumerable.Repeat(XfrmCases.Tunnel, 6)] }),
        Case("optional transport outbound", policy => policy with { Templates = [Transport with { Optional = true }] }),
        Case("optional tunnel inbound", policy => policy with { Direction = XfrmDirection.In, Templates = [XfrmCases.Tunnel with { Optional = true }] }),
        Case("tunnel changes family", policy => policy with { Templates = [XfrmCases.Tunnel with { Family = XfrmFamily.Ipv6 }] }),
    ];

    [TestCaseSource(nameof(Faults))]
    public void Malformed_Einval(Func<XfrmPolicy, XfrmPolicy> change) => Assert.That(Errnos(change(XfrmCases.Policy())), Is.All.EqualTo(Errno.Einval));

    [TestCaseSource(nameof(Accepted))]
    public void WellFormed_Added(Func<XfrmPolicy, XfrmPolicy> change) => Assert.That(Errnos(change(XfrmCases.Policy())), Is.All.Zero);

    [Test]
    public void IpTfsTemplate_KnownFrom73()
    {
        XfrmPolicy policy = XfrmCases.Policy() with { Templates = [XfrmCases.Tunnel with { Mode = XfrmMode.IpTfs }] };
        Assert.That(Errnos(policy), Is.EqualTo(new[] { Errno.Einval, Errno.Einval, 0 }));
    }

    [Test]
    public void OptionalIpTfsTemplateOutbound_Einval() =>
        Assert.That(Errnos(XfrmCases.Policy() with { Templates = [XfrmCases.Tunnel with { Mode = XfrmMode.IpTfs, Optional = true }] }), Is.All.EqualTo(Errno.Einval));

    [Test]
    public void SameSelectorAgain_Eexist_UnlessReplaced()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(LinuxRelease.Linux612, XfrmCases.Policy());
        Assert.That(Apply(database, new XfrmRequest.AddPolicy(XfrmCases.Policy(priority: 7))), Is.EqualTo(Errno.Eexist));
        Assert.That(Apply(database, new XfrmRequest.AddPolicy(XfrmCases.Policy(priority: 7), Replace: true)), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.AddPolicy(XfrmCases.Policy() with { InterfaceId = 1 })), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.AddPolicy(XfrmCases.Policy() with { Mark = new XfrmMark(1, 1) })), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.AddPolicy(XfrmCases.Policy() with { Type = XfrmPolicyType.Sub })), Is.Zero);
    }

    [Test]
    public void Deleting_ByIndexOrSelector_EnoentWhenNothingFits()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(LinuxRelease.Linux612, XfrmCases.Policy());
        XfrmSelector selector = XfrmCases.Policy().Selector;
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 1, selector)), Is.Zero);
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 0, selector)), Is.Zero);
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.In, 1, selector)), Is.EqualTo(Errno.Enoent));
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 9, selector)), Is.EqualTo(Errno.Enoent));
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 0, selector with { Protocol = 6 })), Is.EqualTo(Errno.Enoent));
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 1, selector, InterfaceId: 1)), Is.EqualTo(Errno.Enoent));
        Assert.That(Delete(new XfrmPolicyKey(XfrmDirection.Out, 1, selector, new XfrmMark(0, 1))), Is.EqualTo(Errno.Enoent));
        Assert.That(Delete(new XfrmPolicyKey((XfrmDirection)3, 1, selector)), Is.EqualTo(Errno.Einval));

        int Delete(XfrmPolicyKey key) => Apply(database, new XfrmRequest.DeletePolicy(key));
    }

    [Test]
    public void Index_CountsBy8OverAllDirections_TakesWhatIsAsked_AndIsInherited()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(
            LinuxRelease.Linux612,
            XfrmCases.Policy("10.1.0.0/16"),
            XfrmCases.Policy("10.3.0.0/16", direction: XfrmDirection.In),
            XfrmCases.Policy("10.4.0.0/16") with { Index = 25 },
            XfrmCases.Policy("10.5.0.0/16"),
            XfrmCases.Policy("10.6.0.0/16"),
            XfrmCases.Policy("10.7.0.0/16") with { Index = 25 });
        Assert.That(database.Entries.Select(entry => entry.Policy.Index), Is.EqualTo(new uint[] { 1, 8, 25, 17, 33, 41 }));
        database = database.Apply(new XfrmRequest.AddPolicy(XfrmCases.Policy("10.4.0.0/16") with { Index = 1001 }, Replace: true), XfrmCases.Now).Next;
        Assert.That(database.Dump()[0].Index, Is.EqualTo(25));
    }

    [Test]
    public void Dump_YoungestFirst_MarkUnderItsMask_ShareForgotten()
    {
        XfrmPolicy marked = XfrmCases.Policy("10.9.0.0/16") with { Mark = new XfrmMark(0xff, 0x0f), Share = 2 };
        ImmutableArray<XfrmPolicy> dump = XfrmCases.Policies(LinuxRelease.Linux61, XfrmCases.Policy(), marked).Dump();
        Assert.That(dump[0], Is.EqualTo(marked with { Index = 9, Mark = new XfrmMark(0x0f, 0x0f), Share = 0, Use = new XfrmUse(0, 0, XfrmCases.Now, 0) }));
        Assert.That(dump[1].Selector, Is.EqualTo(XfrmCases.Policy().Selector));
    }

    [Test]
    public void Flushing_TakesOneType_AndAnEmptyDatabaseToo()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(LinuxRelease.Linux612, XfrmCases.Policy(), XfrmCases.Policy() with { Type = XfrmPolicyType.Sub });
        (database, XfrmAnswer answer) = database.Apply(new XfrmRequest.FlushPolicies(), XfrmCases.Now);
        Assert.That(answer, Is.EqualTo(new XfrmAnswer.Done()));
        Assert.That(database.Dump().Select(policy => policy.Type), Is.EqualTo(new[] { XfrmPolicyType.Sub }));
        Assert.That(Apply(XfrmPolicyDatabase.Empty(LinuxRelease.Linux612), new XfrmRequest.FlushPolicies()), Is.Zero);
    }

    private static TestCaseData Case(string name, Func<XfrmPolicy, XfrmPolicy> change) => new TestCaseData(change).SetArgDisplayNames(name);

    private static int[] Errnos(XfrmPolicy policy) => [.. LinuxRelease.All.Select(release => Apply(XfrmPolicyDatabase.Empty(release), new XfrmRequest.AddPolicy(policy)))];

    private static int Apply(XfrmPolicyDatabase database, XfrmRequest request) => XfrmCases.ErrnoOf(database.Apply(request, XfrmCases.Now).Answer);
}
