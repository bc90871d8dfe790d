using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault of IKEv2, which explorations, random conversations or tests of the model must find. RFC 7296 §2.8, §2.25.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Requirement">The clause that it breaks.</param>
/// <param name="Why">How an implementation comes to it.</param>
/// <param name="Scenario">An exploration that finds it; null where another way does.</param>
/// <param name="Rules">The decisions with the fault.</param>
public sealed record IkeMutant(string Name, string Requirement, string Why, string? Scenario, IkeRules Rules)
{
    /// <summary>Options with which random conversations find it; null where a test of the model does that names its requirement.</summary>
    public ConversationOptions? Options { get; init; }
}

/// <summary>Every planted fault of IKEv2.</summary>
public static partial class IkeMutants
{
    /// <summary>One line each.</summary>
    public static ImmutableArray<IkeMutant> All { get; } =
    [
        new("nonce-comparison-reversed", "RFC7296-2.8.1-04", "the highest nonce loses", "child-rekey-collision", new ReversedComparison()),
        new("loser-not-deleted", "RFC7296-2.8.1-03", "each side waits for the other to close the redundant SA", "child-rekey-collision", new LoserStays()),
        new("old-deleted-too-early", "RFC7296-2.8-07", "the responder closes the old SA as soon as it has answered", "child-rekey", new OldGoesFirst()),
        new("delete-of-replaced-refused", "RFC7296-2.25.1-04", "an SPI that is not found is taken for an error", "child-delete-collision", new UnknownIsAnError()),
        new("retransmission-answered-anew", "RFC7296-2.1-02", "a request is handled before its Message ID is looked at", "child-rekey", new AnswersAnew()),
        new("stale-collision-state-kept", "RFC7296-2.25.2-03", "the own attempt outlives the IKE SA that it was to replace", "ike-rekey-collision", new AttemptOutlives()),
        .. OfWindows, .. OfFollowUps, .. OfClients, .. OfRefusals, .. OfMoves,
    ];

    private sealed class ReversedComparison : IkeRules
    {
        public override int CompareNonces(ByteString one, ByteString other) => base.CompareNonces(other, one);
    }

    private sealed class LoserStays : IkeRules
    {
        public override bool ClosesOwnRedundantSa => false;
    }

    private sealed class OldGoesFirst : IkeRules
    {
        public override bool KeepsOldUntilSuccessorIsUsable => false;
    }

    private sealed class UnknownIsAnError : IkeRules
    {
        public override bool AnswersDeleteOfUnknownWithoutError => false;

        public override bool ClosesWithInvalidSyntax => false;
    }

    private sealed class AnswersAnew : IkeRules
    {
        public override bool RepeatsAnswers => false;
    }

    private sealed class AttemptOutlives : IkeRules
    {
        public override bool ForgetsRekeyingOfDeletedIkeSa => false;
    }
}
