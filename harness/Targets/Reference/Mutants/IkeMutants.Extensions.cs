using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <content>Windows, IKE_FOLLOWUP_KE, EAP and inner addresses, refusals and notices, addresses that move.</content>
public static partial class IkeMutants
{
    private const ConversationOptions Crowded = ConversationOptions.Window | ConversationOptions.FollowUp;

    private static IkeMutant[] OfWindows =>
    [
        new("window-is-one-more", "RFC7296-2.3-04", "the number told is taken for how many may wait besides", null, new OneMore()) { Options = ConversationOptions.Window },
        new("window-inherited", "RFC7296-1.3.2-06", "a successor is a copy of the old IKE SA", null, new Inherited()) { Options = ConversationOptions.Window },
        new("one-answer-kept", "RFC7296-2.3-09", "the last answer is kept, whatever the window", null, new OneAnswer()) { Options = ConversationOptions.Window },
        new("window-slides-over-gaps", "RFC7296-2.3-08", "what is below the highest Message ID counts as answered", null, new SlidesOn()) { Options = ConversationOptions.Window },
    ];

    private static IkeMutant[] OfFollowUps =>
    [
        new("follow-up-secrets-turned-round", "RFC9370-2.2.4-09", "each new secret is put in front of the list", null, new TurnedRound()) { Options = ConversationOptions.FollowUp },
        new("link-not-looked-at", "RFC9370-2.2.4-14", "there is only ever one unfinished exchange", null, new AnyLink()) { Options = Crowded },
        new("lost-exchange-given-up", "RFC9370-2.2.4-06", "STATE_NOT_FOUND is an error like any other", null, new GivesUp()),
    ];

    private static IkeMutant[] OfClients =>
    [
        new("early-eap-success-believed", "RFC7296-2.16-17", "EAP Success ends EAP, wherever it comes", null, new BelievesSuccess()),
        new("any-proof-before-eap", "RFC7296-2.16-01", "AUTH of the responder is AUTH", null, new AnyProof()),
        new("inner-address-given-twice", "RFC7296-2.19-12", "each client gets the lowest address", null, new GivenTwice()),
        new("traffic-of-other-clients", "RFC7296-1.1.3-01", "selectors are those of the policy, not of the client", null, new AnyTraffic()) { Options = ConversationOptions.InnerAddresses },
    ];

    private static IkeMutant[] OfRefusals =>
    [
        new("auth-not-looked-at", "RFC7296-2.15-05", "who has the keys is believed", null, new BelievesAnybody()),
        new("child-made-before-it-is-refused", "RFC7296-2.21-03", "the Child SA is there before the whole request is looked at", null, new MakesFirst()),
        new("second-tries-without-end", "RFC7296-1.3-07", "each INVALID_KE_PAYLOAD leads to another request", null, new TriesOn()),
        new("old-closed-before-the-new", "RFC7296-4-06", "the old IKE SA goes as soon as it cannot be rekeyed", null, new ClosedAtOnce()),
        new("made-anew-beside-the-old", "RFC7296-2.8.3-03", "nobody closes what was to be replaced", null, new NeverClosed()),
        new("more-traffic-always-told", "RFC7296-2.9-12", "ADDITIONAL_TS_POSSIBLE is said with every Child SA", null, new AlwaysMore()),
        new("mismatch-told-by-the-other-spi", "RFC7296-3.10.1-10", "the SPI of the way back is told", null, new OtherSpi()),
        new("notices-believed", "RFC7296-2.21.4-12", "INVALID_SPI ends the Child SA", null, new Believes()),
        new("cookies-good-for-ever", "RFC7296-2.6-17", "all secrets are kept", null, new AllSecrets()),
    ];

    private static IkeMutant[] OfMoves =>
    [
        new("any-message-moves", "RFC4555-3.8-07", "the address of the last message counts, as without MOBIKE", null, new AnyMessageMoves()),
        new("responder-moves", "RFC4555-3.5-15", "either side sends UPDATE_SA_ADDRESSES", null, new EitherMoves()),
        new("traffic-before-the-check", "RFC4555-3.7-03", "Child SAs follow at once", null, new FollowsAtOnce()),
        new("other-cookie-passed-over", "RFC4555-3.7-08", "a wrong COOKIE2 is no answer, and that is all", null, new OtherCookiePasses()),
        new("older-addresses-used", "RFC4555-3.6-04", "whatever comes last counts", null, new LastCounts()),
        new("nat-not-looked-for", "RFC4555-3.9-04", "NO_NATS_ALLOWED is not compared", null, new NoNatSeen()),
        new("address-in-use-listed", "RFC4555-3.6-02", "the list has all addresses", null, new ListsAll()),
    ];

    private sealed class OneMore : IkeRules
    {
        public override int WindowTold(int told) => told + 1;
    }

    private sealed class Inherited : IkeRules
    {
        public override int WindowOfSuccessor(int former) => former;
    }

    private sealed class OneAnswer : IkeRules
    {
        public override int AnswersKept(int window) => 1;
    }

    private sealed class SlidesOn : IkeRules
    {
        public override bool WaitsForMissingRequests => false;
    }

    private sealed class TurnedRound : IkeRules
    {
        public override ValueList<IkeSecret> SecretsInOrder(ValueList<IkeSecret> first, ValueList<IkeSecret> later, bool asInitiator) =>
            base.SecretsInOrder(first, asInitiator ? new([.. later.Items.Reverse()]) : later, asInitiator);
    }

    private sealed class AnyLink : IkeRules
    {
        public override bool IsLinked(ByteString link, ByteString? told) => told is not null;
    }

    private sealed class GivesUp : IkeRules
    {
        public override bool BeginsAnewWhereStateIsLost => false;
    }

    private sealed class BelievesSuccess : IkeRules
    {
        public override bool WaitsForEndOfEapMethod => false;
    }

    private sealed class AnyProof : IkeRules
    {
        public override bool TakesProofBeforeEap(bool isSigned) => true;
    }

    private sealed class GivenTwice : IkeRules
    {
        public override bool KeepsInnerAddressesApart => false;
    }

    private sealed class AnyTraffic : IkeRules
    {
        public override bool NarrowsToInnerAddresses => false;
    }

    private sealed class BelievesAnybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }

    private sealed class MakesFirst : IkeRules
    {
        public override bool MakesOnlyWhatIsAnswered => false;
    }

    private sealed class TriesOn : IkeRules
    {
        public override bool TriesAgain(bool isSecondTry) => true;
    }

    private sealed class ClosedAtOnce : IkeRules
    {
        public override bool KeepsOldUntilMadeAnew => false;
    }

    private sealed class NeverClosed : IkeRules
    {
        public override bool ClosesWhatIsMadeAnew => false;
    }

    private sealed class AlwaysMore : IkeRules
    {
        public override bool MayTellOfMoreTraffic(bool isMore) => true;
    }

    private sealed class OtherSpi : IkeRules
    {
        public override Spi SpiOfMismatch(ChildSa child) => child.Outbound;
    }

    private sealed class Believes : IkeRules
    {
        public override bool BelievesNotices => true;
    }

    private sealed class AllSecrets : IkeRules
    {
        public override bool TakesCookieOfFormerSecret(int age) => true;
    }

    private sealed class AnyMessageMoves : IkeRules
    {
        public override bool FollowsAnyMessage(bool mayBeMobike) => true;
    }

    private sealed class EitherMoves : IkeRules
    {
        public override bool MayMove(bool isOriginalInitiator) => true;
    }

    private sealed class FollowsAtOnce : IkeRules
    {
        public override bool ChecksBeforeTraffic => false;
    }

    private sealed class OtherCookiePasses : IkeRules
    {
        public override bool EndsWithOtherCookie => false;
    }

    private sealed class LastCounts : IkeRules
    {
        public override bool UsesAddresses(bool isNewest) => true;
    }

    private sealed class NoNatSeen : IkeRules
    {
        public override bool IsNatInTheWay(bool differs) => false;
    }

    private sealed class ListsAll : IkeRules
    {
        public override bool IsFurther(bool isInUse) => true;
    }
}
