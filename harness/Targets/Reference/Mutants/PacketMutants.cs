using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Padding of any content is accepted.</summary>
public sealed record PadBytesUnchecked() : Mutant(
    "pad-bytes-unchecked", "RFC4303-2.4-09", "common; Linux never looks at pad bytes")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.4.1-08"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Without(nameof(ReceiveStages.Padding));
}

/// <summary>A pad length beyond the payload is taken as zero payload.</summary>
public sealed record PadLengthUnchecked() : Mutant(
    "pad-length-unchecked", "RFC4303-2.5-03", "the subtraction goes below zero and is clamped")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Trailer), context =>
    {
        ReceiveContext split = ReceiveStages.Trailer.Run(context);
        ReadOnlySpan<byte> plain = context.Plaintext.Span;
        return split.Outcome is null || plain.Length < EspPacket.TrailerBytes
            ? split
            : context with { NextHeader = plain[^1], Payload = new ByteString(plain[..^EspPacket.TrailerBytes]) };
    }).Without(nameof(ReceiveStages.Padding));
}

/// <summary>The ICV is computed without the high half of the number.</summary>
public sealed record EsnHalfMissingInIcv() : Mutant(
    "esn-half-missing-in-icv", "RFC4303-2.2.1-05", "scapy leaves it out with a separate HMAC; VPP swapped it")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-2.2.1-06"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Integrity), context =>
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        EspProtection protection = context.Keyring.ProtectionOf(sa);
        byte[] packet = context.Esp.ToArray();
        if (!protection.TryOpen(packet, 0, extendedSequenceNumber: false))
        {
            return context.Discard(DiscardReason.IntegrityFailure);
        }

        int start = EspProtection.HeaderBytes + protection.IvBytes;
        return context with { Plaintext = new ByteString(packet.AsSpan(start, packet.Length - start - protection.IcvBytes)) };
    });
}

/// <summary>A dummy packet is delivered.</summary>
public sealed record DummyDelivered() : Mutant(
    "dummy-delivered", "RFC4303-2.6-05", "next header 59 has no case of its own")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.4.1-09", "RFC4303-3.4.4.2-05"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Without(nameof(ReceiveStages.Dummy)).Replace(nameof(ReceiveStages.Decapsulation), context =>
        context.NextHeader == IpProtocol.NoNextHeader ? context with { Inner = context.Payload } : ReceiveStages.Decapsulation.Run(context))
        .Replace(nameof(ReceiveStages.Selectors), context => context.NextHeader == IpProtocol.NoNextHeader ? context : ReceiveStages.Selectors.Run(context));
}

/// <summary>Only the first bytes of the ICV are compared.</summary>
public sealed record IcvTruncated() : Mutant(
    "icv-truncated", "RFC4303-3.4.4.1-02", "memcmp over 4 bytes")
{
    private const int ComparedBytes = 4;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Integrity), context =>
        ReceiveStages.Integrity.Run(context with { Datagram = WithRepairedTail(context) }));

    // Compares as the fault does: the tail of the ICV is replaced by the right one.
    private static ByteString WithRepairedTail(ReceiveContext context)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        EspProtection protection = context.Keyring.ProtectionOf(sa);
        byte[] esp = context.Esp.ToArray();
        if (protection.IcvBytes <= ComparedBytes || esp.Length < EspProtection.HeaderBytes + protection.IvBytes + protection.IcvBytes || sa.Suite.Integrity is null)
        {
            return context.Datagram;
        }

        // With a separate algorithm over NULL, sealing again gives the ICV that belongs to the bytes received.
        if (sa.Suite.Encryption.Name != "ENCR_NULL")
        {
            return context.Datagram;
        }

        byte[] right = (byte[])esp.Clone();
        protection.Seal(right, context.Sequence.High, sa.ExtendedSequenceNumbers);
        int icv = esp.Length - protection.IcvBytes;
        bool headEqual = right.AsSpan(icv, ComparedBytes).SequenceEqual(esp.AsSpan(icv, ComparedBytes));
        if (!headEqual)
        {
            return context.Datagram;
        }

        byte[] datagram = context.Datagram.ToArray();
        right.CopyTo(datagram.AsSpan(context.EspRange));
        return ByteString.Adopt(datagram);
    }
}

/// <summary>A wrong ICV is not noticed where payload and trailer still make sense.</summary>
public sealed record IcvUnchecked() : Mutant(
    "icv-unchecked", "RFC4303-3.4.4.1-03", "the result of the comparison is ignored")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Integrity), context =>
    {
        ReceiveContext opened = ReceiveStages.Integrity.Run(context);
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        if (opened.Outcome is null || sa.Suite.Encryption.Name != "ENCR_NULL")
        {
            return opened;
        }

        int tail = context.Keyring.ProtectionOf(sa).IcvBytes;
        return context.Esp.Length < EspProtection.HeaderBytes + tail
            ? opened
            : context with { Plaintext = new ByteString(context.Esp[EspProtection.HeaderBytes..^tail]) };
    });
}

/// <summary>SPI 0 finds an SA.</summary>
public sealed record SpiZeroAccepted() : Mutant(
    "spi-zero-accepted", "RFC4303-2.1-16", "0 is used as a wildcard in the lookup")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
        context.Esp.Length >= EspProtection.HeaderBytes && context.Esp[..4].SequenceEqual(new byte[4]) && context.State.Associations.Count > 0
            ? context with { Association = context.State.Associations.Values.OrderBy(a => a.Sa.Spi.Value).First() }
            : ReceiveStages.Lookup.Run(context));
}

/// <summary>Bytes behind the inner packet are delivered with it.</summary>
public sealed record TfcPaddingKept() : Mutant(
    "tfc-padding-kept", "RFC4303-2.7-06", "the length of the payload is taken for that of the inner packet")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.4.1-13"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        ReceiveContext opened = ReceiveStages.Decapsulation.Run(context);
        return opened.Outcome is null && ReceiveStages.Found(context).Sa.Mode == EspMode.Tunnel ? opened with { Inner = context.Payload } : opened;
    });
}

/// <summary>An ESP packet that is a fragment is processed as if it were whole.</summary>
public sealed record FragmentAccepted() : Mutant(
    "fragment-accepted", "RFC4303-3.4.1-02", "the fragment fields are not looked at")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Without(nameof(ReceiveStages.Reassembly));
}

/// <summary>A NAT keepalive goes to the host.</summary>
public sealed record KeepAliveDelivered() : Mutant(
    "keepalive-delivered", "RFC3948-2.3-05", "one byte 0xff has no case of its own")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.UdpDecapsulation), context =>
    {
        ReceiveContext classified = ReceiveStages.UdpDecapsulation.Run(context);
        return classified.Outcome is ReceiveOutcome.Discarded { Reason: DiscardReason.KeepAlive }
            ? classified with { Outcome = new ReceiveOutcome.Delivered(context.Datagram) }
            : classified;
    });
}

/// <summary>An SA past its hard limit goes on receiving.</summary>
public sealed record ExpiredSaReceives() : Mutant(
    "expired-sa-receives", "RFC4301-4.4.2.1-11", "the limit is checked on the way out only")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2.1-16"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Without(nameof(ReceiveStages.HardLifetime));
}
