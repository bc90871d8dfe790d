using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>SA, KE, nonces and traffic selectors: what may be offered, and chosen out of an offer. RFC 7296 §2.7, §2.9, §3.3, §3.4.</summary>
internal static class NegotiationRules
{
    private const uint LastReservedSpi = 255;

    public static IEnumerable<Violation> Judge(IkeContext context) => Exchange(context).Concat(Proposals(context)).Concat(KeyExchange(context)).Concat(Selectors(context));

    private static IEnumerable<Violation> Exchange(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (arrival.Payloads is null)
        {
            yield break;
        }

        bool hasKey = arrival.Find<IkePayload.KeyExchange>() is not null;
        bool hasNonce = arrival.Find<IkePayload.Nonce>() is not null;
        bool hasSa = arrival.Find<IkePayload.SecurityAssociation>() is not null;
        switch (arrival.Exchange)
        {
            case ExchangeType.IkeSaInit when !arrival.IsResponse && !(hasSa && hasKey && hasNonce):
                yield return new("RFC7296-1.2-01", "SA, KE or nonce is missing");
                break;
            case ExchangeType.IkeSaInit when hasSa && !(hasKey && hasNonce):
                yield return new("RFC7296-1.2-02", "KE or nonce is missing");
                break;
            case ExchangeType.IkeAuth when hasKey || hasNonce:
                yield return new("RFC7296-1.2-21", $"IKE_AUTH carries {(hasKey ? "KE" : "a nonce")}");
                break;
            // After EAP it was in the first response.
            case ExchangeType.IkeAuth when hasSa && arrival.IsResponse && ((arrival.Find<IkePayload.Identification>() is null && context.Sa?.Eap is null) || arrival.Find<IkePayload.Authentication>() is null):
                yield return new("RFC7296-1.2-09", "IDr or AUTH is missing") { Also = ["RFC7296-2.16-15"] };
                break;
            case ExchangeType.CreateChildSa when context.IsSuccess && !hasNonce:
                yield return new("RFC7296-1.3.1-01", "the nonce is missing");
                break;
        }

        if (arrival.Find<IkePayload.Nonce>() is { } nonce && nonce.Data.Length < LongestPrfKey(context) / 2)
        {
            yield return new(arrival is { IsResponse: false, Exchange: ExchangeType.IkeSaInit } ? "RFC7296-2.10-03" : "RFC7296-2.10-02", $"a nonce of {nonce.Data.Length} octets");
        }

        bool asked = context.Request?.Find<IkePayload.KeyExchange>() is not null;
        bool isGroupChosen = arrival.Find<IkePayload.SecurityAssociation>()?.Proposals[0].Transforms.Any(t => t.Type == TransformType.KeyExchange && t.Id != 0) == true;
        if (arrival.Exchange == ExchangeType.CreateChildSa && context is { IsSuccess: true, Request: not null } && (asked && isGroupChosen) != hasKey)
        {
            yield return new("RFC7296-1.3.1-02", $"KE is {(hasKey ? "there" : "missing")}, and was {(asked ? "" : "not ")}in the request") { Also = ["RFC7296-1.3.2-02", "RFC7296-2.18-06"] };
        }
    }

    // Of the PRFs in the message, which an initiator may have to use all of, else of the IKE SA.
    private static int LongestPrfKey(IkeContext context)
    {
        IEnumerable<Transform> named = (context.Arrival.Find<IkePayload.SecurityAssociation>()?.Proposals ?? []).SelectMany(p => p.Transforms.Items).Where(t => t.Type == TransformType.PseudoRandomFunction);
        int longest = named.Select(t => (PrfTransform)t.Id switch
        {
            PrfTransform.HmacSha2x256 => 32,
            PrfTransform.HmacSha2x384 => 48,
            PrfTransform.HmacSha2x512 => 64,
            _ => 0,
        }).DefaultIfEmpty().Max();
        return Math.Max(longest, context.Sa?.Suite?.Prf.KeyBytes ?? 0);
    }

    private static IEnumerable<Violation> Proposals(IkeContext context)
    {
        if (context.Arrival.Find<IkePayload.SecurityAssociation>() is not { } payload)
        {
            yield break;
        }

        foreach (Proposal proposal in payload.Proposals)
        {
            foreach (Violation violation in Judge(context.Arrival.Exchange, proposal))
            {
                yield return violation;
            }
        }

        if (!context.Arrival.IsResponse)
        {
            if (payload.Proposals[0].Number != 1)
            {
                yield return new("RFC7296-3.3-07", $"the first proposal has number {payload.Proposals[0].Number}");
            }
            else if (!payload.AreCounted)
            {
                yield return new("RFC7296-3.3-06", $"proposals {string.Join(", ", payload.Proposals.Select(p => p.Number))}");
            }
        }
        else if (context.Request?.Find<IkePayload.SecurityAssociation>() is { } offer)
        {
            foreach (Violation violation in Choice(payload, offer))
            {
                yield return violation;
            }
        }
    }

    private static IEnumerable<Violation> Judge(ExchangeType exchange, Proposal proposal)
    {
        int spi = exchange == ExchangeType.IkeSaInit ? 0 : proposal.Protocol == ProtocolId.Ike ? IkeSpi.LengthBytes : SpiBytes.LengthBytes;
        if (proposal.Spi.Length != spi)
        {
            yield return new(spi == 0 ? "RFC7296-3.3.1-05" : "RFC7296-3.3.1-06", $"an SPI of {proposal.Spi.Length} octets");
        }

        if (proposal.Protocol == ProtocolId.Esp && SpiBytes.Read(proposal.Spi) is { Value: <= LastReservedSpi } reserved)
        {
            yield return new("RFC7296-3.3.1-09", $"SPI {reserved}");
        }

        if (proposal.Protocol == ProtocolId.Ike && spi != 0 && proposal.Spi.Length == spi && IkeSpi.FromBytes(proposal.Spi).IsZero)
        {
            yield return new("RFC7296-1.3.2-03", "the new IKE SPI is 0");
        }

        ILookup<TransformType, Transform> byType = proposal.Transforms.ToLookup(t => t.Type);
        bool isCombined = byType[TransformType.Encryption].Any() && byType[TransformType.Encryption].All(t => IsCombined(t.Id));
        if (proposal.Protocol == ProtocolId.Ike)
        {
            TransformType[] needed = [TransformType.Encryption, TransformType.PseudoRandomFunction, TransformType.KeyExchange];
            if (needed.FirstOrDefault(t => !byType.Contains(t)) is not 0 and var lacking)
            {
                yield return new("RFC7296-3.3.3-03", $"no {Iana.NameOf(lacking)} in a proposal for IKE");
            }
        }
        else if (proposal.Protocol == ProtocolId.Esp && (!byType.Contains(TransformType.Encryption) || !byType.Contains(TransformType.SequenceNumbers)))
        {
            yield return new("RFC7296-3.3.3-04", "no encryption or no sequence numbers in a proposal for ESP");
        }

        if (isCombined && byType[TransformType.Integrity].Any(t => t.Id != 0))
        {
            yield return new("RFC7296-3.3-09", "integrity beside a combined mode");
        }

        if (exchange == ExchangeType.IkeAuth && byType[TransformType.KeyExchange].FirstOrDefault() is { } method)
        {
            yield return new(method.Id == 0 ? "RFC7296-1.2-23" : "RFC7296-1.2-22", $"{method} in IKE_AUTH") { Also = method.Id == 0 ? [] : ["RFC7296-1.2-24"] };
        }

        if (proposal.Protocol == ProtocolId.Ike && byType[TransformType.KeyExchange].Any(t => t.Id == 0))
        {
            yield return new("RFC7296-2.18-05", "NONE among the groups of an IKE SA");
        }

        if (byType[TransformType.Encryption].Any(t => IsCombined(t.Id)) && byType[TransformType.Encryption].Any(t => !IsCombined(t.Id)))
        {
            yield return new("RFC7296-2.7-07", "combined-mode and other ciphers in one proposal");
        }

        foreach (Transform transform in proposal.Transforms)
        {
            if (transform.Attributes.GroupBy(a => a.Type).Any(g => g.Count() > 1))
            {
                yield return new("RFC7296-3.3-12", $"{transform} has an attribute twice");
            }
            else if (transform.Attributes.Any(a => a is TransformAttribute.Variable { Type: TransformAttributeType.KeyLength }))
            {
                yield return new("RFC7296-3.3.5-01", $"{transform} has its key length in the long form");
            }
            else if (transform is { Type: TransformType.Encryption, Id: (>= 12 and <= 20) or (>= 23 and <= 27), KeyLengthBits: not (null or 128 or 192 or 256) })
            {
                yield return new("RFC7296-3.3.5-04", $"{transform}: no length of a key in bits");
            }
        }

        if (byType[TransformType.Encryption].FirstOrDefault(t => t.Id is 12 or 13 or 18 or 19 or 20 && t.KeyLengthBits is null) is { } unknown)
        {
            yield return new("RFC7296-3.3.5-07", $"{unknown} without a key length");
        }
    }

    private static bool IsCombined(ushort id) => id is 14 or 15 or 16 or 18 or 19 or 20 or 28;

    private static IEnumerable<Violation> Choice(IkePayload.SecurityAssociation answer, IkePayload.SecurityAssociation offer)
    {
        if (answer.Proposals.Count != 1)
        {
            yield return new("RFC7296-2.7-03", $"{answer.Proposals.Count} proposals are accepted");
            yield break;
        }

        Proposal chosen = answer.Proposals[0];
        if (offer.Proposals.All(p => p.Protocol != chosen.Protocol))
        {
            yield return new("RFC7296-2.7-02", $"protocol {Iana.NameOf(chosen.Protocol)} was not offered");
            yield break;
        }

        if (offer.Proposals.FirstOrDefault(p => p.Number == chosen.Number) is not { } offered)
        {
            yield return new("RFC7296-3.3.1-04", $"there was no proposal {chosen.Number}");
            yield break;
        }

        if (chosen.Transforms.GroupBy(t => t.Type).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            yield return new("RFC7296-2.7-05", $"two transforms of type {Iana.NameOf(twice.Key)}");
        }
        else if (chosen.Transforms.FirstOrDefault(t => !offered.Transforms.Contains(t)) is { } foreign)
        {
            bool otherAttributes = offered.Transforms.Any(t => t.Type == foreign.Type && t.Id == foreign.Id);
            bool otherProposal = offer.Proposals.Any(p => p.Transforms.Contains(foreign));
            yield return new(otherAttributes ? "RFC7296-3.3.6-01" : otherProposal ? "RFC7296-2.7-06" : "RFC7296-2.7-01", $"{foreign} is not in proposal {chosen.Number}")
            {
                Also = ["RFC7296-2.18-06", "RFC7296-3.3-13", "RFC7296-3.3.5-02", "RFC7296-3.3.5-08", "RFC7296-3.3.5-10", "RFC7296-3.3.6-05"],
            };
        }
        else if (chosen.Spi.Length != offered.Spi.Length)
        {
            yield return new("RFC7296-3.3.1-06", $"an SPI of {chosen.Spi.Length} octets for one of {offered.Spi.Length}") { Also = ["RFC7296-2.18-09"] };
        }
        else if (!ProposalSelection.IsChoiceOf(chosen, offer.Proposals))
        {
            yield return new("RFC7296-2.7-05", "a type of the proposal has no transform") { Also = ["RFC7296-2.7-08", "RFC7296-3.3.6-04"] };
        }
    }

    private static IEnumerable<Violation> KeyExchange(IkeContext context)
    {
        if (context.Arrival.Find<IkePayload.KeyExchange>() is not { } key || context.Arrival.Find<IkePayload.SecurityAssociation>() is not { } sa)
        {
            yield break;
        }

        Transform[] methods = [.. sa.Proposals.SelectMany(p => p.Transforms.Items).Where(t => t.Type == TransformType.KeyExchange)];
        if (methods.Length == 0)
        {
            yield return new("RFC7296-3.4-06", "KE without a method in the SA payload");
        }
        else if (methods.All(t => t.Id != (ushort)key.Method))
        {
            yield return new("RFC7296-3.4-04", $"KE of {Iana.NameOf(key.Method)}, which the SA payload does not have");
        }
        else if (!context.Arrival.IsResponse && context.Arrival.Exchange == ExchangeType.CreateChildSa && methods[0].Id != (ushort)key.Method)
        {
            yield return new("RFC7296-3.4-05", $"KE of {Iana.NameOf(key.Method)} while {methods[0]} comes first");
        }

        if (IsModp(key.Method) && Suites.Method(key.Method) is { } method && key.Data.Length != (context.Arrival.IsResponse ? method.ResponderPublicBytes : method.InitiatorPublicBytes))
        {
            yield return new("RFC7296-3.4-01", $"a public value of {key.Data.Length} octets for {Iana.NameOf(key.Method)}");
        }
    }

    private static bool IsModp(KeyExchangeMethod method) => (ushort)method is 1 or 2 or 5 or (>= 14 and <= 18);

    private static IEnumerable<Violation> Selectors(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (arrival.Find<IkePayload.SecurityAssociation>() is not { } sa || arrival.Exchange == ExchangeType.IkeSaInit || sa.Proposals[0].Protocol == ProtocolId.Ike)
        {
            yield break;
        }

        foreach (bool ofInitiator in new[] { true, false })
        {
            if (IkeContext.Selectors(arrival.Payloads, ofInitiator) is not { } own)
            {
                yield return new("RFC7296-2.9-01", $"{(ofInitiator ? "TSi" : "TSr")} is missing") { Also = ["RFC7296-1.3.1-01"] };
            }
            else if (arrival.IsResponse && IkeContext.Selectors(context.Request?.Payloads, ofInitiator) is { } asked && !SelectorNarrowing.IsWithin(own.Selectors, asked.Selectors))
            {
                yield return new("RFC7296-2.9-03", $"{own} is not within {asked}") { Also = ["RFC7296-3.13.1-10"] };
            }
        }

        foreach (TrafficSelector.Range range in arrival.Payloads!.Value.OfType<IkePayload.TrafficSelectors>().SelectMany(t => t.Selectors.OfType<TrafficSelector.Range>()))
        {
            if (range is { Protocol: 0, IsAnyPort: false, IsOpaque: false })
            {
                yield return new(range.FirstPort != 0 ? "RFC7296-3.13.1-02" : "RFC7296-3.13.1-03", $"ports {range.FirstPort} to {range.LastPort} of any protocol");
            }
        }

        if (arrival.IsResponse && arrival.Notify(NotifyType.UseTransportMode) is not null && context.Request?.Payloads is { } request && IkePayloads.FindNotify(request, NotifyType.UseTransportMode) is null)
        {
            yield return new("RFC7296-1.3.1-08", "USE_TRANSPORT_MODE was not asked for");
        }
    }
}
