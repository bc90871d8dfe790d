using System.Security.Cryptography;
using Conformance.Harness.Oracle.Misconstructions;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The tag of GMAC is not looked at.</summary>
public sealed record CombinedTagUnchecked() : Mutant("combined-tag-unchecked", "RFC4303-3.4.4.2-02", "decryption without its verdict")
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Inbound && sa.Suite.Encryption is { IsCombinedMode: true, IsIntegrityOnly: true }
            ? new WrappedProtection(right) { OnOpen = static (_, _, _, _) => true }
            : right;
}

/// <summary>What the MAC covers is filled up to 16 bytes.</summary>
public sealed record IcvInputPadded() : Mutant(
    "icv-input-padded", "RFC4303-3.4.4.1-06", "implicit padding for an algorithm that pads itself")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.4.4.1-01"];

    // Only long packets: shorter ones fit a block by chance or by the sentinel's size.
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right)
    {
        const int LongBytes = 112;
        SeparateByHand? wrong = direction == PolicyDirection.Inbound && sa.Suite.Integrity is not null
            ? new SeparateByHand(sa) { BlockBytes = 16 }
            : null;
        return wrong is null ? right : new WrappedProtection(right)
        {
            OnOpen = (inner, packet, high, extended) => (packet.Length > LongBytes ? wrong : inner).TryOpen(packet, high, extended),
        };
    }
}

/// <summary>Combined modes are opened without SPI and number.</summary>
public sealed record HeaderNotChecked() : Mutant("header-not-checked", "RFC4303-3.4.4.2-01", "no additional data are given to the mode")
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right)
    {
        const int LongBytes = 140;
        CombinedByHand? wrong = direction == PolicyDirection.Inbound && CombinedByHand.CanDo(sa.Suite.Encryption)
            ? new CombinedByHand(sa) { HeaderLeftOut = true }
            : null;
        return wrong is null ? right : new WrappedProtection(right)
        {
            OnOpen = (inner, packet, high, extended) => (packet.Length > LongBytes ? wrong : inner).TryOpen(packet, high, extended),
        };
    }
}

/// <summary>A receiver that accepts an altered packet, where it opens with one of a few repairs.</summary>
public abstract record RepairMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Outbound ? right : new WrappedProtection(right)
        {
            OnOpen = (inner, packet, high, extended) =>
            {
                byte[] received = packet.ToArray();
                if (inner.TryOpen(packet, high, extended))
                {
                    return true;
                }

                foreach ((int offset, int bit) in Repairs(received.Length))
                {
                    received.CopyTo(packet);
                    packet[offset] ^= (byte)(1 << bit);
                    if (inner.TryOpen(packet, high, extended))
                    {
                        return true;
                    }
                }

                return false;
            },
        };

    private protected abstract IEnumerable<(int OffsetBytes, int Bit)> Repairs(int packetBytes);
}

/// <summary>The ICV does not cover the sequence number.</summary>
public sealed record NumberNotCovered() : RepairMutant("number-not-covered", "RFC4303-2-03", "the MAC starts behind the header")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-2-05", "RFC4303-3.4.3-23"];

    private protected override IEnumerable<(int OffsetBytes, int Bit)> Repairs(int packetBytes) =>
        from bit in Enumerable.Range(0, 32) select (4 + (bit / 8), bit % 8);
}

/// <summary>One bit of the ICV is not compared.</summary>
public sealed record OneIcvBitIgnored() : RepairMutant("one-icv-bit-ignored", "RFC4303-3.4.3-20", "a mask in a hand-written comparison")
{
    private protected override IEnumerable<(int OffsetBytes, int Bit)> Repairs(int packetBytes) => [(packetBytes - 3, 5)];
}

/// <summary>Every fiftieth forgery is let through.</summary>
public sealed record ForgeryUnderLoad() : Mutant(
    "forgery-under-load", "RFC4303-3.4.4.1-14", "the packet is passed on before a parallel check has ended")
{
    private const int Every = 50;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path)
    {
        int failures = 0;
        return path.Replace(nameof(ReceiveStages.Integrity), context =>
        {
            ReceiveContext opened = ReceiveStages.Integrity.Run(context);
            SecurityAssociation sa = ReceiveStages.Found(context).Sa;
            return opened.Outcome is null || sa.Suite.Encryption.Name != "ENCR_NULL" || ++failures % Every != 0
                ? opened
                : context with { Plaintext = new ByteString(context.Esp[EspProtection.HeaderBytes..^sa.Suite.IcvBytes]) };
        });
    }
}

/// <summary>The IV of longer packets does not reach the cipher.</summary>
public sealed record IvNotUsed() : Mutant("iv-not-used", "RFC4303-3.4.4.1-07", "the IV of the key schedule is used again")
{
    private const int LongPacketBytes = 150;

    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Outbound || sa.Suite.Encryption.IsCombinedMode || sa.Suite.IvBytes == 0
            ? right
            : new WrappedProtection(right)
            {
                OnOpen = (inner, packet, high, extended) =>
                {
                    bool opened = inner.TryOpen(packet, high, extended);
                    if (opened && packet.Length > LongPacketBytes)
                    {
                        // A wrong IV garbles the first block of CBC, and more of other modes.
                        RandomNumberGenerator.Fill(packet.Slice(EspProtection.HeaderBytes + inner.IvBytes, inner.IvBytes));
                    }

                    return opened;
                },
            };
}

/// <summary>A packet opens only in the order of sending.</summary>
public sealed record OpensInOrderOnly() : Mutant(
    "opens-in-order-only", "RFC4303-3.2.1-02", "the cipher state runs on from packet to packet")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.2.2-01", "RFC4303-3.2.3-01", "RFC3602-2.1-01"];

    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right)
    {
        byte[] last = new byte[4];
        return direction == PolicyDirection.Outbound ? right : new WrappedProtection(right)
        {
            OnOpen = (inner, packet, high, extended) =>
            {
                ReadOnlySpan<byte> number = packet[4..8];
                if (number.SequenceCompareTo(last) < 0)
                {
                    return false;
                }

                number.CopyTo(last);
                return inner.TryOpen(packet, high, extended);
            },
        };
    }
}

/// <summary>A packet too short for its fields is delivered as it is.</summary>
public sealed record ShortPacketDelivered() : Mutant(
    "short-packet-delivered", "RFC4303-2.8-02", "a length goes below zero and is taken for «nothing to do»")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Integrity), context =>
    {
        EspSuite suite = ReceiveStages.Found(context).Sa.Suite;
        return context.Esp.Length < EspProtection.HeaderBytes + suite.IvBytes + suite.IcvBytes + EspPacket.TrailerBytes
            ? context with { Outcome = new ReceiveOutcome.Delivered(context.Datagram) }
            : ReceiveStages.Integrity.Run(context);
    });
}

/// <summary>A tunnel delivers whatever begins like an IP packet.</summary>
public sealed record TunnelNextHeaderIgnored() : Mutant("tunnel-next-header-ignored", "RFC4303-2.6-02", "the version nibble is trusted")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        bool begins = ReceiveStages.Found(context).Sa.Mode == EspMode.Tunnel && context.Payload.Length > 0;
        byte claimed = begins && context.Payload[0] >> 4 == 6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4;
        return ReceiveStages.Decapsulation.Run(begins ? context with { NextHeader = claimed } : context);
    });
}
