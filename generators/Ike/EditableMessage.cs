using System.Buffers.Binary;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Generators.Ike;

/// <summary>A message of one who holds the keys, any part of which may be changed before it is sealed. RFC 7296 §3, §3.14.</summary>
/// <remarks>
/// The tree has the header fields and behind them the payloads, those inside SK where the message is sealed; then "next payload"
/// is the type of the first one inside. Lengths of the datagram and of SK are made when it is written.
/// </remarks>
/// <param name="Tree">Header fields and payloads.</param>
/// <param name="IsSealed">True where the payloads travel inside SK.</param>
public sealed record EditableMessage(RawNode Tree, bool IsSealed)
{
    private const int HeaderParts = 8;
    private const int NextPayloadOffset = 16;
    private const int LengthOffset = 24;

    /// <summary>IV; null for zeros.</summary>
    public ByteString? Iv { get; init; }

    /// <summary>Padding; null for the least, of zeros.</summary>
    public ByteString? Padding { get; init; }

    /// <summary>Second octet of the SK payload: the critical bit and seven reserved ones.</summary>
    public byte SealFlags { get; init; }

    /// <summary>Added to the length that the header tells.</summary>
    public int LengthError { get; init; }

    /// <summary>Whole payloads between header and SK, in clear, the first of which says what its next one is.</summary>
    public ByteString InClear { get; init; }

    /// <summary>Type of the payload in clear.</summary>
    public PayloadType InClearType { get; init; }

    /// <summary>Bytes behind the last payload.</summary>
    public ByteString Behind { get; init; }

    /// <summary>True where the last bit of the ICV is wrong.</summary>
    public bool IsForged { get; init; }

    /// <summary>A message of valid payloads.</summary>
    public static EditableMessage Of(IkeHeader header, ValueList<IkePayload> payloads, bool isSealed) =>
        new(IkeDissection.Of(ByteString.Adopt(new IkeMessage(header, payloads).ToBytes())), isSealed);

    /// <summary>A message in clear, whatever it says.</summary>
    public static EditableMessage Of(ByteString datagram) => new(IkeDissection.Of(datagram), false);

    /// <summary>Opens a sealed message; null where it is none, or not sealed by these keys, or one of several fragments.</summary>
    public static EditableMessage? Open(ByteString datagram, IIkeCryptography cryptography, IkeSuite suite, SealingKeys keys)
    {
        if (!IkeMessage.TryParse(datagram, out IkeMessage? message, out _) || message!.Payloads is not [IkePayload.Encrypted sealedPayload])
        {
            return null;
        }

        ByteString associated = datagram.Slice(..(datagram.Length - sealedPayload.Content.Length));
        if (!cryptography.TryOpen(suite, keys, associated, sealedPayload.Content, out ByteString plain, out _))
        {
            return null;
        }

        byte[] bytes = [.. datagram.Span[..IkeHeaderView.HeaderBytes], .. plain.Span];
        bytes[NextPayloadOffset] = (byte)sealedPayload.FirstPayload;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(LengthOffset), (uint)bytes.Length);
        return new EditableMessage(IkeDissection.Of(ByteString.Adopt(bytes)), true)
        {
            Iv = sealedPayload.Content.Slice(..suite.IvBytes),
            SealFlags = datagram[IkeHeaderView.HeaderBytes + 1],
        };
    }

    /// <summary>Another value in one field.</summary>
    public EditableMessage With(string path, ulong value) => this with { Tree = Tree.With(path, value) };

    /// <summary>Another value in one field, made of the one that stands there.</summary>
    public EditableMessage With(string path, Func<ulong, ulong> change) => this with { Tree = Tree.With(path, change) };

    /// <summary>Other bytes in one run; lengths and counts follow.</summary>
    public EditableMessage With(string path, ByteString bytes) => this with { Tree = Tree.With(path, bytes).Repaired() };

    /// <summary>The tree changed in some way, with lengths and counts as they must be.</summary>
    public EditableMessage Repaired(Func<RawNode, RawNode> change) => this with { Tree = change(Tree).Repaired() };

    /// <summary>Without a payload; nothing changes where it has none such.</summary>
    public EditableMessage Without(string path) => Has(path) ? Repaired(tree => tree.Without(path)) : this;

    /// <summary>With one more payload at its end.</summary>
    public EditableMessage With(IkePayload payload) => Repaired(tree => tree.WithLast("", IkeDissection.Payload(payload)));

    /// <summary>With one more payload in front of all others.</summary>
    public EditableMessage WithFirst(IkePayload payload) => Repaired(tree => tree with { Parts = tree.Parts.Insert(HeaderParts, IkeDissection.Payload(payload)) });

    /// <summary>With its payloads in reverse order.</summary>
    public EditableMessage Reversed() => Repaired(tree => tree with { Parts = new([.. tree.Parts.Items[..HeaderParts], .. tree.Parts.Items[HeaderParts..].Reverse()]) });

    /// <summary>True if it has a part of that path.</summary>
    public bool Has(string path) => Tree.Walk().Any(part => part.Path == path);

    /// <summary>True for a response.</summary>
    public bool IsResponse => (this["flags"] & IkeHeaderView.ResponseFlag) != 0;

    /// <summary>True for a message of an exchange.</summary>
    public bool Is(ExchangeType exchange) => this["exchange type"] == (ulong)exchange;

    /// <summary>True for a request, or a response, of an exchange.</summary>
    public bool Is(ExchangeType exchange, bool isResponse) => Is(exchange) && IsResponse == isResponse;

    /// <summary>The path of the notification of a type, or null.</summary>
    public string? PathOf(NotifyType type)
    {
        int index = 0;
        foreach (RawNode node in Tree.Parts.OfType<RawNode>().Where(n => n.Type == PayloadType.Notify))
        {
            if (node.Parts.OfType<RawField>().Any(f => f.Name == "type" && f.Value == (ulong)type))
            {
                return index == 0 ? "Notify" : $"Notify[{index}]";
            }

            index++;
        }

        return null;
    }

    /// <summary>Value of a field.</summary>
    public ulong this[string path] => Tree[path] is RawField field ? field.Value : throw new ArgumentException($"{path} is no field", nameof(path));

    /// <summary>The datagram of a message in clear.</summary>
    public ByteString ToBytes()
    {
        byte[] bytes = [.. Tree.ToBytes(), .. Behind.Span];
        return WithLength(bytes, Behind.Length == 0 && LengthError == 0 ? null : bytes.Length + LengthError);
    }

    /// <summary>The datagram, sealed by these keys where it is to be.</summary>
    public ByteString ToBytes(IIkeCryptography cryptography, IkeSuite? suite, SealingKeys? keys)
    {
        if (!IsSealed)
        {
            return ToBytes();
        }

        IkeSuite known = suite ?? throw new InvalidOperationException("no suite to seal with");
        byte[] whole = Tree.ToBytes();
        ByteString content = new(whole.AsSpan(IkeHeaderView.HeaderBytes));
        ByteString padding = Padding ?? ByteString.Adopt(new byte[cryptography.LeastPaddingBytes(known, content.Length)]);
        int body = cryptography.SealedBytes(known, content.Length, padding.Length);
        byte[] start = new byte[IkeHeaderView.HeaderBytes + InClear.Length + PayloadView.HeaderBytes];
        whole.AsSpan(0, IkeHeaderView.HeaderBytes).CopyTo(start);
        start[NextPayloadOffset] = (byte)(InClear.Length > 0 ? InClearType : PayloadType.Encrypted);
        InClear.Span.CopyTo(start.AsSpan(IkeHeaderView.HeaderBytes));
        Span<byte> generic = start.AsSpan(start.Length - PayloadView.HeaderBytes);
        generic[0] = whole[NextPayloadOffset];
        generic[1] = SealFlags;
        BinaryPrimitives.WriteUInt16BigEndian(generic[2..], (ushort)(PayloadView.HeaderBytes + body));
        BinaryPrimitives.WriteUInt32BigEndian(start.AsSpan(LengthOffset), (uint)(start.Length + body + Behind.Length + LengthError));
        ByteString iv = Iv ?? ByteString.Adopt(new byte[known.IvBytes]);
        ByteString sealedBody = cryptography.Seal(known, keys!, new ByteString(start), content, iv, padding);
        byte[] datagram = [.. start, .. sealedBody.Span, .. Behind.Span];
        datagram[^(1 + Behind.Length)] ^= (byte)(IsForged ? 1 : 0);
        return ByteString.Adopt(datagram);
    }

    private static ByteString WithLength(byte[] bytes, int? length)
    {
        if (length is { } told && bytes.Length >= IkeHeaderView.HeaderBytes)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(LengthOffset), (uint)told);
        }

        return ByteString.Adopt(bytes);
    }
}
