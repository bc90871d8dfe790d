using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

public sealed partial record XfrmStateDatabase
{
    // xfrm_state_update: a larval SA is replaced; of a valid one only encapsulation, limits, output mark and if_id change.
    private (XfrmStateDatabase Next, XfrmAnswer Answer, ImmutableArray<XfrmNotification> Notifications) Update(XfrmState given, ulong now)
    {
        if (XfrmStateChecks.Check(given, Release) is { } refusal)
        {
            return (this, refusal, []);
        }

        XfrmState state = XfrmStateChecks.Normalized(given, Release, now);
        XfrmStateEntry? old = ByName(state.Mark.Value, state.Destination, state.Spi, state.Protocol, state.Family);
        if (old is null || !DirectionAgrees(old, state))
        {
            return (this, new XfrmAnswer.Refused(Errno.Esrch), []);
        }

        if (old.Condition == XfrmCondition.Acquiring)
        {
            return (Insert(state, XfrmCondition.Valid, now + 1).Without(old), new XfrmAnswer.Done(), []);
        }

        if (!old.IsValid || old.State.Encapsulation?.Type != state.Encapsulation?.Type)
        {
            return (this, new XfrmAnswer.Refused(Errno.Einval), []);
        }

        XfrmStateEntry updated = old with
        {
            Dying = false,
            TimerAt = now + 1,
            State = old.State with
            {
                Encapsulation = state.Encapsulation,
                Limits = state.Limits,
                OutputMark = state.OutputMark ?? old.State.OutputMark,
                InterfaceId = state.InterfaceId != 0 ? state.InterfaceId : old.State.InterfaceId,
            },
        };
        XfrmStateDatabase next = With(updated);
        if (updated.State.Use.UseTime == 0)
        {
            return (next, new XfrmAnswer.Done(), []);
        }

        (next, _, ImmutableArray<XfrmNotification> notifications) = next.CheckExpire(updated.Id, now);
        return (next, new XfrmAnswer.Done(), notifications);
    }

    private bool DirectionAgrees(XfrmStateEntry old, XfrmState state) =>
        !Release.BindsDirections
        || old.State.Direction == state.Direction
        || (old.Condition == XfrmCondition.Acquiring && state.Direction is null);
}
