using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Netlink;

/// <summary>What the kernel says; bytes that make no sense end the conversation with the target.</summary>
internal static class KernelReplies
{
    /// <summary>The answer to an XFRM request.</summary>
    /// <exception cref="IOException">It cannot be read; the message says what and where.</exception>
    public static XfrmAnswer ReadAnswer(XfrmRequest request, byte[] datagrams) =>
        XfrmAnswerParser.TryParse(request, ByteString.Adopt(datagrams), out XfrmAnswer? answer, out ParseError error) ? answer : throw Unreadable(error);

    /// <summary>The end of the answer to any request.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static NetlinkStatus ReadStatus(byte[] datagrams)
    {
        foreach (NetlinkMessage message in Messages(datagrams).Where(NetlinkStatus.IsEnd))
        {
            return NetlinkStatus.TryParse(message, out NetlinkStatus status, out ParseError error) ? status : throw Unreadable(error);
        }

        throw new IOException("a netlink answer without acknowledgement");
    }

    /// <summary>The news of one datagram, as far as the model speaks of them.</summary>
    /// <exception cref="IOException">One cannot be read; the message says what and where.</exception>
    public static IReadOnlyList<XfrmNotification> ReadNotifications(byte[] datagram) =>
        [.. Messages(datagram).Select(Report).Select(r => r.Notification).OfType<XfrmNotification>()];

    private static XfrmReport Report(NetlinkMessage message) =>
        XfrmReportParser.TryParse(message, out XfrmReport? report, out ParseError error) ? report : throw Unreadable(error);

    private static ImmutableArray<NetlinkMessage> Messages(byte[] datagrams) =>
        NetlinkMessage.TryParseAll(ByteString.Adopt(datagrams), out ImmutableArray<NetlinkMessage> messages, out ParseError error) ? messages : throw Unreadable(error);

    private static IOException Unreadable(ParseError error) => new($"a message of the kernel cannot be read: {error}");
}
