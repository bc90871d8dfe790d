using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>The SAD of one network namespace, as a value (net/xfrm/xfrm_state.c).</summary>
/// <remarks>The defining form: a list that every lookup walks. Times are seconds since 1970.</remarks>
public sealed partial record XfrmStateDatabase
{
    private const byte AnyIpsecProtocol = 255;

    private ulong clock;

    /// <summary>The SAD of a fresh namespace.</summary>
    public static XfrmStateDatabase Empty(LinuxRelease release) => new() { Release = release };

    /// <summary>The kernel.</summary>
    public required LinuxRelease Release { get; init; }

    /// <summary>SAs in order of insertion.</summary>
    public ImmutableArray<XfrmStateEntry> Entries { get; init; } = [];

    /// <summary>Life of a larval SA, in seconds (net.core.xfrm_acq_expires).</summary>
    public ulong AcquireSeconds { get; init; } = 30;

    /// <summary>Number of the last ACQUIRE (xfrm_get_acqseq), which is counted over the whole kernel.</summary>
    public uint AcquireSequence { get; init; }

    /// <summary>The SAs as a dump shows them: the youngest first (xfrm_state_walk).</summary>
    public ImmutableArray<XfrmState> Dump() => [.. Entries.Reverse().Select(entry => entry.State)];

    /// <summary>The SA of an <see cref="XfrmStateEntry.Id"/>, or null.</summary>
    public XfrmStateEntry? Find(ulong id) => Entries.FirstOrDefault(entry => entry.Id == id);

    /// <summary>The SA that a key names, or null (xfrm_user_state_lookup).</summary>
    public XfrmStateEntry? Find(XfrmStateKey key) => ByName(key.Mark.Value & key.Mark.Mask, key.Destination, key.Spi, key.Protocol, key.Family);

    /// <summary>Carries out a request on SAs.</summary>
    /// <exception cref="ArgumentException">The request is about policies.</exception>
    public (XfrmStateDatabase Next, XfrmAnswer Answer, ImmutableArray<XfrmNotification> Notifications) Apply(XfrmRequest request, ulong now)
    {
        switch (request)
        {
            case XfrmRequest.ExpireState expire:
                return Expire(expire);
            case XfrmRequest.AddState { Replace: true } update:
                return Update(update.State, now);
        }

        (XfrmStateDatabase next, XfrmAnswer answer) = request switch
        {
            XfrmRequest.AddState add => Add(add.State, now),
            XfrmRequest.DeleteState delete => Delete(delete.Key),
            XfrmRequest.FlushStates flush => (this with { Entries = Entries.RemoveAll(entry => IsFlushed(entry.State.Protocol, flush.Protocol)) }, new XfrmAnswer.Done()),
            XfrmRequest.AllocateSpi allocate => Allocate(allocate, null, now),
            XfrmRequest.DumpStates => (this, new XfrmAnswer.States(Dump())),
            _ => throw new ArgumentException($"{request.GetType().Name} is no request on SAs", nameof(request)),
        };
        return (next, answer, []);
    }

    // xfrm_id_proto_match.
    private static bool IsFlushed(byte protocol, byte wanted) => wanted == 0 || wanted == protocol || (wanted == AnyIpsecProtocol && IsIpsec(protocol));

    private static bool IsIpsec(byte protocol) => protocol is IpProtocol.Ah or IpProtocol.Esp or IpProtocol.IpComp;

    private XfrmStateEntry? ByName(uint mark, XfrmAddress destination, Spi spi, byte protocol, XfrmFamily family)
    {
        XfrmStateEntry? found = null;
        foreach (XfrmStateEntry entry in Entries)
        {
            if (entry.SpiOrder > (found?.SpiOrder ?? 0) && entry.IsNamed(mark, destination, spi, protocol, family))
            {
                found = entry;
            }
        }

        return found;
    }

    private XfrmStateDatabase With(XfrmStateEntry changed)
    {
        for (int i = 0; i < Entries.Length; i++)
        {
            if (Entries[i].Id == changed.Id)
            {
                return this with { Entries = Entries.SetItem(i, changed) };
            }
        }

        throw new ArgumentException($"no SA {changed.Id}", nameof(changed));
    }

    private XfrmStateDatabase Without(XfrmStateEntry? removed) => removed is null ? this : this with { Entries = Entries.RemoveAll(entry => entry.Id == removed.Id) };

    private XfrmStateDatabase Insert(XfrmState state, XfrmCondition condition, ulong timerAt)
    {
        ulong next = clock + 1;
        XfrmStateEntry entry = new()
        {
            State = state,
            Condition = condition,
            Id = next,
            SpiOrder = state.Spi.Value == 0 ? 0 : next,
            TimerAt = timerAt,
        };
        return this with { Entries = Entries.Add(entry), clock = next };
    }

    // xfrm_state_add: an SA of that name whose mark accepts the new one's forbids it; a larval one that asked for it goes.
    private (XfrmStateDatabase Next, XfrmAnswer Answer) Add(XfrmState given, ulong now)
    {
        if (XfrmStateChecks.Check(given, Release) is { } refusal)
        {
            return (this, refusal);
        }

        XfrmState state = XfrmStateChecks.Normalized(given, Release, now);
        if (ByName(state.Mark.Value, state.Destination, state.Spi, state.Protocol, state.Family) is not null)
        {
            return (this, new XfrmAnswer.Refused(Errno.Eexist));
        }

        XfrmStateEntry? larval = state.AcquireSequence == 0 ? null : LarvalBySequence(state.AcquireSequence, state.Mark.Value);
        if (larval is not null && (larval.State.Protocol != state.Protocol || larval.State.DestinationAddress != state.Destination.In(state.Family)))
        {
            larval = null;
        }

        return (Insert(state, XfrmCondition.Valid, now + 1).Without(larval ?? LarvalByTraits(state)), new XfrmAnswer.Done());
    }

    private (XfrmStateDatabase Next, XfrmAnswer Answer) Delete(XfrmStateKey key) =>
        !IsIpsec(key.Protocol) ? (this, new XfrmAnswer.Refused(Errno.Einval))
        : Find(key) is { } entry ? (Without(entry), new XfrmAnswer.Done())
        : (this, new XfrmAnswer.Refused(Errno.Esrch));

    // xfrm_add_sa_expire: a soft one is only announced.
    private (XfrmStateDatabase Next, XfrmAnswer Answer, ImmutableArray<XfrmNotification> Notifications) Expire(XfrmRequest.ExpireState request) =>
        Find(request.Key) is not { } entry ? (this, new XfrmAnswer.Refused(Errno.Enoent), [])
        : !entry.IsValid ? (this, new XfrmAnswer.Refused(Errno.Einval), [])
        : (request.Hard ? Without(entry) : this, new XfrmAnswer.Done(), [new XfrmNotification.StateExpired(entry.State, request.Hard)]);

    // __xfrm_find_acq_byseq.
    private XfrmStateEntry? LarvalBySequence(uint sequence, uint mark) => Entries.LastOrDefault(entry =>
        entry.Condition == XfrmCondition.Acquiring && entry.State.AcquireSequence == sequence && entry.State.Mark.Accepts(mark));

    // __find_acq_core without its creation.
    private XfrmStateEntry? LarvalByTraits(XfrmState state) => Entries.LastOrDefault(entry =>
        entry.Condition == XfrmCondition.Acquiring && entry.State.Spi.Value == 0
        && entry.State.RequestId == state.RequestId && entry.State.Mode == state.Mode && entry.State.Family == state.Family
        && entry.State.Protocol == state.Protocol && entry.State.Mark.Accepts(state.Mark.Value & state.Mark.Mask)
        && entry.State.DestinationAddress == state.DestinationAddress && entry.State.SourceAddress == state.SourceAddress);
}
