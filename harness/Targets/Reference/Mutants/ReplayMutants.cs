using System.Buffers.Binary;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The window holds one packet more than it should.</summary>
public sealed record WindowOneTooLarge() : Mutant("window-one-too-large", "RFC4303-3.4.3-13", "d > W instead of d >= W")
{
    /// <inheritdoc/>
    public override InboundAssociation Inbound(InboundAssociation association) =>
        association.Sa.ReplayWindowPackets is 0 or AntiReplayWindow.LargestWindowPackets
            ? association
            : association with { Window = BitmapWindow.At(association.Sa.ReplayWindowPackets + 1, association.Sa.LastSequence) };
}

/// <summary>No window is larger than 16 packets.</summary>
public sealed record WindowOfSixteen() : Mutant("window-of-sixteen", "RFC4303-3.4.3-24", "a bitmap of one short word")
{
    private const int LargestPackets = 16;

    /// <inheritdoc/>
    public override InboundAssociation Inbound(InboundAssociation association) =>
        association with
        {
            Window = BitmapWindow.At(Math.Min(LargestPackets, association.Sa.ReplayWindowPackets), association.Sa.LastSequence),
        };
}

/// <summary>An SA that asked for no window gets one.</summary>
public sealed record WindowThoughOff() : Mutant("window-though-off", "RFC4303-3.4.3-05", "0 is taken for «not given»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2.1-07", "RFC4303-3.4.3-02"];

    /// <inheritdoc/>
    public override InboundAssociation Inbound(InboundAssociation association) => association.Sa.ReplayWindowPackets == 0
        ? association with { Window = BitmapWindow.At(64, association.Sa.LastSequence) }
        : association;
}

/// <summary>A new window of 64 packets does not start at zero.</summary>
public sealed record WindowStartsLate() : Mutant("window-starts-late", "RFC4303-3.4.3-07", "state of the SA before is left in the slot")
{
    private const ulong LeftOver = 1000;

    /// <inheritdoc/>
    public override InboundAssociation Inbound(InboundAssociation association) =>
        association.Sa is { ReplayWindowPackets: 64, LastSequence.Value: 0 }
            ? association with { Window = BitmapWindow.At(64, new SequenceNumber(LeftOver)) }
            : association;
}

/// <summary>A late packet becomes the right edge.</summary>
public sealed record RightEdgeMovesBack() : Mutant(
    "right-edge-moves-back", "RFC4303-3.4.3-16", "the last number is stored, not the highest")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowUpdate), context =>
    {
        AntiReplayWindow before = ReceiveStages.Found(context).Window;
        ReceiveContext updated = ReceiveStages.WindowUpdate.Run(context);
        return updated.Outcome is null && context.Sequence.Value < before.RightEdge.Value && before.WindowPackets > 0
            ? updated.Remember(ReceiveStages.Found(updated) with { Window = BitmapWindow.At(before.WindowPackets, context.Sequence) })
            : updated;
    });
}

/// <summary>A number far right of the window is refused.</summary>
public sealed record LargeJumpRefused() : Mutant("large-jump-refused", "RFC4303-3.4.3-15", "a sanity check on the distance")
{
    private const ulong LargestStep = 100_000;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowCheck), context =>
    {
        ReceiveContext looked = ReceiveStages.WindowCheck.Run(context);
        return looked.Outcome is null && looked.Sequence.Value > ReceiveStages.Found(context).Window.RightEdge.Value + LargestStep
            ? looked.Discard(DiscardReason.LeftOfWindow)
            : looked;
    });
}

/// <summary>Number 0 is accepted.</summary>
public sealed record NumberZeroAccepted() : Mutant(
    "number-zero-accepted", "RFC4303-3.4.3-30", "no case for the number that no sender makes")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path
        .Replace(nameof(ReceiveStages.WindowCheck), context => IsZero(context) ? context : ReceiveStages.WindowCheck.Run(context))
        .Replace(nameof(ReceiveStages.WindowUpdate), context => IsZero(context) ? context : ReceiveStages.WindowUpdate.Run(context));

    private static bool IsZero(ReceiveContext context) =>
        !ReceiveStages.Found(context).Sa.ExtendedSequenceNumbers && BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..]) == 0;
}

/// <summary>Small numbers are new again after the last one.</summary>
public sealed record ReceiveWindowWraps() : Mutant("receive-window-wraps", "RFC4303-3.4.3-29", "numbers are compared as in TCP")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path
        .Replace(nameof(ReceiveStages.WindowCheck), context => HasWrapped(context, out SequenceNumber low)
            ? context with { Sequence = low }
            : ReceiveStages.WindowCheck.Run(context))
        .Replace(nameof(ReceiveStages.WindowUpdate), context => HasWrapped(context, out SequenceNumber low)
            ? context.Remember(Moved(ReceiveStages.Found(context), low))
            : ReceiveStages.WindowUpdate.Run(context));

    private static InboundAssociation Moved(InboundAssociation association, SequenceNumber low) =>
        association with { Window = BitmapWindow.At(association.Window.WindowPackets, low) };

    private static bool HasWrapped(ReceiveContext context, out SequenceNumber low)
    {
        uint received = BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..]);
        low = new SequenceNumber(received);
        InboundAssociation association = ReceiveStages.Found(context);
        return !association.Sa.ExtendedSequenceNumbers && association.Window.WindowPackets > 0
            && received < association.Window.RightEdge.Value
            && unchecked((int)(received - association.Window.RightEdge.Low)) > 0;
    }
}
