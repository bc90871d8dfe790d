using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>The decisions of the state machine that implementations are known to get wrong; a mutant overrides one. RFC 7296 §2.8.</summary>
public partial class IkeRules
{
    /// <summary>As the RFC has them.</summary>
    public static IkeRules Rfc { get; } = new();

    /// <summary>Below zero if the first nonce is the lower one: octet by octet, and the end of one is lower. RFC 7296 §2.8.1.</summary>
    public virtual int CompareNonces(ByteString one, ByteString other) => one.Span.SequenceCompareTo(other.Span);

    /// <summary>True if the creator of the redundant SA of a collision closes it. RFC 7296 §2.8.1.</summary>
    public virtual bool ClosesOwnRedundantSa => true;

    /// <summary>True if an initiator that rekeys closes the old Child SA only when the new one is there. RFC 7296 §2.8.</summary>
    public virtual bool KeepsOldUntilSuccessorIsUsable => true;

    /// <summary>True if the request to close a Child SA that is not there is answered without an error. RFC 7296 §2.25.1.</summary>
    public virtual bool AnswersDeleteOfUnknownWithoutError => true;

    /// <summary>True if who answers INVALID_SYNTAX closes the IKE SA, as the other side does. RFC 7296 §2.21.3.</summary>
    public virtual bool ClosesWithInvalidSyntax => true;

    /// <summary>True if a request that comes again gets the answer that was given. RFC 7296 §2.1.</summary>
    public virtual bool RepeatsAnswers => true;

    /// <summary>True if the own attempt to rekey an IKE SA ends when the peer closes that IKE SA. RFC 7296 §2.25.2.</summary>
    public virtual bool ForgetsRekeyingOfDeletedIkeSa => true;

    /// <summary>True if the other side's identity is taken as proved, given whether its AUTH payload proves it. RFC 7296 §2.15.</summary>
    public virtual bool TakesProof(bool isProved) => isProved;

    /// <summary>True if an initiator takes EAP Success only after its method is over. RFC 7296 §2.16, RFC 3748 §7.16.</summary>
    public virtual bool WaitsForEndOfEapMethod => true;

    /// <summary>True if a gateway gives an inner address to one client at a time. RFC 7296 §2.19.</summary>
    public virtual bool KeepsInnerAddressesApart => true;

    /// <summary>True if CREATE_CHILD_SA is tried again with the method that INVALID_KE_PAYLOAD names, given whether it has been already. RFC 7296 §1.3.</summary>
    public virtual bool TriesAgain(bool isSecondTry) => !isSecondTry;

    /// <summary>True if a fragment is taken, given whether both sides announced fragments. RFC 7383 §2.3.</summary>
    public virtual bool TakesFragments(bool isAgreed) => isAgreed;
}
