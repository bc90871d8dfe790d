using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <content>Decisions about windows, IKE_FOLLOWUP_KE, EAP, inner addresses, refusals, notices and addresses that move.</content>
public partial class IkeRules
{
    /// <summary>Requests that the other side takes at a time, given what it told. RFC 7296 §2.3.</summary>
    public virtual int WindowTold(int told) => told;

    /// <summary>Requests that may go over a successor before the other side tells its window, given those over the former IKE SA. RFC 7296 §2.3.</summary>
    public virtual int WindowOfSuccessor(int former) => 1;

    /// <summary>How many answers are kept, given the own window. RFC 7296 §2.1, §2.3.</summary>
    public virtual int AnswersKept(int window) => window;

    /// <summary>True if the own window stays where a request is missing, though later ones are there. RFC 7296 §2.3.</summary>
    public virtual bool WaitsForMissingRequests => true;

    /// <summary>Secrets of CREATE_CHILD_SA and of its IKE_FOLLOWUP_KE in the order in which they make keys. RFC 9370 §2.2.4.</summary>
    public virtual ValueList<IkeSecret> SecretsInOrder(ValueList<IkeSecret> first, ValueList<IkeSecret> later, bool asInitiator) => new([.. first, .. later]);

    /// <summary>True if IKE_FOLLOWUP_KE goes on with an exchange, given the links of both. RFC 9370 §2.2.4.</summary>
    public virtual bool IsLinked(ByteString link, ByteString? told) => link == told;

    /// <summary>True if an exchange of which the other side has lost its part begins anew. RFC 9370 §2.2.4.</summary>
    public virtual bool BeginsAnewWhereStateIsLost => true;

    /// <summary>True if the responder's AUTH before EAP will do, given whether it is a signature. RFC 7296 §2.16.</summary>
    public virtual bool TakesProofBeforeEap(bool isSigned) => isSigned;

    /// <summary>True if a gateway makes Child SAs for the inner addresses that it gave, and no others. RFC 7296 §2.19.</summary>
    public virtual bool NarrowsToInnerAddresses => true;

    /// <summary>True if an IKE SA stays until the one that is to take its place is there. RFC 7296 §2.8.3.</summary>
    public virtual bool KeepsOldUntilMadeAnew => true;

    /// <summary>True if what a new IKE SA has taken the place of is closed. RFC 7296 §2.8.3.</summary>
    public virtual bool ClosesWhatIsMadeAnew => true;

    /// <summary>True if a Child SA that an answer refuses is not made. RFC 7296 §2.21.</summary>
    public virtual bool MakesOnlyWhatIsAnswered => true;

    /// <summary>True if ADDITIONAL_TS_POSSIBLE may be said, given whether there is more to have. RFC 7296 §2.9.</summary>
    public virtual bool MayTellOfMoreTraffic(bool isMore) => isMore;

    /// <summary>The SPI in INVALID_SELECTORS. RFC 7296 §3.10.1.</summary>
    public virtual Spi SpiOfMismatch(ChildSa child) => child.Inbound;

    /// <summary>True if a Child SA ends because the other side says that it dropped a packet. RFC 7296 §2.21.4.</summary>
    public virtual bool BelievesNotices => false;

    /// <summary>True if a cookie may be good, given how many secrets ago it was made. RFC 7296 §2.6.</summary>
    public virtual bool TakesCookieOfFormerSecret(int age) => age == 1;

    /// <summary>True if any authentic message from another address moves an IKE SA, given whether both sides may know MOBIKE. RFC 4555 §3.8.</summary>
    public virtual bool FollowsAnyMessage(bool mayBeMobike) => !mayBeMobike;

    /// <summary>True if this side may move, given whether it made the first IKE SA. RFC 4555 §3.5.</summary>
    public virtual bool MayMove(bool isOriginalInitiator) => isOriginalInitiator;

    /// <summary>True if Child SAs wait for the check of a new path. RFC 4555 §3.7.</summary>
    public virtual bool ChecksBeforeTraffic => true;

    /// <summary>True if another COOKIE2 than the one that was sent ends the IKE SA. RFC 4555 §3.7.</summary>
    public virtual bool EndsWithOtherCookie => true;

    /// <summary>True if addresses of a request are used, given whether it is newer than all others. RFC 4555 §3.5, §3.6.</summary>
    public virtual bool UsesAddresses(bool isNewest) => isNewest;

    /// <summary>True if a NAT is in the way, given whether NO_NATS_ALLOWED differs from what is seen. RFC 4555 §3.9.</summary>
    public virtual bool IsNatInTheWay(bool differs) => differs;

    /// <summary>True if an address is among the further ones, given whether it is the one in use. RFC 4555 §3.6.</summary>
    public virtual bool IsFurther(bool isInUse) => !isInUse;
}
