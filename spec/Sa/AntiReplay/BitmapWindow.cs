using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>The shifting bitmap of RFC 4303 appendix A2.1: bit d stands for right edge minus d.</summary>
public sealed record BitmapWindow : AntiReplayWindow
{
    private readonly ulong _rightEdge;
    private readonly WordArray _seen;

    /// <summary>A window before the first packet.</summary>
    public BitmapWindow(int windowPackets)
        : this(windowPackets, 0, WordArray.Zero(windowPackets).With(0))
    {
    }

    private BitmapWindow(int windowPackets, ulong rightEdge, WordArray seen)
        : base(windowPackets)
    {
        _rightEdge = rightEdge;
        _seen = seen;
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => new(_rightEdge);

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static BitmapWindow At(int windowPackets, SequenceNumber rightEdge) =>
        new(windowPackets, rightEdge.Value, WordArray.Zero(windowPackets).With(0));

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        if (WindowPackets == 0 || sequence.Value > _rightEdge)
        {
            return ReplayCheck.Fresh;
        }

        ulong distance = _rightEdge - sequence.Value;
        if (distance >= (ulong)WindowPackets)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return _seen[(int)distance] ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        if (WindowPackets == 0)
        {
            return new BitmapWindow(0, Math.Max(_rightEdge, sequence.Value), _seen);
        }

        if (sequence.Value <= _rightEdge)
        {
            return new BitmapWindow(WindowPackets, _rightEdge, _seen.With((int)(_rightEdge - sequence.Value)));
        }

        return new BitmapWindow(WindowPackets, sequence.Value, _seen.ShiftedUp(sequence.Value - _rightEdge, WindowPackets).With(0));
    }
}
