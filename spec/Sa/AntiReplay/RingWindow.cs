using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>The ring of blocks of RFC 6479 §2: advancing clears whole blocks and never shifts.</summary>
/// <remarks>The ring holds at least one block more than the window needs, so that the block being cleared is never live.</remarks>
public sealed record RingWindow : AntiReplayWindow
{
    private const int BlockBits = 64;
    private readonly ulong _rightEdge;
    private readonly WordArray _ring;
    private readonly int _ringBits;

    /// <summary>A window before the first packet.</summary>
    public RingWindow(int windowPackets)
        : this(windowPackets, 0, Marked(windowPackets, 0))
    {
    }

    private RingWindow(int windowPackets, ulong rightEdge, WordArray ring)
        : base(windowPackets)
    {
        _rightEdge = rightEdge;
        _ring = ring;
        _ringBits = RingBits(windowPackets);
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => new(_rightEdge);

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static RingWindow At(int windowPackets, SequenceNumber rightEdge) =>
        new(windowPackets, rightEdge.Value, Marked(windowPackets, rightEdge.Value));

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        if (WindowPackets == 0 || sequence.Value > _rightEdge)
        {
            return ReplayCheck.Fresh;
        }

        if (_rightEdge - sequence.Value >= (ulong)WindowPackets)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return _ring[(int)(sequence.Value % (ulong)_ringBits)] ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        if (WindowPackets == 0)
        {
            return new RingWindow(0, Math.Max(_rightEdge, sequence.Value), _ring);
        }

        WordArray ring = _ring;
        ulong rightEdge = _rightEdge;
        if (sequence.Value > rightEdge)
        {
            ulong block = rightEdge / BlockBits;
            ring = ring.WithBlocksCleared(block, (sequence.Value / BlockBits) - block);
            rightEdge = sequence.Value;
        }

        return new RingWindow(WindowPackets, rightEdge, ring.With((int)(sequence.Value % (ulong)_ringBits)));
    }

    private static int RingBits(int windowPackets) => (((windowPackets + BlockBits - 1) / BlockBits) + 1) * BlockBits;

    private static WordArray Marked(int windowPackets, ulong rightEdge)
    {
        int ringBits = RingBits(windowPackets);
        return WordArray.Zero(ringBits).With((int)(rightEdge % (ulong)ringBits));
    }
}
