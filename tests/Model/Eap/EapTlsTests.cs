using Conformance.Generators.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Tls;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Eap;

/// <summary>Fragments, turns and bounds of EAP-TLS, and a real TLS inside. RFC 5216.</summary>
public class EapTlsTests
{
    [Test]
    public void MessageOfEachLength_ComesTogetherAgain([Range(1, 41)] int length)
    {
        ByteString message = ByteString.Adopt([.. Enumerable.Range(1, length).Select(i => (byte)i)]);
        (EapTlsTransfer sender, EapTlsPacket packet) = EapTlsTransfer.Idle.Send(message, 10);
        EapTlsTransfer receiver = EapTlsTransfer.Idle;
        Assert.That(packet.MessageBytes, Is.EqualTo(length > 10 ? (uint?)length : null), "the first of several tells the length");
        while (packet.HasMore)
        {
            (receiver, ByteString? none, string? fault) = receiver.Receive(packet);
            Assert.That(none is null && fault is null);
            (sender, packet) = sender.Send(null, 10);
        }

        (receiver, ByteString? whole, _) = receiver.Receive(packet);
        Assert.That(whole, Is.EqualTo(message));
        Assert.That(receiver, Is.EqualTo(EapTlsTransfer.Idle));
        Assert.That(sender, Is.EqualTo(EapTlsTransfer.Idle));
    }

    [TestCase("c0ffffffff16", "a message longer than 65536 bytes", TestName = "GiantMessage_IsRefusedAtItsFirstFragment")]
    [TestCase("8000000004160303", "less data than was announced", TestName = "ShortMessage_IsRefused")]
    [TestCase("8000000002160303", "more data than was announced", TestName = "LongMessage_IsRefused")]
    [TestCase("40", "a fragment without data", TestName = "EmptyFragment_IsRefused")]
    public void FragmentThatDoesNotFit(string hex, string reason)
    {
        Assert.That(EapTlsPacket.TryParse(ByteString.FromHex(hex), out EapTlsPacket? packet, out _));
        Assert.That(EapTlsTransfer.Idle.Receive(packet!).Fault, Is.EqualTo(reason));
    }

    [Test]
    public void FragmentsThatDisagreeOnTheLength_AreRefused()
    {
        EapTlsTransfer begun = EapTlsTransfer.Idle.Receive(new EapTlsPacket(false, true, 20, ByteString.Adopt(new byte[10]))).Next;
        Assert.That(begun.Receive(new EapTlsPacket(false, false, 20, ByteString.Adopt(new byte[10]))).Message, Is.Not.Null, "baseline");
        Assert.That(begun.Receive(new EapTlsPacket(false, false, 21, ByteString.Adopt(new byte[10]))).Fault, Is.Not.Null);
    }

    [Test]
    public void FragmentsWithoutEnd_AreBounded()
    {
        EapTlsTransfer transfer = EapTlsTransfer.Idle;
        int taken = 0;
        for (string? fault = null; fault is null; taken++)
        {
            (transfer, _, fault) = transfer.Receive(new EapTlsPacket(false, true, null, ByteString.Adopt(new byte[1000])));
        }

        Assert.That(taken, Is.EqualTo(1 + (EapTlsTransfer.MostMessageBytes / 1000)));
    }

    [TestCase("", "Flags at byte 0: missing")]
    [TestCase("80000000", "TLS Message Length at byte 1: cut off")]
    public void MalformedPacket_IsRefusedWithItsField(string hex, string reason)
    {
        Assert.That(EapTlsPacket.TryParse(ByteString.FromHex(hex), out _, out ParseError error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo(reason));
    }

    [TestCase("20")]
    [TestCase("00")]
    [TestCase("c00000100001020304")]
    [TestCase("0001")]
    public void WrittenPacket_IsWhatWasRead(string hex)
    {
        Assert.That(EapTlsPacket.TryParse(ByteString.FromHex(hex), out EapTlsPacket? packet, out _));
        Assert.That($"{packet!.ToByteString()}", Is.EqualTo(hex));
    }

    [Test]
    public void HandshakeInFragmentsOfEachSize_GivesBothEndsOneKey([Values(40, 100, 255, 256, 4000)] int fragmentBytes)
    {
        EapTalk talk = EapTalk.Play(Term(isServer: false, fragmentBytes), Term(isServer: true, fragmentBytes));
        Assert.That(talk.IsDone, talk.Reason);
        Assert.That(talk.Peer.Key, Is.EqualTo(talk.Server.Key));
        Assert.That(talk.Peer.Key.Length, Is.EqualTo(64));
        Assert.That(talk.Peer, Is.EqualTo(EapTalk.Play(Term(isServer: false, fragmentBytes), Term(isServer: true, fragmentBytes)).Peer), "states compare by value");
    }

    [Test]
    public void StartInTheMiddle_IsRefused() => AssertBroken("20", "a start out of turn");

    [Test]
    public void DataInsteadOfAnAcknowledgement_IsRefused() => AssertBroken("0016", "a fragment instead of an acknowledgement");

    [Test]
    public void ChangedFlight_IsRefused()
    {
        int seen = 0;
        EapTalk talk = EapTalk.Play(Term(isServer: false, 4000), Term(isServer: true, 4000), m => m.Code == EapCode.Request && seen++ == 1 ? Changed(m) : m);
        Assert.That(talk.IsDone, Is.False);
        Assert.That(talk.Reason, Does.Contain("proof is wrong"));
    }

    [TestCase(200)]
    [TestCase(1400)]
    public void RealTls_GivesBothEndsTheKeyOfTheExporter(int fragmentBytes)
    {
        EapTalk talk = EapTalk.Play(Real(isServer: false, fragmentBytes), Real(isServer: true, fragmentBytes));
        Assert.That(talk.IsDone, talk.Reason);
        Assert.That(talk.Peer.Key, Is.EqualTo(talk.Server.Key));
        Assert.That(talk.Peer.Key.Length, Is.EqualTo(64));
        Assert.That(System.Text.Encoding.UTF8.GetString(talk.Server.Name.Span), Does.Contain("peer"));
    }

    [Test]
    public void RealTlsWithACertificateOfAStranger_Fails()
    {
        EapTalk talk = EapTalk.Play(new EapTls(BouncyTls.Stranger(isServer: false), IsServer: false, 1400), Real(isServer: true, 1400));
        Assert.That(talk.IsDone, Is.False);
        Assert.That(talk.Peer.Key.Length, Is.Zero);
    }

    private static EapTls Term(bool isServer, int fragmentBytes) =>
        new(new TermTls(isServer, EapAccount.Of("", "secret").Password, EapAccount.Of("peer", "").Name), isServer, fragmentBytes);

    private static EapTls Real(bool isServer, int fragmentBytes) => new(BouncyTls.Of(isServer), isServer, fragmentBytes);

    private static EapMessage Changed(EapMessage message)
    {
        byte[] bytes = message.Data.ToArray();
        bytes[^1] ^= 1;
        return EapMessage.Of(message.Code, message.Identifier, message.Type!.Value, ByteString.Adopt(bytes));
    }

    private static void AssertBroken(string hex, string reason)
    {
        Assert.That(EapTalk.Play(Term(isServer: false, 40), Term(isServer: true, 40)).IsDone, "baseline");
        int seen = 0;
        EapTalk talk = EapTalk.Play(
            Term(isServer: false, 40), Term(isServer: true, 40), m => m.Code == EapCode.Request && seen++ == 1 ? EapMessage.Of(m.Code, m.Identifier, EapType.Tls, ByteString.FromHex(hex)) : m);
        Assert.That(talk.IsDone, Is.False);
        Assert.That(talk.Reason, Does.Contain(reason));
    }
}
