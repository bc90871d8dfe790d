using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Reads the whole answer to a request: entries, then an errno or the end of a dump.</summary>
public static class XfrmAnswerParser
{
    /// <summary>Reads the datagrams that answer a request, laid end to end.</summary>
    public static bool TryParse(XfrmRequest request, ByteString datagrams, [NotNullWhen(true)] out XfrmAnswer? answer, out ParseError error)
    {
        answer = null;
        if (!NetlinkMessage.TryParseAll(datagrams, out ImmutableArray<NetlinkMessage> messages, out error))
        {
            return false;
        }

        ImmutableArray<XfrmPolicy>.Builder policies = ImmutableArray.CreateBuilder<XfrmPolicy>();
        ImmutableArray<XfrmState>.Builder states = ImmutableArray.CreateBuilder<XfrmState>();
        foreach (NetlinkMessage message in messages)
        {
            if (NetlinkStatus.IsEnd(message))
            {
                if (!NetlinkStatus.TryParse(message, out NetlinkStatus status, out error))
                {
                    return false;
                }

                answer = !status.Done ? new XfrmAnswer.Refused(status.Errno, status.Reason)
                    : request is XfrmRequest.DumpPolicies ? new XfrmAnswer.Policies(policies.ToImmutable())
                    : request is XfrmRequest.DumpStates or XfrmRequest.AllocateSpi ? new XfrmAnswer.States(states.ToImmutable())
                    : new XfrmAnswer.Done();
                return true;
            }

            if (!XfrmReportParser.TryParse(message, out XfrmReport? report, out error))
            {
                return false;
            }

            switch (report)
            {
                case XfrmReport.Policy policy:
                    policies.Add(policy.Value.Policy);
                    break;
                case XfrmReport.State state:
                    states.Add(state.Value.State);
                    break;
            }
        }

        error = new ParseError("end of the answer", datagrams.Length, "neither an errno nor the end of a dump");
        return false;
    }
}
