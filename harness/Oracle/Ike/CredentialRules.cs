using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Form of certificates, signatures and EAP messages, and where they may stand. RFC 7296 §2.16, §3.6, §3.7, §3.16, RFC 7427 §3, §4.</summary>
internal static class CredentialRules
{
    private const int AuthorityHashBytes = 20;
    private const byte DerSequence = 0x30;

    public static IEnumerable<Violation> Judge(IkeContext context) => Certificates(context).Concat(Signatures(context)).Concat(Eap(context));

    private static IEnumerable<Violation> Certificates(IkeContext context)
    {
        foreach (IkePayload payload in context.Payloads)
        {
            if (payload is IkePayload.Certificate { Encoding: CertificateEncoding.X509Signature } certificate && !IsOneDer(certificate.Data.Span))
            {
                yield return new("RFC7296-3.6-02", $"CERT of {certificate.Data.Length} octets is not one certificate in DER");
            }

            if (payload is IkePayload.CertificateRequest { Encoding: CertificateEncoding.X509Signature } request && request.Authorities.Length % AuthorityHashBytes != 0)
            {
                yield return new("RFC7296-3.7-02", $"CERTREQ with {request.Authorities.Length} octets of hashes");
            }
        }
    }

    private static IEnumerable<Violation> Signatures(IkeContext context)
    {
        if (context.Arrival.Find<IkePayload.Authentication>() is { Method: AuthenticationMethod.DigitalSignature } proof && !IsIdentified(proof.Data.Span))
        {
            yield return new("RFC7427-3-02", "AUTH does not start with the length of an AlgorithmIdentifier and that");
        }

        if (context.Arrival.Notify(NotifyType.SignatureHashAlgorithms) is { } hashes && (hashes.Data.Length == 0 || hashes.Data.Length % sizeof(ushort) != 0))
        {
            yield return new("RFC7427-4-02", $"SIGNATURE_HASH_ALGORITHMS with {hashes.Data.Length} octets");
        }
    }

    private static IEnumerable<Violation> Eap(IkeContext context)
    {
        if (context.Arrival.Find<IkePayload.Eap>() is not { Message: { } message })
        {
            yield break;
        }

        if (context.Arrival.IsResponse && context.Payloads.Any(p => p is IkePayload.SecurityAssociation or IkePayload.TrafficSelectors))
        {
            yield return new("RFC7296-2.16-05", "EAP beside what belongs to the last response");
        }

        if (context.Arrival.IsResponse && message.Code is EapCode.Response)
        {
            yield return new("RFC7296-3.16-08", "an EAP Response of the authenticator");
        }
    }

    private static bool IsIdentified(ReadOnlySpan<byte> data) => data.Length > 1 && data[0] > 1 && data.Length > 1 + data[0] && IsOneDer(data.Slice(1, data[0]));

    // Tag and length of the outermost sequence fit the whole.
    private static bool IsOneDer(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2 || data[0] != DerSequence)
        {
            return false;
        }

        int octets = data[1] < 0x80 ? 0 : data[1] & 0x7f;
        if (octets > 3 || data.Length < 2 + octets)
        {
            return false;
        }

        int length = octets == 0 ? data[1] : 0;
        for (int i = 0; i < octets; i++)
        {
            length = (length << 8) | data[2 + i];
        }

        return data.Length == 2 + octets + length;
    }
}
