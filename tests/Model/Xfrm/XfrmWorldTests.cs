using Conformance.Generators.Xfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>The generator of random databases.</summary>
public class XfrmWorldTests
{
    private static IEnumerable<XfrmWorld> Worlds => XfrmWorlds.Any.Generator.Sample(200);

    [Test]
    public void EveryWorld_HasPacketsThatParse_AndLayersThatExist() =>
        Prop.ForAll(XfrmWorlds.Any, world => world.Probes.All(probe =>
            IpPacketView.TryParse(probe.Plain.Span, out _, out _)
            && (probe is not XfrmProbe.Arriving arriving || arriving.Layers.All(l => l < world.States.Length))))
        .QuickCheckThrowOnFailure();

    [Test]
    public void ManyWorlds_CoverEveryDirectionModeAndFamily()
    {
        XfrmWorld[] worlds = [.. Worlds];
        Assert.That(worlds.SelectMany(w => w.Policies).Select(p => p.Direction).Distinct().Count(), Is.EqualTo(3));
        Assert.That(
            worlds.SelectMany(w => w.States).Select(s => s.Mode).Distinct(),
            Is.EquivalentTo(new[] { XfrmMode.Transport, XfrmMode.Tunnel, XfrmMode.Beet }));
        Assert.That(worlds.SelectMany(w => w.Policies).Select(p => p.Selector.Family).Distinct().Count(), Is.EqualTo(2));
        Assert.That(worlds.SelectMany(w => w.Probes).OfType<XfrmProbe.Arriving>().Select(p => p.Layers.Length).Distinct(), Is.SupersetOf(new[] { 0, 1, 2 }));
    }

    [TestCaseSource(nameof(Features))]
    public void EveryFeature_IsDrawnWhereItIsAskedFor_AndNowhereElse(XfrmFeatures feature, Func<XfrmWorld, bool> shows)
    {
        Assert.That(Enumerable.Range(0, 50).Select(seed => XfrmWorlds.Draw(seed, feature)).Count(shows), Is.GreaterThan(10));
        Assert.That(Enumerable.Range(0, 50).Select(seed => XfrmWorlds.Draw(seed, XfrmFeatures.None)).Count(shows), Is.Zero);
    }

    private static IEnumerable<TestCaseData> Features()
    {
        static TestCaseData Of(XfrmFeatures feature, Func<XfrmWorld, bool> shows) => new TestCaseData(feature, shows).SetArgDisplayNames($"{feature}");
        yield return Of(XfrmFeatures.Nested, w => w.Policies.Any(p => p.Templates.Length > 1));
        yield return Of(XfrmFeatures.Marks, w => w.Policies.Any(p => p.Mark != default) && w.Probes.OfType<XfrmProbe.Local>().Any(p => p.Mark != 0));
        yield return Of(XfrmFeatures.InterfaceIds, w => w.States.Any(s => s.InterfaceId != 0));
        yield return Of(XfrmFeatures.UdpEncapsulation, w => w.States.Any(s => s.Encapsulation is not null));
        yield return Of(XfrmFeatures.SubPolicies, w => w.Policies.Any(p => p.Type == XfrmPolicyType.Sub));
        yield return Of(XfrmFeatures.Esn, w => w.States.Any(s => s.IsEsn));
        yield return Of(XfrmFeatures.HeaderIncluded, w => w.Probes.OfType<XfrmProbe.Local>().Any(p => p.HeaderIncluded));
        yield return Of(XfrmFeatures.Limits, w => w.States.Any(s => s.Limits != XfrmLimits.None));
        yield return Of(XfrmFeatures.Alternatives, w => w.Policies.Any(p => p.Templates.Length > 1 && p.Templates.Any(t => t.Optional)));
        yield return Of(XfrmFeatures.Wildcards, w => w.States.Any(s => s.Source.IsZero) || w.Policies.Any(p => p.Templates.Any(t => t.HasOwnAddresses && t.Source.IsZero)));
        yield return Of(XfrmFeatures.SharedSpis, w => w.States.Select(s => s.Spi).Distinct().Count() < w.States.Length);
        yield return Of(XfrmFeatures.Directions, w => w.States.Any(s => s.Direction is not null));
        yield return Of(XfrmFeatures.Fragments, w => w.Probes.Any(p => IpPacketView.TryParse(p.Plain.Span, out IpPacketView view, out _) && view.Fragment.IsFragment));
    }

    // Every way down from a world ends, and ends at one packet.
    [Test]
    public void FollowingTheFirstShrink_EndsAtOnePacket()
    {
        foreach (XfrmWorld world in Worlds.Take(20))
        {
            XfrmWorld smallest = world;
            for (int steps = 0; XfrmWorlds.Shrink(smallest).FirstOrDefault(s => s != smallest) is { } smaller; steps++)
            {
                Assert.That(steps, Is.LessThan(500));
                smallest = smaller;
            }

            Assert.That(smallest.Probes, Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void Text_NamesPoliciesSasAndPackets()
    {
        string text = Worlds.First(w => w.Policies.Length > 0 && w.States.Length > 0).ToString();
        Assert.That(text, Does.Contain("policy ").And.Contain("SA ").And.Contain(" > ").And.Not.Contain("Requests"));
    }
}
