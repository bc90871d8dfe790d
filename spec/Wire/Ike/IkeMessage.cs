using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>A valid IKEv2 message. RFC 7296 §3.</summary>
/// <remarks>Which payloads belong into which exchange is not asked here.</remarks>
public sealed record IkeMessage
{
    /// <summary>A message of payloads in order.</summary>
    /// <exception cref="ArgumentException">SK or SKF before another payload, or no initiator's SPI.</exception>
    public IkeMessage(IkeHeader header, ValueList<IkePayload> payloads)
    {
        Header = header.InitiatorSpi.IsZero && !Views.IkeSyntax.MayLackInitiatorSpi(header.ExchangeType) ? throw new ArgumentException("the initiator's SPI is 0", nameof(header)) : header;
        Payloads = payloads.SkipLast(1).Any(p => p.InnerType is not null) ? throw new ArgumentException("an encrypted payload is the last one", nameof(payloads)) : payloads;
    }

    /// <summary>Header.</summary>
    public IkeHeader Header { get; }

    /// <summary>Payloads in order.</summary>
    public ValueList<IkePayload> Payloads { get; }

    /// <summary>Length in bytes.</summary>
    public int LengthBytes => Views.IkeHeaderView.HeaderBytes + IkePayloads.LengthOf(Payloads);

    /// <summary>Reads a datagram without the non-ESP marker; what is read shares its bytes.</summary>
    /// <param name="bytes">The whole message.</param>
    /// <param name="message">What it means, or null.</param>
    /// <param name="error">Field, offset and reason; "major version" alone asks for an answer of its own. RFC 7296 §2.5.</param>
    public static bool TryParse(ByteString bytes, out IkeMessage? message, out ParseError error)
    {
        message = Views.IkeSyntax.TryCheck(bytes.Span, out error) ? IkeReader.Read(bytes) : null;
        return message is not null;
    }

    /// <summary>Reads a copy of the bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IkeMessage? message, out ParseError error) => TryParse(new ByteString(bytes), out message, out error);

    /// <summary>The first payload of a kind, or null.</summary>
    public T? Find<T>()
        where T : IkePayload => IkePayloads.Find<T>(Payloads);

    /// <summary>The message with lengths, counts and types of next payloads, reserved bits 0.</summary>
    public byte[] ToBytes() => IkeWriter.Write(this);

    /// <summary>Header and payloads on one line.</summary>
    public override string ToString() => $"{Header}: {(Payloads.IsEmpty ? "no payload" : string.Join(", ", Payloads.Select(p => $"{p}")))}";
}

/// <summary>Chains of payloads outside of a message: what is inside SK. RFC 7296 §3.2, §3.14.</summary>
public static class IkePayloads
{
    /// <summary>True for types that this model reads; others are kept as <see cref="IkePayload.Unknown"/>.</summary>
    public static bool HasMeaning(PayloadType type) =>
        type is (>= PayloadType.SecurityAssociation and <= PayloadType.Eap) or PayloadType.EncryptedFragment;

    /// <summary>Reads what was inside SK, or inside all fragments of SKF laid end to end.</summary>
    /// <param name="first">Type of the first payload, from the header of SK or of the first fragment.</param>
    /// <param name="content">The opened content without padding and pad length.</param>
    /// <param name="payloads">In order.</param>
    /// <param name="error">What is wrong; offsets count from the start of the content.</param>
    public static bool TryParse(PayloadType first, ByteString content, out ValueList<IkePayload> payloads, out ParseError error)
    {
        bool isRight = Views.IkeSyntax.TryCheckInner(first, content.Span, out error);
        payloads = isRight ? IkeReader.ReadChain(first, content, 0) : [];
        return isRight;
    }

    /// <summary>Type of the first payload and the bytes of all, as SK encloses them.</summary>
    /// <exception cref="ArgumentException">SK or SKF among them.</exception>
    public static (PayloadType First, byte[] Content) ToBytes(ValueList<IkePayload> payloads)
    {
        if (payloads.Any(p => p.InnerType is not null))
        {
            throw new ArgumentException("an encrypted payload inside another", nameof(payloads));
        }

        byte[] bytes = new byte[LengthOf(payloads)];
        IkeWriter.WriteChain(payloads, bytes);
        return (payloads.IsEmpty ? PayloadType.None : payloads[0].Type, bytes);
    }

    /// <summary>The first payload of a kind, or null.</summary>
    public static T? Find<T>(ValueList<IkePayload> payloads)
        where T : IkePayload
    {
        foreach (IkePayload payload in payloads)
        {
            if (payload is T found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The first notification of a type, or null.</summary>
    public static IkePayload.Notify? FindNotify(ValueList<IkePayload> payloads, NotifyType type)
    {
        foreach (IkePayload payload in payloads)
        {
            if (payload is IkePayload.Notify notify && notify.Notification == type)
            {
                return notify;
            }
        }

        return null;
    }

    internal static int LengthOf(ValueList<IkePayload> payloads)
    {
        int length = 0;
        foreach (IkePayload payload in payloads)
        {
            length += Views.PayloadView.HeaderBytes + payload.BodyLengthBytes;
        }

        return length;
    }
}
