using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What a template is resolved with (the arguments of xfrm_state_find).</summary>
/// <param name="Template">The template; its family is filled in.</param>
/// <param name="Policy">The policy that it belongs to.</param>
/// <param name="Flow">The flow as the policy saw it.</param>
/// <param name="Local">Source endpoint.</param>
/// <param name="Remote">Destination endpoint.</param>
/// <param name="InterfaceId">XFRM interface of the lookup.</param>
/// <param name="Listened">True when someone listens for ACQUIRE.</param>
public sealed record XfrmResolution(XfrmTemplate Template, XfrmPolicy Policy, XfrmFlow Flow, IpAddress Local, IpAddress Remote, uint InterfaceId = 0, bool Listened = true);

/// <summary>What a template was resolved to.</summary>
public abstract record XfrmResolved
{
    private XfrmResolved()
    {
    }

    /// <summary>This SA is used.</summary>
    public sealed record Uses(ulong Id) : XfrmResolved;

    /// <summary>None there: key management is asked and a larval SA made.</summary>
    public sealed record Acquires : XfrmResolved;

    /// <summary>No SA: EAGAIN while one is acquired, ESRCH, EEXIST.</summary>
    public sealed record Fails(int Errno) : XfrmResolved;
}

public sealed partial record XfrmStateDatabase
{
    /// <summary>The SA of an arriving packet, or null (xfrm_input_state_lookup); any condition, larval and expired ones too.</summary>
    public XfrmStateEntry? LookupInbound(uint mark, IpAddress destination, Spi spi, byte protocol = IpProtocol.Esp)
    {
        (XfrmAddress address, XfrmFamily family) = (XfrmAddress.Of(destination), XfrmFamilies.Of(destination));
        return (Release.CachesInbound ? Cached(mark, address, spi, protocol, family) : null) ?? ByName(mark, address, spi, protocol, family);
    }

    /// <summary>Writes down that input looked an SA up, which puts it into the cache where the release has one.</summary>
    public XfrmStateDatabase Remember(uint mark, IpAddress destination, Spi spi, byte protocol = IpProtocol.Esp)
    {
        (XfrmAddress address, XfrmFamily family) = (XfrmAddress.Of(destination), XfrmFamilies.Of(destination));
        if (!Release.CachesInbound || Cached(mark, address, spi, protocol, family) is not null || ByName(mark, address, spi, protocol, family) is not { IsValid: true } found)
        {
            return this;
        }

        ulong order = clock + 1;
        return With(found with { CacheOrder = order }) with { clock = order };
    }

    /// <summary>The SA that a template is resolved to, when no two chains of the hash meet (xfrm_state_find).</summary>
    public XfrmResolved LookupOutbound(XfrmResolution query) => Resolve(query, ChainsApart);

    /// <summary>Every outcome that the kernel may have, the one without collisions first.</summary>
    /// <remarks>
    /// The second search walks the chain of (remote, any source) without comparing sources: an SA of another local source is a
    /// candidate there when its chain is the same one, which is a matter of the hash. Likewise SAs without a source are found
    /// by the first search when the two chains are one.
    /// </remarks>
    public ImmutableArray<XfrmResolved> AllowedOutbound(XfrmResolution query)
    {
        ulong[] strangers = [.. Entries.Where(entry => IsCandidate(entry, query) && !HasNoSource(entry) && entry.State.SourceAddress != query.Local).Select(entry => entry.Id)];
        ImmutableArray<XfrmResolved>.Builder outcomes = ImmutableArray.CreateBuilder<XfrmResolved>();
        foreach (bool met in (bool[])[false, true])
        {
            // One stranger at a time, none, or all: each possible winner wins in one of these.
            outcomes.Add(Resolve(query, new Chains(met, [])));
            outcomes.AddRange(strangers.Select(stranger => Resolve(query, new Chains(met, [stranger]))));
            outcomes.Add(Resolve(query, new Chains(met, [.. strangers])));
        }

        return [.. outcomes.Distinct()];
    }

    /// <summary>Makes the larval SA of <see cref="XfrmResolved.Acquires"/> and the ACQUIRE that goes with it.</summary>
    public (XfrmStateDatabase Next, XfrmAcquire Acquire) Acquire(XfrmResolution query, ulong now)
    {
        uint sequence = AcquireSequence == uint.MaxValue ? 1 : AcquireSequence + 1;
        XfrmSelector selector = SelectorOf(query.Flow);
        XfrmState larval = new()
        {
            Selector = selector,
            Destination = XfrmAddress.Of(query.Remote),
            Source = XfrmAddress.Of(query.Local),
            Spi = query.Template.Spi,
            Protocol = query.Template.Protocol,
            Family = FamilyOf(query),
            Mode = query.Template.Mode,
            RequestId = query.Template.RequestId,
            AcquireSequence = sequence,
            Mark = query.Policy.Mark,
            InterfaceId = query.InterfaceId,
            Direction = Release.BindsDirections ? XfrmDirection.Out : null,
            Replay = default(XfrmReplay),
            Limits = XfrmLimits.None with { HardAddSeconds = AcquireSeconds },
            Use = new XfrmUse(0, 0, now, 0),
        };
        XfrmStateDatabase next = Insert(larval, XfrmCondition.Acquiring, now + AcquireSeconds) with { AcquireSequence = sequence };
        return (next, new XfrmAcquire(query.Local, query.Remote, selector, query.Policy, sequence));
    }

    private static Chains ChainsApart { get; } = new(false, []);

    private static XfrmFamily FamilyOf(XfrmResolution query) => query.Template.Family == XfrmFamily.Unspecified ? query.Policy.Selector.Family : query.Template.Family;

    // xfrm_init_tempstate: exactly this flow.
    private static XfrmSelector SelectorOf(XfrmFlow flow)
    {
        byte bits = (byte)XfrmFamilies.AddressBits(flow.Family);
        return new XfrmSelector
        {
            Family = flow.Family,
            Destination = XfrmAddress.Of(flow.Destination),
            DestinationBits = bits,
            Source = XfrmAddress.Of(flow.Source),
            SourceBits = bits,
            DestinationPort = flow.DestinationPort,
            DestinationPortMask = ushort.MaxValue,
            SourcePort = flow.SourcePort,
            SourcePortMask = ushort.MaxValue,
            Protocol = flow.Protocol,
            InterfaceIndex = flow.OutputInterface,
        };
    }

    private static bool IsCandidate(XfrmStateEntry entry, XfrmResolution query)
    {
        XfrmState state = entry.State;
        return state.Family == FamilyOf(query) && state.RequestId == query.Template.RequestId
            && state.Mark.Accepts(query.Policy.Mark.Value & query.Policy.Mark.Mask)
            && state.InterfaceId == query.InterfaceId && !state.Flags.HasFlag(XfrmStateFlags.WildReceive)
            && state.Mode == query.Template.Mode && state.Protocol == query.Template.Protocol
            && (query.Template.Spi.Value == 0 || state.Spi == query.Template.Spi)
            && state.DestinationAddress == query.Remote;
    }

    private static bool HasNoSource(XfrmStateEntry entry) => entry.State.SourceAddress.Value == UInt128.Zero;

    private XfrmStateEntry? Cached(uint mark, XfrmAddress destination, Spi spi, byte protocol, XfrmFamily family) => Entries
        .Where(entry => entry.CacheOrder != 0 && entry.IsNamed(mark, destination, spi, protocol, family))
        .MaxBy(entry => entry.CacheOrder);

    private XfrmResolved Resolve(XfrmResolution query, Chains chains)
    {
        Choice choice = new(query);
        bool IsLocal(XfrmStateEntry entry) => entry.State.SourceAddress == query.Local;
        foreach (XfrmStateEntry entry in Entries.Reverse())
        {
            bool inChain = IsLocal(entry) || (chains.Met && HasNoSource(entry));
            if (inChain && IsCandidate(entry, query))
            {
                choice.LookAt(entry);
            }
        }

        if (choice.Best is null && !choice.Acquiring)
        {
            foreach (XfrmStateEntry entry in Entries.Reverse())
            {
                bool inChain = HasNoSource(entry) || (chains.Met && IsLocal(entry)) || chains.Strangers.Contains(entry.Id);
                if (inChain && IsCandidate(entry, query))
                {
                    choice.LookAt(entry);
                }
            }
        }

        return choice.Best is { } best ? new XfrmResolved.Uses(best.Id)
            : choice.Acquiring ? new XfrmResolved.Fails(Errno.Eagain)
            : choice.Failed ? new XfrmResolved.Fails(Errno.Esrch)
            : IsSpiTaken(query) ? new XfrmResolved.Fails(Errno.Eexist)
            : query.Listened ? new XfrmResolved.Acquires()
            : new XfrmResolved.Fails(Errno.Esrch);
    }

    private bool IsSpiTaken(XfrmResolution query) =>
        query.Template.Spi.Value != 0
        && ByName(query.Policy.Mark.Value & query.Policy.Mark.Mask, XfrmAddress.Of(query.Remote), query.Template.Spi, query.Template.Protocol, FamilyOf(query)) is not null;

    /// <summary>Which chains of the hash are one: that of the local source with that of any source, and those of other sources with the latter.</summary>
    private sealed record Chains(bool Met, ImmutableArray<ulong> Strangers);

    /// <summary>The choice so far (xfrm_state_look_at).</summary>
    private sealed class Choice(XfrmResolution query)
    {
        public XfrmStateEntry? Best { get; private set; }

        public bool Acquiring { get; private set; }

        public bool Failed { get; private set; }

        public void LookAt(XfrmStateEntry entry)
        {
            switch (entry.Condition)
            {
                case XfrmCondition.Valid when Fits(entry.State.Selector):
                    if (Best is null || (Best.Dying && !entry.Dying) || (Best.Dying == entry.Dying && Best.State.Use.AddTime < entry.State.Use.AddTime))
                    {
                        Best = entry;
                    }

                    break;
                case XfrmCondition.Acquiring:
                    Acquiring = true;
                    break;
                case XfrmCondition.Error or XfrmCondition.Expired when Fits(entry.State.Selector):
                    Failed = true;
                    break;
            }
        }

        private bool Fits(XfrmSelector selector) => selector.Family == XfrmFamily.Unspecified || selector.Matches(query.Flow);
    }
}
