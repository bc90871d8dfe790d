using Conformance.Generators.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;
using Conformance.Tests.Infrastructure;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>What a meaning writes, it reads again, and the view of it says the same.</summary>
public class IkeRoundTripTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true);

    private static IEnumerable<string> EveryKind => IkeArbitraries.Payloads.Keys;

    [Test]
    public void Message_WritesWhatItReads() => Prop.ForAll(IkeArbitraries.Message, message =>
        IkeMessage.TryParse(message.ToBytes(), out var read, out _) && read == message && read.GetHashCode() == message.GetHashCode()).Check(Many);

    // Bytes that were written are the one form: read and written again they are the same.
    [Test]
    public void Message_HasOneForm() => Prop.ForAll(IkeArbitraries.Message, message =>
        IkeMessage.TryParse(message.ToBytes(), out var read, out _) && read!.ToBytes().AsSpan().SequenceEqual(message.ToBytes())).Check(Many);

    [TestCaseSource(nameof(EveryKind))]
    public void Payload_WritesWhatItReads(string kind) => Prop.ForAll(IkeArbitraries.Payloads[kind], payload =>
    {
        IkeMessage message = new(IkeMessageTests.FirstRequestMeaning.Header, [payload]);
        return IkeMessage.TryParse(message.ToBytes(), out var read, out _) && read!.Payloads[0] == payload
            && message.ToBytes().Length == IkeHeaderView.HeaderBytes + PayloadView.HeaderBytes + payload.BodyLengthBytes
            && payload.BodyToBytes().Length == payload.BodyLengthBytes;
    }).Check(Some);

    [Test]
    public void InnerChain_WritesWhatItReads() => Prop.ForAll(IkeArbitraries.FirstRequest, message =>
    {
        var (first, content) = IkePayloads.ToBytes(message.Payloads);
        return IkePayloads.TryParse(first, ByteString.Adopt(content), out var read, out _) && read == message.Payloads;
    }).Check(Some);

    [Test]
    public void Views_SayWhatTheMeaningSays() => Prop.ForAll(IkeArbitraries.Message, message =>
    {
        byte[] bytes = message.ToBytes();
        IkeHeaderView header = new(bytes);
        int count = 0;
        bool same = header.LengthBytes == bytes.Length && header.InitiatorSpi == message.Header.InitiatorSpi && header.ResponderSpi == message.Header.ResponderSpi
            && header.ExchangeType == message.Header.ExchangeType && header.MessageId == message.Header.MessageId
            && header.IsResponse == message.Header.IsResponse && header.IsFromInitiator == message.Header.IsFromInitiator;
        foreach (PayloadView payload in header.Payloads)
        {
            IkePayload due = message.Payloads[count++];
            same &= payload.IsWhole && payload.Type == due.Type && payload.Body.SequenceEqual(due.BodyToBytes().Span);
            same &= due is not IkePayload.Unknown unknown || payload.IsCritical == unknown.IsCritical;
        }

        return same && count == message.Payloads.Count;
    }).Check(Some);

    [Test]
    public void NotifyContent_WritesWhatItReads() => Prop.ForAll(IkeArbitraries.Payloads["N"], payload =>
        !NotifyContent.TryRead((IkePayload.Notify)payload, out var content, out _) || content!.ToByteString() == ((IkePayload.Notify)payload).Data).Check(Many);

    [Honours("RFC7296-2.22-04")]
    [TestCase(NotifyType.InvalidKePayload, "001f", "WantedMethod { Method = Curve25519 }")]
    [TestCase(NotifyType.SetWindowSize, "00000004", "Number { Value = 4 }")]
    [TestCase(NotifyType.IpcompSupported, "123402", "Compression { ParameterIndex = 4660, Transform = 2 }")]
    [TestCase(NotifyType.UnsupportedCriticalPayload, "c8", "CriticalPayload { Type = 200 }")]
    [TestCase(NotifyType.AdditionalIp4Address, "c0000201", "Address { Value = 192.0.2.1 }")]
    [TestCase(NotifyType.SignatureHashAlgorithms, "00020005", "Hashes { Algorithms = [Sha2x256, Identity] }")]
    [TestCase(NotifyType.Redirect, "0104c0000201aabb", "Gateway { Kind = 1, Identity = c0000201, Nonce = aabb }")]
    [TestCase(NotifyType.PpkIdentity, "02616263", "Ppk { Kind = 2, Identity = 616263 }")]
    [TestCase(NotifyType.TicketLtOpaque, "00000e10ab", "Ticket { LifetimeSeconds = 3600, Value = ab }")]
    [TestCase(NotifyType.UseTransportMode, "", "Nothing { }")]
    public void NotifyContent_HasTheFormOfItsType(NotifyType type, string data, string meaning)
    {
        Assert.That(NotifyContent.TryRead(new IkePayload.Notify(type, ByteString.FromHex(data)), out var content, out var error), Is.True, $"{error}");
        Assert.That($"{content}", Is.EqualTo(meaning));
        Assert.That(content!.ToByteString(), Is.EqualTo(ByteString.FromHex(data)));
    }

    [TestCase(NotifyType.InvalidKePayload, "00")]
    [TestCase(NotifyType.SetWindowSize, "0004")]
    [TestCase(NotifyType.Cookie, "")]
    [TestCase(NotifyType.Cookie2, "01020304050607")]
    [TestCase(NotifyType.NatDetectionSourceIp, "01")]
    [TestCase(NotifyType.AdditionalIp6Address, "c0000201")]
    [TestCase(NotifyType.SignatureHashAlgorithms, "000200")]
    [TestCase(NotifyType.Redirect, "0105c0000201")]
    [TestCase(NotifyType.UseTransportMode, "00")]
    public void NotifyContent_OfAnotherForm_IsRefused(NotifyType type, string data)
    {
        Assert.That(NotifyContent.TryRead(new IkePayload.Notify(type, ByteString.FromHex(data)), out _, out var error), Is.False);
        Assert.That((error.Field, error.OffsetBytes), Is.EqualTo(("notification data", 4)));
    }
}
