using Conformance.Spec.Crypto.Ike.Certificates;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>CERT and CERTREQ: made for this side, judged for the other. RFC 7296 §3.6, §3.7.</summary>
internal static class CertificatePayloads
{
    /// <summary>The authorities that this side trusts; nothing where it needs no certificate. RFC 7296 §3.7.</summary>
    public static ValueList<IkePayload> Request(Draft draft) => draft.Configuration.Trust is Trust.Authorities trust
        ? [new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt([.. trust.Anchors.SelectMany(a => draft.Cryptography.AuthorityHash(a).Span.ToArray())]))]
        : [];

    /// <summary>This side's certificates, its own first; a CERTREQ is a hint, and without one they go along as well. RFC 7296 §3.6, §3.7.</summary>
    public static ValueList<IkePayload> Own(IkeConfiguration configuration) => configuration.Credentials is Credentials.Signature own
        ? new([.. own.Certificates.Select(c => new IkePayload.Certificate(CertificateEncoding.X509Signature, c))])
        : [];

    /// <summary>The other side's public key, out of its first certificate; null with the reason told. RFC 7296 §3.6.</summary>
    public static ByteString? PublicKey(Draft draft, Trust.Authorities trust, ValueList<IkePayload> payloads, Identity identity)
    {
        ByteString[] certificates =
        [
            .. payloads.OfType<IkePayload.Certificate>().Where(c => c.Encoding == CertificateEncoding.X509Signature).Select(c => c.Data),
        ];
        if (certificates.Length == 0)
        {
            draft.Report("no certificate came along");
            return null;
        }

        CertificateError error = draft.Cryptography.TakeCertificate(certificates[0], new([.. certificates[1..]]), trust, identity, out ByteString publicKey);
        if (error != CertificateError.None)
        {
            draft.Report($"the certificate is not accepted: {error}");
            return null;
        }

        return publicKey;
    }
}
