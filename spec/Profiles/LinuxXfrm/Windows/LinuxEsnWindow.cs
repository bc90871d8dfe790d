using System.Collections.Immutable;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Windows;

/// <summary>The ring of an SA with the ESN flag: xfrm_replay_seqhi, xfrm_replay_check_esn, xfrm_replay_advance_esn.</summary>
/// <remarks>
/// The ring position is recomputed from the low half alone, (top - 1) mod W in 32 bits. Where W does not divide 2^32 the
/// position jumps when the low half passes zero, so the numbers seen shortly before no longer stand where they are
/// looked up. The form keeps the kernel's arithmetic as it is, so that the difference from RFC 4303 can be shown.
/// </remarks>
public sealed record LinuxEsnWindow : AntiReplayWindow
{
    private readonly uint _top;
    private readonly uint _topHigh;
    private readonly WordArray _ring;

    /// <summary>A window before the first packet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is 0: XFRM refuses an inbound ESN SA without window.</exception>
    public LinuxEsnWindow(int windowPackets)
        : this(windowPackets, 0, 0, WordArray.Zero(windowPackets))
    {
        ArgumentOutOfRangeException.ThrowIfZero(windowPackets);
    }

    private LinuxEsnWindow(int windowPackets, uint top, uint topHigh, WordArray ring)
        : base(windowPackets)
    {
        _top = top;
        _topHigh = topHigh;
        _ring = ring;
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => SequenceNumber.FromHalves(_topHigh, _top);

    private uint Window => (uint)WindowPackets;

    private uint Position => unchecked(_top - 1) % Window;

    /// <summary>The ring in words of 32 bits, as struct xfrm_replay_state_esn has it.</summary>
    public ImmutableArray<uint> Words => [.. _ring.ToWords()];

    /// <summary>The window that struct xfrm_replay_state_esn describes.</summary>
    public static LinuxEsnWindow Of(int windowPackets, SequenceNumber rightEdge, ImmutableArray<uint> words) =>
        new(windowPackets, rightEdge.Low, rightEdge.High, WordArray.FromWords(words.AsSpan(), windowPackets));

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static LinuxEsnWindow At(int windowPackets, SequenceNumber rightEdge) =>
        new(windowPackets, rightEdge.Low, rightEdge.High, rightEdge.Value == 0
            ? WordArray.Zero(windowPackets)
            : WordArray.Zero(windowPackets).With((int)(unchecked(rightEdge.Low - 1) % (uint)windowPackets)));

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        uint bottom = unchecked(_top - Window + 1);
        if (number == 0 && _topHigh == 0 && _top < Window - 1)
        {
            return ReplayCheck.LeftOfWindow;
        }

        bool oneSpace = _top >= Window - 1;
        bool ahead = oneSpace ? number > _top || number < bottom : number > _top && number < bottom;
        if (ahead)
        {
            return ReplayCheck.Fresh;
        }

        uint distance = unchecked(_top - number);
        if (distance >= Window)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return _ring[BitBehind(distance)] ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        bool wrapped = sequence.High > _topHigh;
        if (!wrapped && (sequence.High < _topHigh || number <= _top))
        {
            return new LinuxEsnWindow(WindowPackets, _top, _topHigh, _ring.With(BitBehind(unchecked(_top - number))));
        }

        uint distance = unchecked(number - _top);
        WordArray ring = distance < Window
            ? _ring.WithRingBitsCleared((int)((Position + 1) % Window), distance - 1, WindowPackets)
            : WordArray.Zero(WindowPackets);
        uint bit = (Position + distance) % Window;
        return new LinuxEsnWindow(WindowPackets, number, wrapped ? _topHigh + 1 : _topHigh, ring.With((int)bit));
    }

    private int BitBehind(uint distance)
    {
        uint position = Position;
        return (int)(position >= distance ? position - distance : Window - (distance - position));
    }
}
