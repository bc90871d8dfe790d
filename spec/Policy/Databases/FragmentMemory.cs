using System.Collections.Immutable;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Databases;

/// <summary>What was decided about first fragments: the later ones of a bypassed datagram follow it. RFC 4301 §7.4, appendix D.4.</summary>
/// <remarks>Fragments that come before their first one are judged by what they show, as if nothing were known.</remarks>
/// <param name="Bypassed">The entry that let the first fragment of each datagram pass.</param>
public sealed record FragmentMemory(ImmutableDictionary<FragmentKey, SpdEntry> Bypassed)
{
    /// <summary>Nothing was seen.</summary>
    public static FragmentMemory Empty { get; } = new(ImmutableDictionary<FragmentKey, SpdEntry>.Empty);

    /// <summary>The decision about a packet in clear, given what its own bytes make of it.</summary>
    public (FragmentMemory Next, PolicyDecision Decision) Follow(ByteString packet, PolicyDecision shown)
    {
        if (FragmentStore.Read(packet) is not { } piece)
        {
            return (this, shown);
        }

        if (piece.OffsetBytes == 0)
        {
            return shown is PolicyDecision.Bypass { Entry: var entry } && entry.Selectors.Any(NamesFields)
                ? (new FragmentMemory(Bypassed.SetItem(piece.Key, entry)), shown)
                : (this, shown);
        }

        return Bypassed.TryGetValue(piece.Key, out SpdEntry? first) ? (this, new PolicyDecision.Bypass(first)) : (this, shown);
    }

    // A selector other than ANY and OPAQUE: what RFC 4301 §7 calls non-trivial.
    private static bool NamesFields(SelectorSet set) => set.Upper switch
    {
        UpperLayerSelector.Ports ports => IsNonTrivial(ports.Local) || IsNonTrivial(ports.Remote),
        UpperLayerSelector.Icmp icmp => IsNonTrivial(icmp.TypeAndCode),
        UpperLayerSelector.Mobility mobility => IsNonTrivial(mobility.Type),
        _ => false,
    };

    private static bool IsNonTrivial(FieldSelector field) => !field.IsAny && !field.IsOpaque;
}
