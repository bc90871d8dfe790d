using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>What a fragment says of itself. RFC 7383 §2.5.</summary>
/// <param name="Number">Fragment Number.</param>
/// <param name="Total">Total Fragments.</param>
/// <param name="First">Next Payload.</param>
/// <param name="Opens">True where its checksum is right.</param>
/// <param name="Iv">Its IV.</param>
public sealed record FragmentMark(int Number, int Total, PayloadType First, bool Opens, ByteString Iv);

/// <summary>A message of the target, as far as it could be read.</summary>
public sealed record IkeArrival
{
    /// <summary>How it came.</summary>
    public required IkeDatagram Datagram { get; init; }

    /// <summary>Number among all messages of the target.</summary>
    public required int Number { get; init; }

    /// <summary>From the IKE header on.</summary>
    public ByteString Bytes => Datagram.Message;

    /// <summary>The header as it stands.</summary>
    public IkeHeaderView Header => new(Bytes.Span);

    /// <summary>SPI of the initiator.</summary>
    public IkeSpi InitiatorSpi => Header.InitiatorSpi;

    /// <summary>SPI of the responder.</summary>
    public IkeSpi ResponderSpi => Header.ResponderSpi;

    /// <summary>Message ID.</summary>
    public uint MessageId => Header.MessageId.Value;

    /// <summary>Exchange type.</summary>
    public ExchangeType Exchange => Header.ExchangeType;

    /// <summary>Flag R.</summary>
    public bool IsResponse => Header.IsResponse;

    /// <summary>Flag I.</summary>
    public bool IsFromInitiator => Header.IsFromInitiator;

    /// <summary>Type of the first payload behind the header.</summary>
    public PayloadType Outermost => Header.NextPayload;

    /// <summary>True where its payloads travel inside SK or SKF.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Number, total and type of the first payload of a fragment that opened; null for anything else.</summary>
    public FragmentMark? Fragment { get; init; }

    /// <summary>What it says, with its fields; null where it did not open.</summary>
    public EditableMessage? Opened { get; init; }

    /// <summary>Its payloads; null where they have no meaning.</summary>
    public ValueList<IkePayload>? Payloads { get; init; }

    /// <summary>Why they have none.</summary>
    public ParseError Error { get; init; }

    /// <summary>IKE SA by whose keys it opened; null for what is in clear.</summary>
    public IkeSuite? Suite { get; init; }

    /// <summary>Length of the padding inside SK.</summary>
    public int PaddingBytes { get; init; }

    /// <summary>True where it opens by the keys of the other direction only.</summary>
    public bool HasKeysOfTheOtherWay { get; init; }

    /// <summary>The known mistake that explains why it does not open, or why its AUTH does not verify; null for none.</summary>
    internal Violation? Mistake { get; init; }

    /// <summary>The first payload of a kind, or null.</summary>
    public T? Find<T>()
        where T : IkePayload => Payloads is { } payloads ? IkePayloads.Find<T>(payloads) : null;

    /// <summary>The first notification of a type, or null.</summary>
    public IkePayload.Notify? Notify(NotifyType type) => Payloads is { } payloads ? IkePayloads.FindNotify(payloads, type) : null;

    /// <summary>The first notification of an error, or null.</summary>
    public IkePayload.Notify? ErrorNotify => Payloads is { } payloads ? payloads.OfType<IkePayload.Notify>().FirstOrDefault(n => n.IsError) : null;

    /// <summary>Reads a message in clear.</summary>
    public static IkeArrival Read(IkeDatagram datagram, int number)
    {
        ByteString bytes = datagram.Message;
        bool isRead = IkeMessage.TryParse(bytes, out IkeMessage? message, out ParseError error);
        bool isSealed = message?.Payloads is [.., IkePayload.Encrypted or IkePayload.EncryptedFragment];
        return new IkeArrival
        {
            Datagram = datagram,
            Number = number,
            IsSealed = isSealed,
            Opened = isSealed ? null : EditableMessage.Of(bytes),
            Payloads = isRead && !isSealed ? message!.Payloads : null,
            Error = error,
        };
    }

    /// <summary>The same message opened; unchanged where it does not open.</summary>
    public IkeArrival Open(IIkeCryptography cryptography, IkeSuite suite, SealingKeys theirs, SealingKeys ours)
    {
        if (IkeMessage.TryParse(Bytes, out IkeMessage? message, out _) && message!.Payloads is [.., IkePayload.EncryptedFragment fragment])
        {
            ByteString associated = Bytes.Slice(..(Bytes.Length - fragment.Content.Length));
            const int FixedBytes = PayloadView.HeaderBytes + 4;

            // As it stands: its meaning is that of the first fragment only.
            PayloadType first = (PayloadType)Bytes[associated.Length - FixedBytes];
            bool isOpen = cryptography.TryOpen(suite, theirs, associated, fragment.Content, out _, out _);
            return this with { Fragment = new FragmentMark(fragment.Number, fragment.Total, first, isOpen, fragment.Content.Slice(..suite.IvBytes)) };
        }

        if (message?.Payloads is not [.., IkePayload.Encrypted sealedPayload])
        {
            return this;
        }

        EditableMessage? opened = EditableMessage.Open(Bytes, cryptography, suite, theirs);
        if (opened is null)
        {
            return this with { HasKeysOfTheOtherWay = EditableMessage.Open(Bytes, cryptography, suite, ours) is not null };
        }

        ByteString content = new(opened.Tree.ToBytes().AsSpan(IkeHeaderView.HeaderBytes));
        bool isRead = IkePayloads.TryParse(sealedPayload.FirstPayload, content, out ValueList<IkePayload> payloads, out ParseError error);
        return this with
        {
            Opened = opened,
            Payloads = isRead ? payloads : null,
            Error = error,
            Suite = suite,
            PaddingBytes = sealedPayload.Content.Length - cryptography.SealedBytes(suite, content.Length, 0),
        };
    }

    /// <summary>Header and payloads as the RFC writes them.</summary>
    public override string ToString() =>
        $"{Iana.NameOf(Exchange)} {(IsResponse ? "response" : "request")} {MessageId}: "
        + (Payloads is { } payloads ? $"{(IsSealed ? "SK {" : "")}{string.Join(", ", payloads.Select(p => $"{p}"))}{(IsSealed ? "}" : "")}" : IsSealed && Opened is null ? "SK that does not open here" : $"{Error}");
}
