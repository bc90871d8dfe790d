using System.Text.RegularExpressions;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using NUnit.Framework;

namespace Conformance.Tests.Model.Requirements;

/// <summary>The catalogues are well formed.</summary>
public class CatalogueTests
{
    private const int LongestTextChars = 320;

    [Test]
    public void Ids_AreRfcSectionAndNumber() =>
        Assert.That(RequirementCatalogue.All.Where(r => !Regex.IsMatch(r.Id, $@"^(RFC\d+|XFRM|OFFLOAD)-{Regex.Escape(r.Section)}-\d\d$")).Select(r => r.Id), Is.Empty);

    [Test]
    public void Texts_AreThereAndShort() =>
        Assert.That(RequirementCatalogue.All.Where(r => r.Text.Length is 0 or > LongestTextChars || r.Test.Length == 0).Select(r => r.Id), Is.Empty);

    [Test]
    public void WhatNobodyCanSee_HasAReason() =>
        Assert.That(RequirementCatalogue.All.Where(r => r.Observable == "none" && string.IsNullOrEmpty(r.UntestableBecause)).Select(r => r.Id), Is.Empty);

    // What is not about messages, keys or state is an exception that a catalogue states; the rest is for the model to honour.
    [Test]
    public void FewEntries_ConcernSomethingElse()
    {
        Requirement[] others = [.. RequirementCatalogue.All.Where(r => r.Concerns != RequirementConcern.Messages)];
        Assert.That(others.Select(r => r.Document).Distinct(), Is.EqualTo(new[] { "RFC 7296" }));
        Assert.That(others.Select(r => r.Concerns).Distinct(), Is.EquivalentTo(Enum.GetValues<RequirementConcern>().Except([RequirementConcern.Messages])));
        Assert.That(others, Has.Length.LessThan(60));
    }

    [Test]
    public void UntestableRequirement_IsNotTagged()
    {
        TestIndex index = TestIndex.Read(typeof(CatalogueTests).Assembly);
        Assert.That(RequirementCatalogue.All.Where(r => r.UntestableBecause is not null && !index.TestsOf(r.Id).IsEmpty).Select(r => r.Id), Is.Empty);
    }

    [Test]
    public void Explain_NamesStatusAndTests()
    {
        TestIndex index = TestIndex.Read(typeof(CatalogueTests).Assembly);
        string text = string.Join('\n', RequirementCatalogue.Find("RFC4303-3.4.3-09")!.Explain(index.TestsOf("RFC4303-3.4.3-09")));
        Assert.That(text, Does.Contain("MUST").And.Contain("ForgedPacketRightOfWindow_LeavesWindowUnchanged"));
        Assert.That(index.Counts(), Does.Match(@"\d+ requirements, \d+ tested, \d+ open, \d+ untestable; \d+ are shown to be honoured by the model"));
    }
}
