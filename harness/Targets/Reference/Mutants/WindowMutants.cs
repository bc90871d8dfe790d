using System.Buffers.Binary;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The window moves before the ICV was looked at.</summary>
public sealed record WindowUpdatedBeforeIcv() : Mutant(
    "window-updated-before-icv", "RFC4303-3.4.3-09", "a forged packet far right of the window shuts out genuine ones")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.3-12", "RFC4303-A2.3-01"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Move(nameof(ReceiveStages.WindowUpdate), before: nameof(ReceiveStages.Integrity));
}

/// <summary>The window is one packet too small.</summary>
public sealed record LeftEdgeOffByOne() : Mutant(
    "left-edge-off-by-one", "RFC4303-3.4.3-14", "d >= W - 1 instead of d >= W")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.3-31"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowCheck), context =>
    {
        ReceiveContext checkedContext = ReceiveStages.WindowCheck.Run(context);
        AntiReplayWindow window = ReceiveStages.Found(context).Window;
        return checkedContext.Outcome is null && window.WindowPackets > 1
            && window.RightEdge.Value >= checkedContext.Sequence.Value
            && window.RightEdge.Value - checkedContext.Sequence.Value == (ulong)window.WindowPackets - 1
            ? checkedContext.Discard(DiscardReason.LeftOfWindow)
            : checkedContext;
    });
}

/// <summary>Replays are let through.</summary>
public sealed record WindowNeverChecked() : Mutant(
    "window-never-checked", "RFC4303-3.4.3-08", "FreeBSD SA-06:11: the number was never updated and replays were accepted")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.3-01", "RFC4303-2.2-03", "RFC4303-A2.1-02", "RFC3948-3.3-03"];

    /// <inheritdoc/>
    public override InboundAssociation Inbound(InboundAssociation association) =>
        association with { Window = BitmapWindow.At(0, association.Sa.LastSequence) };
}

/// <summary>Numbers are marked, but the right edge stays.</summary>
public sealed record WindowNeverMoves() : Mutant(
    "window-never-moves", "RFC4303-3.4.3-08", "the right edge is not written back")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowUpdate), context =>
    {
        AntiReplayWindow before = ReceiveStages.Found(context).Window;
        ReceiveContext updated = ReceiveStages.WindowUpdate.Run(context);
        return updated.Outcome is null && context.Sequence.Value > before.RightEdge.Value
            ? updated.Remember(ReceiveStages.Found(updated) with { Window = before })
            : updated;
    });
}

/// <summary>A jump of the right edge marks the numbers jumped over as seen.</summary>
public sealed record SkippedNumbersMarkedSeen() : Mutant(
    "skipped-numbers-marked-seen", "RFC4303-A2.1-01", "bits of the slid window are not cleared")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowUpdate), context =>
    {
        ulong from = ReceiveStages.Found(context).Window.RightEdge.Value + 1;
        ReceiveContext updated = ReceiveStages.WindowUpdate.Run(context);
        if (updated.Outcome is not null || context.Sequence.Value < from)
        {
            return updated;
        }

        AntiReplayWindow window = ReceiveStages.Found(updated).Window;
        ulong left = Math.Max(from, context.Sequence.Value - Math.Min(context.Sequence.Value, (ulong)window.WindowPackets));
        for (ulong skipped = left; skipped < context.Sequence.Value; skipped++)
        {
            window = window.Accept(new SequenceNumber(skipped));
        }

        return updated.Remember(ReceiveStages.Found(updated) with { Window = window });
    });
}

/// <summary>The high half of the number stays what it was at the start.</summary>
public sealed record EsnHalfNotInferred() : Mutant(
    "esn-half-not-inferred", "RFC4303-A2.2-02", "VPP 6afaae156a9: the high half was lost at the wrap")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.3-17", "RFC4303-3.4.3-18"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowCheck), context =>
    {
        InboundAssociation association = ReceiveStages.Found(context);
        if (!association.Sa.ExtendedSequenceNumbers)
        {
            return ReceiveStages.WindowCheck.Run(context);
        }

        uint low = BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..]);
        SequenceNumber sequence = SequenceNumber.FromHalves(association.Window.RightEdge.High, low);
        return association.Window.Check(sequence) == ReplayCheck.Fresh
            ? context with { Sequence = sequence }
            : context.Discard(DiscardReason.LeftOfWindow);
    });
}
