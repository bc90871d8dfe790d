using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Ike.Machine;

/// <summary>From payloads to protected datagrams and back. RFC 7296 §3.14, RFC 7383 §2.5.</summary>
internal static class MessageSealing
{
    private const int FragmentFieldsBytes = 4;

    /// <summary>The header of a message over an IKE SA.</summary>
    public static IkeHeader Header(IkeSa sa, ExchangeType exchange, bool isResponse, uint messageId) => new()
    {
        InitiatorSpi = sa.InitiatorSpi,
        ResponderSpi = sa.ResponderSpi,
        ExchangeType = exchange,
        IsFromInitiator = sa.IsInitiator,
        IsResponse = isResponse,
        MessageId = new MessageId(messageId),
    };

    /// <summary>One protected datagram, or fragments where both sides can and the message is long.</summary>
    public static ValueList<ByteString> Seal(Draft draft, IkeSa sa, IkeHeader header, ValueList<IkePayload> payloads)
    {
        (PayloadType first, byte[] content) = IkePayloads.ToBytes(payloads);
        IkeSuite suite = sa.Suite!;
        bool mayCut = draft.Configuration.FragmentBytes is not null && sa.Abilities.HasFlag(PeerAbilities.Fragmentation);
        int whole = IkeHeaderView.HeaderBytes + PayloadView.HeaderBytes + SealedBytes(draft, suite, content.Length);
        if (!mayCut || whole <= draft.Configuration.FragmentBytes)
        {
            return [Seal(draft, sa, header, first, new ByteString(content), 0, 0)];
        }

        int room = draft.Configuration.FragmentBytes!.Value - IkeHeaderView.HeaderBytes - PayloadView.HeaderBytes - FragmentFieldsBytes - SealedBytes(draft, suite, 0) - suite.BlockBytes;
        int piece = Math.Max(1, room);
        int total = (content.Length + piece - 1) / piece;
        ImmutableArray<ByteString>.Builder fragments = ImmutableArray.CreateBuilder<ByteString>(total);
        for (int i = 0; i < total; i++)
        {
            ByteString part = new(content.AsSpan(i * piece, Math.Min(piece, content.Length - (i * piece))));
            fragments.Add(Seal(draft, sa, header, i == 0 ? first : PayloadType.None, part, i + 1, total));
        }

        return new(fragments.MoveToImmutable());
    }

    /// <summary>Opens the last payload of a message; null if it is not authentic, and it then changes nothing. RFC 7296 §2.4, §3.14.</summary>
    public static (PayloadType First, ByteString Content)? Open(Draft draft, IkeSa sa, SealingKeys keys, ByteString datagram, IkePayload payload)
    {
        (PayloadType first, ByteString content) = payload switch
        {
            IkePayload.Encrypted whole => (whole.FirstPayload, whole.Content),
            IkePayload.EncryptedFragment fragment => (fragment.FirstPayload, fragment.Content),
            _ => (PayloadType.None, ByteString.Empty),
        };
        ByteString associated = datagram.Slice(..(datagram.Length - content.Length));
        return draft.Cryptography.TryOpen(sa.Suite!, keys, associated, content, out ByteString plain, out _) ? (first, plain) : null;
    }

    private static int SealedBytes(Draft draft, IkeSuite suite, int plain) =>
        draft.Cryptography.SealedBytes(suite, plain, draft.Cryptography.LeastPaddingBytes(suite, plain));

    private static ByteString Seal(Draft draft, IkeSa sa, IkeHeader header, PayloadType first, ByteString content, int number, int total)
    {
        IkeSuite suite = sa.Suite!;
        int padding = draft.Cryptography.LeastPaddingBytes(suite, content.Length);
        ByteString room = ByteString.Adopt(new byte[draft.Cryptography.SealedBytes(suite, content.Length, padding)]);
        IkePayload outline = number == 0 ? new IkePayload.Encrypted(first, room) : new IkePayload.EncryptedFragment(first, (ushort)number, (ushort)total, room);
        byte[] bytes = new IkeMessage(header, [outline]).ToBytes();
        int associated = bytes.Length - room.Length;
        ByteString body = draft.Cryptography.Seal(
            suite, sa.OutboundKeys!, new ByteString(bytes.AsSpan(0, associated)), content, Iv(draft, sa, header, number), ByteString.Adopt(new byte[padding]));
        body.Span.CopyTo(bytes.AsSpan(associated));
        return ByteString.Adopt(bytes);
    }

    // The numbers of a message never come twice under one key; where they must not be foreseen they are mixed with the seed.
    private static ByteString Iv(Draft draft, IkeSa sa, IkeHeader header, int fragment)
    {
        int length = sa.Suite!.IvBytes;
        if (sa.Suite.Encryption.IvRule == IvRule.Unpredictable)
        {
            return draft.Fresh($"IV {header.IsResponse} {fragment}", sa, header.MessageId.Value, length);
        }

        byte[] iv = new byte[Math.Max(8, length)];
        BinaryPrimitives.WriteUInt32BigEndian(iv.AsSpan(iv.Length - 4), header.MessageId.Value);
        BinaryPrimitives.WriteUInt16BigEndian(iv.AsSpan(iv.Length - 6), (ushort)fragment);
        iv[^7] = header.IsResponse ? (byte)1 : (byte)0;
        return new ByteString(iv.AsSpan(iv.Length - length));
    }
}
