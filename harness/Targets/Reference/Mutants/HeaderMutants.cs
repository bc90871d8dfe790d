using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in the datagram around a finished ESP packet.</summary>
public abstract record OutputMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Output), context =>
    {
        SendContext output = SendStages.Output.Run(context);
        if (output.Outcome is not SendOutcome.Sent sent)
        {
            return output;
        }

        byte[] datagram = sent.Datagram.ToArray();
        byte[] changed = Change(context.Association.Sa, datagram, datagram.Length - context.Esp.Length);
        return output with { Outcome = sent with { Datagram = ByteString.Adopt(changed) } };
    });

    private protected abstract byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes);
}

/// <summary>The header in front of ESP names AH.</summary>
public sealed record ProtocolOfAh() : OutputMutant("protocol-of-ah", "RFC4303-2-01", "51 in the place of 50")
{
    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        bool readable = IpPacketView.TryParse(datagram, out IpPacketView packet, out _);
        if (readable && packet.Protocol == IpProtocol.Esp)
        {
            datagram[packet.NextHeaderOffsetBytes] = 51;
            IpPackets.FinishHeader(datagram);
        }

        return datagram;
    }
}

/// <summary>The SPI is left empty.</summary>
public sealed record SpiZeroSent() : OutputMutant("spi-zero-sent", "RFC4303-2.1-15", "the packet leaves before the SA has its SPI")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2.1-02", "RFC3948-2.1-05"];

    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        datagram.AsSpan(espOffsetBytes, 4).Clear();
        return datagram;
    }
}

/// <summary>The outer source is that of the inner packet.</summary>
public sealed record OuterSourceOfTheHost() : OutputMutant(
    "outer-source-of-the-host", "RFC4303-3.1.2-01", "the tunnel header is copied from the packet inside")
{
    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa.Mode == EspMode.Tunnel && !sa.Source.IsIpv6)
        {
            datagram[15] = 99;
            IpPackets.FinishHeader(datagram);
        }

        return datagram;
    }
}

/// <summary>A fault in how a plain packet is split.</summary>
public abstract record EnclosureMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SendContext enclosed = SendStages.Enclosure.Run(context);
        return enclosed is { Outcome: null, Enclosed: { } packet }
            ? enclosed with { Enclosed = Change(context.Association.Sa, context.Plain, packet) }
            : enclosed;
    });

    private protected abstract EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet);

    private protected static ByteString WithoutIpv4Options(ReadOnlySpan<byte> packet)
    {
        int headerBytes = (packet[0] & 0x0f) * 4;
        byte[] bare = [.. packet[..20], .. packet[headerBytes..]];
        bare[0] = 0x45;
        IpPackets.FinishHeader(bare);
        return ByteString.Adopt(bare);
    }
}

/// <summary>Transport mode encloses the IP header too.</summary>
public sealed record TransportEnclosesTheHeader() : EnclosureMutant(
    "transport-encloses-the-header", "RFC4303-3.3.2.1-01", "one path for both modes")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa.Mode == EspMode.Transport ? packet with { Payload = plain } : packet;
}

/// <summary>A tunnel loses the options of the inner packet.</summary>
public sealed record InnerOptionsLost() : EnclosureMutant(
    "inner-options-lost", "RFC4303-3.1.2-03", "twenty bytes are taken for the whole header")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa.Mode == EspMode.Tunnel && packet.NextHeader == IpProtocol.Ipv4
            ? packet with { Payload = WithoutIpv4Options(packet.Payload.Span) }
            : packet;
}

/// <summary>Transport mode loses IPv4 options.</summary>
public sealed record TransportOptionsLost() : EnclosureMutant(
    "transport-options-lost", "RFC4303-3.1.1-01", "ESP is written over the options")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa is { Mode: EspMode.Transport, Source.IsIpv6: false }
            ? packet with { OuterHeader = WithoutIpv4Options(packet.OuterHeader.Span) }
            : packet;
}

/// <summary>Transport mode writes a new IP header.</summary>
public sealed record TransportHeaderReset() : EnclosureMutant(
    "transport-header-reset", "RFC4303-3.3-01", "the header comes from a template")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa is { Mode: EspMode.Transport, Source.IsIpv6: false } && packet.OuterHeader.Length == 20
            ? packet with { OuterHeader = ByteString.Adopt(IpPackets.Raw(sa.Source, sa.Destination, IpProtocol.Esp, [])) }
            : packet;
}

/// <summary>Transport mode rebuilds the datagram with default fields.</summary>
public sealed record RebuiltWithDefaults() : Mutant(
    "rebuilt-with-defaults", "RFC4303-3.4.4.1-10", "the header in front of ESP is thrown away too early")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        ReceiveContext opened = ReceiveStages.Decapsulation.Run(context);
        if (opened.Outcome is not null || ReceiveStages.Found(context).Sa.Mode != EspMode.Transport || opened.Inner[0] != 0x45)
        {
            return opened;
        }

        byte[] inner = opened.Inner.ToArray();
        (inner[1], inner[6], inner[8]) = (0, 0, 64);
        IpPackets.FinishHeader(inner);
        return opened with { Inner = ByteString.Adopt(inner) };
    });
}

/// <summary>The last byte of long inner packets is lost on delivery.</summary>
public sealed record LongPacketsCutOnDelivery() : Mutant(
    "long-packets-cut-on-delivery", "RFC4303-3.4.4.1-11", "a length is kept in a field that is one too small")
{
    private const int LongBytes = 1000;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        ReceiveContext opened = ReceiveStages.Decapsulation.Run(context);
        return opened.Outcome is null && opened.Inner.Length > LongBytes ? opened with { Inner = opened.Inner.Slice(..^1) } : opened;
    });
}
