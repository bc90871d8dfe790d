using Conformance.Generators.Ike;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>What a responder makes of proposals that it should not, or cannot, accept. RFC 7296 §2.7, §3.3.</summary>
[Needs(Capabilities.IkeResponder)]
public class ProposalTests : IkeTest
{
    private static readonly Transform Aes = IkeScenario.Gcm[0];
    private static readonly Transform Prf = IkeScenario.Gcm[1];
    private static readonly Transform Curve = IkeScenario.Gcm[2];

    private static IEnumerable<TestCaseData> Bad =>
    [
        Case("RFC7296-3.3.6-04", "an unknown transform type", Aes, Prf, Curve, new Transform((TransformType)200, 1, [])),
        Case("RFC7296-3.3.6-05", "no PRF", Aes, Curve),
        Case("RFC7296-3.3.5-08", "AES without a key length", new Transform(TransformType.Encryption, Aes.Id, []), Prf, Curve),
        Case("RFC7296-3.3.5-10", "AES with keys of 100 bits", Transform.Of(EncryptionTransform.AesGcm16, 100), Prf, Curve),
        Case("RFC7296-2.7-08", "integrity beside a combined mode", Aes, Prf, Curve, Transform.Of(IntegrityTransform.HmacSha2x256x128)),
        Case("RFC7296-3.3-13", "two key lengths in a transform", new Transform(TransformType.Encryption, Aes.Id, [Length(128), Length(256)]), Prf, Curve),
        Case("RFC7296-3.3.5-02", "a key length in the long form", new Transform(TransformType.Encryption, Aes.Id, [new TransformAttribute.Variable(TransformAttributeType.KeyLength, ByteString.FromHex("0080"))]), Prf, Curve),
        Case("RFC7296-3.3.4-05", "a PRF that is not configured", Aes, Transform.Of(PrfTransform.HmacSha1), Curve),
        Case("RFC7296-5-03", "ENCR_NULL for the IKE SA", new Transform(TransformType.Encryption, 11, []), Prf, Curve, Transform.Of(IntegrityTransform.HmacSha2x256x128)),
    ];

    private static IEnumerable<TestCaseData> PassedOver =>
    [
        new("RFC7296-3.3.6-07", "an unknown transform beside a good one", (ValueList<Transform>)[new Transform(TransformType.Encryption, 1100, []), Aes, Prf, Curve]),
        new("RFC7296-3.3.6-08", "a transform with an unknown attribute beside a good one", (ValueList<Transform>)[Aes with { Attributes = [new TransformAttribute.Fixed((TransformAttributeType)99, 1), Length(128)] }, Aes, Prf, Curve]),
        new("RFC7296-3.3-11", "NONE for integrity beside a combined mode", (ValueList<Transform>)[Aes, Prf, Curve, new Transform(TransformType.Integrity, 0, [])]),
        new("RFC7296-3.3-15", "transforms of one type as alternatives", (ValueList<Transform>)[Transform.Of(EncryptionTransform.AesGcm16, 256), Aes, Transform.Of(PrfTransform.HmacSha1), Prf, Curve]),
    ];

    [Requirement("RFC7296-3.3.6-04", "RFC7296-3.3.6-05", "RFC7296-3.3.5-02", "RFC7296-3.3.5-08", "RFC7296-3.3.5-10", "RFC7296-2.7-08", "RFC7296-3.3-13", "RFC7296-3.3.4-05", "RFC7296-5-03")]
    [TestCaseSource(nameof(Bad))]
    public void BadProposalAlone_NotAccepted(string clause, string what, ValueList<Transform> bad)
    {
        IkeSession session = Start(new IkeScenario());
        session.Focus = clause;
        IkeArrival? answer = session.Offer(Offer(session, new Proposal(1, ProtocolId.Ike, ByteString.Empty, bad)), what);
        session.Require(answer?.Find<IkePayload.SecurityAssociation>() is null, clause, $"{what}: {answer}");
    }

    [Requirement("RFC7296-3.3.6-06", "RFC7296-3.3.1-08")]
    [TestCaseSource(nameof(Bad))]
    public void BadProposalBeforeAGoodOne_GoodOneChosen(string clause, string what, ValueList<Transform> bad)
    {
        IkeSession session = Start(new IkeScenario());
        Proposal first = new(1, ProtocolId.Ike, ByteString.Empty, bad);
        RequireSecond(session, first, "RFC7296-3.3.6-06", $"{what} ({clause}), then a good proposal");
        RequireSecond(session, new Proposal(1, (ProtocolId)77, ByteString.Empty, IkeScenario.Gcm), "RFC7296-3.3.1-08", "an unknown protocol, then a good proposal");
    }

    [Requirement("RFC7296-3.3.6-07", "RFC7296-3.3.6-08", "RFC7296-3.3-11", "RFC7296-3.3-15")]
    [TestCaseSource(nameof(PassedOver))]
    public void OddTransformBesideAGoodOne_GoodOneChosen(string clause, string what, ValueList<Transform> transforms)
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival answer = session.Answer(Offer(session, new Proposal(1, ProtocolId.Ike, ByteString.Empty, transforms)), what, clause);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, clause, $"{what}: {answer}");
    }

    private static void RequireSecond(IkeSession session, Proposal first, string clause, string what)
    {
        IkeArrival answer = session.Answer(Offer(session, first, new Proposal(2, ProtocolId.Ike, ByteString.Empty, IkeScenario.Gcm)), what, clause);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is { Proposals: [{ Number: 2 }] }, clause, $"{what}: {answer}");
    }

    private static EditableMessage Offer(IkeSession session, params Proposal[] proposals) =>
        session.InitialRequest().Without("SecurityAssociation").WithFirst(new IkePayload.SecurityAssociation(ValueList.Of<Proposal>(proposals)));

    private static TransformAttribute.Fixed Length(ushort bits) => new TransformAttribute.Fixed(TransformAttributeType.KeyLength, bits);

    private static TestCaseData Case(string clause, string what, params ReadOnlySpan<Transform> transforms) => new(clause, what, ValueList.Of(transforms));
}
