using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

/// <summary>Makes meanings of bytes that <see cref="IkeSyntax"/> has found right; reserved fields are left behind.</summary>
internal static class IkeReader
{
    /// <summary>A whole message.</summary>
    public static IkeMessage Read(ByteString message)
    {
        IkeHeaderView view = new(message.Span);
        IkeHeader header = new()
        {
            InitiatorSpi = view.InitiatorSpi,
            ResponderSpi = view.ResponderSpi,
            ExchangeType = view.ExchangeType,
            IsFromInitiator = view.IsFromInitiator,
            IsResponse = view.IsResponse,
            KnowsHigherVersion = view.KnowsHigherVersion,
            MinorVersion = view.MinorVersion,
            MessageId = view.MessageId,
        };
        return new IkeMessage(header, ReadChain(view.NextPayload, message, IkeHeaderView.HeaderBytes));
    }

    /// <summary>Payloads from an offset on.</summary>
    public static ValueList<IkePayload> ReadChain(PayloadType first, ByteString message, int offsetBytes)
    {
        ImmutableArray<IkePayload>.Builder payloads = ImmutableArray.CreateBuilder<IkePayload>();
        foreach (PayloadView payload in new PayloadChainView(first, message.Span[offsetBytes..], offsetBytes))
        {
            payloads.Add(Read(payload, message.Slice(payload.BodyOffsetBytes..(payload.OffsetBytes + payload.Bytes.Length))));
        }

        return new(payloads.DrainToImmutable());
    }

    private static IkePayload Read(scoped in PayloadView payload, ByteString body) => payload.Type switch
    {
        PayloadType.SecurityAssociation => new IkePayload.SecurityAssociation(ReadProposals(body)),
        PayloadType.KeyExchange => new IkePayload.KeyExchange(new KeyExchangeView(body.Span).Method, body.Slice(4..)),
        PayloadType.IdentificationInitiator => new IkePayload.Identification(true, ReadIdentity(body)) { Reserved = LooseFields.Long(body.Span, 0) & 0xffffff },
        PayloadType.IdentificationResponder => new IkePayload.Identification(false, ReadIdentity(body)) { Reserved = LooseFields.Long(body.Span, 0) & 0xffffff },
        PayloadType.Certificate => new IkePayload.Certificate((CertificateEncoding)body[0], body.Slice(1..)),
        PayloadType.CertificateRequest => new IkePayload.CertificateRequest((CertificateEncoding)body[0], body.Slice(1..)),
        PayloadType.Authentication => new IkePayload.Authentication((AuthenticationMethod)body[0], body.Slice(4..)),
        PayloadType.Nonce => new IkePayload.Nonce(body),
        PayloadType.Notify => ReadNotify(body),
        PayloadType.Delete => ReadDelete(body),
        PayloadType.VendorId => new IkePayload.VendorId(body),
        PayloadType.TrafficSelectorInitiator => new IkePayload.TrafficSelectors(true, ReadSelectors(body)),
        PayloadType.TrafficSelectorResponder => new IkePayload.TrafficSelectors(false, ReadSelectors(body)),
        PayloadType.Encrypted => new IkePayload.Encrypted(payload.NextPayload, body),
        PayloadType.EncryptedFragment => ReadFragment(payload.NextPayload, body),
        PayloadType.Configuration => ReadConfiguration(body),
        PayloadType.Eap => ReadEap(body),
        _ => new IkePayload.Unknown(payload.Type, payload.IsCritical, body),
    };

    private static ValueList<Proposal> ReadProposals(ByteString body)
    {
        ImmutableArray<Proposal>.Builder proposals = ImmutableArray.CreateBuilder<Proposal>();
        foreach (StructureView structure in new StructureWalk(body.Span, 0, ProposalView.FixedBytes))
        {
            ProposalView view = new(structure);
            ImmutableArray<Transform>.Builder transforms = ImmutableArray.CreateBuilder<Transform>(view.TransformCount);
            foreach (StructureView inner in view.Transforms)
            {
                TransformView transform = new(inner);
                transforms.Add(new Transform(transform.Type, transform.Id, ReadAttributes(transform, body)));
            }

            int spiOffset = structure.OffsetBytes + ProposalView.FixedBytes;
            proposals.Add(new Proposal(view.Number, view.Protocol, body.Slice(spiOffset..(spiOffset + view.SpiSizeBytes)), new(transforms.DrainToImmutable())));
        }

        return new(proposals.DrainToImmutable());
    }

    private static ValueList<TransformAttribute> ReadAttributes(scoped in TransformView transform, ByteString body)
    {
        ImmutableArray<TransformAttribute>.Builder? attributes = null;
        foreach (AttributeView view in transform.Attributes)
        {
            TransformAttributeType type = (TransformAttributeType)view.Type;
            attributes ??= ImmutableArray.CreateBuilder<TransformAttribute>(1);
            attributes.Add(view.FirstBit
                ? new TransformAttribute.Fixed(type, view.LengthOrValue)
                : new TransformAttribute.Variable(type, body.Slice((view.OffsetBytes + 4)..(view.OffsetBytes + 4 + view.LengthOrValue))));
        }

        return attributes is null ? [] : new(attributes.DrainToImmutable());
    }

    private static Identity ReadIdentity(ByteString body) => (IdentityType)body[0] == IdentityType.Null ? Identity.Null : new((IdentityType)body[0], body.Slice(4..));

    private static IkePayload.Notify ReadNotify(ByteString body)
    {
        NotifyView view = new(body.Span);
        int data = 4 + view.SpiSizeBytes;
        return new IkePayload.Notify(view.Type, view.SpiSizeBytes == 0 ? ProtocolId.None : view.Protocol, body.Slice(4..data), body.Slice(data..));
    }

    private static IkePayload.Delete ReadDelete(ByteString body)
    {
        DeleteView view = new(body.Span);
        if (view.Protocol == ProtocolId.Ike)
        {
            return IkePayload.Delete.IkeSa;
        }

        Spi[] spis = new Spi[view.SpiCount];
        for (int i = 0; i < spis.Length; i++)
        {
            spis[i] = new Spi(LooseFields.Long(view.Spis, SpiBytes.LengthBytes * i));
        }

        return IkePayload.Delete.Of(view.Protocol, new(ImmutableCollectionsMarshal.AsImmutableArray(spis)));
    }

    private static ValueList<TrafficSelector> ReadSelectors(ByteString body)
    {
        ImmutableArray<TrafficSelector>.Builder selectors = ImmutableArray.CreateBuilder<TrafficSelector>();
        foreach (StructureView structure in new TrafficSelectorsView(body.Span, 0).Selectors)
        {
            TrafficSelectorView view = new(structure.Bytes);
            selectors.Add(view.Type is TrafficSelectorType.Ipv4AddressRange or TrafficSelectorType.Ipv6AddressRange
                ? new TrafficSelector.Range(view.Protocol, view.FirstPort, view.LastPort, view.FirstAddress, view.LastAddress)
                : new TrafficSelector.Other(
                    view.Type, view.Protocol, body.Slice((structure.OffsetBytes + TrafficSelectorView.FixedBytes)..(structure.OffsetBytes + structure.Bytes.Length))));
        }

        return new(selectors.DrainToImmutable());
    }

    // A type in a later fragment is ignored. RFC 7383 §2.5.
    private static IkePayload.EncryptedFragment ReadFragment(PayloadType first, ByteString body)
    {
        EncryptedFragmentView view = new(body.Span);
        return new IkePayload.EncryptedFragment(view.Number == 1 ? first : PayloadType.None, view.Number, view.Total, body.Slice(4..));
    }

    private static IkePayload.Configuration ReadConfiguration(ByteString body)
    {
        ConfigurationView view = new(body.Span, 0);
        ImmutableArray<ConfigurationAttribute>.Builder attributes = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        foreach (AttributeView attribute in view.Attributes)
        {
            int value = attribute.OffsetBytes + 4;
            attributes.Add(new ConfigurationAttribute((ConfigurationAttributeType)attribute.Type, body.Slice(value..(value + attribute.LengthOrValue))));
        }

        return new IkePayload.Configuration(view.Type, new(attributes.DrainToImmutable()));
    }

    private static IkePayload.Eap ReadEap(ByteString body)
    {
        EapView view = new(body.Span);
        return new IkePayload.Eap(EapMessage.HasType(view.Code)
            ? EapMessage.Of(view.Code, view.Identifier, view.Type, body.Slice((EapMessage.HeaderBytes + 1)..))
            : EapMessage.End(view.Code == EapCode.Success, view.Identifier));
    }
}
