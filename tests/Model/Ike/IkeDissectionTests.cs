using Conformance.Generators.Ike;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>A tree is written as its parts stand, whatever they say.</summary>
public class IkeDissectionTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true);

    [Test]
    public void AnyBytes_AreWrittenAgain() => Prop.ForAll(WireArbitraries.Bytes, bytes =>
        IkeDissection.Of(bytes.Bytes).ToBytes().AsSpan().SequenceEqual(bytes.Bytes.Span)).Check(Many);

    [Test]
    public void MutatedMessages_AreWrittenAgain() => Prop.ForAll(
        WireArbitraries.FromSeed(random => new IkeByteSource(random).Next(), _ => []),
        bytes => IkeDissection.Of(bytes.Bytes).ToBytes().AsSpan().SequenceEqual(bytes.Bytes.Span)).Check(Many);

    // Each field of each message set to all ones: those bytes change, and no others.
    [Test]
    public void AnyField_IsWrittenWhereItStands() => Prop.ForAll(IkeArbitraries.Message, message =>
    {
        RawNode tree = IkeDissection.Of(ByteString.Adopt(message.ToBytes()));
        return tree.Walk().Where(line => line.Part is RawField).All(line =>
        {
            byte[] due = message.ToBytes();
            due.AsSpan(line.OffsetBytes, line.Part.LengthBytes).Fill(0xff);
            return tree.With(line.Path, ulong.MaxValue).ToBytes().AsSpan().SequenceEqual(due) && tree.OffsetOf(line.Path) == line.OffsetBytes;
        });
    }).Check(Some);

    [Test]
    public void ValidMessage_NeedsNoRepair() => Prop.ForAll(IkeArbitraries.Message, message =>
    {
        RawNode tree = IkeDissection.Of(ByteString.Adopt(message.ToBytes()));
        return tree.Repaired().Equals(tree);
    }).Check(Many);

    // Lengths, counts and next payloads are found again from the rest.
    [Test]
    public void WrongRoles_AreRepaired() => Prop.ForAll(IkeArbitraries.Message, message =>
    {
        RawNode tree = IkeDissection.Of(ByteString.Adopt(message.ToBytes()));
        RawNode wrong = tree.Walk().Where(line => line.Part is RawField { Role: not RawRole.Plain }).Aggregate(tree, (node, line) => node.With(line.Path, 0xee));
        return wrong.Repaired().Equals(tree);
    }).Check(Some);

    [Test]
    public void Payload_StandsInATreeAsInAMessage() => Prop.ForAll(IkeArbitraries.FirstRequest, message =>
    {
        RawNode empty = IkeDissection.Of(ByteString.Adopt(new IkeMessage(message.Header, []).ToBytes()));
        RawNode built = message.Payloads.Aggregate(empty, (tree, payload) => tree.WithLast("", IkeDissection.Payload(payload))).Repaired();
        return built.ToBytes().AsSpan().SequenceEqual(message.ToBytes());
    }).Check(Some);

    [Test]
    public void Path_ThatIsNotThere_NamesWhatIs()
    {
        RawNode tree = IkeDissection.Of(ByteString.FromHex(IkeMessageTests.FirstRequest));
        Assert.That(() => tree.With("Notify/typo", 1), Throws.ArgumentException.With.Message.Contains("Notify has no typo, but next payload, flags, length, protocol"));
        Assert.That(() => tree["Notify[1]"], Throws.ArgumentException);
        Assert.That(() => tree.With("Nonce/data", 1), Throws.ArgumentException.With.Message.Contains("no field"));
    }

    [Test]
    public void Lines_ShowEveryPart()
    {
        string[] lines = [.. IkeDissection.Of(ByteString.FromHex(IkeMessageTests.FirstRequest)).Lines()];
        Assert.That(lines, Has.Member("   48  SecurityAssociation/Proposal/Transform/Attribute/value = value 256").Or.Some.Contains("Attribute/value = value 256"));
        Assert.That(lines, Has.Some.Contains("Notify/type = type 16430"));
    }
}
