using Conformance.Spec.Crypto.Ike.Certificates;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Cryptography;

/// <content>Certificates: a public key with a term behind it that only its authority makes. An authority is its name; nothing expires.</content>
public sealed partial record SymbolicCryptography
{
    private const int AuthorityHashBytes = 20;

    /// <summary>A certificate, as <see cref="TakeCertificate"/> takes it.</summary>
    /// <param name="authority">Who vouches.</param>
    /// <param name="publicKey">For which key.</param>
    /// <param name="identity">Whose it is.</param>
    public static ByteString Certificate(ByteString authority, ByteString publicKey, Identity identity) =>
        ByteString.Adopt([.. publicKey.Span, .. Voucher(authority, publicKey, identity).Span]);

    /// <inheritdoc/>
    public CertificateError TakeCertificate(
        ByteString certificate, ValueList<ByteString> others, Trust.Authorities trust, Identity identity, out ByteString publicKey)
    {
        publicKey = default;
        if (certificate.Length != 2 * SymbolicTerm.LengthBytes)
            return CertificateError.Unreadable;
        var key = certificate.Slice(..SymbolicTerm.LengthBytes);
        var voucher = certificate.Slice(SymbolicTerm.LengthBytes..);
        if (!trust.Anchors.Any(anchor => Voucher(anchor, key, identity) == voucher))
            return CertificateError.Untrusted;
        publicKey = key;
        return CertificateError.None;
    }

    /// <inheritdoc/>
    public ByteString AuthorityHash(ByteString anchor) =>
        ByteString.Adopt([.. Term("authority", anchor).Span, .. new byte[AuthorityHashBytes - SymbolicTerm.LengthBytes]]);

    private static ByteString Voucher(ByteString authority, ByteString publicKey, Identity identity) =>
        Term("certificate", authority, publicKey, ByteString.Adopt([(byte)identity.Type]), identity.Data);
}
