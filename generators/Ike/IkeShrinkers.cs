using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Smaller messages: first fewer payloads, then smaller ones, then a plainer header.</summary>
public static class IkeShrinkers
{
    private static readonly IkeHeader PlainHeader = new()
    {
        InitiatorSpi = new IkeSpi(1),
        ExchangeType = ExchangeType.IkeSaInit,
        IsFromInitiator = true,
        IsResponse = false,
        MessageId = new MessageId(0),
    };

    /// <summary>A message.</summary>
    public static IEnumerable<IkeMessage> Shrink(IkeMessage message)
    {
        foreach (ValueList<IkePayload> payloads in Shrink(message.Payloads, Shrink, 0))
        {
            yield return new IkeMessage(message.Header, payloads);
        }

        if (message.Header != PlainHeader)
        {
            yield return new IkeMessage(PlainHeader, message.Payloads);
        }
    }

    /// <summary>A payload of the same kind.</summary>
    public static IEnumerable<IkePayload> Shrink(IkePayload payload) => payload switch
    {
        IkePayload.SecurityAssociation sa => Shrink(sa.Proposals, Shrink, 1).Select(all => new IkePayload.SecurityAssociation(all)),
        IkePayload.KeyExchange ke => WireShrinkers.Shrink(ke.Data).Select(data => ke with { Data = data }),
        IkePayload.Identification id when id.Identity != Identity.Null => [id with { Identity = Identity.Null }],
        IkePayload.Certificate certificate => WireShrinkers.Shrink(certificate.Data).Select(data => certificate with { Data = data }),
        IkePayload.CertificateRequest request => WireShrinkers.Shrink(request.Authorities).Select(data => request with { Authorities = data }),
        IkePayload.Authentication auth => WireShrinkers.Shrink(auth.Data).Select(data => auth with { Data = data }),
        IkePayload.Nonce nonce when nonce.Data.Length > IkePayload.Nonce.LeastBytes => [new IkePayload.Nonce(nonce.Data.Slice(..IkePayload.Nonce.LeastBytes))],
        IkePayload.Notify notify => Shrink(notify),
        IkePayload.Delete { Spis.Count: > 0 } delete => Shrink(delete.Spis, _ => [], 0).Select(spis => IkePayload.Delete.Of(delete.Protocol, spis)),
        IkePayload.VendorId vendor => WireShrinkers.Shrink(vendor.Data).Select(data => new IkePayload.VendorId(data)),
        IkePayload.TrafficSelectors ts => Shrink(ts.Selectors, Shrink, 1).Select(all => new IkePayload.TrafficSelectors(ts.OfInitiator, all)),
        IkePayload.Encrypted sk => WireShrinkers.Shrink(sk.Content).Select(content => sk with { Content = content }),
        IkePayload.EncryptedFragment skf => WireShrinkers.Shrink(skf.Content).Select(content => new IkePayload.EncryptedFragment(skf.FirstPayload, skf.Number, skf.Total, content)),
        IkePayload.Configuration cp => Shrink(cp.Attributes, Shrink, 0).Select(all => new IkePayload.Configuration(cp.Kind, all)),
        IkePayload.Eap { Message.Type: { } type } eap => WireShrinkers.Shrink(eap.Message.Data).Select(data => new IkePayload.Eap(EapMessage.Of(eap.Message.Code, eap.Message.Identifier, type, data))),
        IkePayload.Unknown unknown => WireShrinkers.Shrink(unknown.Body).Select(body => new IkePayload.Unknown(unknown.Type, unknown.IsCritical, body)),
        _ => [],
    };

    private static IEnumerable<IkePayload> Shrink(IkePayload.Notify notify)
    {
        foreach (ByteString data in WireShrinkers.Shrink(notify.Data))
        {
            yield return new IkePayload.Notify(notify.Notification, notify.Protocol, notify.Spi, data);
        }

        if (notify.Spi.Length > 0)
        {
            yield return new IkePayload.Notify(notify.Notification, notify.Data);
        }
    }

    private static IEnumerable<Proposal> Shrink(Proposal proposal) => Shrink(proposal.Transforms, Shrink, 0)
        .Select(transforms => new Proposal(proposal.Number, proposal.Protocol, proposal.Spi, transforms));

    private static IEnumerable<Transform> Shrink(Transform transform) => transform.Attributes.IsEmpty ? [] : [transform with { Attributes = [] }];

    private static IEnumerable<TrafficSelector> Shrink(TrafficSelector selector)
    {
        TrafficSelector plain = TrafficSelector.Range.All(isIpv6: false);
        return selector == plain ? [] : [plain];
    }

    private static IEnumerable<ConfigurationAttribute> Shrink(ConfigurationAttribute attribute) => WireShrinkers.Shrink(attribute.Value)
        .Select(value => new ConfigurationAttribute(attribute.Type, value));

    // Half of them, all but one, then one of them smaller.
    private static IEnumerable<ValueList<T>> Shrink<T>(ValueList<T> list, Func<T, IEnumerable<T>> shrink, int least)
    {
        if (list.Count / 2 >= least && list.Count > 1)
        {
            yield return new(list.Items[..(list.Count / 2)]);
            yield return new(list.Items[(list.Count / 2)..]);
        }

        for (int i = 0; i < list.Count && list.Count > least; i++)
        {
            yield return list.RemoveAt(i);
        }

        for (int i = 0; i < list.Count; i++)
        {
            foreach (T smaller in shrink(list[i]))
            {
                yield return list.SetItem(i, smaller);
            }
        }
    }
}
