using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>What is done with a datagram before its exchange sees it: parsing, SPIs, opening, Message IDs. RFC 7296 §2.1 to §2.5.</summary>
internal static class Reception
{
    private const byte MajorVersion = 2;
    private const int VersionOffset = 17;
    private const int ExchangeOffset = 18;
    private const int FlagsOffset = 19;
    private const byte ResponseFlag = 0x20;
    private const byte InitiatorFlag = 0x08;

    /// <summary>Takes a datagram.</summary>
    public static void Receive(Draft draft, IkeEvent.Received received)
    {
        if (!IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _))
        {
            AnswerVersion(draft, received);
            return;
        }

        IkeHeader header = message!.Header;
        if (header.ExchangeType == ExchangeType.IkeSaInit)
        {
            TakeInit(draft, received, message);
            return;
        }

        if (Suspicion.IsRaisedBy(message))
        {
            Suspicion.OfNotification(draft, message, received.From);
            return;
        }

        if (draft.Peer.Find(header.IsFromInitiator, header.InitiatorSpi, header.ResponderSpi) is not { } sa)
        {
            TellUnknownSpi(draft, received, message);
            return;
        }

        if (header.IsResponse)
        {
            TakeResponse(draft, received, message, sa);
        }
        else
        {
            TakeRequest(draft, received, message, sa);
        }
    }

    // A higher major version is answered, outside of any IKE SA, and nothing else that cannot be read is. RFC 7296 §2.5.
    private static void AnswerVersion(Draft draft, IkeEvent.Received received)
    {
        ReadOnlySpan<byte> bytes = received.Datagram.Span;
        if (bytes.Length < Wire.Ike.Views.IkeHeaderView.HeaderBytes || bytes[VersionOffset] >> 4 <= MajorVersion || (bytes[FlagsOffset] & ResponseFlag) != 0)
        {
            return;
        }

        IkeSpi initiator = IkeSpi.FromBytes(received.Datagram.Slice(..IkeSpi.LengthBytes));
        if (initiator.IsZero)
        {
            return;
        }

        IkeHeader header = new()
        {
            InitiatorSpi = initiator,
            ResponderSpi = IkeSpi.FromBytes(received.Datagram.Slice(IkeSpi.LengthBytes..(2 * IkeSpi.LengthBytes))),
            ExchangeType = (ExchangeType)bytes[ExchangeOffset],
            IsFromInitiator = (bytes[FlagsOffset] & InitiatorFlag) == 0,
            IsResponse = true,
            MessageId = new MessageId(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[20..])),
        };
        SendPlain(draft, received, header, [new IkePayload.Notify(NotifyType.InvalidMajorVersion)]);
    }

    private static void TakeInit(Draft draft, IkeEvent.Received received, IkeMessage message)
    {
        if (!message.Header.IsResponse && message.Header.IsFromInitiator && message.Header.ResponderSpi.IsZero && message.Header.MessageId.Value == 0)
        {
            InitialResponder.Take(draft, received, message);
        }
        else if (message.Header.IsResponse && !message.Header.IsFromInitiator)
        {
            InitialInitiator.Take(draft, received, message);
        }
    }

    // It may be told, outside of any IKE SA and believed by nobody; what nothing protects may be such a notification itself. RFC 7296 §1.5, §2.21.4.
    private static void TellUnknownSpi(Draft draft, IkeEvent.Received received, IkeMessage message)
    {
        bool isProtected = message.Payloads is [.., IkePayload.Encrypted or IkePayload.EncryptedFragment];
        if (!message.Header.IsResponse && isProtected && draft.Choose("unknown IKE SPI: silence, INVALID_IKE_SPI", 2) == 1)
        {
            SendPlain(draft, received, message.Header.ForAnswer(), [new IkePayload.Notify(NotifyType.InvalidIkeSpi)]);
        }
    }

    private static void TakeRequest(Draft draft, IkeEvent.Received received, IkeMessage message, IkeSa sa)
    {
        uint id = message.Header.MessageId.Value;
        bool isRepeated = id < sa.NextExpected || sa.AnswerTo(id) is not null;
        if (sa.InboundKeys is null || (!isRepeated && sa.Phase == IkeSaPhase.Closed))
        {
            return;
        }

        if (!isRepeated && id - sa.NextExpected >= sa.OwnWindow)
        {
            TellOutside(draft, received, message, sa);
            return;
        }

        if (Open(draft, ref sa, received, message) is not { } opened)
        {
            return;
        }

        if (isRepeated && draft.Rules.RepeatsAnswers)
        {
            // Only the first fragment of a request brings back its answer. RFC 7383 §2.6.1.
            if (sa.AnswerTo(id) is { } answer && opened.IsFirst)
            {
                draft.Send(answer.Datagrams, received.To, received.From, $"response {id} again");
            }

            return;
        }

        if (opened.Content is not { } content)
        {
            return;
        }

        draft.AnswerPath = (received.To, received.From);
        if (!isRepeated && sa.Answers.All(a => a.MessageId < id))
        {
            Path.Note(draft, sa.Number, received);
        }

        Commands.Heed(draft, sa.Number);
        if (!IkePayloads.TryParse(opened.First, content, out ValueList<IkePayload> payloads, out ParseError error))
        {
            Exchanges.Refuse(draft, sa.Number, message.Header.ExchangeType, id, NotifyType.InvalidSyntax);
            draft.Report($"IKE SA {sa.Number} is closed: {error}");
            return;
        }

        if (message.Payloads.Concat(payloads).FirstOrDefault(p => p is IkePayload.Unknown { IsCritical: true }) is { } critical)
        {
            Exchanges.Refuse(draft, sa.Number, message.Header.ExchangeType, id, NotifyType.UnsupportedCriticalPayload, ByteString.Adopt([(byte)critical.Type]));
            if (sa.Phase == IkeSaPhase.InitAnswered)
            {
                // Until the initiator is authenticated that is the end. RFC 7296 §2.21.2.
                Closing.Close(draft, sa.Number, keepsAnswers: true);
            }

            return;
        }

        switch (message.Header.ExchangeType)
        {
            case ExchangeType.IkeIntermediate when IntermediateResponder.IsDue(draft, sa):
                IntermediateResponder.Take(draft, sa.Number, id, payloads, new OpenedMessage(received.Datagram, message, opened.First, content));
                break;
            case ExchangeType.IkeAuth when sa.Phase == IkeSaPhase.InitAnswered && sa.Initial!.NextAdditional is null:
                AuthenticationResponder.Take(draft, sa.Number, id, payloads);
                break;
            case ExchangeType.CreateChildSa when IsUp(sa):
                ChildResponder.Take(draft, sa.Number, id, payloads);
                break;
            case ExchangeType.IkeFollowupKe when IsUp(sa):
                FollowUpResponder.Take(draft, sa.Number, id, payloads);
                break;
            case ExchangeType.Informational when IsUp(sa):
                Informational.Take(draft, sa.Number, id, payloads);
                break;
            default:
                // An exchange that has no place here is not begun. RFC 7296 §1.2, §2.2.
                break;
        }
    }

    // A request outside of the window is never answered; another exchange may tell of it, one at a time. RFC 7296 §2.3.
    private static void TellOutside(Draft draft, IkeEvent.Received received, IkeMessage message, IkeSa sa)
    {
        bool mayTell = sa.Phase == IkeSaPhase.Established && Exchanges.HasRoom(sa) && sa.RekeyAttempt is null && sa.Pending.All(p => p.Purpose is not ExchangePurpose.Tell)
            && message.Payloads is [.., IkePayload.Encrypted last] && MessageSealing.Open(draft, sa, sa.InboundKeys!, received.Datagram, last) is not null;
        if (mayTell && draft.Choose("request outside of the window: silence, INVALID_MESSAGE_ID", 2) == 1)
        {
            ByteString id = new NotifyContent.Number(message.Header.MessageId.Value).ToByteString();
            Exchanges.Request(draft, sa.Number, ExchangeType.Informational, [new IkePayload.Notify(NotifyType.InvalidMessageId, id)], new ExchangePurpose.Tell());
        }
    }

    private static void TakeResponse(Draft draft, IkeEvent.Received received, IkeMessage message, IkeSa sa)
    {
        if (sa.InboundKeys is null || sa.PendingOf(message.Header.MessageId.Value) is not { } pending || message.Header.ExchangeType != TypeOf(pending.Purpose))
        {
            return;
        }

        if (Open(draft, ref sa, received, message) is not { Content: { } content } opened)
        {
            return;
        }

        Path.Note(draft, sa.Number, received);
        Exchanges.Finish(draft, sa.Number, pending);
        bool isRead = IkePayloads.TryParse(opened.First, content, out ValueList<IkePayload> payloads, out ParseError error);
        if (!isRead || payloads.Any(p => p is IkePayload.Unknown { IsCritical: true }))
        {
            CloseAfterResponse(draft, sa, pending, isRead ? "a critical payload that is not known" : $"{error}");
            return;
        }

        if (payloads.Any(p => p is IkePayload.Notify { IsError: true } notify && !Iana.IsKnown(notify.Notification)))
        {
            // A request whose response has an error that is not known has failed as a whole. RFC 7296 §3.10.1.
            payloads = new([.. payloads.Where(p => p is not (IkePayload.SecurityAssociation or IkePayload.KeyExchange))]);
        }

        if (IkePayloads.FindNotify(payloads, NotifyType.InvalidSyntax) is not null && pending.Purpose is not ExchangePurpose.Authenticate)
        {
            // The other side could not read what was authentic, and has closed it. RFC 7296 §2.21.3.
            Closing.Forget(draft, sa.Number, "INVALID_SYNTAX");
            return;
        }

        switch (pending.Purpose)
        {
            case ExchangePurpose.Intermediate intermediate:
                IntermediateInitiator.Take(draft, sa.Number, intermediate, payloads, new OpenedMessage(received.Datagram, message, opened.First, content));
                break;
            case ExchangePurpose.Authenticate authenticate:
                AuthenticationInitiator.Take(draft, sa.Number, authenticate, payloads);
                break;
            case ExchangePurpose.CreateChild create:
                ChildInitiator.Take(draft, sa.Number, create.Attempt, payloads);
                break;
            case ExchangePurpose.RekeyIke rekey:
                IkeRekeyInitiator.Take(draft, sa.Number, rekey.Attempt, payloads);
                break;
            case ExchangePurpose.FollowUp followUp:
                FollowUpInitiator.Take(draft, sa.Number, followUp, payloads);
                break;
            case ExchangePurpose.DeleteChildren delete:
                Informational.Deleted(draft, delete);
                break;
            case ExchangePurpose.UpdateAddresses update:
                Mobike.Updated(draft, sa.Number, update, (received.To, received.From), payloads);
                break;
            case ExchangePurpose.CheckReturn check:
                Mobike.Checked(draft, sa.Number, check, payloads);
                break;
            case ExchangePurpose.TellAddresses tell:
                FurtherAddresses.Told(draft, sa.Number, tell, payloads);
                break;
            case ExchangePurpose.TestPath { Way: { } way }:
                draft.Report($"the path from {way.Own} to {way.Peer} works");
                break;
            case ExchangePurpose.Probe:
                Mobike.Probed(draft, sa.Number, payloads);
                break;
            case ExchangePurpose.AskConfiguration:
                AddressClient.Take(draft, sa.Number, payloads);
                break;
            case ExchangePurpose.DeleteIke:
                Closing.Close(draft, sa.Number, keepsAnswers: false);
                break;
        }

        Commands.Resume(draft, sa.Number);
    }

    // A response is not answered with an error; an IKE SA that both sides have is closed by Delete. RFC 7296 §2.21, §2.21.3.
    private static void CloseAfterResponse(Draft draft, IkeSa sa, PendingRequest pending, string reason)
    {
        draft.Report($"IKE SA {sa.Number} is closed: {reason}");
        if (IsUp(sa) && pending.Purpose is not ExchangePurpose.DeleteIke)
        {
            Informational.DeleteIke(draft, sa.Number, []);
        }
        else
        {
            Closing.Close(draft, sa.Number, keepsAnswers: false);
        }
    }

    // What is not authentic changes nothing; what is may have come from another address. RFC 7296 §2.4, §2.23.
    private static (PayloadType First, ByteString? Content, bool IsFirst)? Open(Draft draft, ref IkeSa sa, IkeEvent.Received received, IkeMessage message)
    {
        IkePayload? last = message.Payloads.IsEmpty ? null : message.Payloads[^1];
        bool isAgreed = draft.Configuration.FragmentBytes is not null && sa.Abilities.HasFlag(PeerAbilities.Fragmentation);
        if (last is not (IkePayload.Encrypted or IkePayload.EncryptedFragment) || (last is IkePayload.EncryptedFragment && !draft.Rules.TakesFragments(isAgreed)) || MessageSealing.Open(draft, sa, KeysOf(sa, message.Header), received.Datagram, last) is not { } opened)
        {
            return null;
        }

        if (last is not IkePayload.EncryptedFragment fragment)
        {
            return (opened.First, opened.Content, true);
        }

        (IkeSa with, PayloadType first, ByteString? content) = Reassembly.Add(sa, message.Header, fragment, opened.Content);
        sa = with;
        draft.Put(sa);
        return (first, content, fragment.Number == 1);
    }

    private static SealingKeys KeysOf(IkeSa sa, IkeHeader header) =>
        header.IsResponse ? sa.InboundKeys! : IntermediateMessages.KeysOfRequest(sa, header.MessageId.Value);

    private static bool IsUp(IkeSa sa) => sa.Phase is IkeSaPhase.Established or IkeSaPhase.Redundant or IkeSaPhase.Replaced or IkeSaPhase.Deleting;

    private static ExchangeType TypeOf(ExchangePurpose purpose) => purpose switch
    {
        ExchangePurpose.Initialize => ExchangeType.IkeSaInit,
        ExchangePurpose.Intermediate => ExchangeType.IkeIntermediate,
        ExchangePurpose.Authenticate => ExchangeType.IkeAuth,
        ExchangePurpose.CreateChild or ExchangePurpose.RekeyIke => ExchangeType.CreateChildSa,
        ExchangePurpose.FollowUp => ExchangeType.IkeFollowupKe,
        _ => ExchangeType.Informational,
    };

    private static void SendPlain(Draft draft, IkeEvent.Received received, IkeHeader header, ValueList<IkePayload> payloads)
    {
        IkeMessage answer = new(header, payloads);
        draft.Send([ByteString.Adopt(answer.ToBytes())], received.To, received.From, $"{answer}");
    }
}
