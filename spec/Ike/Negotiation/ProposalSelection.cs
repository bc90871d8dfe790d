using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Negotiation;

/// <summary>How a responder chooses among proposals, and an initiator judges the choice. RFC 7296 §2.7, §3.3.6.</summary>
public static class ProposalSelection
{
    /// <summary>The proposals of an offer, counted from 1. RFC 7296 §3.3.1.</summary>
    public static ValueList<Proposal> Offer(ProtocolId protocol, ByteString spi, ValueList<ValueList<Transform>> suites) =>
        new([.. suites.Select((s, i) => new Proposal((byte)(i + 1), protocol, spi, s))]);

    /// <summary>True if a suite has a method of key exchange: that of a KE payload must be offered beside it. RFC 7296 §1.3, §3.4.</summary>
    public static bool Offers(ValueList<ValueList<Transform>> suites, WireMethod method) => suites.Any(s => s.Any(t => t.Type == TransformType.KeyExchange && t.Id == (ushort)method));

    /// <summary>Suites without their methods of key exchange: an offer in IKE_AUTH has none. RFC 7296 §1.2.</summary>
    public static ValueList<ValueList<Transform>> WithoutKeyExchange(ValueList<ValueList<Transform>> suites) =>
        new([.. suites.Select(s => new ValueList<Transform>([.. s.Where(t => t.Type != TransformType.KeyExchange && !AdditionalKeyExchanges.Is(t.Type))]))]);

    /// <summary>Suites with nothing but the algorithms that an SA uses; all where none has them. RFC 7296 §2.8.</summary>
    public static ValueList<ValueList<Transform>> InUse(ValueList<ValueList<Transform>> suites, EspSuite used, bool isEsn)
    {
        ValueList<ValueList<Transform>> same = new([.. suites.Select(s => new ValueList<Transform>([.. s.Where(IsUsed)])).Where(s => Suites.OfEsp(s) == used && Suites.Find(s, TransformType.SequenceNumbers) is not null)]);
        return same.IsEmpty ? suites : same;

        bool IsUsed(Transform transform) => transform.Type switch
        {
            TransformType.Encryption => transform.Id == used.Encryption.TransformId && (transform.KeyLengthBits ?? used.EncryptionKeyBits) == used.EncryptionKeyBits,
            TransformType.Integrity => transform.Id == (used.Integrity?.TransformId ?? 0),
            TransformType.SequenceNumbers => Suites.IsEsn([transform]) == isEsn,
            _ => true,
        };
    }

    /// <summary>The first proposal that some own suite allows, with one transform of each type; null if none does, or if they are not counted from 1.</summary>
    /// <param name="offered">What the initiator offers.</param>
    /// <param name="own">Own suites.</param>
    /// <param name="protocol">Protocol that is wanted.</param>
    /// <param name="spiBytes">Length that its SPIs must have.</param>
    /// <param name="method">Method of the KE payload: a proposal with it goes before others. RFC 7296 §2.7.</param>
    public static Proposal? Choose(ValueList<Proposal> offered, ValueList<ValueList<Transform>> own, ProtocolId protocol, int spiBytes, WireMethod? method)
    {
        bool areCounted = offered.Select((p, i) => p.Number == i + 1).All(fits => fits);
        return !areCounted ? null : Choose(method) ?? (method is null ? null : Choose(null));

        Proposal? Choose(WireMethod? required)
        {
            foreach (Proposal proposal in offered)
            {
                if (proposal.Protocol != protocol || proposal.Spi.Length != spiBytes || IsZero(proposal.Spi) || !IsComplete(proposal))
                {
                    continue;
                }

                foreach (ValueList<Transform> suite in own)
                {
                    if (Match(proposal.Transforms, suite, required) is { } chosen && MakesSuite(protocol, chosen))
                    {
                        return new Proposal(proposal.Number, protocol, proposal.Spi, chosen);
                    }
                }
            }

            return null;
        }
    }

    /// <summary>True if an answer is a choice out of an offer: its proposal, one transform of each of its types. RFC 7296 §2.7, §3.3.6.</summary>
    public static bool IsChoiceOf(Proposal answer, ValueList<Proposal> offered)
    {
        foreach (Proposal proposal in offered)
        {
            if (proposal.Number == answer.Number && proposal.Protocol == answer.Protocol && proposal.Spi.Length == answer.Spi.Length && !IsZero(answer.Spi))
            {
                bool fromOffer = answer.Transforms.All(t => t.AttributesAreKnown && Contains(proposal.Transforms, t));
                bool oneOfEach = answer.Transforms.Select(t => t.Type).Distinct().Count() == answer.Transforms.Count;
                bool complete = proposal.Transforms.Select(t => t.Type).Distinct()
                    .All(type => Suites.Find(answer.Transforms, type) is not null || IsOptional(proposal.Transforms, type));
                return fromOffer && oneOfEach && complete;
            }
        }

        return false;
    }

    // One transform of each type of the proposal; a type that the suite lacks is fine only as NONE. RFC 7296 §3.3.3, §3.3.6.
    private static ValueList<Transform>? Match(ValueList<Transform> offered, ValueList<Transform> own, WireMethod? required)
    {
        ImmutableArray<Transform>.Builder chosen = ImmutableArray.CreateBuilder<Transform>();
        foreach (TransformType type in offered.Select(t => t.Type).Distinct())
        {
            Transform[] usable = [.. offered.Where(t => t.Type == type && t.AttributesAreKnown && !IsTaken(chosen, t)
                && (required is null || type != TransformType.KeyExchange || t.Id == (ushort)required))];

            // A longer key than the own one will do. RFC 7296 §3.3.5.
            Transform? common = usable.FirstOrDefault(t => Contains(own, t)) ?? usable.FirstOrDefault(t => own.Any(o => o.Type == type && o.Id == t.Id && o.KeyLengthBits < t.KeyLengthBits))
                ?? (own.Any(t => t.Type == type) ? null : usable.FirstOrDefault(t => t.Id == 0 && IsOptional(offered, type)));
            if (common is null)
            {
                return null;
            }

            chosen.Add(common);
        }

        bool missing = own.Any(t => chosen.All(c => c.Type != t.Type) && !IsOptional(own, t.Type) && t.Type != TransformType.KeyExchange);
        return missing ? null : new ValueList<Transform>(chosen.ToImmutable());
    }

    // Types that a protocol cannot do without; integrity depends on the cipher. RFC 7296 §3.3.3.
    private static bool IsComplete(Proposal proposal)
    {
        ReadOnlySpan<TransformType> types = proposal.Protocol switch
        {
            ProtocolId.Ike => [TransformType.Encryption, TransformType.PseudoRandomFunction, TransformType.KeyExchange],
            ProtocolId.Esp => [TransformType.Encryption, TransformType.SequenceNumbers],
            _ => [],
        };
        foreach (TransformType type in types)
        {
            if (Suites.Find(proposal.Transforms, type) is null)
            {
                return false;
            }
        }

        return true;
    }

    private static bool MakesSuite(ProtocolId protocol, ValueList<Transform> chosen) =>
        protocol == ProtocolId.Ike ? Suites.OfIke(chosen) is not null : Suites.OfEsp(chosen) is not null;

    private static bool IsZero(ByteString spi) => spi.Length > 0 && !spi.Span.ContainsAnyExcept((byte)0);

    // No method of key exchange twice. RFC 9370 §2.2.1.
    private static bool IsTaken(ImmutableArray<Transform>.Builder chosen, Transform transform) =>
        AdditionalKeyExchanges.Is(transform.Type) && transform.Id != 0
        && chosen.Any(c => (c.Type == TransformType.KeyExchange || AdditionalKeyExchanges.Is(c.Type)) && c.Id == transform.Id);

    private static bool IsOptional(ValueList<Transform> transforms, TransformType type) =>
        type is TransformType.Integrity or TransformType.KeyExchange or (>= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7)
            && transforms.Any(t => t.Type == type && t.Id == 0);

    private static bool Contains(ValueList<Transform> transforms, Transform wanted)
    {
        foreach (Transform transform in transforms)
        {
            if (transform.Type == wanted.Type && transform.Id == wanted.Id && transform.KeyLengthBits == wanted.KeyLengthBits)
            {
                return true;
            }
        }

        return false;
    }
}
