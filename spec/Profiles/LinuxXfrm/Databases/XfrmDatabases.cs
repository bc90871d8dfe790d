using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>SPD and SAD of one network namespace.</summary>
public sealed record XfrmDatabases(XfrmPolicyDatabase Policies, XfrmStateDatabase States)
{
    /// <summary>The databases of a fresh namespace.</summary>
    public static XfrmDatabases Empty(LinuxRelease release) => new(XfrmPolicyDatabase.Empty(release), XfrmStateDatabase.Empty(release));

    /// <summary>The kernel.</summary>
    public LinuxRelease Release => Policies.Release;

    /// <summary>Carries out a request.</summary>
    public (XfrmDatabases Next, XfrmAnswer Answer, ImmutableArray<XfrmNotification> Notifications) Apply(XfrmRequest request, ulong now)
    {
        if (request is XfrmRequest.AddPolicy or XfrmRequest.DeletePolicy or XfrmRequest.FlushPolicies or XfrmRequest.SetDefault or XfrmRequest.DumpPolicies)
        {
            (XfrmPolicyDatabase policies, XfrmAnswer answer) = Policies.Apply(request, now);
            return (this with { Policies = policies }, answer, []);
        }

        (XfrmStateDatabase states, XfrmAnswer said, ImmutableArray<XfrmNotification> notifications) = States.Apply(request, now);
        return (this with { States = states }, said, notifications);
    }

    /// <summary>Runs the timers that are due.</summary>
    public (XfrmDatabases Next, ImmutableArray<XfrmNotification> Notifications) Advance(ulong now)
    {
        (XfrmStateDatabase states, ImmutableArray<XfrmNotification> ofStates) = States.Advance(now);
        (XfrmPolicyDatabase policies, ImmutableArray<XfrmNotification> ofPolicies) = Policies.Advance(now);
        return (new XfrmDatabases(policies, states), [.. ofStates, .. ofPolicies]);
    }
}
