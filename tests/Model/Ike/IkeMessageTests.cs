using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Messages laid out by hand against what they mean.</summary>
public class IkeMessageTests
{
    // RFC 7296 §3.1 to §3.10: header; SA with one proposal of five transforms; KE; Ni; N(IKEV2_FRAGMENTATION_SUPPORTED).
    internal const string FirstRequest =
        "0102030405060708" + "0000000000000000" + "21202208" + "00000000" + "000000a6"
        + "22000038" + "00000034" + "01010005" + "0300000c" + "0100000c" + "800e0100" + "03000008" + "02000005" + "03000008" + "0300000c" + "03000008" + "0400001f"
        + "00000008" + "06000024"
        + "28000028" + "001f0000" + "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
        + "29000022" + "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbd"
        + "00000008" + "0000402e";

    internal static IkeMessage FirstRequestMeaning => new(
        new IkeHeader
        {
            InitiatorSpi = new IkeSpi(0x0102030405060708),
            ExchangeType = ExchangeType.IkeSaInit,
            IsFromInitiator = true,
            IsResponse = false,
            MessageId = new MessageId(0),
        },
        [
            new IkePayload.SecurityAssociation(
            [
                Proposal.ForIke(
                    1,
                    Transform.Of(EncryptionTransform.AesCbc, 256),
                    Transform.Of(PrfTransform.HmacSha2x256),
                    Transform.Of(IntegrityTransform.HmacSha2x256x128),
                    Transform.Of(KeyExchangeMethod.Curve25519),
                    Transform.Additional(1, KeyExchangeMethod.MlKem768)),
            ]),
            new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.FromHex("101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f")),
            new IkePayload.Nonce(ByteString.FromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbd")),
            new IkePayload.Notify(NotifyType.FragmentationSupported),
        ]);

    [Honours("RFC7296-3.1-06")]
    [Test]
    public void FirstRequest_IsReadAndWritten()
    {
        Assert.That(IkeMessage.TryParse(ByteString.FromHex(FirstRequest), out var message, out var error), Is.True, $"{error}");
        Assert.That(message, Is.EqualTo(FirstRequestMeaning));
        Assert.That(Convert.ToHexStringLower(message!.ToBytes()), Is.EqualTo(FirstRequest));
        Assert.That($"{message}", Is.EqualTo(
            "IKE_SA_INIT request 0 of the initiator, SPIs 0x0102030405060708 0x0000000000000000: "
            + "SA(1 IKE ENCR_AES_CBC-256 PRF_HMAC_SHA2_256 AUTH_HMAC_SHA2_256_128 Curve25519 ADDKE1:ml-kem-768), KE(Curve25519, 32 bytes), Nonce(30 bytes), N(IKEV2_FRAGMENTATION_SUPPORTED)"));
    }

    [TestCase("0000000c0304400902030405", TestName = "InnerChain_IsReadAndWritten(N about an ESP SA)")]
    public void InnerChain_IsReadAndWritten(string hex)
    {
        Assert.That(IkePayloads.TryParse(PayloadType.Notify, ByteString.FromHex(hex), out var payloads, out var error), Is.True, $"{error}");
        var (first, content) = IkePayloads.ToBytes(payloads);
        Assert.That((first, Convert.ToHexStringLower(content)), Is.EqualTo((PayloadType.Notify, hex)));
    }

    // Reserved bits and a protocol without an SPI are ignored. RFC 7296 §2.5, §3.10.
    [Test]
    public void ReservedFields_AreLeftBehind()
    {
        Assert.That(IkePayloads.TryParse(PayloadType.Notify, ByteString.FromHex("00ff00080100402e"), out var payloads, out _), Is.True);
        Assert.That(payloads, Is.EqualTo((ValueList<IkePayload>)[new IkePayload.Notify(NotifyType.FragmentationSupported)]));
    }

    [Test]
    public void UnknownPayload_KeepsItsCriticalBit()
    {
        Assert.That(IkePayloads.TryParse((PayloadType)200, ByteString.FromHex("2b800006abcd00000005ee"), out var payloads, out var error), Is.True, $"{error}");
        Assert.That(payloads, Is.EqualTo((ValueList<IkePayload>)
            [new IkePayload.Unknown((PayloadType)200, true, ByteString.FromHex("abcd")), new IkePayload.VendorId(ByteString.FromHex("ee"))]));
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes(payloads).Content), Is.EqualTo("2b800006abcd00000005ee"));
    }
}
