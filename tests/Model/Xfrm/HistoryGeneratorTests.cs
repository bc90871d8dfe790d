using Conformance.Generators.Xfrm;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Random histories of the databases.</summary>
public sealed class HistoryGeneratorTests
{
    private static readonly XfrmHistoryPlan Plan = new([XfrmCases.Local, IpAddress.Parse("192.0.2.9")], [XfrmCases.Remote], [XfrmCases.Flow]);

    [Test]
    public void SameSeed_SameHistory()
    {
        XfrmHistory[] both = [.. Enumerable.Repeat(7, 2).Select(seed => XfrmHistory.Draw(new Random(seed), Plan))];
        Assert.That(both[1], Is.EqualTo(both[0]));
    }

    [Test]
    public void Shrunk_IsOneStepShorter_AndReadable()
    {
        XfrmHistory history = XfrmHistory.Draw(new Random(7), Plan);
        Assert.That(XfrmHistory.Shrink(history).Select(smaller => smaller.Steps.Length), Is.All.EqualTo(history.Steps.Length - 1));
        Assert.That(history.ToString().Split('\n'), Has.Length.EqualTo(history.Steps.Length));
    }

    [Test]
    public void EveryKindOfStep_IsDrawn() => Assert.That(
        Enumerable.Range(0, 40).SelectMany(seed => XfrmHistory.Draw(new Random(seed), Plan).Steps)
            .Select(step => step is XfrmStep.Ask ask ? ask.Request.GetType().Name : "Send").Distinct(),
        Is.EquivalentTo(new[] { "AddState", "DeleteState", "ExpireState", "AllocateSpi", "FlushStates", "Send" }));
}
