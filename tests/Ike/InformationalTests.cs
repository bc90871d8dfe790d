using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>INFORMATIONAL: nothing, deletion, notifications, nonsense; and messages that are not authentic. RFC 7296 §1.4, §2.21, §2.25, §3.10, §3.11, §3.14.</summary>
[Needs(Capabilities.IkeResponder)]
public class InformationalTests : IkeTest
{
    private static readonly Spi Nobody = new(0x0f0f0f0f);

    [Requirement("RFC7296-1.4-05")]
    [Test]
    public void EmptyRequest_Answered()
    {
        IkeSession session = Established();
        session.Answer(session.Request(ExchangeType.Informational), "an empty request");
    }

    [Requirement("RFC7296-3.10.1-02", "RFC7296-3.10.1-03")]
    [TestCase((ushort)8000, "RFC7296-3.10.1-02")]
    [TestCase((ushort)40000, "RFC7296-3.10.1-03")]
    public void UnknownNotification_Ignored(ushort type, string clause)
    {
        IkeSession session = Established();
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Notify((NotifyType)type, ByteString.FromHex("0102"))), $"notification {type}", clause);
        session.Require(answer.ErrorNotify is null, clause, $"an answer without an error is due: {answer}");
        session.Require(session.IsAlive(), clause, "the IKE SA is gone");
    }

    [Requirement("RFC7296-2.5-13", "RFC7296-2.5-14", "RFC7296-2.5-15")]
    [Test]
    public void UnknownCriticalPayload_RefusedAsAWhole()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        IkeArrival answer = session.Answer(
            session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound]), new IkePayload.Unknown((PayloadType)200, isCritical: true, ByteString.FromHex("00"))), "a Delete beside an unknown critical payload");
        InitialExchangeTests.RequireCriticalRefused(session, answer);
        session.Require(session.Delivers(child), "RFC7296-2.5-13", "the Delete payload took effect");
    }

    [Requirement("RFC7296-1.4.1-03", "RFC7296-1.4.1-04")]
    [Test]
    public void DeleteOfAChild_ClosesItAndNamesThePair()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.ExpectTraffic(child);
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), "a Delete");
        session.Require(answer.Find<IkePayload.Delete>() is { Protocol: ProtocolId.Esp } deleted && deleted.Spis is [var spi] && spi == child.Outbound, "RFC7296-1.4.1-04", $"D with {child.Outbound} is due: {answer}");
        session.Require(!session.Delivers(child) && session.SendsOn(child) is null, "RFC7296-1.4.1-03", "the child is still in use");
    }

    [Requirement("RFC7296-1.4.1-06")]
    [Needs(Capabilities.CreateChildSa)]
    [Test]
    public void DeleteOfTwoChildren_BothClosed()
    {
        IkeSession session = Established();
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 1));
        ChildSa[] children = [.. session.Peer.Children];
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [children[0].Inbound, children[1].Inbound])), "a Delete of two");
        session.Require(answer.Payloads!.Value.OfType<IkePayload.Delete>().SelectMany(d => d.Spis.Items).Order(Comparer<Spi>.Create((a, b) => a.Value.CompareTo(b.Value))).SequenceEqual(children.Select(c => c.Outbound).OrderBy(s => s.Value)), null, $"two SPIs are due: {answer}");
    }

    [Requirement("RFC7296-2.25.1-04", "RFC7296-1.4.1-14")]
    [Test]
    public void DeleteOfAnUnknownChild_AnsweredWithoutDelete()
    {
        IkeSession session = Established();
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [Nobody])), "a Delete of nobody's SPI");
        session.Require(answer.ErrorNotify is null && answer.Find<IkePayload.Delete>() is null, "RFC7296-2.25.1-04", $"neither an error nor a Delete payload is due: {answer}");
        session.Require(session.IsAlive(), "RFC7296-1.4.1-14", "the IKE SA is gone");
    }

    [Requirement("RFC7296-3.11-07")]
    [Test]
    public void DeleteByAnotherProtocol_DeletesNothing()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Ah, [child.Inbound])), "a Delete for AH");
        session.Require(session.Delivers(child), null, "the ESP SA is gone");
    }

    [Requirement("RFC7296-1.4.1-09", "RFC7296-3.11-06")]
    [TestCase(false, "RFC7296-1.4.1-09")]
    [TestCase(true, "RFC7296-3.11-06")]
    public void DeleteOfTheIkeSa_ClosesAllUnderIt(bool withChild, string clause)
    {
        IkeSession session = Established();
        (IkeSa sa, ChildSa child) = (session.Sa, session.Child);
        IkePayload[] payloads = withChild ? [IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound]), IkePayload.Delete.IkeSa] : [IkePayload.Delete.IkeSa];
        session.Focus = clause;
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, payloads), "a Delete of the IKE SA", clause);
        session.Require(session.Liveness(sa) is null, clause, $"the IKE SA answers as before, after the Delete was answered by {answer}");
        session.Require(answer.Payloads is [], clause, $"an empty answer is due: {answer}");
        session.Require(!session.Delivers(child), clause, "the child still receives");
    }

    [Requirement("RFC7296-2.21.3-03", "RFC7296-2.21.3-05")]
    [TestCase("Notify/SPI size", 77)]
    [TestCase("Notify/length", 3)]
    public void MalformedPayloadInside_InvalidSyntaxAndTheEnd(string field, int value)
    {
        IkeSession session = Established();
        EditableMessage broken = session.Request(ExchangeType.Informational, new IkePayload.Notify((NotifyType)40000, ByteString.FromHex("01"))).With(field, (ulong)value);
        IkeArrival answer = session.Answer(broken, $"{field} {value}", "RFC7296-2.21.3-05");
        session.Require(answer.Notify(NotifyType.InvalidSyntax) is not null, "RFC7296-2.21.3-05", $"INVALID_SYNTAX is due: {answer}");
        session.Require(session.Liveness(session.Sa) is null, "RFC7296-2.21.3-03", "the IKE SA goes on after INVALID_SYNTAX");
    }

    [Requirement("RFC7296-2.21.3-04")]
    [Test]
    public void ForgedChecksum_DroppedInSilence()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.ExpectSilence(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])) with { IsForged = true }, "a forged Delete");
        session.Require(session.Delivers(child), null, "the forged Delete took effect");
    }

    [Requirement("RFC7296-1.2-06")]
    [Test]
    public void SealedByTheKeysOfTheOtherWay_Dropped()
    {
        IkeSession session = Established();
        session.ExpectSilence(session.WriteTheOtherWay(session.Request(ExchangeType.Informational)), "a request by the keys of the target");
    }

    [Requirement("RFC7296-2.21.4-08", "RFC7296-2.21.4-07", "RFC7296-2.4-09")]
    [TestCase(NotifyType.InvalidIkeSpi)]
    [TestCase(NotifyType.InvalidSpi)]
    [TestCase(NotifyType.InvalidSyntax)]
    [TestCase(NotifyType.AuthenticationFailed)]
    public void UnprotectedError_ChangesNothingAndIsNotAnswered(NotifyType error)
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        EditableMessage told = session.Request(ExchangeType.Informational, new IkePayload.Notify(error)) with { IsSealed = false };
        session.ExpectNoMoreThanAProbe(session.Write(told), $"{Iana.NameOf(error)} in clear", "RFC7296-2.21.4-07");
        session.ExpectNoMoreThanAProbe(session.Write(told.With("flags", f => f | 0x20)), $"{Iana.NameOf(error)} in clear as a response", "RFC7296-2.21.4-08");
        session.Require(session.Delivers(child), "RFC7296-2.4-09", "the child is gone");
    }

    [Requirement("RFC7296-1.2-04")]
    [Test]
    public void RequestInClear_NotTaken()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        // An error in clear is allowed.
        IReadOnlyList<IkeArrival> answers = session.Send(session.Write(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])) with { IsSealed = false }), "a Delete in clear");
        session.Require(answers.All(a => !a.IsResponse || (!a.IsSealed && a.ErrorNotify is not null)), null, $"answered by {(answers.Count == 0 ? "nothing" : answers[0].ToString())}");
        session.Sentinel("a Delete in clear", null);
        session.Require(session.Delivers(child), null, "the Delete in clear took effect");
    }

    [Requirement("RFC7296-3.14-07", "RFC7296-3.14-03")]
    [TestCase(1)]
    [TestCase(17)]
    [TestCase(255)]
    public void AnyPadding_Taken(int bytes)
    {
        IkeSession session = Established();
        EditableMessage request = session.Request(ExchangeType.Informational);
        session.Answer(request with { Padding = ByteString.Adopt([.. Enumerable.Repeat((byte)0xa5, bytes)]) }, $"{bytes} octets of padding", "RFC7296-3.14-07");
        session.Answer(session.Request(ExchangeType.Informational) with { Iv = ByteString.Adopt([.. Enumerable.Repeat((byte)0xff, 8)]) }, "an IV of ones", "RFC7296-3.14-03");
    }

    [Requirement("RFC7296-3.14-11")]
    [TestCase(0)]
    [TestCase(7)]
    [TestCase(20)]
    public void EncryptedPayloadTooShort_Dropped(int bytes)
    {
        IkeSession session = Established();
        ByteString whole = session.Write(session.Request(ExchangeType.Informational));
        byte[] cut = whole.Span[..(32 + bytes)].ToArray();
        cut[27] = (byte)cut.Length;
        cut[31] = (byte)(4 + bytes);
        session.ExpectSilence(ByteString.Adopt(cut), $"an SK payload with {bytes} octets");
    }

    [Requirement("RFC7296-3.1-14")]
    [Test]
    public void UnknownExchangeType_NotTakenForAnother()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        EditableMessage request = session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])).With("exchange type", 241);
        int before = session.Arrivals.Count;
        session.Send(session.Write(request), "exchange type 241");
        session.Require(session.Arrivals.Skip(before).All(a => a.Find<IkePayload.Delete>() is null), null, $"answered by {session.Arrivals[^1]}");
        session.Require(session.Delivers(child), null, "the Delete took effect");
    }

    [Requirement("RFC7296-3.1-03")]
    [Test]
    public void PayloadBehindTheEncryptedOne_NotTaken()
    {
        IkeSession session = Established();
        IReadOnlyList<IkeArrival> answers = session.Send(session.Write(session.Request(ExchangeType.Informational) with { Behind = ByteString.FromHex("0000000801020304") }), "a payload behind SK");
        session.Require(answers.All(a => !a.IsResponse || a.ErrorNotify is not null), null, $"taken: {(answers.Count == 0 ? "nothing" : answers[0].ToString())}");
        session.Sentinel("a payload behind SK", null);
    }
}
