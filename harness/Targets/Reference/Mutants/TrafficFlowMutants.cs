using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A TFC target is not met.</summary>
public sealed record TfcNeverAdded() : Mutant("tfc-never-added", "RFC4303-2.7-01", "Linux with ESP offload built in")
{
    /// <inheritdoc/>
    public override SecurityAssociation Install(
        PolicyDirection direction, SecurityAssociation sa, IReadOnlyList<SecurityAssociation> earlier) =>
        sa with { TfcPayloadBytes = null };
}

/// <summary>TFC padding is added to the length of the inner packet.</summary>
public sealed record TfcInInnerLength() : EnclosureMutant(
    "tfc-in-inner-length", "RFC4303-2.7-03", "the inner header is finished after padding")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        if (sa.TfcPayloadBytes is not { } target || packet.NextHeader != IpProtocol.Ipv4 || packet.Payload.Length >= target)
        {
            return packet;
        }

        byte[] longer = [.. packet.Payload.Span, .. new byte[target - packet.Payload.Length]];
        IpPackets.FinishHeader(longer);
        return packet with { Payload = ByteString.Adopt(longer) };
    }
}

/// <summary>TFC padding is added in transport mode whatever is inside.</summary>
public sealed record TfcInTransportMode() : EnclosureMutant("tfc-in-transport-mode", "RFC4303-2.7-02", "the mode is not asked for")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa is { Mode: EspMode.Transport, TfcPayloadBytes: { } target } && packet.Payload.Length < target
            ? packet with { Payload = ByteString.Adopt([.. packet.Payload.Span, .. new byte[target - packet.Payload.Length]]) }
            : packet;
}

/// <summary>TFC padding that is not zero is refused.</summary>
public sealed record TfcMustBeZero() : Mutant("tfc-must-be-zero", "RFC4303-2.7-07", "a check that the RFC does not have")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        ReceiveContext opened = ReceiveStages.Decapsulation.Run(context);
        return opened.Outcome is null && ReceiveStages.Found(context).Sa.Mode == EspMode.Tunnel
            && context.Payload.Span[opened.Inner.Length..].ContainsAnyExcept((byte)0)
            ? opened.Discard(DiscardReason.InnerMalformed)
            : opened;
    });
}

/// <summary>The trailer is looked for behind the inner packet.</summary>
public sealed record TrailerBehindTheInnerPacket() : Mutant(
    "trailer-behind-the-inner-packet", "RFC4303-2.7-08", "the inner length is trusted to find the trailer")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Dummy), context =>
    {
        bool isPacket = IpPacketView.TryParse(context.Payload.Span, out IpPacketView inner, out _);
        return isPacket && context.Payload.Length > inner.Bytes.Length + 1
            && context.Payload[inner.Bytes.Length + 1] == IpProtocol.NoNextHeader
            ? context.Discard(DiscardReason.Dummy)
            : ReceiveStages.Dummy.Run(context);
    });
}

/// <summary>A dummy that is longer than the buffer for dummies is delivered.</summary>
public sealed record LongDummyDelivered() : Mutant(
    "long-dummy-delivered", "RFC4303-2.6-07", "only dummies of the peer's own make are known")
{
    private const int LongBytes = 256;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Dummy), context =>
        context.NextHeader == IpProtocol.NoNextHeader && context.Payload.Length > LongBytes
            ? context with { Outcome = new ReceiveOutcome.Delivered(context.Payload) }
            : ReceiveStages.Dummy.Run(context));
}

/// <summary>A dummy that can be read is counted before its ICV was looked at.</summary>
public sealed record DummyBeforeIcv() : Mutant("dummy-before-icv", "RFC4303-2.6-08", "dummies leave on a fast path")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Integrity), context =>
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        int nextHeader = context.Esp.Length - sa.Suite.IcvBytes - 1;
        return sa.Suite.Encryption.IsIntegrityOnly && nextHeader > EspProtection.HeaderBytes
            && context.Esp[nextHeader] == IpProtocol.NoNextHeader
            ? ReceiveStages.WindowUpdate.Run(context).Discard(DiscardReason.Dummy)
            : ReceiveStages.Integrity.Run(context);
    });
}
