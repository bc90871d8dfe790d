using System.Collections.Immutable;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike.Raw;

/// <summary>Takes any bytes apart into a tree that is written as the same bytes again; what has no place in the grammar is a part "rest". RFC 7296 §3.</summary>
public static class IkeDissection
{
    /// <summary>A message; never fails.</summary>
    public static RawNode Of(ByteString message)
    {
        PartReader reader = new(message);
        reader.Field("initiator SPI", 8);
        reader.Field("responder SPI", 8);
        reader.Field("next payload", 1, RawRole.NextPayload);
        reader.Field("version", 1);
        reader.Field("exchange type", 1);
        reader.Field("flags", 1);
        reader.Field("message ID", 4);
        reader.Field("length", 4, RawRole.Length);
        foreach (PayloadView payload in new IkeHeaderView(message.Span).Payloads)
        {
            PayloadType type = payload.Type;
            reader.Node(payload.Bytes.Length, bytes => Payload(type, bytes));
        }

        return reader.Node("Message");
    }

    /// <summary>One payload from its generic header on.</summary>
    public static RawNode Payload(PayloadType type, ByteString bytes)
    {
        PartReader reader = new(bytes);
        bool isEncrypted = type is PayloadType.Encrypted or PayloadType.EncryptedFragment;
        reader.Field(isEncrypted ? "first payload" : "next payload", 1, isEncrypted ? RawRole.Plain : RawRole.NextPayload);
        reader.Field("flags", 1);
        reader.Field("length", 2, RawRole.Length);
        ReadBody(type, ref reader);
        return reader.Node(Enum.IsDefined(type) ? $"{type}" : $"Payload{(int)type}", type);
    }

    /// <summary>The tree of a valid payload; the type of the next one is 0 until the chain is repaired.</summary>
    public static RawNode Payload(IkePayload payload)
    {
        (PayloadType type, byte[] bytes) = payload.InnerType is null ? IkePayloads.ToBytes([payload]) : (payload.Type, Alone(payload));
        return Payload(type, ByteString.Adopt(bytes));
    }

    private static byte[] Alone(IkePayload payload)
    {
        byte[] bytes = new byte[PayloadView.HeaderBytes + payload.BodyLengthBytes];
        IkeWriter.WriteChain([payload], bytes);
        return bytes;
    }

    private static void ReadBody(PayloadType type, ref PartReader reader)
    {
        switch (type)
        {
            case PayloadType.SecurityAssociation:
                Structures(ref reader, ProposalView.FixedBytes, Proposal);
                break;
            case PayloadType.KeyExchange:
                reader.Field("method", 2);
                reader.Field("reserved", 2);
                reader.Data("data");
                break;
            case PayloadType.IdentificationInitiator or PayloadType.IdentificationResponder or PayloadType.Authentication:
                reader.Field(type == PayloadType.Authentication ? "method" : "type", 1);
                reader.Field("reserved", 3);
                reader.Data("data");
                break;
            case PayloadType.Certificate or PayloadType.CertificateRequest:
                reader.Field("encoding", 1);
                reader.Data("data");
                break;
            case PayloadType.Notify:
                reader.Field("protocol", 1);
                int spiSize = (int)reader.Field("SPI size", 1, RawRole.SpiSize);
                reader.Field("type", 2);
                reader.Data(RawNames.Spi, spiSize);
                reader.Data("data");
                break;
            case PayloadType.Delete:
                ReadDelete(ref reader);
                break;
            case PayloadType.TrafficSelectorInitiator or PayloadType.TrafficSelectorResponder:
                reader.Field("number of selectors", 1, RawRole.Count);
                reader.Field("reserved", 3);
                Structures(ref reader, TrafficSelectorView.FixedBytes, Selector);
                break;
            case PayloadType.EncryptedFragment:
                reader.Field("fragment number", 2);
                reader.Field("total fragments", 2);
                reader.Data("content");
                break;
            case PayloadType.Configuration:
                reader.Field("type", 1);
                reader.Field("reserved", 3);
                Attributes(ref reader, shortForm: false);
                break;
            case PayloadType.Eap:
                byte code = (byte)reader.Field("code", 1);
                reader.Field("identifier", 1);
                reader.Field("EAP length", 2, RawRole.BodyLength);
                if (EapMessage.HasType((EapCode)code))
                {
                    reader.Field("type", 1);
                }

                reader.Data("data");
                break;
            default:
                reader.Data("data");
                break;
        }
    }

    private static void ReadDelete(ref PartReader reader)
    {
        reader.Field("protocol", 1);
        int size = (int)reader.Field("SPI size", 1, RawRole.SpiSize);
        reader.Field("number of SPIs", 2, RawRole.Count);
        while (size > 0 && reader.Left >= size)
        {
            reader.Data(RawNames.Spi, size);
        }
    }

    private static RawNode Proposal(ByteString bytes)
    {
        PartReader reader = new(bytes);
        reader.Field("last substructure", 1, RawRole.More);
        reader.Field("reserved", 1);
        reader.Field("length", 2, RawRole.Length);
        reader.Field("number", 1);
        reader.Field("protocol", 1);
        int spiSize = (int)reader.Field("SPI size", 1, RawRole.SpiSize);
        reader.Field("number of transforms", 1, RawRole.Count);
        reader.Data(RawNames.Spi, spiSize);
        Structures(ref reader, TransformView.FixedBytes, Transform);
        return reader.Node(RawNames.Proposal);
    }

    private static RawNode Transform(ByteString bytes)
    {
        PartReader reader = new(bytes);
        reader.Field("last substructure", 1, RawRole.More);
        reader.Field("reserved", 1);
        reader.Field("length", 2, RawRole.Length);
        reader.Field("type", 1);
        reader.Field("reserved", 1);
        reader.Field("ID", 2);
        Attributes(ref reader, shortForm: true);
        return reader.Node("Transform");
    }

    private static RawNode Selector(ByteString bytes)
    {
        PartReader reader = new(bytes);
        bool isIpv6 = reader.Field("type", 1) == (ulong)TrafficSelectorType.Ipv6AddressRange;
        bool isRange = isIpv6 || (bytes.Length > 0 && bytes[0] == (byte)TrafficSelectorType.Ipv4AddressRange);
        reader.Field("protocol", 1);
        reader.Field("length", 2, RawRole.Length);
        if (isRange)
        {
            reader.Field("first port", 2);
            reader.Field("last port", 2);
            reader.Data("first address", isIpv6 ? 16 : 4);
            reader.Data("last address", isIpv6 ? 16 : 4);
        }
        else
        {
            reader.Data("content");
        }

        return reader.Node("Selector");
    }

    private static void Structures(ref PartReader reader, int fixedBytes, Func<ByteString, RawNode> read)
    {
        foreach (StructureView structure in new StructureWalk(reader.Rest.Span, 0, fixedBytes))
        {
            reader.Node(structure.Bytes.Length, read);
        }
    }

    private static void Attributes(ref PartReader reader, bool shortForm)
    {
        foreach (AttributeView attribute in new AttributeWalk(reader.Rest.Span, 0, shortForm))
        {
            bool isShort = shortForm && attribute.FirstBit;
            reader.Node(attribute.Bytes.Length, bytes =>
            {
                PartReader inner = new(bytes);
                inner.Field("type", 2);
                if (isShort)
                {
                    inner.Field("value", 2);
                }
                else
                {
                    inner.Field("length", 2, RawRole.ValueLength);
                    inner.Data(RawNames.Value);
                }

                return inner.Node("Attribute");
            });
        }
    }

    /// <summary>Takes parts from the front; once one does not fit, all that is left is "rest".</summary>
    private ref struct PartReader(ByteString bytes)
    {
        private readonly ImmutableArray<RawPart>.Builder _parts = ImmutableArray.CreateBuilder<RawPart>();
        private int _at;

        public readonly int Left => bytes.Length - _at;

        public readonly ByteString Rest => bytes.Slice(_at..);

        public ulong Field(string name, int widthBytes, RawRole role = RawRole.Plain)
        {
            if (Left < widthBytes)
            {
                TakeRest(RawNames.Rest);
                return 0;
            }

            ulong value = 0;
            foreach (byte one in Rest.Span[..widthBytes])
            {
                value = (value << 8) | one;
            }

            _parts.Add(new RawField(name, widthBytes, value, role));
            _at += widthBytes;
            return value;
        }

        public void Data(string name, int lengthBytes)
        {
            if (lengthBytes > Left)
            {
                TakeRest(RawNames.Rest);
            }
            else if (lengthBytes > 0)
            {
                _parts.Add(new RawData(name, bytes.Slice(_at..(_at + lengthBytes))));
                _at += lengthBytes;
            }
        }

        // An empty run stands in the tree too, so that bytes can be put into it.
        public void Data(string name)
        {
            _parts.Add(new RawData(name, Rest));
            _at = bytes.Length;
        }

        public void Node(int lengthBytes, Func<ByteString, RawNode> read)
        {
            _parts.Add(read(bytes.Slice(_at..(_at + lengthBytes))));
            _at += lengthBytes;
        }

        public RawNode Node(string name, PayloadType? type = null)
        {
            TakeRest(RawNames.Rest);
            return new RawNode(name, new(_parts.DrainToImmutable()), type);
        }

        private void TakeRest(string name)
        {
            if (Left > 0)
            {
                _parts.Add(new RawData(name, Rest));
                _at = bytes.Length;
            }
        }
    }
}
