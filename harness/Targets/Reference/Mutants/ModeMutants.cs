using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The outer DSCP is 0.</summary>
public sealed record DscpNotCopied() : OuterTrafficClassMutant("dscp-not-copied", "RFC4301-5.1.2.1-03", "a new header starts with zeros")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-02"];

    private protected override byte? Octet(SecurityAssociation sa, IpPacketView inner) => (byte)(Right(sa, inner) & 3);
}

/// <summary>The DSCP that the SA fixes is not written.</summary>
public sealed record DscpMapIgnored() : OuterTrafficClassMutant("dscp-map-ignored", "RFC4301-5.1.2.1-17", "a setting that nobody reads")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2.1-19"];

    private protected override byte? Octet(SecurityAssociation sa, IpPacketView inner) => inner.TrafficClass;
}

/// <summary>A fault in the outer header of tunnel mode, before ESP is put behind it.</summary>
public abstract record OuterHeaderMutant(string Name, string Requirement, string Story) : EnclosureMutant(Name, Requirement, Story)
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        if (sa.Mode != EspMode.Tunnel)
        {
            return packet;
        }

        byte[] header = packet.OuterHeader.ToArray();
        return packet with { OuterHeader = ByteString.Adopt(Change(sa, plain, header)) };
    }

    private protected abstract byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header);
}

/// <summary>DF is never copied.</summary>
public sealed record DontFragmentDropped() : OuterHeaderMutant("dont-fragment-dropped", "RFC4301-8.1-01", "flags start with zeros")
{
    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 == 4 && sa.Headers.DontFragment == DontFragmentRule.Copy)
        {
            header[6] = 0;
        }

        return header;
    }
}

/// <summary>DF is copied whatever the SA says.</summary>
public sealed record DontFragmentAlwaysCopied() : OuterHeaderMutant(
    "dont-fragment-always-copied", "RFC4301-8.1-02", "the setting exists for the whole device only")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.1-06"];

    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 == 4 && plain[0] >> 4 == 4)
        {
            header[6] = (byte)(plain[6] & 0x40);
        }

        return header;
    }
}

/// <summary>The outer TTL is the inner one.</summary>
public sealed record HopLimitCopied() : OuterHeaderMutant("hop-limit-copied", "RFC4301-5.1.2.1-07", "the header is copied and then corrected, not everywhere")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-04"];

    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        header[header[0] >> 4 == 4 ? 8 : 7] = plain[0] >> 4 == 4 ? plain[8] : plain[7];
        return header;
    }
}

/// <summary>The outer header is a copy of the inner one, options and all.</summary>
public sealed record OptionsCopied() : OuterHeaderMutant("options-copied", "RFC4301-5.1.2.1-10", "the header length is copied too")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.1-02"];

    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 != 4 || plain[0] >> 4 != 4 || plain[0] == 0x45)
        {
            return header;
        }

        byte[] longer = [.. header, .. plain.Span[20..((plain[0] & 0x0f) * 4)]];
        longer[0] = plain[0];
        return longer;
    }
}

/// <summary>Fragment fields of the inner packet stand in the outer header.</summary>
public sealed record FragmentFieldsCopied() : OuterHeaderMutant(
    "fragment-fields-copied", "RFC4301-5.1.2.1-05", "sixteen bits are copied for the sake of one")
{
    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 == 4 && plain[0] >> 4 == 4)
        {
            plain.Span.Slice(6, 2).CopyTo(header.AsSpan(6));
        }

        return header;
    }
}

/// <summary>The flow label of the SA is not written.</summary>
public sealed record FlowLabelOfNobody() : OuterHeaderMutant("flow-label-of-nobody", "RFC4301-5.1.2.2-04", "the field is filled with a hash")
{
    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), 0x7777);
        }

        return header;
    }
}

/// <summary>A gateway copies flow labels.</summary>
public sealed record FlowLabelCopied() : OuterHeaderMutant("flow-label-copied", "RFC4301-5.1.2.2-05", "Linux, all versions so far")
{
    private protected override byte[] Change(SecurityAssociation sa, ByteString plain, byte[] header)
    {
        if (header[0] >> 4 == 6 && plain[0] >> 4 == 6)
        {
            header[1] = (byte)((header[1] & 0xf0) | (plain[1] & 0x0f));
            plain.Span.Slice(2, 2).CopyTo(header.AsSpan(2));
        }

        return header;
    }
}

/// <summary>The extension headers of the inner packet stand outside too.</summary>
public sealed record ExtensionHeadersCopied() : OutputMutant(
    "extension-headers-copied", "RFC4301-5.1.2.2-08", "everything in front of the next layer is copied")
{
    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa is not { Mode: EspMode.Tunnel, Encapsulation: null } || datagram[0] >> 4 != 6)
        {
            return datagram;
        }

        byte[] longer = [.. datagram[..40], IpProtocol.Esp, 0, 1, 4, 0, 0, 0, 0, .. datagram[40..]];
        longer[6] = IpProtocol.DestinationOptions;
        IpPackets.FinishHeader(longer);
        return longer;
    }
}

/// <summary>The header in front of ESP names IP in IP.</summary>
public sealed record ProtocolOfIpInIp() : OutputMutant("protocol-of-ip-in-ip", "RFC4301-5.1.2.1-08", "the tunnel device writes its own protocol")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-06"];

    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa is { Mode: EspMode.Tunnel, Encapsulation: null })
        {
            datagram[datagram[0] >> 4 == 4 ? 9 : 6] = IpProtocol.Ipv4;
            IpPackets.FinishHeader(datagram);
        }

        return datagram;
    }
}

/// <summary>The outer source is an address that the tunnel does not have.</summary>
public sealed record TunnelSourceOfAnotherInterface() : OutputMutant(
    "tunnel-source-of-another-interface", "RFC4301-5.1.2-01", "source address selection runs again after the SA was chosen")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.1-09", "RFC4301-5.1.2.2-07"];

    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa is { Mode: EspMode.Tunnel, Encapsulation: null })
        {
            datagram[datagram[0] >> 4 == 4 ? 15 : 23] ^= 0x20;
            IpPackets.FinishHeader(datagram);
        }

        return datagram;
    }
}

/// <summary>After some packets the outer source changes.</summary>
public sealed record TunnelSourceMoves() : Mutant("tunnel-source-moves", "RFC4301-5.1.2.1-16", "the address is looked up for each packet")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Output), context =>
    {
        SendContext output = SendStages.Output.Run(context);
        if (context.Association.LastSequence.Value <= 4 || context.Association.Sa is not { Mode: EspMode.Tunnel, Encapsulation: null }
            || output.Outcome is not SendOutcome.Sent sent)
        {
            return output;
        }

        byte[] datagram = sent.Datagram.ToArray();
        datagram[datagram[0] >> 4 == 4 ? 15 : 23] ^= 0x20;
        IpPackets.FinishHeader(datagram);
        return output with { Outcome = sent with { Datagram = ByteString.Adopt(datagram) } };
    });
}

/// <summary>The outer header is of the family of the inner packet.</summary>
public sealed record OuterFamilyOfTheInnerPacket() : OutputMutant(
    "outer-family-of-the-inner-packet", "RFC4301-5.1.2.1-01", "Linux 61fafbee6cfe: the family of the wrong header is looked at")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-01"];

    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa is not { Mode: EspMode.Tunnel, Encapsulation: null })
        {
            return datagram;
        }

        (IpAddress source, IpAddress destination) = sa.Source.IsIpv6
            ? (IpAddress.Parse("192.0.2.77"), IpAddress.Parse("192.0.2.78"))
            : (IpAddress.Parse("2001:db8::77"), IpAddress.Parse("2001:db8::78"));
        return IpPackets.Raw(source, destination, IpProtocol.Esp, datagram.AsSpan(espOffsetBytes));
    }
}
