namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What the kernel tells key management of its own accord (km_state_notify, km_policy_notify, km_query).</summary>
public abstract record XfrmNotification
{
    private XfrmNotification()
    {
    }

    /// <summary>XFRM_MSG_EXPIRE: an SA reached a limit; after a hard one it is gone.</summary>
    public sealed record StateExpired(XfrmState State, bool Hard) : XfrmNotification;

    /// <summary>XFRM_MSG_POLEXPIRE: a policy reached a limit; after a hard one it is gone.</summary>
    public sealed record PolicyExpired(XfrmPolicy Policy, bool Hard) : XfrmNotification;

    /// <summary>XFRM_MSG_ACQUIRE: an SA is wanted.</summary>
    public sealed record Acquired(XfrmAcquire Acquire) : XfrmNotification;
}
