using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

public abstract partial record IkePayload
{
    /// <summary>SK: payloads under encryption; always the last of its message. RFC 7296 §3.14.</summary>
    /// <remarks>
    /// The content is raw: IV, ciphertext and ICV. It ends where the message ends, so that what an AEAD covers beside it is the message without
    /// its last <c>Content.Length</c> bytes, and what a separate ICV covers is the message without the ICV.
    /// </remarks>
    /// <param name="FirstPayload">Type of the first payload inside; 0 if it is empty.</param>
    /// <param name="Content">IV, ciphertext and ICV.</param>
    public sealed record Encrypted(PayloadType FirstPayload, ByteString Content) : IkePayload
    {
        /// <summary>IV, ciphertext and ICV.</summary>
        public ByteString Content { get; init => field = Limited(value, 0); } = Limited(Content, 0);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Encrypted;

        /// <inheritdoc/>
        public override int BodyLengthBytes => Content.Length;

        internal override PayloadType? InnerType => FirstPayload;

        /// <summary>First payload and size on one line.</summary>
        public override string ToString() => $"SK({(FirstPayload == PayloadType.None ? "empty" : $"{Iana.NameOf(FirstPayload)}…")}, {Content.Length} bytes)";

        internal override void WriteBody(Span<byte> destination) => Content.Span.CopyTo(destination);
    }

    /// <summary>SKF: a fragment of payloads under encryption; always the last of its message. RFC 7383 §2.5.</summary>
    public sealed record EncryptedFragment : IkePayload
    {
        /// <summary>A fragment.</summary>
        /// <param name="firstPayload">Type of the first payload inside; 0 in all fragments but the first.</param>
        /// <param name="number">From 1 on.</param>
        /// <param name="total">Number of all fragments.</param>
        /// <param name="content">IV, ciphertext and ICV.</param>
        /// <exception cref="ArgumentException">A number that is not one of the total, a type in a later fragment, too many bytes.</exception>
        public EncryptedFragment(PayloadType firstPayload, ushort number, ushort total, ByteString content)
        {
            FirstPayload = number == 1 || firstPayload == PayloadType.None ? firstPayload : throw new ArgumentException("only the first fragment has a type", nameof(firstPayload));
            Number = number >= 1 && number <= total ? number : throw new ArgumentException($"{number} of {total}", nameof(number));
            Total = total;
            Content = Limited(content, 4);
        }

        /// <summary>Type of the first payload inside; 0 in all fragments but the first.</summary>
        public PayloadType FirstPayload { get; }

        /// <summary>From 1 on.</summary>
        public ushort Number { get; }

        /// <summary>Number of all fragments.</summary>
        public ushort Total { get; }

        /// <summary>IV, ciphertext and ICV of this fragment.</summary>
        public ByteString Content { get; }

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.EncryptedFragment;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Content.Length;

        internal override PayloadType? InnerType => FirstPayload;

        /// <summary>Number and size on one line.</summary>
        public override string ToString() => $"SKF({Number} of {Total}, {Content.Length} bytes)";

        internal override void WriteBody(Span<byte> destination)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination, Number);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Total);
            Content.Span.CopyTo(destination[4..]);
        }
    }
}
