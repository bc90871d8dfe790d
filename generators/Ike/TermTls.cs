using System.Security.Cryptography;
using System.Text;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap.Tls;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>A handshake with the turns and the sizes of TLS 1.2, and a secret instead of certificates: what conversations of EAP-TLS run on.</summary>
/// <param name="IsServer">True at the server.</param>
/// <param name="Secret">What both know.</param>
/// <param name="Name">Whom the other end is to name.</param>
public sealed record TermTls(bool IsServer, IkeSecret Secret, ByteString Name) : ITlsEngine
{
    private const int HelloBytes = 300;
    private const int CertificateBytes = 700;
    private const int FinishedBytes = 32;

    /// <inheritdoc/>
    public TlsProgress Run(ByteString randomness, ValueList<ByteString> flights)
    {
        ByteString hello = IsServer ? flights[0] : Derived("client hello", HelloBytes, randomness);
        if (IsServer || flights.Count > 0)
        {
            ByteString certificate = IsServer ? Derived("server hello", CertificateBytes - FinishedBytes, randomness) : flights[0];
            certificate = IsServer ? Join(certificate, Derived("server", FinishedBytes, hello, certificate)) : certificate;
            bool isProven = certificate.Length == CertificateBytes
                && certificate.Slice((CertificateBytes - FinishedBytes)..) == Derived("server", FinishedBytes, hello, certificate.Slice(..(CertificateBytes - FinishedBytes)));
            return isProven ? Finish(flights.Count, flights, hello, certificate) : Broken("the server's proof is wrong");
        }

        return Going(hello);
    }

    private TlsProgress Finish(int count, ValueList<ByteString> flights, ByteString hello, ByteString certificate)
    {
        ByteString clientFinished = Derived("client finished", FinishedBytes, hello, certificate);
        ByteString serverFinished = Derived("server finished", FinishedBytes, hello, certificate, clientFinished);
        IkeSecret key = new(Derived("key", 64, hello, certificate).Span);
        return (IsServer, count) switch
        {
            (true, 1) => Going(certificate),
            (true, 2) when flights[1] == clientFinished => new TlsProgress(serverFinished, true, key, Name, null),
            (false, 1) => Going(clientFinished),
            (false, 2) when flights[1] == serverFinished => new TlsProgress(ByteString.Empty, true, key, Name, null),
            _ => Broken("the last message is wrong"),
        };
    }

    private ByteString Derived(string label, int lengthBytes, params ReadOnlySpan<ByteString> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Secret.Span);
        foreach (ByteString part in parts)
        {
            hash.AppendData(part.Span);
        }

        return ByteString.Adopt(HKDF.Expand(HashAlgorithmName.SHA256, hash.GetHashAndReset(), lengthBytes, Encoding.ASCII.GetBytes(label)));
    }

    private static ByteString Join(ByteString one, ByteString other) => ByteString.Adopt([.. one.Span, .. other.Span]);

    private static TlsProgress Going(ByteString output) => new(output, false, default, default, null);

    private static TlsProgress Broken(string fault) => new(ByteString.Adopt([0x15, 3, 3, 0, 2, 2, 40]), false, default, default, fault);
}
