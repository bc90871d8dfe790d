using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

public abstract partial record IkePayload
{
    /// <summary>SA: proposals. RFC 7296 §3.3.</summary>
    public sealed record SecurityAssociation : IkePayload
    {
        /// <summary>One proposal or more.</summary>
        /// <exception cref="ArgumentException">None, or too many bytes.</exception>
        public SecurityAssociation(ValueList<Proposal> proposals)
        {
            Proposals = proposals.IsEmpty ? throw new ArgumentException("no proposal", nameof(proposals)) : proposals;
            _ = BodyLengthBytes <= MostBodyBytes ? 0 : throw new ArgumentException("too long for a payload", nameof(proposals));
        }

        /// <summary>Proposals in order of preference.</summary>
        public ValueList<Proposal> Proposals { get; }

        /// <summary>True if they are counted from 1, as an offer must be. RFC 7296 §3.3.1.</summary>
        public bool AreCounted => Proposals.Select((p, i) => p.Number == i + 1).All(fits => fits);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.SecurityAssociation;

        /// <inheritdoc/>
        public override int BodyLengthBytes => Proposals.Sum(p => p.LengthBytes);

        /// <summary>The proposals on one line.</summary>
        public override string ToString() => $"SA({string.Join("; ", Proposals.Select(p => $"{p}"))})";

        internal override void WriteBody(Span<byte> destination)
        {
            int at = 0;
            for (int i = 0; i < Proposals.Count; i++)
            {
                Proposal proposal = Proposals[i];
                ProposalWriter.Write(proposal, i == Proposals.Count - 1, destination.Slice(at, proposal.LengthBytes));
                at += proposal.LengthBytes;
            }
        }
    }

    /// <summary>KE: a public value. RFC 7296 §3.4.</summary>
    /// <param name="Method">Key exchange method; unknown ones are kept.</param>
    /// <param name="Data">Public value, ciphertext or encapsulation key.</param>
    public sealed record KeyExchange(KeyExchangeMethod Method, ByteString Data) : IkePayload
    {
        /// <summary>Public value, ciphertext or encapsulation key.</summary>
        public ByteString Data { get; init => field = Limited(value, 4); } = Limited(Data, 4);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.KeyExchange;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Data.Length;

        /// <summary>Method and size on one line.</summary>
        public override string ToString() => $"KE({Iana.NameOf(Method)}, {Data.Length} bytes)";

        internal override void WriteBody(Span<byte> destination)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)Method);
            Data.Span.CopyTo(destination[4..]);
        }
    }

    /// <summary>Ni and Nr: random data. RFC 7296 §3.9.</summary>
    /// <param name="Data">16 to 256 bytes.</param>
    public sealed record Nonce(ByteString Data) : IkePayload
    {
        /// <summary>Shortest nonce, in bytes.</summary>
        public const int LeastBytes = 16;

        /// <summary>Longest nonce, in bytes.</summary>
        public const int MostBytes = 256;

        /// <summary>16 to 256 bytes.</summary>
        public ByteString Data { get; init => field = Checked(value); } = Checked(Data);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Nonce;

        /// <inheritdoc/>
        public override int BodyLengthBytes => Data.Length;

        /// <summary>Size on one line.</summary>
        public override string ToString() => $"Nonce({Data.Length} bytes)";

        internal override void WriteBody(Span<byte> destination) => Data.Span.CopyTo(destination);

        private static ByteString Checked(ByteString data) =>
            data.Length is >= LeastBytes and <= MostBytes ? data : throw new ArgumentException($"a nonce of {data.Length} bytes", nameof(data));
    }

    /// <summary>TSi and TSr: the traffic of one side. RFC 7296 §3.13.</summary>
    public sealed record TrafficSelectors : IkePayload
    {
        /// <summary>1 to 255 selectors.</summary>
        /// <param name="ofInitiator">True for TSi.</param>
        /// <param name="selectors">In order.</param>
        /// <exception cref="ArgumentException">None, too many, or too many bytes.</exception>
        public TrafficSelectors(bool ofInitiator, ValueList<TrafficSelector> selectors)
        {
            OfInitiator = ofInitiator;
            Selectors = selectors.Count is > 0 and <= byte.MaxValue ? selectors : throw new ArgumentException($"{selectors.Count} selectors", nameof(selectors));
            _ = BodyLengthBytes <= MostBodyBytes ? 0 : throw new ArgumentException("too long for a payload", nameof(selectors));
        }

        /// <summary>True for TSi.</summary>
        public bool OfInitiator { get; }

        /// <summary>Selectors in order; the first may be that of the packet that asked for the SA. RFC 7296 §2.9.</summary>
        public ValueList<TrafficSelector> Selectors { get; }

        /// <inheritdoc/>
        public override PayloadType Type => OfInitiator ? PayloadType.TrafficSelectorInitiator : PayloadType.TrafficSelectorResponder;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Selectors.Sum(s => s.LengthBytes);

        /// <summary>The selectors on one line.</summary>
        public override string ToString() => $"{(OfInitiator ? "TSi" : "TSr")}({string.Join("; ", Selectors.Select(s => $"{s}"))})";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Selectors.Count;
            int at = 4;
            foreach (TrafficSelector selector in Selectors)
            {
                destination[at] = (byte)selector.Type;
                BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], (ushort)selector.LengthBytes);
                selector.Write(destination.Slice(at, selector.LengthBytes));
                at += selector.LengthBytes;
            }
        }
    }
}

/// <summary>Writes proposals with their counts and lengths. RFC 7296 §3.3.1, §3.3.2.</summary>
internal static class ProposalWriter
{
    /// <summary>Writes one proposal into as many zeros as it is long.</summary>
    public static void Write(Proposal proposal, bool isLast, Span<byte> destination)
    {
        destination[0] = isLast ? (byte)0 : ProposalView.MoreProposals;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)destination.Length);
        destination[4] = proposal.Number;
        destination[5] = (byte)proposal.Protocol;
        destination[6] = (byte)proposal.Spi.Length;
        destination[7] = (byte)proposal.Transforms.Count;
        proposal.Spi.Span.CopyTo(destination[ProposalView.FixedBytes..]);
        int at = ProposalView.FixedBytes + proposal.Spi.Length;
        for (int i = 0; i < proposal.Transforms.Count; i++)
        {
            Transform transform = proposal.Transforms[i];
            Write(transform, i == proposal.Transforms.Count - 1, destination.Slice(at, transform.LengthBytes));
            at += transform.LengthBytes;
        }
    }

    private static void Write(Transform transform, bool isLast, Span<byte> destination)
    {
        destination[0] = isLast ? (byte)0 : TransformView.MoreTransforms;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)destination.Length);
        destination[4] = (byte)transform.Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], transform.Id);
        int at = TransformView.FixedBytes;
        foreach (TransformAttribute attribute in transform.Attributes)
        {
            ushort type = (ushort)attribute.Type;
            switch (attribute)
            {
                case TransformAttribute.Fixed(_, ushort value):
                    BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)(0x8000 | type));
                    BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], value);
                    break;
                case TransformAttribute.Variable(_, ByteString value):
                    BinaryPrimitives.WriteUInt16BigEndian(destination[at..], type);
                    BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], (ushort)value.Length);
                    value.Span.CopyTo(destination[(at + 4)..]);
                    break;
            }

            at += attribute.LengthBytes;
        }
    }
}
