using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>What the receive window says of a sequence number before the packet is authenticated. RFC 4303 §3.4.3.</summary>
public enum ReplayCheck
{
    /// <summary>Right of the window, or inside it and not seen.</summary>
    Fresh,

    /// <summary>Inside the window and already accepted.</summary>
    Replayed,

    /// <summary>Left of the window: too old to tell.</summary>
    LeftOfWindow,
}

/// <summary>The receive window of one SA as an immutable value. RFC 4303 §3.4.3, appendix A2.1.</summary>
/// <remarks>
/// All forms start with right edge 0 and number 0 taken as seen, because a sender's first number is 1.
/// A window of 0 packets is anti-replay switched off: every number is fresh and only the right edge is kept,
/// which inference of the high half needs.
/// </remarks>
public abstract record AntiReplayWindow
{
    /// <summary>The largest window modelled, in packets.</summary>
    public const int LargestWindowPackets = 4096;

    /// <summary>Creates a window of the given size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not in 0 to 4096.</exception>
    private protected AntiReplayWindow(int windowPackets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(windowPackets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowPackets, LargestWindowPackets);
        WindowPackets = windowPackets;
    }

    /// <summary>Size of the window in packets; 0 means anti-replay is off.</summary>
    public int WindowPackets { get; }

    /// <summary>The highest number accepted so far.</summary>
    public abstract SequenceNumber RightEdge { get; }

    /// <summary>Looks a number up without changing anything.</summary>
    public abstract ReplayCheck Check(SequenceNumber sequence);

    /// <summary>The window after a packet with this number was authenticated; the number must be fresh.</summary>
    public abstract AntiReplayWindow Accept(SequenceNumber sequence);
}
