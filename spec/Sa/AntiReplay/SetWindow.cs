using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>The defining form: a right edge and the set of numbers seen inside the window. RFC 4303 §3.4.3.</summary>
public sealed record SetWindow : AntiReplayWindow
{
    private readonly ImmutableSortedSet<ulong> _seen;
    private readonly ulong _rightEdge;

    /// <summary>A window before the first packet.</summary>
    public SetWindow(int windowPackets)
        : this(windowPackets, 0, [0UL])
    {
    }

    private SetWindow(int windowPackets, ulong rightEdge, ImmutableSortedSet<ulong> seen)
        : base(windowPackets)
    {
        _rightEdge = rightEdge;
        _seen = seen;
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => new(_rightEdge);

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static SetWindow At(int windowPackets, SequenceNumber rightEdge) => new(windowPackets, rightEdge.Value, [rightEdge.Value]);

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        if (WindowPackets == 0 || sequence.Value > _rightEdge)
        {
            return ReplayCheck.Fresh;
        }

        // Written as a distance so that nothing wraps: the window holds RightEdge - W + 1 up to RightEdge.
        if (_rightEdge - sequence.Value >= (ulong)WindowPackets)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return _seen.Contains(sequence.Value) ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        ulong rightEdge = Math.Max(_rightEdge, sequence.Value);
        if (WindowPackets == 0)
        {
            return new SetWindow(0, rightEdge, _seen);
        }

        ImmutableSortedSet<ulong> seen = _seen.Add(sequence.Value);
        return new SetWindow(WindowPackets, rightEdge, seen.Except(seen.TakeWhile(n => rightEdge - n >= (ulong)WindowPackets)));
    }

    /// <summary>Equal when size, right edge and the numbers seen are equal.</summary>
    public bool Equals(SetWindow? other) =>
        other is not null && WindowPackets == other.WindowPackets && _rightEdge == other._rightEdge && _seen.SetEquals(other._seen);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(WindowPackets, _rightEdge, _seen.Count);

    /// <summary>Size, right edge and numbers seen.</summary>
    public override string ToString() => $"window {WindowPackets}, right edge {_rightEdge}, seen {{{string.Join(", ", _seen)}}}";
}
