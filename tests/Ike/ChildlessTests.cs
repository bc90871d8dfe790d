using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>IKE SAs without a first Child SA. RFC 6023.</summary>
[Needs(Capabilities.ChildlessIke | Capabilities.CreateChildSa)]
public class ChildlessTests : IkeTest
{
    private static IkeScenario Childless => new IkeScenario().Also(c => c with { IsChildless = true }, c => c with { IsChildless = true });

    [Requirement("RFC6023-3-01", "RFC6023-3-02", "RFC6023-3-06", "RFC6023-3-08")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void NoChildAskedFor_ChildComesLater()
    {
        IkeSession session = Start(Childless);
        session.Do(new IkeCommand.Initiate());
        session.Require(session.Arrivals[0].Notify(NotifyType.ChildlessIkev2Supported) is { Data.Length: 0 }, session.Arrivals[0].Notify(NotifyType.ChildlessIkev2Supported) is null ? "RFC6023-3-01" : "RFC6023-3-02", $"CHILDLESS_IKEV2_SUPPORTED without data is due: {session.Arrivals[0]}");
        IkeArrival answer = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(answer.Find<IkePayload.Authentication>() is not null && answer.Find<IkePayload.SecurityAssociation>() is null && answer.Find<IkePayload.TrafficSelectors>() is null, "RFC6023-3-06", $"IDr and AUTH alone are due: {answer}");
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 0), "RFC6023-3-08");
        session.Require(session.Peer.Children.Count == 1, "RFC6023-3-08", $"no child: {string.Join("; ", session.Reports)}");
        session.ExpectTraffic(session.Child, "RFC6023-3-08");
    }

    [Requirement("RFC6023-3-07")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void ChildAskedForAllTheSame_MadeOrRefusedByPolicy()
    {
        IkeSession session = Start(Childless.Also(null, c => c with { IsChildless = false }));
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null || answer.ErrorNotify is not null, null, $"a child, or an error, is due: {answer}");
    }

    [Requirement("RFC6023-3-03", "RFC6023-3-04")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase(true, "RFC6023-3-04")]
    [TestCase(false, "RFC6023-3-03")]
    public void TargetInitiates_WithoutChildOnlyWhereThatIsKnown(bool isKnown, string clause)
    {
        IkeSession session = Start(Childless.Also(null, c => c with { IsChildless = isKnown }));
        session.Ask(new IkeRequest.Initiate(), isKnown ? () => session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeAuth) : null, clause);
        session.Sentinel("IKE_SA_INIT", clause);

        // Who must be without a child may give up.
        IkeArrival? request = session.Arrivals.FirstOrDefault(a => a.Exchange == ExchangeType.IkeAuth);
        bool isChildless = request?.Find<IkePayload.SecurityAssociation>() is null && request?.Find<IkePayload.TrafficSelectors>() is null;
        session.Require(request is null ? !isKnown : isChildless == isKnown, clause, $"{(isKnown ? "neither SA nor TS is due" : "SA is due")}: {request?.ToString() ?? "nothing"}");
    }
}
