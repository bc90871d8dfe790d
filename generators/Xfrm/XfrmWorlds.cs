using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using FsCheck;

namespace Conformance.Generators.Xfrm;

/// <summary>Arbitrary worlds: overlapping policies, several candidate SAs, packets aimed at their edges.</summary>
public static class XfrmWorlds
{
    private const int PlainOneIn = 4;
    private const int FeatureOneIn = 4;

    /// <summary>Worlds; they shrink to the fewest packets, policies, SAs and templates, with plain selectors.</summary>
    public static Arbitrary<XfrmWorld> Any { get; } = WireArbitraries.FromSeed(random => new XfrmWorldBuilder(random, XfrmFeatures.Nested).Build(), Shrink);

    /// <summary>The world of a seed.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="features">What it draws beyond the plain.</param>
    public static XfrmWorld Draw(int seed, XfrmFeatures features) => new XfrmWorldBuilder(new Random(seed), features).Build();

    /// <summary>A world of random features: some are plain, so that a failure of one feature hides nothing; in the others features meet.</summary>
    /// <param name="random">Generator.</param>
    /// <param name="possible">What may be drawn.</param>
    public static XfrmWorld Draw(Random random, XfrmFeatures possible)
    {
        ArgumentNullException.ThrowIfNull(random);
        XfrmFeatures features = random.Next(PlainOneIn) == 0
            ? XfrmFeatures.None
            : Enum.GetValues<XfrmFeatures>().Where(_ => random.Next(FeatureOneIn) == 0).Aggregate(XfrmFeatures.None, (all, one) => all | one);
        return Draw(random.Next(), features & possible);
    }

    /// <summary>Simpler worlds of the same kind, the boldest step first.</summary>
    public static IEnumerable<XfrmWorld> Shrink(XfrmWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        return FewerProbes(world).Concat(FewerRequests(world)).Concat(SimplerPolicies(world)).Concat(SimplerStates(world)).Concat(FewerLayers(world)).Concat(SimplerProbes(world));
    }

    private static IEnumerable<XfrmWorld> FewerProbes(XfrmWorld world)
    {
        if (world.Probes.Length < 2)
        {
            yield break;
        }

        foreach (XfrmProbe probe in world.Probes)
        {
            yield return world with { Probes = [probe] };
        }

        for (int i = 0; i < world.Probes.Length; i++)
        {
            yield return world with { Probes = world.Probes.RemoveAt(i) };
        }
    }

    private static IEnumerable<XfrmWorld> FewerRequests(XfrmWorld world)
    {
        for (int i = 0; i < world.Requests.Length; i++)
        {
            XfrmWorld? fewer = world.Requests[i] is XfrmRequest.AddState
                ? WithoutState(world, i, world.Requests.Take(i).Count(r => r is XfrmRequest.AddState))
                : world with { Requests = world.Requests.RemoveAt(i) };
            if (fewer is not null)
            {
                yield return fewer;
            }
        }
    }

    // The packets name SAs by place, so an SA that seals one must stay and the others move up.
    private static XfrmWorld? WithoutState(XfrmWorld world, int request, int place)
    {
        if (world.Probes.OfType<XfrmProbe.Arriving>().Any(p => p.Layers.Contains(place)))
        {
            return null;
        }

        return new XfrmWorld(
            world.Requests.RemoveAt(request),
            [
                .. world.Probes.Select(p => p is XfrmProbe.Arriving a
                    ? a with { Layers = [.. a.Layers.Select(l => l > place ? l - 1 : l)] }
                    : p),
            ]);
    }

    private static IEnumerable<XfrmWorld> SimplerPolicies(XfrmWorld world) =>
        from place in Enumerable.Range(0, world.Requests.Length)
        let add = world.Requests[place] as XfrmRequest.AddPolicy
        where add is not null
        from simpler in Simpler(add.Policy)
        where simpler != add.Policy
        select world with { Requests = world.Requests.SetItem(place, add with { Policy = simpler }) };

    private static IEnumerable<XfrmWorld> SimplerStates(XfrmWorld world) =>
        from place in Enumerable.Range(0, world.Requests.Length)
        let add = world.Requests[place] as XfrmRequest.AddState
        where add is not null
        from simpler in Simpler(add.State)
        where simpler != add.State
        select world with { Requests = world.Requests.SetItem(place, add with { State = simpler }) };

    private static IEnumerable<XfrmWorld> FewerLayers(XfrmWorld world) =>
        from place in Enumerable.Range(0, world.Probes.Length)
        let arriving = world.Probes[place] as XfrmProbe.Arriving
        where arriving is not null
        from layer in Enumerable.Range(0, arriving.Layers.Length)
        select world with { Probes = world.Probes.SetItem(place, arriving with { Layers = arriving.Layers.RemoveAt(layer) }) };

    private static IEnumerable<XfrmWorld> SimplerProbes(XfrmWorld world) =>
        from place in Enumerable.Range(0, world.Probes.Length)
        let local = world.Probes[place] as XfrmProbe.Local
        where local is not null && local != new XfrmProbe.Local(local.Plain)
        select world with { Probes = world.Probes.SetItem(place, new XfrmProbe.Local(local.Plain)) };

    private static IEnumerable<XfrmState> Simpler(XfrmState state)
    {
        yield return state with { Mark = default };
        yield return state with { OutputMark = null };
        yield return state with { InterfaceId = 0 };
        yield return state with { Encapsulation = null };
        yield return state with { Limits = XfrmLimits.None };
        yield return state with { Direction = null };
        yield return state with { Flags = XfrmStateFlags.None, ReplayEsn = null };
        yield return state with { Selector = new XfrmSelector() };
    }

    private static IEnumerable<XfrmPolicy> Simpler(XfrmPolicy policy)
    {
        for (int i = 0; i < policy.Templates.Length; i++)
        {
            yield return policy with { Templates = policy.Templates.RemoveAt(i) };
            yield return policy with { Templates = policy.Templates.SetItem(i, policy.Templates[i] with { Optional = false }) };
        }

        yield return policy with { Type = XfrmPolicyType.Main };
        yield return policy with { Mark = default };
        yield return policy with { InterfaceId = 0 };
        yield return policy with { Priority = 0 };
        yield return policy with { Selector = policy.Selector with { Protocol = 0 } };
        yield return policy with { Selector = policy.Selector with { SourcePort = 0, SourcePortMask = 0, DestinationPort = 0, DestinationPortMask = 0 } };
        yield return policy with { Selector = policy.Selector with { Source = default, SourceBits = 0 } };
        yield return policy with { Selector = policy.Selector with { Destination = default, DestinationBits = 0 } };
    }
}
