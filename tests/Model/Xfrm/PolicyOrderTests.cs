using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Which of several matching policies wins (xfrm_policy_lookup_bytype).</summary>
public sealed class PolicyOrderTests
{
    private const string Exact = "10.1.0.1/32";
    private const string ExactPeer = "10.2.0.1/32";

    private static readonly LinuxRelease[] All = [.. LinuxRelease.All];

    [TestCaseSource(nameof(All))]
    public void LowerPriority_Wins_WhicheverCameFirst(LinuxRelease release)
    {
        XfrmPolicy low = XfrmCases.Policy(priority: 1);
        XfrmPolicy high = XfrmCases.Policy("10.0.0.0/8", priority: 2);
        Assert.That(Winner(release, low, high), Is.EqualTo(1));
        Assert.That(Winner(release, high, low), Is.EqualTo(9));
    }

    [TestCaseSource(nameof(All))]
    public void EqualPriority_OlderWins(LinuxRelease release)
    {
        XfrmPolicy wide = XfrmCases.Policy("10.0.0.0/8");
        XfrmPolicy narrow = XfrmCases.Policy();
        Assert.That(Winner(release, wide, narrow), Is.EqualTo(1));
        Assert.That(Winner(release, narrow, wide), Is.EqualTo(1));
    }

    [Test]
    public void EqualPriority_ExactAndInexact_ByAgeFrom612()
    {
        XfrmPolicy exact = XfrmCases.Policy(Exact, ExactPeer);
        Assert.That(Winner(LinuxRelease.Linux612, XfrmCases.Policy(), exact), Is.EqualTo(1));
        Assert.That(Winner(LinuxRelease.Linux612, exact, XfrmCases.Policy()), Is.EqualTo(1));
    }

    [Test]
    public void EqualPriority_ExactAndInexact_In61ExactWinsButAgainstTheFirst()
    {
        XfrmPolicy exact = XfrmCases.Policy(Exact, ExactPeer);
        XfrmPolicy other = XfrmCases.Policy("172.16.0.0/16");

        // Alone in its list the inexact one has position 0 as well, and is looked at later.
        Assert.That(Winner(LinuxRelease.Linux61, exact, XfrmCases.Policy()), Is.EqualTo(9));
        Assert.That(Winner(LinuxRelease.Linux61, other, XfrmCases.Policy(), exact), Is.EqualTo(17));
    }

    [TestCaseSource(nameof(All))]
    public void Replacing_KeepsPlaceInItsList(LinuxRelease release)
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(release, XfrmCases.Policy("10.1.0.0/16"), XfrmCases.Policy("10.1.0.0/24"));
        (database, XfrmAnswer answer) = database.Apply(new XfrmRequest.AddPolicy(XfrmCases.Policy("10.1.0.0/16") with { Action = XfrmAction.Block }, Replace: true), XfrmCases.Now);
        Assert.That(answer, Is.EqualTo(new XfrmAnswer.Done()));
        Assert.That(database.Lookup(XfrmCases.Flow, XfrmDirection.Out)!.Policy, Has.Property(nameof(XfrmPolicy.Index)).EqualTo(1).And.Property(nameof(XfrmPolicy.Action)).EqualTo(XfrmAction.Block));
    }

    [Test]
    public void Replacing_MakesYoungestAgainstOtherLists()
    {
        XfrmPolicy exact = XfrmCases.Policy(Exact, ExactPeer);
        XfrmPolicyDatabase database = XfrmCases.Policies(LinuxRelease.Linux612, exact, XfrmCases.Policy());
        database = database.Apply(new XfrmRequest.AddPolicy(exact, Replace: true), XfrmCases.Now).Next;
        Assert.That(database.Lookup(XfrmCases.Flow, XfrmDirection.Out)!.Policy.Index, Is.EqualTo(9));
    }

    [Test]
    public void Replacing_AgainstAnotherTree_YoungestFrom612_In61KeepsItsPlace()
    {
        XfrmPolicy both = XfrmCases.Policy();
        XfrmPolicy byDestination = XfrmCases.Policy("0.0.0.0/0");
        uint Winner(LinuxRelease release) =>
            XfrmCases.Policies(release, both, byDestination).Apply(new XfrmRequest.AddPolicy(both, Replace: true), XfrmCases.Now).Next.Lookup(XfrmCases.Flow, XfrmDirection.Out)!.Policy.Index;
        Assert.That(LinuxRelease.All.Select(Winner), Is.EqualTo(new uint[] { 1, 9, 9 }));
    }

    [Test]
    public void MergedNodes_OnlyTheOldestKeepsInheritedPlaces_From612()
    {
        XfrmPolicy replaced = XfrmCases.Policy("10.1.0.0/24", "10.2.0.0/24");
        XfrmPolicy rival = XfrmCases.Policy("10.1.0.0/20", "10.2.0.0/24");
        XfrmPolicy neighbour = XfrmCases.Policy("10.1.0.0/24", "10.2.1.0/24");
        Assert.That(Winner(LinuxRelease.Linux612, neighbour, replaced, rival), Is.EqualTo(rival.Selector));
        Assert.That(Winner(LinuxRelease.Linux612, replaced, neighbour, rival), Is.EqualTo(replaced.Selector));
        Assert.That(Winner(LinuxRelease.Linux61, neighbour, replaced, rival), Is.EqualTo(replaced.Selector));

        XfrmSelector Winner(LinuxRelease release, params XfrmPolicy[] policies) => XfrmCases.Policies(release, policies)
            .Apply(new XfrmRequest.AddPolicy(replaced, Replace: true), XfrmCases.Now).Next
            .Apply(new XfrmRequest.AddPolicy(XfrmCases.Policy("10.1.0.0/20", "10.2.0.0/16", priority: 5)), XfrmCases.Now).Next
            .Lookup(XfrmCases.Flow, XfrmDirection.Out)!.Policy.Selector;
    }

    [TestCaseSource(nameof(All))]
    public void SubPolicy_ComesFirst_AndMainAppliesToo(LinuxRelease release)
    {
        XfrmPolicy sub = XfrmCases.Policy(priority: 9) with { Type = XfrmPolicyType.Sub };
        XfrmPolicyDatabase database = XfrmCases.Policies(release, XfrmCases.Policy(priority: 1) with { Action = XfrmAction.Block }, sub);
        XfrmPolicyDecision decision = database.Decide(XfrmCases.Flow, XfrmDirection.Out);
        Assert.That(decision.Policies.Select(policy => policy.Type), Is.EqualTo(new[] { XfrmPolicyType.Sub, XfrmPolicyType.Main }));
        Assert.That(decision.Blocks);
    }

    [TestCaseSource(nameof(All))]
    public void NoPolicy_Default(LinuxRelease release)
    {
        XfrmPolicyDatabase database = XfrmPolicyDatabase.Empty(release);
        Assert.That(database.Decide(XfrmCases.Flow, XfrmDirection.Out).Blocks, Is.False);
        database = database.Apply(new XfrmRequest.SetDefault(null, null, XfrmAction.Block), XfrmCases.Now).Next;
        Assert.That(database.Decide(XfrmCases.Flow, XfrmDirection.Out).Blocks);
        Assert.That(database.Decide(XfrmCases.Flow, XfrmDirection.In).Blocks, Is.False);
    }

    private static uint Winner(LinuxRelease release, params XfrmPolicy[] policies) =>
        XfrmCases.Policies(release, policies).Lookup(XfrmCases.Flow, XfrmDirection.Out)!.Policy.Index;
}
