using System.Buffers.Binary;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Messages built of the tester's state, to be changed before they leave, and how they are sealed.</summary>
public sealed partial class IkeSession
{
    private uint _iv;

    /// <summary>A request over the newest IKE SA with the next Message ID, to be changed before it leaves.</summary>
    public EditableMessage Request(ExchangeType exchange, params ReadOnlySpan<IkePayload> payloads) => Message(Sa, exchange, isResponse: false, Sa.NextRequest, payloads);

    /// <summary>A message over an IKE SA.</summary>
    public EditableMessage Message(IkeSa sa, ExchangeType exchange, bool isResponse, uint messageId, params ReadOnlySpan<IkePayload> payloads)
    {
        IkeHeader header = new()
        {
            InitiatorSpi = sa.InitiatorSpi,
            ResponderSpi = sa.ResponderSpi,
            ExchangeType = exchange,
            IsFromInitiator = sa.IsInitiator,
            IsResponse = isResponse,
            MessageId = new MessageId(messageId),
        };
        return EditableMessage.Of(header, ValueList.Of(payloads), isSealed: true) with { Iv = FreshIv(sa.Suite!.IvBytes) };
    }

    /// <summary>The tester's next IKE_SA_INIT request, to be changed before it leaves; nothing is sent.</summary>
    public EditableMessage InitialRequest()
    {
        _sentinels++;
        IkeConfiguration other = Configuration with { Seed = ByteString.Adopt([.. Configuration.Seed.Span, (byte)_sentinels, (byte)(_sentinels >> 8)]) };
        IkeOutcome outcome = new IkeMachine(other, Real).Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate()));
        return EditableMessage.Of(outcome.Outputs.OfType<IkeOutput.Send>().Single().Datagram);
    }

    /// <summary>One fragment of a message, with the chunk that its number has when all are alike. RFC 7383 §2.5.</summary>
    /// <param name="message">The message.</param>
    /// <param name="number">Fragment Number.</param>
    /// <param name="total">Total Fragments.</param>
    /// <param name="first">Next Payload; null for the right one.</param>
    /// <param name="whole">True for all of the content.</param>
    /// <param name="empty">True for none of it.</param>
    public ByteString Fragment(EditableMessage message, int number, int total, PayloadType? first = null, bool whole = false, bool empty = false)
    {
        const int HeaderBytes = IkeHeaderView.HeaderBytes;
        IkeSa sa = KeysFor(message);
        byte[] bytes = message.Tree.ToBytes();
        ReadOnlySpan<byte> content = bytes.AsSpan(HeaderBytes);
        int piece = (content.Length + Math.Max(total, 1) - 1) / Math.Max(total, 1);
        int at = Math.Clamp((number - 1) * piece, 0, content.Length);
        ByteString chunk = new(whole ? content : empty ? default : content.Slice(at, Math.Min(piece, content.Length - at)));
        int padding = Real.LeastPaddingBytes(sa.Suite!, chunk.Length);
        int body = Real.SealedBytes(sa.Suite!, chunk.Length, padding);
        byte[] start = [.. bytes.AsSpan(0, HeaderBytes), (byte)(first ?? (number == 1 ? (PayloadType)bytes[16] : PayloadType.None)), 0, .. Word(8 + body), .. Word(number), .. Word(total)];
        start[16] = (byte)PayloadType.EncryptedFragment;
        BinaryPrimitives.WriteUInt32BigEndian(start.AsSpan(24), (uint)(start.Length + body));
        ByteString sealedBody = Real.Seal(sa.Suite!, sa.OutboundKeys!, new ByteString(start), chunk, FreshIv(sa.Suite!.IvBytes), ByteString.Adopt(new byte[padding]));
        return ByteString.Adopt([.. start, .. sealedBody.Span]);

        static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];
    }

    /// <summary>The datagram of a message, sealed by the tester's keys of its IKE SA.</summary>
    public ByteString Write(EditableMessage message)
    {
        IkeSa? sa = message.IsSealed ? KeysFor(message) : null;
        return message.ToBytes(Real, sa?.Suite, sa?.OutboundKeys);
    }

    /// <summary>The datagram of a message over the newest IKE SA, sealed by the keys of the target.</summary>
    public ByteString WriteTheOtherWay(EditableMessage message) => message.ToBytes(Real, Sa.Suite, Sa.InboundKeys);

    private IkeSa KeysFor(EditableMessage message) =>
        Peer.Sas.FirstOrDefault(s => s.InitiatorSpi.Value == message["initiator SPI"] && s.ResponderSpi.Value == message["responder SPI"] && s.Keys is not null)
        ?? _known.Values.FirstOrDefault(s => s.InitiatorSpi.Value == message["initiator SPI"] && s.ResponderSpi.Value == message["responder SPI"] && s.Keys is not null)
        ?? Sa;

    private ByteString FreshIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        BinaryPrimitives.WriteUInt32BigEndian(iv, 0x80000000u + ++_iv);
        return ByteString.Adopt(iv);
    }
}
