using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

public abstract partial record IkePayload
{
    /// <summary>IDi and IDr: who a side is. RFC 7296 §3.5.</summary>
    /// <param name="OfInitiator">True for IDi.</param>
    /// <param name="Identity">Kind and data.</param>
    public sealed record Identification(bool OfInitiator, Identity Identity) : IkePayload
    {
        /// <inheritdoc/>
        public override PayloadType Type => OfInitiator ? PayloadType.IdentificationInitiator : PayloadType.IdentificationResponder;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Identity.Data.Length;

        /// <summary>The 24 bits between kind and data: they mean nothing, and AUTH covers them as they were sent. RFC 7296 §2.15, §3.5.</summary>
        public uint Reserved
        {
            get;
            init => field = value < 1 << 24 ? value : throw new ArgumentOutOfRangeException(nameof(value));
        }

        /// <summary>The identity on one line.</summary>
        public override string ToString() => $"{(OfInitiator ? "IDi" : "IDr")}({Identity})";

        internal override void WriteBody(Span<byte> destination)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, ((uint)Identity.Type << 24) | Reserved);
            Identity.Data.Span.CopyTo(destination[4..]);
        }
    }

    /// <summary>CERT: a certificate or what helps to check one. RFC 7296 §3.6.</summary>
    /// <param name="Encoding">Encoding; unknown ones are kept.</param>
    /// <param name="Data">Certificate data.</param>
    public sealed record Certificate(CertificateEncoding Encoding, ByteString Data) : IkePayload
    {
        /// <summary>Certificate data.</summary>
        public ByteString Data { get; init => field = Limited(value, 1); } = Limited(Data, 1);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Certificate;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 1 + Data.Length;

        /// <summary>Encoding and size on one line.</summary>
        public override string ToString() => $"CERT({Iana.NameOf(Encoding)}, {Data.Length} bytes)";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Encoding;
            Data.Span.CopyTo(destination[1..]);
        }
    }

    /// <summary>CERTREQ: encodings and authorities that the sender trusts. RFC 7296 §3.7.</summary>
    /// <param name="Encoding">Encoding; unknown ones are kept.</param>
    /// <param name="Authorities">For X.509 hashes of 20 bytes end to end.</param>
    public sealed record CertificateRequest(CertificateEncoding Encoding, ByteString Authorities) : IkePayload
    {
        /// <summary>For X.509 hashes of 20 bytes end to end.</summary>
        public ByteString Authorities { get; init => field = Limited(value, 1); } = Limited(Authorities, 1);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.CertificateRequest;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 1 + Authorities.Length;

        /// <summary>Encoding and size on one line.</summary>
        public override string ToString() => $"CERTREQ({Iana.NameOf(Encoding)}, {Authorities.Length} bytes)";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Encoding;
            Authorities.Span.CopyTo(destination[1..]);
        }
    }

    /// <summary>AUTH: proof of an identity. RFC 7296 §3.8.</summary>
    /// <param name="Method">Method; unknown ones are kept.</param>
    /// <param name="Data">Authentication data, for method 14 with the algorithm identifier in front. RFC 7427 §3.</param>
    public sealed record Authentication(AuthenticationMethod Method, ByteString Data) : IkePayload
    {
        /// <summary>Authentication data.</summary>
        public ByteString Data { get; init => field = Limited(value, 4); } = Limited(Data, 4);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Authentication;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Data.Length;

        /// <summary>Method and size on one line.</summary>
        public override string ToString() => $"AUTH({Iana.NameOf(Method)}, {Data.Length} bytes)";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Method;
            Data.Span.CopyTo(destination[4..]);
        }
    }

    /// <summary>EAP: one message of an EAP conversation. RFC 7296 §3.16.</summary>
    /// <param name="Message">The message.</param>
    public sealed record Eap(EapMessage Message) : IkePayload
    {
        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Eap;

        /// <inheritdoc/>
        public override int BodyLengthBytes => Message.LengthBytes;

        /// <summary>The message on one line.</summary>
        public override string ToString() => $"{Message}";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Message.Code;
            destination[1] = Message.Identifier;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Message.LengthBytes);
            if (Message.Type is { } type)
            {
                destination[EapMessage.HeaderBytes] = (byte)type;
                Message.Data.Span.CopyTo(destination[(EapMessage.HeaderBytes + 1)..]);
            }
        }
    }
}
