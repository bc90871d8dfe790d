using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>A message of the kernel: an entry of a dump, an answer, or news for a group; each can be written again byte for byte.</summary>
public abstract record XfrmReport
{
    private XfrmReport()
    {
    }

    /// <summary>XFRM_MSG_NEWSA or XFRM_MSG_UPDSA.</summary>
    public sealed record State(XfrmStateReport Value, bool Updated) : XfrmReport;

    /// <summary>XFRM_MSG_DELSA: an SA is gone.</summary>
    public sealed record StateDeleted(XfrmStateReport Value) : XfrmReport;

    /// <summary>XFRM_MSG_EXPIRE: an SA reached a limit. Carries no keys.</summary>
    public sealed record StateExpired(XfrmStateReport Value, bool Hard) : XfrmReport;

    /// <summary>XFRM_MSG_FLUSHSA: all SAs of a protocol are gone; 0 for every protocol.</summary>
    public sealed record StatesFlushed(byte Protocol) : XfrmReport;

    /// <summary>XFRM_MSG_NEWPOLICY or XFRM_MSG_UPDPOLICY.</summary>
    public sealed record Policy(XfrmPolicyReport Value, bool Updated) : XfrmReport;

    /// <summary>XFRM_MSG_DELPOLICY: a policy is gone.</summary>
    /// <param name="Value">The policy.</param>
    /// <param name="Key">What the request named it by: index or selector.</param>
    public sealed record PolicyDeleted(XfrmPolicyReport Value, XfrmPolicyKey Key) : XfrmReport;

    /// <summary>XFRM_MSG_POLEXPIRE: a policy reached a limit.</summary>
    public sealed record PolicyExpired(XfrmPolicyReport Value, bool Hard) : XfrmReport;

    /// <summary>XFRM_MSG_FLUSHPOLICY: all policies of a type are gone.</summary>
    /// <param name="Type">Type.</param>
    /// <param name="SaysType">False on kernels without sub policies.</param>
    public sealed record PoliciesFlushed(XfrmPolicyType Type, bool SaysType) : XfrmReport;

    /// <summary>XFRM_MSG_ACQUIRE: an SA is wanted (struct xfrm_user_acquire).</summary>
    /// <param name="Destination">Destination endpoint.</param>
    /// <param name="Source">Source endpoint.</param>
    /// <param name="Template">What the template asks for: SPI, protocol and algorithms; the rest of it stands in the policy.</param>
    /// <param name="Flow">Selector of exactly the flow that asked.</param>
    /// <param name="Value">The policy that asked.</param>
    /// <param name="Sequence">Number that the answer repeats.</param>
    public sealed record Acquire(
        XfrmAddress Destination, XfrmAddress Source, XfrmTemplate Template, XfrmSelector Flow, XfrmPolicyReport Value, uint Sequence) : XfrmReport;

    /// <summary>XFRM_MSG_GETDEFAULT: what happens without a policy; null where the kernel does not say.</summary>
    public sealed record Defaults(XfrmAction? In, XfrmAction? Forward, XfrmAction? Out) : XfrmReport;

    /// <summary>XFRM_MSG_MAPPING: a peer behind a NAT moved (struct xfrm_user_mapping).</summary>
    public sealed record Mapping(
        XfrmStateKey Key, uint RequestId, XfrmAddress OldSource, XfrmAddress NewSource, ushort OldPort, ushort NewPort) : XfrmReport;

    /// <summary>The report in the words of the model; null for what the model does not speak of.</summary>
    public XfrmNotification? Notification => this switch
    {
        StateExpired expired => new XfrmNotification.StateExpired(expired.Value.State, expired.Hard),
        PolicyExpired expired => new XfrmNotification.PolicyExpired(expired.Value.Policy, expired.Hard),
        Acquire acquire => new XfrmNotification.Acquired(Plain(acquire)),
        _ => null,
    };

    // The endpoints' family is not said: it is that of the template which has them, or else of the flow.
    private static XfrmAcquire Plain(Acquire acquire)
    {
        XfrmPolicy policy = acquire.Value.Policy;
        XfrmTemplate? own = policy.Templates.FirstOrDefault(t => t.HasOwnAddresses && t.Destination == acquire.Destination);
        XfrmFamily family = own is { Family: not XfrmFamily.Unspecified } ? own.Family : acquire.Flow.Family;
        return new XfrmAcquire(acquire.Source.In(family), acquire.Destination.In(family), acquire.Flow, policy, acquire.Sequence);
    }
}
