using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Authentic requests with one fault each: whatever is inside, the target answers as it may, and lives on. RFC 7296 §2.5, §2.21.</summary>
[Needs(Capabilities.IkeResponder)]
public class MutatedRequestTests : IkeTest
{
    private const int HeaderParts = 8;

    private static IEnumerable<IkeMutator> Mutators => IkeMutators.All.Where(m => m.Sample is not ("SK" or "SKF" or "D of IKE") && IsInside(m));

    [Requirement("RFC7296-2.21-03", "RFC7296-2.5-14")]
    [TestCaseSource(nameof(Mutators))]
    public void OneFaultInside_TheIkeSaEndsOnlyWithInvalidSyntax(IkeMutator mutator)
    {
        foreach (ExchangeType exchange in new[] { ExchangeType.Informational, ExchangeType.CreateChildSa })
        {
            IkeSession session = Established();
            IkeSa sa = session.Sa;
            RawNode changed = Changed(mutator);
            EditableMessage request = session.Request(exchange);
            request = request with { Tree = request.Tree with { Parts = new([.. request.Tree.Parts.Items[..HeaderParts], .. changed.Parts.Items[HeaderParts..]]) } };
            IkeArrival? answer = session.Offer(request.With("next payload", ((RawField)changed["next payload"]).Value), $"{mutator} in {Iana.NameOf(exchange)}", isAwaited: true);
            // As a request for a child it lacks payloads too: either error will do there.
            bool isClosed = answer?.Notify(NotifyType.InvalidSyntax) is not null;
            session.Require(mutator.Expected is not IkeExpectation.UnsupportedCritical || exchange != ExchangeType.Informational || answer?.Notify(NotifyType.UnsupportedCriticalPayload) is not null, "RFC7296-2.5-14", $"{mutator}: {answer}");
            session.Require(isClosed || session.Liveness(sa) is not null, "RFC7296-2.21-03", $"the IKE SA is gone after {answer?.ToString() ?? "silence"}");
            session.Require(session.Newcomer() is not null, "RFC7296-2.21-03", "nobody is answered any more");
        }
    }

    private static bool IsInside(IkeMutator mutator)
    {
        (ImmutableArray<RawPart> before, ImmutableArray<RawPart> after) = (Sample(mutator).Parts.Items, Changed(mutator).Parts.Items);
        return after.Length > HeaderParts && before.Take(HeaderParts).Zip(after).All(pair => pair.First == pair.Second || pair.First.Name is "length" or "next payload")
            && !after.Skip(HeaderParts).SequenceEqual(before.Skip(HeaderParts));
    }

    private static RawNode Changed(IkeMutator mutator) => mutator.Apply(Sample(mutator));

    private static RawNode Sample(IkeMutator mutator) => IkeDissection.Of(ByteString.Adopt(IkeSamples.All[mutator.Sample].ToBytes()));
}
