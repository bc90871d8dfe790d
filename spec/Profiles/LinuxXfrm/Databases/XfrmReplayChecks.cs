using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What the replay state of a new SA must satisfy (verify_replay, xfrm_init_replay).</summary>
public static class XfrmReplayChecks
{
    /// <summary>Largest window of the legacy form, in packets; a larger one is cut.</summary>
    public const byte LegacyBits = 32;

    private const int MaxBitmapWords = 128;

    /// <summary>The first thing wrong in the request, or null.</summary>
    public static string? Fault(XfrmState state, LinuxRelease release)
    {
        bool esn = state.Flags.HasFlag(XfrmStateFlags.Esn);
        if (state.ReplayEsn is not { } replay)
        {
            return esn ? "Missing required attribute for ESN" : null;
        }

        string? fault =
            replay.Bitmap.Length > MaxBitmapWords ? "ESN bitmap length must be <= 128"
            : state.Protocol is not (IpProtocol.Esp or IpProtocol.Ah) ? "ESN only supported for ESP and AH"
            : state.ReplayWindow != 0 ? "ESN not compatible with legacy replay_window"
            : null;
        return fault ?? (release.BindsDirections ? FaultOfDirection(state, replay, esn) : null);
    }

    /// <summary>What is wrong with the window, once the SA is built.</summary>
    public static string? FaultOfWindow(XfrmState state, LinuxRelease release) =>
        state.ReplayEsn is not { } replay ? null
        : replay.WindowPackets > (uint)replay.Bitmap.Length * 32 ? "ESN replay window is too large for the chosen bitmap size"
        : state.Flags.HasFlag(XfrmStateFlags.Esn) && replay.WindowPackets == 0 && !(release.BindsDirections && state.Direction == XfrmDirection.Out) ? "ESN replay window must be > 0"
        : null;

    private static string? FaultOfDirection(XfrmState state, XfrmReplayEsn replay, bool esn) => state.Direction switch
    {
        XfrmDirection.Out =>
            replay.WindowPackets != 0 || replay.Sequence != 0 || replay.SequenceHigh != 0 || replay.Bitmap.Length != 0 ? "Replay window, sequence and bitmap should be 0 for output SA"
            : !esn && (replay.OutSequenceHigh != 0 || replay.OutSequence == uint.MaxValue) ? "Replay oseq is at its end in a non-ESN mode"
            : esn && replay.OutSequence == uint.MaxValue && replay.OutSequenceHigh == uint.MaxValue ? "Replay oseq and oseq_hi are at their end"
            : null,
        XfrmDirection.In =>
            replay.OutSequence != 0 || replay.OutSequenceHigh != 0 ? "Replay oseq and oseq_hi should be 0 for input SA"
            : !esn && (replay.SequenceHigh != 0 || replay.Sequence == uint.MaxValue) ? "Replay seq is at its end in a non-ESN mode"
            : esn && replay.Sequence == uint.MaxValue && replay.SequenceHigh == uint.MaxValue ? "Replay seq and seq_hi are at their end"
            : null,
        _ => null,
    };
}
