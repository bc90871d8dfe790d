using System.Collections.Immutable;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Windows;

/// <summary>The ring of an SA with XFRMA_REPLAY_ESN_VAL but no ESN flag: xfrm_replay_check_bmp, xfrm_replay_advance_bmp.</summary>
/// <remarks>
/// The kernel computes the ring position as (top - 1) mod W in 32 bits. For a new SA top is 0 and the subtraction wraps, so
/// where W does not divide 2^32 the first packet is marked at another bit than the one it is looked up at later.
/// </remarks>
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

    private uint Window => (uint)WindowPackets;

    private uint Position => unchecked(_top - 1) % Window;

    /// <summary>The ring in words of 32 bits, as struct xfrm_replay_state_esn has it.</summary>
    public ImmutableArray<uint> Words => [.. _ring.ToWords()];

    /// <summary>The window that struct xfrm_replay_state_esn describes.</summary>
    public static LinuxBitmapWindow Of(int windowPackets, uint rightEdge, ImmutableArray<uint> words) =>
        new(windowPackets, rightEdge, WordArray.FromWords(words.AsSpan(), windowPackets));

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

        return _ring[BitBehind(_top - number)] ? ReplayCheck.Replayed : ReplayCheck.Fresh;
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
            return new LinuxBitmapWindow(WindowPackets, _top, _ring.With(BitBehind(_top - number)));
        }

        uint distance = number - _top;
        WordArray ring = distance < Window
            ? _ring.WithRingBitsCleared((int)((Position + 1) % Window), distance - 1, WindowPackets)
            : WordArray.Zero(WindowPackets);
        return new LinuxBitmapWindow(WindowPackets, number, ring.With((int)((Position + distance) % Window)));
    }

    private int BitBehind(uint distance)
    {
        uint position = Position;
        return (int)(position >= distance ? position - distance : Window - (distance - position));
    }
}
