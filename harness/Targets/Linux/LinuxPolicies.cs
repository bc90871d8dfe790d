using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Translation;
using Conformance.Spec.Sa.Databases;

namespace Conformance.Harness.Targets.Linux;

/// <summary>An ordered SPD in a Linux kernel: entries become XFRM policies, SAs are tied to them by request ids.</summary>
internal sealed class LinuxPolicies(LinuxNetwork network)
{
    private SecurityPolicyDatabase _installed = SecurityPolicyDatabase.Empty;
    private bool _keyedByHand;

    /// <summary>True between an installed SPD and the next reset.</summary>
    public bool AreInstalled { get; private set; }

    /// <summary>Forgets the SPD, which the kernel has lost.</summary>
    public void Forget() => AreInstalled = false;

    /// <summary>Replaces the SPD; Unsupported where XFRM has no exact form.</summary>
    public CommandOutcome Install(SecurityPolicyDatabase database, bool keyedByHand)
    {
        try
        {
            bool restByDefault = network.BlocksByDefault();
            XfrmPolicy[] policies = [.. SpdTranslation.Policies(database, network.Boundary, keyedByHand, restByDefault).Where(p => network.HasIpv6 || p.Selector.Family != XfrmFamily.Ipv6)];
            network.FlushPolicies();
            IReadOnlyList<XfrmAnswer> answers = network.XfrmAll([.. policies.Select(policy => new XfrmRequest.AddPolicy(policy))]);
            for (int i = 0; i < policies.Length; i++)
            {
                if (answers[i] is XfrmAnswer.Refused refused)
                {
                    return new CommandOutcome.Refused($"{policies[i].Direction} policy of priority {policies[i].Priority}: errno {refused.Errno} {refused.Reason}");
                }
            }

            (_installed, _keyedByHand, AreInstalled) = (database, keyedByHand, true);
            return new CommandOutcome.Done();
        }
        catch (NotInXfrmException reason)
        {
            return new CommandOutcome.Unsupported(reason.Message);
        }
    }

    /// <summary>Adds an SA that serves an entry.</summary>
    public CommandOutcome Install(PolicyDirection direction, SadEntry entry)
    {
        try
        {
            if (XfrmTranslation.Of(direction, entry.Sa) is not { } state)
            {
                return new CommandOutcome.Unsupported($"XFRM has no name for {entry.Sa.Suite}");
            }

            if (!entry.DscpValues.IsEmpty)
            {
                return new CommandOutcome.Unsupported("an SA of XFRM has no DSCP values");
            }

            (uint requestId, XfrmSelector selector) = SpdTranslation.Binding(_installed, direction, entry, _keyedByHand);
            bool narrowed = selector.Family != XfrmFamily.Unspecified;
            XfrmStateFlags flags = narrowed ? state.Flags & ~XfrmStateFlags.UnspecifiedFamily : state.Flags;
            XfrmState bound = state with
            {
                RequestId = requestId,
                Selector = narrowed ? selector : state.Selector,

                // RFC 4301 §6.2: errors outside the selectors are checked by the header inside them.
                Flags = direction == PolicyDirection.Inbound ? flags | XfrmStateFlags.Icmp : flags,
            };
            return network.Xfrm(new XfrmRequest.AddState(bound)) is XfrmAnswer.Refused refused
                ? new CommandOutcome.Refused($"errno {refused.Errno} {refused.Reason}")
                : new CommandOutcome.Done();
        }
        catch (NotInXfrmException reason)
        {
            return new CommandOutcome.Unsupported(reason.Message);
        }
    }
}
