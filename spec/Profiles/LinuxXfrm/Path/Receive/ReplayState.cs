using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Windows;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>The replay window of an SA as the database keeps it: top and bitmap (net/xfrm/xfrm_replay.c).</summary>
internal static class ReplayState
{
    /// <summary>The window of an SA.</summary>
    public static AntiReplayWindow Window(XfrmState state) => state.ReplayEsn switch
    {
        null => LinuxLegacyWindow.Of(state.ReplayWindow, state.Replay?.Sequence ?? 0, state.Replay?.Bitmap ?? 0),
        { } esn when state.IsEsn && esn.WindowPackets > 0 =>
            LinuxEsnWindow.Of((int)esn.WindowPackets, SequenceNumber.FromHalves(esn.SequenceHigh, esn.Sequence), esn.Bitmap),
        { } esn => LinuxBitmapWindow.Of((int)esn.WindowPackets, esn.Sequence, esn.Bitmap),
    };

    /// <summary>The full number (xfrm_replay_seqhi).</summary>
    public static SequenceNumber Infer(XfrmState state, uint low)
    {
        if (!state.IsEsn || state.ReplayEsn is not { } esn)
        {
            return new SequenceNumber(low);
        }

        uint bottom = unchecked(esn.Sequence - esn.WindowPackets + 1);
        bool oneCycle = esn.Sequence >= esn.WindowPackets - 1;
        uint high = oneCycle
            ? low < bottom ? unchecked(esn.SequenceHigh + 1) : esn.SequenceHigh
            : low >= bottom ? unchecked(esn.SequenceHigh - 1) : esn.SequenceHigh;
        return SequenceNumber.FromHalves(high, low);
    }

    /// <summary>Counts a refused number on the SA; number 0 is refused without.</summary>
    public static PacketInFlight CountRefused(PacketInFlight packet, uint low, ReplayCheck check) => low == 0 ? packet : Count(packet, statistics => check == ReplayCheck.Replayed
        ? statistics with { Replayed = statistics.Replayed + 1 }
        : statistics with { OutsideReplayWindow = statistics.OutsideReplayWindow + 1 });

    /// <summary>Counts something refused on the SA at work.</summary>
    public static PacketInFlight Count(PacketInFlight packet, Func<XfrmStateStatistics, XfrmStateStatistics> change)
    {
        XfrmState state = packet.Databases.States.Find(packet.In.StateId)!.State;
        return packet.WithStates(packet.Databases.States.WithReplay(packet.In.StateId, state.Replay, state.ReplayEsn, change(state.Statistics)));
    }

    /// <summary>Moves the window over an authentic number (xfrm_replay_advance).</summary>
    public static PacketInFlight Advance(PacketInFlight packet, SequenceNumber sequence)
    {
        XfrmState state = packet.Databases.States.Find(packet.In.StateId)!.State;
        (XfrmReplay? replay, XfrmReplayEsn? replayEsn) = Window(state).Accept(sequence) switch
        {
            LinuxLegacyWindow legacy => ((state.Replay ?? default) with { Sequence = legacy.RightEdge.Low, Bitmap = legacy.Bitmap }, null),
            LinuxBitmapWindow bitmap => (state.Replay, state.ReplayEsn! with { Sequence = bitmap.RightEdge.Low, Bitmap = Kept(state.ReplayEsn, bitmap.Words) }),
            LinuxEsnWindow esn => (state.Replay, state.ReplayEsn! with
            {
                Sequence = esn.RightEdge.Low,
                SequenceHigh = esn.RightEdge.High,
                Bitmap = Kept(state.ReplayEsn, esn.Words),
            }),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no window of Linux"),
        };
        return packet.WithStates(packet.Databases.States.WithReplay(packet.In.StateId, replay, replayEsn, state.Statistics));
    }

    // Words behind the window are never touched.
    private static ImmutableArray<uint> Kept(XfrmReplayEsn replay, ImmutableArray<uint> words) =>
        [.. replay.Bitmap.Select((word, i) => i * 32 < replay.WindowPackets ? words[i] : word)];
}
