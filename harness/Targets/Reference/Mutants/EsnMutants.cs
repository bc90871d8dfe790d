using System.Buffers.Binary;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The high half of a received number is inferred wrongly.</summary>
public abstract record InferenceMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowCheck), context =>
    {
        InboundAssociation association = ReceiveStages.Found(context);
        if (!association.Sa.ExtendedSequenceNumbers)
        {
            return ReceiveStages.WindowCheck.Run(context);
        }

        AntiReplayWindow window = association.Window;
        uint low = BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..]);
        if (Infer(window.RightEdge, (uint)Math.Max(1, window.WindowPackets), low) is not { } sequence)
        {
            return context.Discard(DiscardReason.LeftOfWindow);
        }

        return window.Check(sequence) == ReplayCheck.Fresh ? context with { Sequence = sequence } : context.Discard(DiscardReason.Replayed);
    });

    private protected abstract SequenceNumber? Infer(SequenceNumber right, uint window, uint low);

    private protected static bool OneSpace(SequenceNumber right, uint window) => right.Low >= window - 1;

    private protected static SequenceNumber? Right(SequenceNumber right, uint window, uint low) =>
        ExtendedSequenceNumbers.Infer(right, (int)window, low);
}

/// <summary>A number with low half 0 is refused.</summary>
public sealed record LowHalfZeroRefused() : InferenceMutant(
    "low-half-zero-refused", "RFC4303-A2.3-02", "the check for number 0 looks at the field only")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        low == 0 ? null : Right(right, window, low);
}

/// <summary>A window over two spaces is taken to lie in the current one.</summary>
public sealed record NeverBackOverTheBorder() : InferenceMutant("esn-never-back", "RFC4303-A2.2-03", "no case for late packets")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        OneSpace(right, window) ? Right(right, window, low) : SequenceNumber.FromHalves(right.High, low);
}

/// <summary>A window over two spaces is taken to lie in the one before.</summary>
public sealed record AlwaysBackOverTheBorder() : InferenceMutant(
    "esn-always-back", "RFC4303-A2.2-04", "one case for both sides of the border")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        OneSpace(right, window) || right.High == 0 ? Right(right, window, low) : SequenceNumber.FromHalves(right.High - 1, low);
}

/// <summary>What is right of the window is taken for the next space.</summary>
public sealed record CurrentSpaceTakenForTheNext() : InferenceMutant(
    "esn-next-space-too-early", "RFC4303-A2.2-01", "a comparison the wrong way round")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        OneSpace(right, window) && low > right.Low && right.High > 0
            ? SequenceNumber.FromHalves(right.High + 1, low)
            : Right(right, window, low);
}

/// <summary>On a new SA a low half left of the window is taken as it stands.</summary>
public sealed record HalfBelowZeroTakenAsZero() : InferenceMutant(
    "esn-half-below-zero-is-zero", "RFC4303-A2.2-05", "the subtraction stops at zero")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        Right(right, window, low) ?? SequenceNumber.FromHalves(0, low);
}

/// <summary>The window is taken to span two spaces one number too long.</summary>
public sealed record CaseBorderOffByOne() : InferenceMutant(
    "esn-case-border-off-by-one", "RFC4303-A2-01", "Tl > W - 1 instead of Tl >= W - 1")
{
    private protected override SequenceNumber? Infer(SequenceNumber right, uint window, uint low) =>
        right.Low == window - 1 && right.High > 0 ? SequenceNumber.FromHalves(right.High - 1, low) : Right(right, window, low);
}

/// <summary>The high half is not kept at all.</summary>
public sealed record HighHalfAlwaysZero() : Mutant("esn-half-always-zero", "RFC4303-2.2.1-04", "the window is kept for the low half only")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowCheck), context =>
        ReceiveStages.Found(context).Sa.ExtendedSequenceNumbers
            ? context with { Sequence = new SequenceNumber(BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..])) }
            : ReceiveStages.WindowCheck.Run(context))
        .Replace(nameof(ReceiveStages.WindowUpdate), context =>
            ReceiveStages.Found(context).Sa.ExtendedSequenceNumbers ? context : ReceiveStages.WindowUpdate.Run(context));
}

/// <summary>What was seen is forgotten when the high half is raised.</summary>
public sealed record WindowForgottenAtTheBorder() : Mutant(
    "window-forgotten-at-the-border", "RFC4303-A2.1-03", "Linux, with windows that do not divide 2^32")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.WindowUpdate), context =>
    {
        AntiReplayWindow before = ReceiveStages.Found(context).Window;
        ReceiveContext updated = ReceiveStages.WindowUpdate.Run(context);
        return updated.Outcome is null && context.Sequence.High > before.RightEdge.High
            ? updated.Remember(ReceiveStages.Found(updated) with { Window = BitmapWindow.At(before.WindowPackets, context.Sequence) })
            : updated;
    });
}
