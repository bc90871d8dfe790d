using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Random valid payloads and messages, drawn from one local generator: fast, and one seed repeats them.</summary>
public static class IkeValues
{
    private static readonly Func<Random, IkePayload>[] Kinds =
    [
        SecurityAssociation, KeyExchange, Identification, Certificate, CertificateRequest, Authentication, Nonce, Notify, Notify, Notify, Delete, VendorId,
        TrafficSelectors, Configuration, Eap, Unknown,
    ];

    /// <summary>A payload that is not encrypted.</summary>
    public static IkePayload Payload(Random random) => Kinds[random.Next(Kinds.Length)](random);

    /// <summary>SK or SKF with random content.</summary>
    public static IkePayload Encrypted(Random random)
    {
        if (random.Next(2) == 0)
        {
            return new IkePayload.Encrypted(AnyType(random), WireValues.Bytes(random, random.Next(200)));
        }

        int total = random.Next(4) == 0 ? ushort.MaxValue : random.Next(1, 5);
        int number = random.Next(1, total + 1);
        return new IkePayload.EncryptedFragment(number == 1 ? AnyType(random) : PayloadType.None, (ushort)number, (ushort)total, WireValues.Bytes(random, random.Next(200)));
    }

    /// <summary>A header of any exchange.</summary>
    public static IkeHeader Header(Random random) => new()
    {
        InitiatorSpi = new IkeSpi((ulong)random.NextInt64(1, long.MaxValue)),
        ResponderSpi = new IkeSpi(random.Next(3) == 0 ? 0 : (ulong)random.NextInt64()),
        ExchangeType = (ExchangeType)(random.Next(8) == 0 ? random.Next(256) : random.Next(34, 45)),
        IsFromInitiator = random.Next(2) == 0,
        IsResponse = random.Next(2) == 0,
        KnowsHigherVersion = random.Next(8) == 0,
        MinorVersion = random.Next(8) == 0 ? random.Next(16) : 0,
        MessageId = new MessageId(random.Next(8) == 0 ? uint.MaxValue : (uint)random.Next(5)),
    };

    /// <summary>Some payloads, none of them encrypted.</summary>
    public static ValueList<IkePayload> Payloads(Random random) => new([.. Enumerable.Range(0, random.Next(8)).Select(_ => Payload(random))]);

    /// <summary>A message of some payloads, often with an encrypted one at the end.</summary>
    public static IkeMessage Message(Random random)
    {
        ValueList<IkePayload> payloads = Payloads(random);
        return new IkeMessage(Header(random), random.Next(3) == 0 ? payloads.Add(Encrypted(random)) : payloads);
    }

    /// <summary>An IKE_SA_INIT request as initiators send it: SA, KE, Ni and notifications.</summary>
    public static IkeMessage FirstRequest(Random random) => new(
        new IkeHeader
        {
            InitiatorSpi = new IkeSpi((ulong)random.NextInt64(1, long.MaxValue)),
            ExchangeType = ExchangeType.IkeSaInit,
            IsFromInitiator = true,
            IsResponse = false,
            MessageId = new MessageId(0),
        },
        [
            SecurityAssociation(random), KeyExchange(random), Nonce(random),
            new IkePayload.Notify(NotifyType.NatDetectionSourceIp, WireValues.Bytes(random, 20)),
            new IkePayload.Notify(NotifyType.NatDetectionDestinationIp, WireValues.Bytes(random, 20)),
            new IkePayload.Notify(NotifyType.FragmentationSupported),
            new IkePayload.Notify(NotifyType.SignatureHashAlgorithms, ByteString.FromHex("00020003000400050001")),
        ]);

    internal static IkePayload SecurityAssociation(Random random) =>
        new IkePayload.SecurityAssociation(new([.. Enumerable.Range(1, random.Next(1, 4)).Select(number => Proposal(random, (byte)number))]));

    internal static Proposal Proposal(Random random, byte number)
    {
        ProtocolId protocol = random.Next(10) == 0 ? (ProtocolId)random.Next(4, 256) : (ProtocolId)random.Next(1, 4);
        int spiBytes = protocol switch
        {
            ProtocolId.Ike => random.Next(2) == 0 ? 0 : IkeSpi.LengthBytes,
            ProtocolId.Ah or ProtocolId.Esp => SpiBytes.LengthBytes,
            _ => random.Next(256),
        };
        return new Proposal(number, protocol, WireValues.Bytes(random, spiBytes), new([.. Enumerable.Range(0, random.Next(8)).Select(_ => Transform(random))]));
    }

    private static Transform Transform(Random random) => random.Next(8) switch
    {
        0 or 1 => Spec.Wire.Ike.Transform.Of((EncryptionTransform)random.Next(1, 36), random.Next(4) switch { 0 => null, 1 => 128, 2 => 192, _ => 256 }),
        2 => Spec.Wire.Ike.Transform.Of((PrfTransform)random.Next(1, 10)),
        3 => Spec.Wire.Ike.Transform.Of((IntegrityTransform)random.Next(15)),
        4 => Spec.Wire.Ike.Transform.Of((KeyExchangeMethod)random.Next(38)),
        5 => Spec.Wire.Ike.Transform.Of((SequenceNumbersTransform)random.Next(3)),
        6 => Spec.Wire.Ike.Transform.Additional(random.Next(1, 8), (KeyExchangeMethod)random.Next(38)),
        _ => new((TransformType)random.Next(256), (ushort)random.Next(65536), new([.. Enumerable.Range(0, random.Next(4)).Select(_ => Attribute(random))])),
    };

    private static TransformAttribute Attribute(Random random) => random.Next(2) == 0
        ? new TransformAttribute.Fixed(random.Next(2) == 0 ? TransformAttributeType.KeyLength : (TransformAttributeType)random.Next(0x8000), (ushort)random.Next(65536))
        : new TransformAttribute.Variable((TransformAttributeType)random.Next(0x8000), WireValues.Bytes(random, random.Next(12)));

    internal static IkePayload KeyExchange(Random random) =>
        new IkePayload.KeyExchange((KeyExchangeMethod)(random.Next(8) == 0 ? random.Next(65536) : random.Next(38)), WireValues.Bytes(random, random.Next(4) == 0 ? 1184 : random.Next(260)));

    internal static IkePayload Nonce(Random random) => new IkePayload.Nonce(WireValues.Bytes(random, random.Next(3) switch
    {
        0 => IkePayload.Nonce.LeastBytes,
        1 => IkePayload.Nonce.MostBytes,
        _ => random.Next(IkePayload.Nonce.LeastBytes, IkePayload.Nonce.MostBytes + 1),
    }));

    internal static IkePayload Identification(Random random) => new IkePayload.Identification(random.Next(2) == 0, random.Next(6) switch
    {
        0 => Identity.Of(WireValues.Address(random, random.Next(2) == 0)),
        1 => Identity.Fqdn("gateway.example"),
        2 => Identity.Mail("someone@example"),
        3 => Identity.Null,
        4 => Identity.KeyId(WireValues.Bytes(random, random.Next(40))),
        _ => new Identity((IdentityType)random.Next(14, 256), WireValues.Bytes(random, random.Next(300))),
    });

    internal static IkePayload Certificate(Random random) => new IkePayload.Certificate((CertificateEncoding)random.Next(256), WireValues.Bytes(random, random.Next(800)));

    internal static IkePayload CertificateRequest(Random random) => random.Next(2) == 0
        ? new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, WireValues.Bytes(random, 20 * random.Next(5)))
        : new IkePayload.CertificateRequest((CertificateEncoding)random.Next(256), WireValues.Bytes(random, random.Next(100)));

    internal static IkePayload Authentication(Random random) => new IkePayload.Authentication((AuthenticationMethod)random.Next(256), WireValues.Bytes(random, random.Next(300)));

    internal static IkePayload Notify(Random random)
    {
        IReadOnlyList<RegistryEntry> known = Iana.Registry<NotifyType>();
        NotifyType type = (NotifyType)(random.Next(8) == 0 ? random.Next(65536) : known[random.Next(known.Count)].Value);
        ByteString data = random.Next(2) == 0 ? ByteString.Empty : WireValues.Bytes(random, random.Next(70));
        return random.Next(4) switch
        {
            0 => IkePayload.Notify.About(type, random.Next(2) == 0 ? ProtocolId.Esp : ProtocolId.Ah, new Spi((uint)random.Next()), data),
            1 when random.Next(6) == 0 => new IkePayload.Notify(type, (ProtocolId)random.Next(4, 256), WireValues.Bytes(random, random.Next(1, 256)), data),
            _ => new IkePayload.Notify(type, data),
        };
    }

    internal static IkePayload Delete(Random random) => random.Next(3) == 0
        ? IkePayload.Delete.IkeSa
        : IkePayload.Delete.Of(random.Next(3) == 0 ? ProtocolId.Ah : ProtocolId.Esp, new([.. Enumerable.Range(0, random.Next(5)).Select(_ => new Spi((uint)random.Next()))]));

    internal static IkePayload VendorId(Random random) => new IkePayload.VendorId(WireValues.Bytes(random, random.Next(40)));

    internal static IkePayload TrafficSelectors(Random random) =>
        new IkePayload.TrafficSelectors(random.Next(2) == 0, new([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Selector(random))]));

    private static TrafficSelector Selector(Random random)
    {
        if (random.Next(8) == 0)
        {
            return new TrafficSelector.Other((TrafficSelectorType)random.Next(9, 256), (byte)random.Next(256), WireValues.Bytes(random, random.Next(40)));
        }

        bool isIpv6 = random.Next(2) == 0;
        IpAddress one = WireValues.Address(random, isIpv6);
        IpAddress other = random.Next(3) == 0 ? one : WireValues.Address(random, isIpv6);
        (IpAddress first, IpAddress last) = one.Value <= other.Value ? (one, other) : (other, one);
        (ushort firstPort, ushort lastPort) = random.Next(4) switch
        {
            0 => (ushort.MinValue, ushort.MaxValue),
            1 => (ushort.MaxValue, ushort.MinValue),
            2 => ((ushort)500, (ushort)500),
            _ => ((ushort)random.Next(1000), (ushort)random.Next(1000, 65536)),
        };
        return new TrafficSelector.Range((byte)random.Next(256), firstPort, lastPort, first, last);
    }

    internal static IkePayload Configuration(Random random) => new IkePayload.Configuration(
        (ConfigurationType)random.Next(6), new([.. Enumerable.Range(0, random.Next(5)).Select(_ => ConfigurationAttribute(random))]));

    private static ConfigurationAttribute ConfigurationAttribute(Random random) => random.Next(4) switch
    {
        0 => new((ConfigurationAttributeType)random.Next(30)),
        1 => Spec.Wire.Ike.ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Address, WireValues.Address(random, false)),
        2 => Spec.Wire.Ike.ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp6Address, WireValues.Address(random, true), (byte)random.Next(129)),
        _ => new((ConfigurationAttributeType)random.Next(0x8000), WireValues.Bytes(random, random.Next(30))),
    };

    internal static IkePayload Eap(Random random) => new IkePayload.Eap(random.Next(3) switch
    {
        0 => EapMessage.End(random.Next(2) == 0, (byte)random.Next(256)),
        1 => EapMessage.Of(EapCode.Request, (byte)random.Next(256), (EapType)random.Next(256), WireValues.Bytes(random, random.Next(100))),
        _ => EapMessage.Of(random.Next(4) == 0 ? EapCode.Finish : EapCode.Response, (byte)random.Next(256), EapType.Identity, WireValues.Bytes(random, random.Next(20))),
    });

    internal static IkePayload Unknown(Random random)
    {
        PayloadType type = random.Next(3) == 0 ? (PayloadType)random.Next(1, 33) : (PayloadType)random.Next(54, 256);
        return new IkePayload.Unknown(type, random.Next(2) == 0, WireValues.Bytes(random, random.Next(60)));
    }

    private static PayloadType AnyType(Random random) => random.Next(6) == 0 ? (PayloadType)random.Next(256) : (PayloadType)random.Next(33, 49);
}
