using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>How a policy is named when it is read or deleted (struct xfrm_userpolicy_id).</summary>
/// <param name="Direction">Direction.</param>
/// <param name="Index">Index, or 0 to go by the selector.</param>
/// <param name="Selector">Exact selector, when <paramref name="Index"/> is 0.</param>
/// <param name="Mark">Mark.</param>
/// <param name="InterfaceId">XFRM interface.</param>
/// <param name="Type">Main or sub.</param>
public sealed record XfrmPolicyKey(
    XfrmDirection Direction, uint Index, XfrmSelector Selector, XfrmMark Mark = default, uint InterfaceId = 0, XfrmPolicyType Type = XfrmPolicyType.Main);

/// <summary>How an SA is named (struct xfrm_usersa_id).</summary>
public sealed record XfrmStateKey(XfrmAddress Destination, Spi Spi, XfrmFamily Family, byte Protocol = IpProtocol.Esp, XfrmMark Mark = default);

/// <summary>What user space asks of the databases (XFRM_MSG_*).</summary>
public abstract record XfrmRequest
{
    private XfrmRequest()
    {
    }

    /// <summary>XFRM_MSG_NEWPOLICY, or XFRM_MSG_UPDPOLICY when <paramref name="Replace"/> is set.</summary>
    public sealed record AddPolicy(XfrmPolicy Policy, bool Replace = false) : XfrmRequest;

    /// <summary>XFRM_MSG_DELPOLICY.</summary>
    public sealed record DeletePolicy(XfrmPolicyKey Key) : XfrmRequest;

    /// <summary>XFRM_MSG_FLUSHPOLICY.</summary>
    public sealed record FlushPolicies(XfrmPolicyType Type = XfrmPolicyType.Main) : XfrmRequest;

    /// <summary>XFRM_MSG_SETDEFAULT: null leaves a direction as it is.</summary>
    public sealed record SetDefault(XfrmAction? In, XfrmAction? Forward, XfrmAction? Out) : XfrmRequest;

    /// <summary>XFRM_MSG_NEWSA, or XFRM_MSG_UPDSA when <paramref name="Replace"/> is set.</summary>
    public sealed record AddState(XfrmState State, bool Replace = false) : XfrmRequest;

    /// <summary>XFRM_MSG_DELSA.</summary>
    public sealed record DeleteState(XfrmStateKey Key) : XfrmRequest;

    /// <summary>XFRM_MSG_FLUSHSA; 0 for every protocol.</summary>
    public sealed record FlushStates(byte Protocol = 0) : XfrmRequest;

    /// <summary>XFRM_MSG_ALLOCSPI: a larval SA with an SPI from a range.</summary>
    public sealed record AllocateSpi(XfrmState State, uint Least, uint Largest) : XfrmRequest;

    /// <summary>XFRM_MSG_EXPIRE as a request.</summary>
    public sealed record ExpireState(XfrmStateKey Key, bool Hard) : XfrmRequest;

    /// <summary>XFRM_MSG_GETPOLICY with NLM_F_DUMP.</summary>
    public sealed record DumpPolicies : XfrmRequest;

    /// <summary>XFRM_MSG_GETSA with NLM_F_DUMP.</summary>
    public sealed record DumpStates : XfrmRequest;
}

/// <summary>What the databases answer.</summary>
public abstract record XfrmAnswer
{
    private XfrmAnswer()
    {
    }

    /// <summary>Errno 0.</summary>
    public sealed record Done : XfrmAnswer;

    /// <summary>A positive errno, with the kernel's words where it gives some.</summary>
    public sealed record Refused(int Errno, string Reason = "") : XfrmAnswer;

    /// <summary>The SPD, in the order of the dump.</summary>
    public sealed record Policies(ImmutableArray<XfrmPolicy> Entries) : XfrmAnswer;

    /// <summary>SAs: the SAD, in the order of the dump, or the one larval SA that ALLOCSPI made.</summary>
    public sealed record States(ImmutableArray<XfrmState> Entries) : XfrmAnswer;
}

/// <summary>What the kernel asks key management (struct xfrm_user_acquire).</summary>
/// <param name="Source">Source endpoint.</param>
/// <param name="Destination">Destination endpoint.</param>
/// <param name="Flow">Selector of exactly the flow that asked.</param>
/// <param name="Policy">The policy that asked.</param>
/// <param name="Sequence">Number that the answer repeats.</param>
public sealed record XfrmAcquire(IpAddress Source, IpAddress Destination, XfrmSelector Flow, XfrmPolicy Policy, uint Sequence);

/// <summary>Error numbers that XFRM answers with (asm-generic/errno.h).</summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int Eperm = 1;

    /// <summary>No such entry.</summary>
    public const int Enoent = 2;

    /// <summary>No such SA.</summary>
    public const int Esrch = 3;

    /// <summary>Try again: being acquired.</summary>
    public const int Eagain = 11;

    /// <summary>Exists.</summary>
    public const int Eexist = 17;

    /// <summary>Invalid argument.</summary>
    public const int Einval = 22;

    /// <summary>Out of range.</summary>
    public const int Erange = 34;

    /// <summary>Unknown algorithm.</summary>
    public const int Enosys = 38;

    /// <summary>Value too large: sequence numbers exhausted.</summary>
    public const int Eoverflow = 75;

    /// <summary>Message too long.</summary>
    public const int Emsgsize = 90;

    /// <summary>Mode or protocol not there for the family.</summary>
    public const int Eprotonosupport = 93;

    /// <summary>Family not there.</summary>
    public const int Eafnosupport = 97;

    /// <summary>Too many transforms.</summary>
    public const int Enobufs = 105;

    /// <summary>No route.</summary>
    public const int Ehostunreach = 113;
}
