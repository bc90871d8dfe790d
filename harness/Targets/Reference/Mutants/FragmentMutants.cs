using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Fragments are put together in the order in which they come.</summary>
public sealed record FragmentsInOrderOnly() : Mutant("fragments-in-order-only", "RFC4303-3.3.4-04", "pieces are appended, not placed")
{
    /// <inheritdoc/>
    public override (FragmentStore Store, ByteString? Whole) Reassemble(FragmentStore store, ByteString fragment)
    {
        bool first = FragmentStore.Read(fragment) is { } piece
            && piece.OffsetBytes != store.Waiting.GetValueOrDefault(piece.Key, []).Sum(p => p.Data.Length);
        return first ? (store, null) : store.Add(fragment);
    }
}

/// <summary>Fragments are never put together.</summary>
public sealed record FragmentsNeverJoined() : Mutant("fragments-never-joined", "RFC4303-3.4.1-01", "fast path without reassembly")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.2-02"];

    /// <inheritdoc/>
    public override (FragmentStore Store, ByteString? Whole) Reassemble(FragmentStore store, ByteString fragment) => (store, null);
}

/// <summary>The datagram keeps a fragment field of its last piece, and ESP refuses it.</summary>
public sealed record FragmentFieldsKept() : Mutant("fragment-fields-kept", "RFC4303-3.4.1-05", "the header of a piece is kept as it is")
{
    /// <inheritdoc/>
    public override (FragmentStore Store, ByteString? Whole) Reassemble(FragmentStore store, ByteString fragment)
    {
        (FragmentStore next, ByteString? whole) = store.Add(fragment);
        if (whole is not { } joined || joined[0] >> 4 != 4)
        {
            return (next, whole);
        }

        byte[] bytes = joined.ToArray();
        bytes[6] |= 0x20;
        IpPackets.FinishHeader(bytes);
        return (next, ByteString.Adopt(bytes));
    }
}

/// <summary>A host that encloses the fragments its programs hand it, each in its own packet.</summary>
public sealed record FragmentEnclosed() : Mutant("fragment-enclosed", "RFC4303-3.3.4-02", "Linux, all versions so far")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-25"];

    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SecurityAssociation sa = context.Association.Sa;
        return sa is { Mode: EspMode.Transport, Source.IsIpv6: false }
            && IpPacketView.TryParse(context.Plain.Span, out IpPacketView packet, out _) && packet.Fragment.IsFragment
            ? context with { Enclosed = new EnclosedPacket(new ByteString(packet.Bytes[..20]), 9, packet.Protocol, new ByteString(packet.Bytes[20..])) }
            : SendStages.Enclosure.Run(context);
    });
}

/// <summary>What does not fit the link is sent all the same.</summary>
public sealed record LongPacketsLeaveWhole() : Mutant("long-packets-leave-whole", "RFC4303-3.3.4-01", "the size is checked before ESP and not after it")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-8.2.1-07", "RFC4301-6.1.1-05"];

    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Fragment(ByteString datagram, int mtuBytes, uint identification) => [datagram];
}

/// <summary>IPv6 packets are cut before they are sealed, as IPv4 packets may be.</summary>
public sealed record Ipv6CutBeforeEsp() : PathMtuMutant("ipv6-cut-before-esp", "RFC4301-5.1-13", "one path for both families")
{
    // The size of the plain packet is not looked at, so what is too long goes on instead of back.
    /// <inheritdoc/>
    public override int PathMtu(SecurityAssociation sa, int mtuBytes) => int.MaxValue;
}
