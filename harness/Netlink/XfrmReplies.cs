using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>What the kernel says: answers to requests, and what it tells key management of its own accord.</summary>
internal static class XfrmReplies
{
    private const ushort Error = 2;
    private const ushort Done = 3;

    /// <summary>Reads the concatenated answers to one request.</summary>
    /// <exception cref="InvalidDataException">The kernel's answer cannot be read; the message says what and where.</exception>
    public static XfrmAnswer ReadAnswer(ReadOnlySpan<byte> answer)
    {
        ImmutableArray<XfrmPolicy>.Builder policies = ImmutableArray.CreateBuilder<XfrmPolicy>();
        ImmutableArray<XfrmState>.Builder states = ImmutableArray.CreateBuilder<XfrmState>();
        bool dumped = false;
        ReadOnlySpan<byte> rest = answer;
        while (TryTake(ref rest, out ushort type, out ReadOnlySpan<byte> content))
        {
            switch (type)
            {
                case Error:
                    NetlinkStatus status = NetlinkStatus.Read(answer);
                    return !status.Done ? new XfrmAnswer.Refused(status.Errno, status.Reason)
                        : states.Count > 0 ? new XfrmAnswer.States(states.ToImmutable())
                        : new XfrmAnswer.Done();
                case Done:
                    dumped = true;
                    break;
                case XfrmMessageType.NewPolicy:
                    policies.Add(XfrmPolicyCodec.TryRead(content, out XfrmPolicy? policy, out ParseError error) ? policy! : throw Unreadable(error));
                    break;
                case XfrmMessageType.NewState:
                    states.Add(XfrmStateCodec.TryRead(content, out XfrmState? state, out error) ? state! : throw Unreadable(error));
                    break;
            }
        }

        return policies.Count > 0 ? new XfrmAnswer.Policies(policies.ToImmutable())
            : states.Count > 0 || dumped ? new XfrmAnswer.States(states.ToImmutable())
            : throw new InvalidDataException("a netlink answer without acknowledgement or end");
    }

    /// <summary>Reads the notifications of one datagram; kinds that nobody asks for are left out.</summary>
    /// <exception cref="InvalidDataException">One cannot be read; the message says what and where.</exception>
    public static IReadOnlyList<XfrmNotification> ReadNotifications(ReadOnlySpan<byte> datagram)
    {
        List<XfrmNotification> notifications = [];
        while (TryTake(ref datagram, out ushort type, out ReadOnlySpan<byte> content))
        {
            if (!TryRead(type, content, out XfrmNotification? notification, out ParseError error))
            {
                throw Unreadable(error);
            }

            if (notification is not null)
            {
                notifications.Add(notification);
            }
        }

        return notifications;
    }

    /// <summary>Reads one notification; null for a kind that nobody asks for.</summary>
    public static bool TryRead(ushort type, ReadOnlySpan<byte> content, out XfrmNotification? notification, out ParseError error)
    {
        notification = null;
        error = default;
        switch (type)
        {
            case XfrmMessageType.Acquire:
                if (!TryReadAcquire(content, out XfrmAcquire? acquire, out error))
                {
                    return false;
                }

                notification = new XfrmNotification.Acquired(acquire!);
                return true;
            case XfrmMessageType.Expire:
                if (!XfrmStateCodec.TryRead(content, XfrmLength.StateExpire, out XfrmState? state, out error))
                {
                    return false;
                }

                notification = new XfrmNotification.StateExpired(state!, content[XfrmLength.State] != 0);
                return true;
            case XfrmMessageType.PolicyExpire:
                if (content.Length < XfrmLength.PolicyExpire)
                {
                    error = new ParseError("xfrm_user_polexpire", content.Length, "too short");
                    return false;
                }

                if (!XfrmAttributes.TryRead(content[XfrmLength.PolicyExpire..], XfrmLength.PolicyExpire, out XfrmAttributes attributes, out error))
                {
                    return false;
                }

                notification = new XfrmNotification.PolicyExpired(
                    XfrmPolicyCodec.Attributed(XfrmPolicyCodec.ReadInfo(content), attributes), content[XfrmLength.Policy] != 0);
                return true;
            default:
                return true;
        }
    }

    // struct xfrm_user_acquire; the policy's templates follow as an attribute.
    private static bool TryReadAcquire(ReadOnlySpan<byte> content, out XfrmAcquire? acquire, out ParseError error)
    {
        acquire = null;
        if (content.Length < XfrmLength.Acquire)
        {
            error = new ParseError("xfrm_user_acquire", content.Length, "too short");
            return false;
        }

        if (!XfrmAttributes.TryRead(content[XfrmLength.Acquire..], XfrmLength.Acquire, out XfrmAttributes attributes, out error))
        {
            return false;
        }

        XfrmSelector flow = XfrmStructures.ReadSelector(content[40..]);
        XfrmPolicy policy = XfrmPolicyCodec.Attributed(XfrmPolicyCodec.ReadInfo(content[96..]), attributes);

        // The endpoints' family is not said: it is that of the template which has them, or else of the flow.
        XfrmAddress source = XfrmAddress.Read(content[24..40]);
        XfrmAddress destination = XfrmAddress.Read(content[..16]);
        XfrmFamily family = policy.Templates.FirstOrDefault(t => t.HasOwnAddresses && t.Destination == destination)?.Family ?? flow.Family;
        acquire = new XfrmAcquire(source.In(family), destination.In(family), flow, policy,
            BinaryPrimitives.ReadUInt32LittleEndian(content[276..]));
        return true;
    }

    private static InvalidDataException Unreadable(ParseError error) => new($"a message of the kernel cannot be read: {error}");

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ushort type, out ReadOnlySpan<byte> content)
    {
        type = 0;
        content = default;
        if (bytes.Length < XfrmLength.Header)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length < XfrmLength.Header || length > bytes.Length)
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        content = bytes[XfrmLength.Header..(int)length];
        bytes = bytes[Math.Min(bytes.Length, (int)((length + 3) & ~3u))..];
        return true;
    }
}
