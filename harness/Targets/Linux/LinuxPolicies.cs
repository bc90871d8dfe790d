using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
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

    /// <summary>Replaces the SPD; Unsupported where XFRM has no exact form.</summary>
    public CommandOutcome Install(SecurityPolicyDatabase database)
    {
        try
        {
            XfrmPolicy[] policies = [.. XfrmTranslation.Policies(database, network.Boundary)];
            network.FlushPolicies();
            foreach (XfrmPolicy policy in policies)
            {
                NetlinkStatus status = network.Xfrm(XfrmPolicyMessages.Add(policy));
                if (!status.Done && (network.HasIpv6 || policy.Selector.Family != XfrmFamily.Ipv6))
                {
                    return new CommandOutcome.Refused($"{policy.Direction} policy of priority {policy.Priority}: {status}");
                }
            }

            _installed = database;
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
            if (XfrmMessages.InstallSa(direction, entry.Sa) is not { } request)
            {
                return new CommandOutcome.Unsupported($"XFRM has no name for {entry.Sa.Suite}");
            }

            (uint requestId, XfrmSelector selector) = XfrmTranslation.Binding(_installed, direction, entry);
            NetlinkStatus status = network.Xfrm(XfrmPolicyMessages.Bind(request, requestId, selector));
            return status.Done ? new CommandOutcome.Done() : new CommandOutcome.Refused(status.ToString());
        }
        catch (NotInXfrmException reason)
        {
            return new CommandOutcome.Unsupported(reason.Message);
        }
    }
}
