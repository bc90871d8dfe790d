using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Translation;

/// <summary>The devices between which the boundary lies; 0 for a stack that forwards nothing. RFC 4301 §3.1.</summary>
/// <remarks>
/// XFRM asks the out policies of every packet that leaves by any device, and the fwd policies of every packet that is forwarded either way.
/// The output device tells which of them cross the boundary.
/// </remarks>
/// <param name="Unprotected">Index of the device on the wire side.</param>
/// <param name="Protected">Index of the device on the protected side.</param>
public readonly record struct XfrmBoundary(int Unprotected, int Protected);

/// <summary>An ordered SPD of RFC 4301 as XFRM policies that decide the same.</summary>
public static class SpdTranslation
{
    /// <summary>Priority of the policies of the first entry; each entry has the next number.</summary>
    public const uint FirstPriority = 1000;

    /// <summary>The most policies that a translation may have.</summary>
    public const int MostPolicies = 8192;

    private const int LongestNest = 5;
    private const uint RequestIdsOfAnEntry = 8;

    // XFRM_POLICY_ICMP.
    private const byte TakesErrors = 2;

    private static readonly (PolicyDirection Policy, XfrmDirection Xfrm)[] Crossings =
        [(PolicyDirection.Outbound, XfrmDirection.Out), (PolicyDirection.Inbound, XfrmDirection.In), (PolicyDirection.Inbound, XfrmDirection.Forward)];

    /// <summary>The policies, in order of priority; behind them one for each direction and family that blocks the rest.</summary>
    /// <param name="database">The SPD.</param>
    /// <param name="boundary">The devices that it lies between.</param>
    /// <param name="keyedByHand">True for templates that take every SA of their mode and ends: their request id is 0, and so is that of the SAs.</param>
    /// <param name="restByDefault">
    /// True where the default policies of in and fwd block: then no policy does, and ICMP errors can be taken by the header inside them.
    /// </param>
    /// <exception cref="NotInXfrmException">An entry has no exact form; the message names it.</exception>
    public static ImmutableArray<XfrmPolicy> Policies(
        SecurityPolicyDatabase database, XfrmBoundary boundary = default, bool keyedByHand = false, bool restByDefault = false)
    {
        Dictionary<(XfrmDirection, XfrmSelector), XfrmPolicy> policies = [];
        for (int i = 0; i < database.Entries.Length; i++)
        {
            try
            {
                Add(policies, Translate(database.Entries[i], i, boundary, keyedByHand));
            }
            catch (NotInXfrmException reason)
            {
                throw new NotInXfrmException($"entry {i + 1}, {database.Entries[i].Name}: {reason.Message}", reason);
            }
        }

        SpdEntry rest = new() { Name = "rest", Selectors = [SelectorSet.Any], Action = new PolicyAction.Discard() };
        IEnumerable<XfrmPolicy> blocks = Translate(rest, database.Entries.Length, boundary, keyedByHand);
        Add(policies, restByDefault ? blocks.Where(p => p.Direction == XfrmDirection.Out).SelectMany(p => new[] { p, WayOut(p, boundary) }) : blocks);
        return [.. policies.Values.OrderBy(policy => policy.Priority)];
    }

    /// <summary>The number that ties an SA to a layer of an entry.</summary>
    public static uint RequestId(int entryIndex, int stepIndex) => ((uint)entryIndex * RequestIdsOfAnEntry) + (uint)stepIndex + 1;

    /// <summary>The request id and selector of an SA that serves an entry; request id 0 where SAs are keyed by hand.</summary>
    /// <exception cref="NotInXfrmException">Its selectors are more than one XFRM selector, or it serves no entry of the SPD.</exception>
    public static (uint RequestId, XfrmSelector Selector) Binding(SecurityPolicyDatabase database, PolicyDirection direction, SadEntry entry, bool keyedByHand = false)
    {
        int index = entry.Origin is null ? -1 : database.Entries.IndexOf(entry.Origin);
        int step = index < 0 ? -1 : ((PolicyAction.Protect)database.Entries[index].Action).Steps.Index().FirstOrDefault(s => s.Item.IsMetBy(entry.Sa, direction), (-1, null!)).Index;
        if (step < 0 && !keyedByHand)
        {
            throw new NotInXfrmException("an SA without a PROTECT entry matches no template");
        }

        uint requestId = keyedByHand ? 0 : RequestId(index, step);
        if (entry.Selectors is [var only] && only == SelectorSet.Any)
        {
            return (requestId, new XfrmSelector());
        }

        XfrmSelector[] selectors = [.. entry.Selectors.SelectMany(set => XfrmSelectors.Of(set, direction))];
        return selectors.Length == 1
            ? (requestId, selectors[0])
            : throw new NotInXfrmException($"the SA's selectors make {selectors.Length} XFRM selectors, and an SA has one");
    }

    // Equal selectors cannot stand twice in one direction, and the later one would never be reached.
    private static void Add(Dictionary<(XfrmDirection Direction, XfrmSelector Selector), XfrmPolicy> policies, IEnumerable<XfrmPolicy> more)
    {
        foreach (XfrmPolicy policy in more)
        {
            policies.TryAdd((policy.Direction, policy.Selector), policy);
            if (policies.Count > MostPolicies)
            {
                throw new NotInXfrmException($"it takes more than {MostPolicies} policies");
            }
        }
    }

    private static IEnumerable<XfrmPolicy> Translate(SpdEntry entry, int index, XfrmBoundary boundary, bool keyedByHand)
    {
        PolicyAction.Protect? protect = entry.Action as PolicyAction.Protect;
        if (protect?.Steps.Any(s => s.StatefulFragmentChecks) == true)
        {
            throw new NotInXfrmException("there are no stateful checks of fragments");
        }

        if (protect?.Steps.Length > LongestNest)
        {
            throw new NotInXfrmException($"{protect.Steps.Length} layers, at most {LongestNest} work");
        }

        return from crossing in Crossings
               where entry.AppliesTo(crossing.Policy)
               from set in entry.Selectors
               from selector in XfrmSelectors.Of(set, crossing.Policy)
               select new XfrmPolicy
               {
                   Selector = selector with { InterfaceIndex = OutputDevice(crossing.Xfrm, boundary) },
                   Direction = crossing.Xfrm,
                   Action = entry.Action is PolicyAction.Discard ? XfrmAction.Block : XfrmAction.Allow,
                   Priority = FirstPriority + (uint)index,

                   // RFC 4301 §6.2: an error that no entry accommodates is checked, and sent, by the header inside it.
                   Flags = protect is null ? (byte)0 : TakesErrors,
                   Templates = protect is null ? [] : [.. protect.Steps.Select((step, at) => Template(step, keyedByHand ? 0 : RequestId(index, at), crossing.Policy, selector.Family))],
               };
    }

    // The default of fwd blocks both ways; what leaves is for the out policies to judge.
    private static XfrmPolicy WayOut(XfrmPolicy block, XfrmBoundary boundary) => block with
    {
        Selector = block.Selector with { InterfaceIndex = boundary.Unprotected },
        Direction = XfrmDirection.Forward,
        Action = XfrmAction.Allow,
    };

    // What is delivered here leaves by no device of the boundary.
    private static int OutputDevice(XfrmDirection direction, XfrmBoundary boundary) => direction switch
    {
        XfrmDirection.Out => boundary.Unprotected,
        XfrmDirection.Forward => boundary.Protected,
        _ => 0,
    };

    private static XfrmTemplate Template(ProtectionStep step, uint requestId, PolicyDirection direction, XfrmFamily family)
    {
        XfrmTemplate template = new()
        {
            RequestId = requestId,
            Mode = step.Mode switch
            {
                EspMode.Transport => XfrmMode.Transport,
                EspMode.Tunnel => XfrmMode.Tunnel,
                _ => XfrmMode.Beet,
            },
            Family = family,
        };
        if (step.TunnelLocal is not { } local || step.TunnelRemote is not { } remote)
        {
            return template;
        }

        (IpAddress source, IpAddress destination) = direction == PolicyDirection.Outbound ? (local, remote) : (remote, local);
        return template with { Family = XfrmFamilies.Of(source), Source = XfrmAddress.Of(source), Destination = XfrmAddress.Of(destination) };
    }
}
