using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>What the bytes of a message must keep to, whatever they mean: one pass over views, which allocates nothing unless something is wrong.</summary>
/// <remarks>Reserved fields and bits are not looked at. RFC 7296 §2.5, §3.</remarks>
public static partial class IkeSyntax
{
    /// <summary>The major version of IKEv2.</summary>
    public const int MajorVersion = 2;

    /// <summary>Checks a whole message.</summary>
    public static bool TryCheck(ReadOnlySpan<byte> message, out ParseError error)
    {
        IkeHeaderView header = new(message);
        if (message.Length < IkeHeaderView.HeaderBytes)
        {
            return Wrong("header", 0, $"{message.Length} bytes, a header has {IkeHeaderView.HeaderBytes}", out error);
        }

        if (header.MajorVersion != MajorVersion)
        {
            return Wrong("major version", 17, $"{header.MajorVersion}", out error);
        }

        if (header.LengthBytes != (uint)message.Length)
        {
            return Wrong("length", 24, $"{header.LengthBytes}, {message.Length} bytes are there", out error);
        }

        if (header.InitiatorSpi.IsZero && !MayLackInitiatorSpi(header.ExchangeType))
        {
            return Wrong("initiator SPI", 0, "0", out error);
        }

        return CheckChain(header.Payloads, isInner: false, out error);
    }

    /// <summary>Checks the payloads that were inside SK or SKF.</summary>
    /// <param name="first">Type of the first, from the header of SK or of the first SKF.</param>
    /// <param name="content">The opened content without padding.</param>
    /// <param name="error">What is wrong; offsets count from the start of the content.</param>
    public static bool TryCheckInner(PayloadType first, ReadOnlySpan<byte> content, out ParseError error) =>
        CheckChain(new PayloadChainView(first, content, 0), isInner: true, out error);

    /// <summary>Checks one payload whose generic header is right.</summary>
    public static bool TryCheckBody(scoped in PayloadView payload, out ParseError error)
    {
        int at = payload.BodyOffsetBytes;
        ReadOnlySpan<byte> body = payload.Body;
        switch (payload.Type)
        {
            case PayloadType.SecurityAssociation:
                return CheckProposals(body, at, out error);
            case PayloadType.KeyExchange:
                return HasFixedPart(body, 4, at, "key exchange payload", out error);
            case PayloadType.IdentificationInitiator or PayloadType.IdentificationResponder:
                return CheckIdentification(body, at, out error);
            case PayloadType.Certificate or PayloadType.CertificateRequest:
                return HasFixedPart(body, 1, at, "certificate encoding", out error);
            case PayloadType.Authentication:
                return HasFixedPart(body, 4, at, "authentication payload", out error);
            case PayloadType.Nonce:
                return body.Length is < IkePayload.Nonce.LeastBytes or > IkePayload.Nonce.MostBytes ? Wrong("nonce data", at, $"{body.Length} bytes", out error) : Right(out error);
            case PayloadType.Notify:
                return CheckNotify(body, at, out error);
            case PayloadType.Delete:
                return CheckDelete(body, at, out error);
            case PayloadType.TrafficSelectorInitiator or PayloadType.TrafficSelectorResponder:
                return CheckTrafficSelectors(body, at, out error);
            case PayloadType.EncryptedFragment:
                return CheckFragment(body, at, out error);
            case PayloadType.Configuration:
                return CheckConfiguration(body, at, out error);
            case PayloadType.Eap:
                return CheckEap(body, at, out error);
            default:
                return Right(out error);
        }
    }

    private static bool CheckChain(PayloadChainView chain, bool isInner, out ParseError error)
    {
        while (chain.MoveNext())
        {
            PayloadView payload = chain.Current;
            if (!payload.IsWhole)
            {
                return Wrong("payload length", payload.OffsetBytes + 2, $"{payload.LengthBytes} of {payload.Bytes.Length} bytes", out error);
            }

            if (isInner && payload.IsEncrypted)
            {
                return Wrong("payload type", payload.OffsetBytes, "an encrypted payload inside another", out error);
            }

            if (!TryCheckBody(payload, out error))
            {
                return false;
            }
        }

        if (chain.NextType != PayloadType.None)
        {
            return Wrong("next payload", chain.NextOffsetBytes, $"{Iana.NameOf(chain.NextType)} is announced, nothing is there", out error);
        }

        return chain.Rest.IsEmpty ? Right(out error) : Wrong("last payload", chain.NextOffsetBytes, $"{chain.Rest.Length} bytes behind it", out error);
    }

    private static bool CheckProposals(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (body.IsEmpty)
        {
            return Wrong("proposal", at, "none", out error);
        }

        foreach (StructureView structure in new StructureWalk(body, at, ProposalView.FixedBytes))
        {
            if (!structure.IsWhole)
            {
                return Wrong("proposal length", structure.OffsetBytes + 2, $"{structure.LengthBytes} of {structure.Bytes.Length} bytes", out error);
            }

            ProposalView proposal = new(structure);
            if (proposal.More != (structure.IsLast ? 0 : ProposalView.MoreProposals))
            {
                return Wrong("last substructure", structure.OffsetBytes, $"{proposal.More} in {(structure.IsLast ? "the last proposal" : "a proposal before others")}", out error);
            }

            if (ProposalView.FixedBytes + proposal.SpiSizeBytes > structure.Bytes.Length || !IsSpiSizeOf(proposal.Protocol, proposal.SpiSizeBytes))
            {
                return Wrong("SPI size", structure.OffsetBytes + 6, $"{proposal.SpiSizeBytes} bytes for {Iana.NameOf(proposal.Protocol)}", out error);
            }

            if (!CheckTransforms(proposal, out error))
            {
                return false;
            }
        }

        return Right(out error);
    }

    private static bool CheckTransforms(scoped in ProposalView proposal, out ParseError error)
    {
        int count = 0;
        foreach (StructureView structure in proposal.Transforms)
        {
            if (!structure.IsWhole)
            {
                return Wrong("transform length", structure.OffsetBytes + 2, $"{structure.LengthBytes} of {structure.Bytes.Length} bytes", out error);
            }

            TransformView transform = new(structure);
            if (transform.More != (structure.IsLast ? 0 : TransformView.MoreTransforms))
            {
                return Wrong("last substructure", structure.OffsetBytes, $"{transform.More} in {(structure.IsLast ? "the last transform" : "a transform before others")}", out error);
            }

            foreach (AttributeView attribute in transform.Attributes)
            {
                if (!attribute.IsWhole)
                {
                    return Wrong("attribute length", attribute.OffsetBytes, $"{attribute.Bytes.Length} bytes are there", out error);
                }
            }

            count++;
        }

        return count == proposal.TransformCount
            ? Right(out error)
            : Wrong("number of transforms", proposal.OffsetBytes + 7, $"{proposal.TransformCount}, {count} are there", out error);
    }

    // An unprotected INVALID_SPI belongs to no IKE SA: its SPIs may be 0. RFC 7296 §1.5.
    internal static bool MayLackInitiatorSpi(ExchangeType type) => type == ExchangeType.Informational;

    // In the first exchange a proposal for IKE has no SPI, in a rekey it has one. RFC 7296 §3.3.1.
    internal static bool IsSpiSizeOf(ProtocolId protocol, int sizeBytes) => protocol switch
    {
        ProtocolId.Ike => sizeBytes is 0 or IkeSpi.LengthBytes,
        ProtocolId.Ah or ProtocolId.Esp => sizeBytes == 4,
        _ => true,
    };

    private static bool HasFixedPart(ReadOnlySpan<byte> body, int fixedBytes, int at, string field, out ParseError error) =>
        body.Length >= fixedBytes ? Right(out error) : Wrong(field, at, $"{body.Length} bytes, its fixed part has {fixedBytes}", out error);

    private static bool Right(out ParseError error)
    {
        error = default;
        return true;
    }

    private static bool Wrong(string field, int offsetBytes, string reason, out ParseError error)
    {
        error = new ParseError(field, offsetBytes, reason);
        return false;
    }
}
