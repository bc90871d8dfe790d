using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>A message of the target with all that a rule may look at.</summary>
/// <param name="Arrival">The message.</param>
/// <param name="Request">The tester's request that it answers; null for a request, or an answer to nothing.</param>
/// <param name="Sa">The tester's side of its IKE SA, or null.</param>
/// <param name="Configuration">What the tester's side was told.</param>
internal sealed record IkeContext(IkeArrival Arrival, SentMessage? Request, IkeSa? Sa, IkeConfiguration Configuration)
{
    /// <summary>Its payloads; none where they have no meaning.</summary>
    public ValueList<IkePayload> Payloads => Arrival.Payloads ?? [];

    /// <summary>True for an answer that makes what its request asks for.</summary>
    public bool IsSuccess => Arrival.IsResponse && Arrival.Find<IkePayload.SecurityAssociation>() is not null;

    /// <summary>True for exchanges that make an IKE SA or a Child SA.</summary>
    public bool Creates => Arrival.Exchange is ExchangeType.IkeSaInit or ExchangeType.IkeAuth or ExchangeType.CreateChildSa;

    /// <summary>The selectors of one side, or null.</summary>
    public static IkePayload.TrafficSelectors? Selectors(ValueList<IkePayload>? payloads, bool ofInitiator) =>
        (payloads ?? []).OfType<IkePayload.TrafficSelectors>().FirstOrDefault(s => s.OfInitiator == ofInitiator);
}
