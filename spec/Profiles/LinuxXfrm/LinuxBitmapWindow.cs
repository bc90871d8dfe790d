using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm;

/// <summary>The ring of an SA with XFRMA_REPLAY_ESN_VAL but no ESN flag: xfrm_replay_check_bmp, xfrm_replay_advance_bmp.</summary>
/// <remarks>Number n lives at bit (n - 1) mod W.</remarks>
public sealed record LinuxBitmapWindow : AntiReplayWindow
{
    private readonly uint _top;
    private readonly WordArray _ring;

    /// <summary>A window before the first packet.</summary>
    public LinuxBitmapWindow(int windowPackets)
        : this(windowPackets, 0, WordArray.Zero(windowPackets))
    {
    }

    private LinuxBitmapWindow(int windowPackets, uint top, WordArray ring)
        : base(windowPackets)
    {
        _top = top;
        _ring = ring;
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => new(_top);

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static LinuxBitmapWindow At(int windowPackets, uint rightEdge) =>
        new(windowPackets, rightEdge, windowPackets == 0 || rightEdge == 0
            ? WordArray.Zero(windowPackets)
            : WordArray.Zero(windowPackets).With((int)((rightEdge - 1) % (uint)windowPackets)));

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        if (WindowPackets == 0)
        {
            return ReplayCheck.Fresh;
        }

        if (number == 0)
        {
            return ReplayCheck.LeftOfWindow;
        }

        if (number > _top)
        {
            return ReplayCheck.Fresh;
        }

        if (_top - number >= (uint)WindowPackets)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return _ring[Bit(number)] ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        if (WindowPackets == 0)
        {
            return this;
        }

        if (number <= _top)
        {
            return new LinuxBitmapWindow(WindowPackets, _top, _ring.With(Bit(number)));
        }

        WordArray ring = _ring.WithRingBitsCleared(Bit(unchecked(_top + 1)), number - _top, WindowPackets);
        return new LinuxBitmapWindow(WindowPackets, number, ring.With(Bit(number)));
    }

    private int Bit(uint number) => (int)(unchecked(number - 1) % (uint)WindowPackets);
}
