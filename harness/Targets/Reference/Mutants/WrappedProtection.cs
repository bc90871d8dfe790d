using Conformance.Spec.Crypto;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A keyed transform with something wrong around it.</summary>
/// <param name="inner">The right one.</param>
internal sealed class WrappedProtection(EspProtection inner) : EspProtection
{
    /// <summary>Seals in the place of the right one.</summary>
    public delegate void Sealing(EspProtection right, Span<byte> packet, uint high, bool extended);

    /// <summary>Opens in the place of the right one.</summary>
    public delegate bool Opening(EspProtection right, Span<byte> packet, uint high, bool extended);

    public Sealing OnSeal { get; init; } = static (right, packet, high, extended) => right.Seal(packet, high, extended);

    public Opening OnOpen { get; init; } = static (right, packet, high, extended) => right.TryOpen(packet, high, extended);

    public override int IvBytes => inner.IvBytes;

    public override int IcvBytes => inner.IcvBytes;

    public override int AlignmentBytes => inner.AlignmentBytes;

    public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber) =>
        OnSeal(inner, espPacket, sequenceHigh, extendedSequenceNumber);

    public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber) =>
        OnOpen(inner, espPacket, sequenceHigh, extendedSequenceNumber);

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
