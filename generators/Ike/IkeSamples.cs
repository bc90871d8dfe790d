using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Valid messages that between them have a payload of every kind; what SK would hide stands in the clear.</summary>
public static class IkeSamples
{
    private static readonly IpAddress First = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress Last = IpAddress.Parse("10.0.0.9");

    /// <summary>The messages by the payload that they are about.</summary>
    public static IReadOnlyDictionary<string, IkeMessage> All { get; } = new Dictionary<string, IkeMessage>
    {
        ["SA"] = With(new IkePayload.SecurityAssociation(
        [
            Proposal.ForIke(
                1, Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(KeyExchangeMethod.Curve25519)),
            Proposal.ForEsp(
                2, new Spi(0x1001), Transform.Of(EncryptionTransform.AesCbc, 128), Transform.Of(IntegrityTransform.HmacSha2x256x128), Transform.Of(SequenceNumbersTransform.Sequential32)),
        ])),
        ["KE"] = With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, Bytes(32))),
        ["ID"] = With(new IkePayload.Identification(true, Identity.Of(First))),
        ["CERT"] = With(new IkePayload.Certificate(CertificateEncoding.X509Signature, Bytes(5))),
        ["CERTREQ"] = With(new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, Bytes(20))),
        ["AUTH"] = With(new IkePayload.Authentication(AuthenticationMethod.SharedKey, Bytes(32))),
        ["Nonce"] = With(new IkePayload.Nonce(Bytes(32))),
        ["N"] = With(IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, new Spi(0x1001))),
        ["D"] = With(IkePayload.Delete.Of(ProtocolId.Esp, [new Spi(0x1001), new Spi(0x1002)])),
        ["D of IKE"] = With(IkePayload.Delete.IkeSa),
        ["V"] = With(new IkePayload.VendorId(Bytes(16))),
        ["TS"] = With(new IkePayload.TrafficSelectors(true,
        [
            new TrafficSelector.Range(IpProtocol.Udp, 53, 53, First, Last), TrafficSelector.Range.All(isIpv6: true),
        ])),
        ["SK"] = With(new IkePayload.Encrypted(PayloadType.Notify, Bytes(40))),
        ["SKF"] = With(new IkePayload.EncryptedFragment(PayloadType.Notify, 1, 2, Bytes(40))),
        ["CP"] = With(new IkePayload.Configuration(ConfigurationType.Request, [new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Address), ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Dns, First)])),
        ["EAP"] = With(new IkePayload.Eap(EapMessage.Of(EapCode.Response, 7, EapType.Identity, Bytes(4)))),
        ["EAP success"] = With(new IkePayload.Eap(EapMessage.End(success: true, 7))),
    };

    /// <summary>A first request as initiators send it: two proposals of some twenty transforms, X25519, NAT detection, and what else they announce.</summary>
    public static IkeMessage FirstRequest { get; } = new(
        new IkeHeader { InitiatorSpi = new IkeSpi(0x0102030405060708), ExchangeType = ExchangeType.IkeSaInit, IsFromInitiator = true, IsResponse = false, MessageId = new MessageId(0) },
        [
            new IkePayload.SecurityAssociation([Offer(1, isCombined: false), Offer(2, isCombined: true)]),
            new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, Bytes(32)),
            new IkePayload.Nonce(Bytes(32)),
            new IkePayload.Notify(NotifyType.NatDetectionSourceIp, Bytes(20)),
            new IkePayload.Notify(NotifyType.NatDetectionDestinationIp, Bytes(20)),
            new IkePayload.Notify(NotifyType.FragmentationSupported),
            new IkePayload.Notify(NotifyType.SignatureHashAlgorithms, ByteString.FromHex("00020003000400050001")),
            new IkePayload.Notify(NotifyType.RedirectSupported),
        ]);

    private static Proposal Offer(byte number, bool isCombined)
    {
        Transform[] encryption = isCombined
            ? [Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(EncryptionTransform.ChaCha20Poly1305)]
            : [Transform.Of(EncryptionTransform.AesCbc, 256), Transform.Of(EncryptionTransform.AesCbc, 128), Transform.Of(IntegrityTransform.HmacSha2x256x128), Transform.Of(IntegrityTransform.HmacSha2x512x256)];
        return Proposal.ForIke(
            number,
            [
                .. encryption, Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(PrfTransform.HmacSha2x384), Transform.Of(PrfTransform.HmacSha2x512), Transform.Of(KeyExchangeMethod.Curve25519),
                Transform.Of(KeyExchangeMethod.Ecp256), Transform.Of(KeyExchangeMethod.Ecp384), Transform.Of(KeyExchangeMethod.Modp3072), Transform.Of(KeyExchangeMethod.Modp2048),
            ]);
    }

    // A vendor's mark in front, so that the payload is not the first one.
    private static IkeMessage With(IkePayload payload) => new(
        new IkeHeader
        {
            InitiatorSpi = new IkeSpi(0x0102030405060708),
            ResponderSpi = new IkeSpi(0x1112131415161718),
            ExchangeType = ExchangeType.Informational,
            IsFromInitiator = true,
            IsResponse = false,
            MessageId = new MessageId(2),
        },
        [new IkePayload.VendorId(Bytes(3)), payload]);

    private static ByteString Bytes(int count) => ByteString.Adopt([.. Enumerable.Range(1, count).Select(i => (byte)i)]);
}
