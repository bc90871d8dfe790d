using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>The number after the last one (xfrm_replay_overflow, xfrm_replay_overflow_offload).</summary>
public static class OutgoingNumbers
{
    /// <summary>The replay state afterwards and the number; null where it would repeat.</summary>
    /// <param name="state">SA.</param>
    /// <param name="deferred">True when the device, or the code before it, encrypts: these have a function of their own.</param>
    public static (XfrmReplay? Replay, XfrmReplayEsn? ReplayEsn, SequenceNumber? Number) Next(XfrmState state, bool deferred)
    {
        if (state.ReplayEsn is { } extended)
        {
            (XfrmReplayEsn next, SequenceNumber? number) = state.IsEsn ? Esn(extended, deferred) : Bitmap(extended, MayWrap(state));
            return (state.Replay, next, number);
        }

        XfrmReplay replay = state.Replay ?? default;
        uint low = unchecked(replay.OutSequence + 1);
        return low == 0 && !MayWrap(state)
            ? (state.Replay, null, null)
            : (replay with { OutSequence = low }, null, new SequenceNumber(low));
    }

    private static bool MayWrap(XfrmState state) => state.ExtraFlags.HasFlag(XfrmExtraFlags.SequenceMayWrap);

    private static (XfrmReplayEsn Next, SequenceNumber? Number) Bitmap(XfrmReplayEsn replay, bool mayWrap)
    {
        uint low = unchecked(replay.OutSequence + 1);
        return low == 0 && !mayWrap ? (replay, null) : (replay with { OutSequence = low }, new SequenceNumber(low));
    }

    private static (XfrmReplayEsn Next, SequenceNumber? Number) Esn(XfrmReplayEsn replay, bool deferred)
    {
        uint low = unchecked(replay.OutSequence + 1);
        uint high = low == 0 ? unchecked(replay.OutSequenceHigh + 1) : replay.OutSequenceHigh;
        if (low == 0 && high == 0)
        {
            // The function for offload takes one back from a number that it has not stored yet: the next packet repeats the last number.
            return (deferred ? replay with { OutSequence = replay.OutSequence - 1 } : replay, null);
        }

        return (replay with { OutSequence = low, OutSequenceHigh = high }, SequenceNumber.FromHalves(high, low));
    }
}
