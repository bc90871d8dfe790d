using System.Buffers.Binary;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A reserved octet that is set makes the payload invalid.</summary>
public sealed record ReservedOctetMustBeZero() : Mutant("iptfs-reserved-must-be-zero", "RFC9347-6.1.1-01", "Linux drops such payloads with XfrmInHdrError")
{
    /// <inheritdoc/>
    public override AggFragPayload? Understand(ByteString payload, AggFragPayload? right) =>
        new AggFragView(payload.Span) is { SubType: AggFragView.Basic, Flags: not 0 } ? null : right;
}

/// <summary>The format with congestion information is unknown.</summary>
public sealed record CongestionFormatRefused() : Mutant("congestion-format-refused", "RFC9347-6.1.2-01", "only sub-type 0 is implemented")
{
    /// <inheritdoc/>
    public override AggFragPayload? Understand(ByteString payload, AggFragPayload? right) => right?.Congestion is null ? right : null;
}

/// <summary>The two flags of the format with congestion information make the payload invalid.</summary>
public sealed record CongestionFlagsRefused() : Mutant("congestion-flags-refused", "RFC9347-6.1.2-02", "Linux drops such payloads with XfrmInHdrError")
{
    /// <inheritdoc/>
    public override AggFragPayload? Understand(ByteString payload, AggFragPayload? right) =>
        new AggFragView(payload.Span) is { SubType: AggFragView.CongestionControl, Flags: not 0 } ? null : right;
}

/// <summary>Whatever the sub-type, data begins behind four octets.</summary>
public sealed record UnknownSubTypeIsBasic() : Mutant("unknown-sub-type-is-basic", "RFC9347-6.1-02", "the sub-type is only compared with that of congestion control")
{
    /// <inheritdoc/>
    public override Spec.Esp.Receive.EspReceiver Receive(Spec.Esp.Receive.EspReceiver path) => path.Replace(
        nameof(Spec.Esp.Receive.ReceiveStages.Decapsulation),
        context => Spec.Esp.Receive.ReceiveStages.Found(context).Sa.Mode == EspMode.AggFrag
            ? context with { Inner = context.Payload }
            : Spec.Esp.Receive.ReceiveStages.Decapsulation.Run(context));

    /// <inheritdoc/>
    public override AggFragPayload? Understand(ByteString payload, AggFragPayload? right)
    {
        AggFragView view = new(payload.Span);
        return right ?? (payload.Length < AggFragView.BasicHeaderBytes ? null : new AggFragPayload(view.BlockOffset, payload.Slice(AggFragView.BasicHeaderBytes..)));
    }
}

/// <summary>Payloads must have the size that packets of the tunnel are said to have.</summary>
public sealed record ShortPayloadsRefused() : Mutant("short-payloads-refused", "RFC9347-2-01", "IP-TFS is said to send packets of a fixed size")
{
    private const int LeastBytes = 64;

    /// <inheritdoc/>
    public override AggFragPayload? Understand(ByteString payload, AggFragPayload? right) => payload.Length >= LeastBytes ? right : null;
}

/// <summary>A fault in the payloads that queued packets become.</summary>
public abstract record PayloadMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    private protected static byte[] With(ByteString payload, int offset, byte value)
    {
        byte[] bytes = payload.ToArray();
        bytes[offset] = value;
        return bytes;
    }
}

/// <summary>A packet that is alone in its payload goes out as in tunnel mode.</summary>
public sealed record PlainPacketOnAggFragSa() : Mutant("plain-packet-on-aggfrag-sa", "RFC9347-2.3-01", "a packet alone needs no AGGFRAG header")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SendContext right = SendStages.Enclosure.Run(context);
        return right.Association.Sa.Mode != EspMode.AggFrag || right.Enclosed is not { } enclosed ? right : right with
        {
            Enclosed = enclosed with
            {
                NextHeader = enclosed.Payload[AggFragView.BasicHeaderBytes] >> 4 == 4 ? IpProtocol.Ipv4 : IpProtocol.Ipv6,
                Payload = enclosed.Payload.Slice(AggFragView.BasicHeaderBytes..),
            },
        };
    });
}

/// <summary>Another payload goes out between two pieces of a packet.</summary>
public sealed record PiecesApart() : PayloadMutant("pieces-apart", "RFC9347-2.2.3-05", "two queues, one for pieces and one for whole packets")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Payloads(IReadOnlyList<ByteString> right, IReadOnlyList<ByteString> packets) =>
        right.Count < 2 ? right : [right[0], new AggFragPayload(0, packets[^1]).ToBytes(), .. right.Skip(1)];
}

/// <summary>BlockOffset never points behind its own payload.</summary>
public sealed record BlockOffsetWithinThePayload() : PayloadMutant("block-offset-within-the-payload", "RFC9347-2.2.3-07", "a piece is announced by its own length")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Payloads(IReadOnlyList<ByteString> right, IReadOnlyList<ByteString> packets) => [.. right.Select(payload =>
    {
        byte[] bytes = payload.ToArray();
        int most = payload.Length - AggFragView.BasicHeaderBytes;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)Math.Min(new AggFragView(bytes).BlockOffset, most));
        return ByteString.Adopt(bytes);
    })];
}

/// <summary>The second of several queued packets is lost.</summary>
public sealed record LastQueuedPacketLost() : PayloadMutant("queued-packet-lost", "RFC9347-2.2-03", "the queue is spliced one packet short")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Payloads(IReadOnlyList<ByteString> right, IReadOnlyList<ByteString> packets) =>
        right.Count == 1 && packets.Count > 2 ? [Framer.Split([.. packets.Where((_, i) => i != 1)], [])[0].ToBytes()] : right;
}

/// <summary>The reserved octet of the header is set.</summary>
public sealed record ReservedOctetSet() : PayloadMutant("iptfs-reserved-set", "RFC9347-6.1.1-02", "a header in memory that was not cleared")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Payloads(IReadOnlyList<ByteString> right, IReadOnlyList<ByteString> packets) =>
        [.. right.Select(payload => ByteString.Adopt(With(payload, 1, 0x80)))];
}

/// <summary>A field of the outer header follows the first inner packet.</summary>
public abstract record OuterFieldCopied(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SendContext right = SendStages.Enclosure.Run(context);
        return right.Association.Sa.Mode == EspMode.AggFrag && right.Enclosed is { } enclosed
            && IpPacketView.TryParse(enclosed.Payload.Span[AggFragView.BasicHeaderBytes..], out IpPacketView inner, out _)
            ? right with { Enclosed = enclosed with { OuterHeader = Written(enclosed.OuterHeader, inner.TrafficClass) } }
            : right;
    });

    private protected abstract byte Copied(byte inner);

    private ByteString Written(ByteString outer, byte inner)
    {
        byte[] header = outer.ToArray();
        byte value = Copied(inner);
        if (header[0] >> 4 == 4)
        {
            header[1] = value;
        }
        else
        {
            (header[0], header[1]) = ((byte)(0x60 | (value >> 4)), (byte)((value << 4) | (header[1] & 0x0f)));
        }

        return ByteString.Adopt(header);
    }
}

/// <summary>The outer DSCP is that of the first inner packet.</summary>
public sealed record OuterDscpCopiedInAggFrag() : OuterFieldCopied("iptfs-dscp-copied", "RFC9347-2.2.5.3-01", "the header is made as in tunnel mode")
{
    private protected override byte Copied(byte inner) => (byte)(inner & 0xfc);
}

/// <summary>The outer ECN field is that of the first inner packet.</summary>
public sealed record OuterEcnCopiedInAggFrag() : OuterFieldCopied("iptfs-ecn-copied", "RFC9347-3.1-01", "the header is made as in tunnel mode")
{
    private protected override byte Copied(byte inner) => (byte)TrafficClasses.EcnOf(inner);
}

/// <summary>A packet longer than the path is refused, and its source told so.</summary>
public sealed record TooBigThoughCut() : Mutant("too-big-though-cut", "RFC9347-2.2.6-02", "the size is checked as in tunnel mode")
{
    /// <inheritdoc/>
    public override bool TellsTooBig => true;
}

/// <summary>Where packets may not be cut into payloads, a long IPv4 packet is lost although it may be fragmented.</summary>
public sealed record LongPacketsLostWithoutCutting() : Mutant("long-packets-lost-without-cutting", "RFC9347-2.2.6-03", "DF is not looked at")
{
    /// <inheritdoc/>
    public override bool DropsWhatIsTooLong => true;
}
