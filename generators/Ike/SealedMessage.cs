using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Authentic messages with any content: what only a peer that holds the keys can send. RFC 7296 §3.14.</summary>
public static class SealedMessage
{
    /// <summary>What is inside a message to a side, with its exchange and the type of its first payload; null if it does not open.</summary>
    public static (ExchangeType Exchange, PayloadType First, ByteString Content)? Open(IIkeCryptography cryptography, IkeSa receiver, ByteString datagram)
    {
        if (receiver.InboundKeys is null || !IkeMessage.TryParse(datagram, out IkeMessage? message, out _) || message!.Find<IkePayload.Encrypted>() is not { } sealedPayload)
        {
            return null;
        }

        ByteString associated = datagram.Slice(..(datagram.Length - sealedPayload.Content.Length));
        return cryptography.TryOpen(receiver.Suite!, receiver.InboundKeys, associated, sealedPayload.Content, out ByteString plain, out _)
            ? (message.Header.ExchangeType, sealedPayload.FirstPayload, plain)
            : null;
    }

    /// <summary>A message to the side that has an IKE SA, as its peer would seal it.</summary>
    /// <param name="cryptography">What computes.</param>
    /// <param name="receiver">The receiver's IKE SA.</param>
    /// <param name="exchange">Exchange type.</param>
    /// <param name="isResponse">Flag R.</param>
    /// <param name="messageId">Message ID.</param>
    /// <param name="first">Type of the first payload inside.</param>
    /// <param name="content">What is inside, of any form.</param>
    public static ByteString To(IIkeCryptography cryptography, IkeSa receiver, ExchangeType exchange, bool isResponse, uint messageId, PayloadType first, ByteString content)
    {
        int padding = cryptography.LeastPaddingBytes(receiver.Suite!, content.Length);
        ByteString room = ByteString.Adopt(new byte[cryptography.SealedBytes(receiver.Suite!, content.Length, padding)]);
        IkeHeader header = new()
        {
            InitiatorSpi = receiver.InitiatorSpi,
            ResponderSpi = receiver.ResponderSpi,
            ExchangeType = exchange,
            IsFromInitiator = !receiver.IsInitiator,
            IsResponse = isResponse,
            MessageId = new MessageId(messageId),
        };
        byte[] bytes = new IkeMessage(header, [new IkePayload.Encrypted(first, room)]).ToBytes();
        ByteString associated = new(bytes.AsSpan(0, bytes.Length - room.Length));
        ByteString iv = ByteString.Adopt(new byte[receiver.Suite!.IvBytes]);
        cryptography.Seal(receiver.Suite, receiver.InboundKeys!, associated, content, iv, ByteString.Adopt(new byte[padding])).Span.CopyTo(bytes.AsSpan(associated.Length));
        return ByteString.Adopt(bytes);
    }
}
