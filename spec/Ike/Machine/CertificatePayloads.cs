using System.Security.Cryptography;
using System.Text;
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
    public static ValueList<IkePayload> Request(Draft draft) => draft.Configuration.Trust is not Trust.Authorities trust
        ? []
        : [
            .. trust.Fetched is null ? ValueList.Of<IkePayload>([]) : [new IkePayload.Notify(NotifyType.HttpCertLookupSupported)],
            new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt([.. trust.Anchors.SelectMany(a => draft.Cryptography.AuthorityHash(a).Span.ToArray())])),
        ];

    /// <summary>This side's certificates, its own first; a CERTREQ is a hint, and without one they go along as well. RFC 7296 §3.6, §3.7.</summary>
    /// <param name="configuration">What this side is told.</param>
    /// <param name="fetches">True if the other side said that it fetches certificates: then hash and URL will do.</param>
    public static ValueList<IkePayload> Own(IkeConfiguration configuration, bool fetches) => configuration.Credentials is Credentials.Signature own
        ? new([.. own.Certificates.Select((c, i) => fetches && i < own.Locations.Count
            ? new IkePayload.Certificate(CertificateEncoding.HashAndUrlCertificate, ByteString.Adopt([.. SHA1.HashData(c.Span), .. Encoding.ASCII.GetBytes(own.Locations[i])]))
            : new IkePayload.Certificate(CertificateEncoding.X509Signature, c))])
        : [];

    /// <summary>The other side's public key, out of its first certificate; null with the reason told. RFC 7296 §3.6.</summary>
    public static ByteString? PublicKey(Draft draft, Trust.Authorities trust, ValueList<IkePayload> payloads, Identity identity)
    {
        ByteString[] certificates =
        [
            .. payloads.OfType<IkePayload.Certificate>().Select(c => Content(trust, c)).OfType<ByteString>(),
        ];
        if (certificates.Length == 0)
        {
            draft.Report("no certificate came along");
            return null;
        }

        CertificateError error = draft.Cryptography.TakeCertificate(certificates[0], new([.. certificates[1..]]), trust, trust.CertifiedName ?? identity, out ByteString publicKey);
        if (error != CertificateError.None)
        {
            draft.Report($"the certificate is not accepted: {error}");
            return null;
        }

        return publicKey;
    }

    // What is fetched counts only with the hash that came along; other encodings are passed over. RFC 7296 §3.6.
    private static ByteString? Content(Trust.Authorities trust, IkePayload.Certificate certificate)
    {
        if (certificate.Encoding != CertificateEncoding.HashAndUrlCertificate || certificate.Data.Length < SHA1.HashSizeInBytes)
        {
            return certificate.Encoding == CertificateEncoding.X509Signature ? certificate.Data : null;
        }

        string url = Encoding.ASCII.GetString(certificate.Data.Span[SHA1.HashSizeInBytes..]);
        return url.StartsWith("http://", StringComparison.Ordinal)
            && trust.Fetched?.Items.FirstOrDefault(o => o.Url == url) is { } found && SHA1.HashData(found.Content.Span).AsSpan().SequenceEqual(certificate.Data.Span[..SHA1.HashSizeInBytes])
            ? found.Content
            : null;
    }
}
