using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Policy;

/// <summary>What the source of a discarded packet is told. RFC 4301 §5.1.1.</summary>
[Needs(Capabilities.Icmp | Capabilities.Gateway)]
public class DiscardNoticeTests : PolicyTest
{
    private const int Burst = 300;

    [Requirement("RFC4301-5.1.1-01")]
    [Test]
    public void PacketThatAnEntryDiscards_SourceIsTold()
    {
        PolicySession session = Start(Discard("closed", Set(upper: To(80))), Bypass("open", Set()));
        session.ExpectOutbound(Flow(remoteField: 81), Crossing.InClear);
        session.Require(session.AnswersTo(session.Build(Flow(), PolicyDirection.Outbound)).Count > 0, "RFC4301-5.1.1-01", "the source was told nothing");
    }

    [Requirement("RFC4301-5.1.1-04")]
    [TestCase(false)]
    [TestCase(true)]
    public void NoticeOfADiscardByEntry_HasItsTypeAndCode(bool ipv6)
    {
        RequireIpv6Where(ipv6);
        PolicySession session = Start(Discard("closed", ipv6 ? Set(Local6, Remote6) : Set()));
        FlowSelectors flow = ipv6 ? Flow6() : Flow();
        IReadOnlyList<IcmpError> answers = session.AnswersTo(session.Build(flow, PolicyDirection.Outbound));
        RequireAnswers(answers.Count);
        IcmpError answer = answers[0];
        (byte Type, byte Code) due = ipv6 ? ((byte)1, (byte)1) : ((byte)3, (byte)13);
        session.Require((answer.Type, answer.Code) == due, "RFC4301-5.1.1-04", $"type {answer.Type} code {answer.Code} was sent");
        session.Require(answer.Destination == flow.Local, "RFC4301-5.1.1-04", $"{answer.Destination} was told");
    }

    [Requirement("RFC4301-5.1.1-07")]
    [Test]
    public void ManyDiscardsAtOnce_FewerNotices()
    {
        PolicySession session = Start(Discard("closed", Set()));
        int answers = session.AnswersToBurst([.. Enumerable.Range(0, Burst).Select(_ => session.Build(Flow(), PolicyDirection.Outbound))]);
        RequireAnswers(answers);
        session.Require(answers < Burst, "RFC4301-5.1.1-07", $"{answers} notices of {Burst} discards were sent at once");
    }

    // Silence is allowed, and shows neither type nor rate.
    private static void RequireAnswers(int answers)
    {
        if (answers == 0)
        {
            throw new UnsupportedException("the target sends no notices of discarded packets");
        }
    }
}
