using System.Security.Cryptography.X509Certificates;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap.Tls;
using Conformance.Spec.Wire;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using TlsCertificate = Org.BouncyCastle.Tls.Certificate;
using TlsHash = Org.BouncyCastle.Tls.HashAlgorithm;
using TlsRequest = Org.BouncyCastle.Tls.CertificateRequest;

namespace Conformance.Tests.Model.Eap;

/// <summary>TLS 1.2 of BouncyCastle with certificates at both ends. RFC 5216 §2.3.</summary>
/// <remarks>Its randomness is its own, so a history once gone through is remembered; each goes on in one way, as connections do.</remarks>
internal sealed record BouncyTls(bool IsServer, ByteString Certificate, ByteString PrivateKey, ByteString Trusted) : ITlsEngine
{
    private const string ExporterLabel = "client EAP encryption";
    private const int ExportedBytes = 128;
    private const int MasterSessionKeyBytes = 64;

    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TestKey PeerKey = TestKey.P256(31);
    private static readonly TestKey ServerKey = TestKey.P256(32);
    private static readonly ByteString PeerDer = new TestCertificate("CN=peer", PeerKey, Start, Start.AddYears(20)).ToDer();
    private static readonly ByteString ServerDer = new TestCertificate("CN=server", ServerKey, Start, Start.AddYears(20)).ToDer();

    /// <summary>One of two ends that know each other's certificate.</summary>
    public static BouncyTls Of(bool isServer) =>
        isServer ? new(true, ServerDer, ServerKey.PrivateKey, PeerDer) : new(false, PeerDer, PeerKey.PrivateKey, ServerDer);

    /// <summary>An end with a certificate that the other one does not know.</summary>
    public static BouncyTls Stranger(bool isServer)
    {
        TestKey key = TestKey.P256(33);
        return Of(isServer) with { Certificate = new TestCertificate("CN=stranger", key, Start, Start.AddYears(20)).ToDer(), PrivateKey = key.PrivateKey };
    }

    private readonly Dictionary<(ByteString Randomness, ValueList<ByteString> Flights), (TlsProgress Progress, Connection Connection)> _known = [];

    /// <inheritdoc/>
    public TlsProgress Run(ByteString randomness, ValueList<ByteString> flights)
    {
        if (!_known.TryGetValue((randomness, flights), out (TlsProgress Progress, Connection Connection) reached))
        {
            Connection connection = flights.Count <= (IsServer ? 1 : 0) ? new Connection(this) : _known[(randomness, flights.RemoveAt(flights.Count - 1))].Connection;
            reached = (connection.Go(flights), connection);
            _known.Add((randomness, flights), reached);
        }

        return reached.Progress;
    }

    private BcDefaultTlsCredentialedSigner Signer(BcTlsCrypto crypto, TlsContext context) => new BcDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        crypto,
        PrivateKeyFactory.CreateKey(PrivateKey.ToArray()),
        new TlsCertificate([crypto.CreateCertificate(Certificate.ToArray())]),
        new SignatureAndHashAlgorithm(TlsHash.sha256, SignatureAlgorithm.ecdsa));

    /// <summary>One handshake.</summary>
    private sealed class Connection
    {
        private readonly Outcome _outcome;
        private readonly TlsProtocol _protocol;
        private int _taken;

        public Connection(BouncyTls end)
        {
            _outcome = new Outcome(end);
            BcTlsCrypto crypto = new(new SecureRandom());
            if (end.IsServer)
            {
                TlsServerProtocol server = new();
                server.Accept(new Server(crypto, _outcome));
                _protocol = server;
            }
            else
            {
                TlsClientProtocol client = new();
                client.Connect(new Client(crypto, _outcome));
                _protocol = client;
            }
        }

        public TlsProgress Go(ValueList<ByteString> flights)
        {
            if (flights.Count > _taken + 1 || flights.Count < _taken)
            {
                throw new InvalidOperationException("this connection has gone another way");
            }

            string? fault = null;
            try
            {
                for (; _taken < flights.Count; _taken++)
                {
                    _protocol.OfferInput(flights[_taken].ToArray());
                }
            }
            catch (IOException exception)
            {
                fault = _outcome.Fault ?? exception.Message;
            }

            byte[] output = new byte[_protocol.GetAvailableOutputBytes()];
            _protocol.ReadOutput(output, 0, output.Length);
            bool isFinished = _outcome.Key.Length > 0 && fault is null;
            return new TlsProgress(ByteString.Adopt(output), isFinished, isFinished ? _outcome.Key : default, _outcome.Name, fault);
        }
    }

    /// <summary>What comes of a handshake.</summary>
    private sealed class Outcome(BouncyTls end)
    {
        public BouncyTls End => end;

        public IkeSecret Key { get; set; }

        public ByteString Name { get; private set; }

        public string? Fault { get; set; }

        public void Take(TlsContext context) => Key = new IkeSecret(context.ExportKeyingMaterial(ExporterLabel, null, ExportedBytes).AsSpan(0, MasterSessionKeyBytes));

        public void Judge(TlsCertificate? certificate)
        {
            byte[] der = certificate is { IsEmpty: false } ? certificate.GetCertificateAt(0).GetEncoded() : [];
            if (!end.Trusted.Span.SequenceEqual(der))
            {
                throw new TlsFatalAlert(AlertDescription.bad_certificate);
            }

            using X509Certificate2 read = X509CertificateLoader.LoadCertificate(der);
            Name = ByteString.Adopt(System.Text.Encoding.UTF8.GetBytes(read.Subject));
        }
    }

    private sealed class Client(BcTlsCrypto crypto, Outcome outcome) : DefaultTlsClient(crypto)
    {
        public override TlsAuthentication GetAuthentication() => new Authentication(crypto, m_context, outcome);

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            outcome.Take(m_context);
        }

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv12.Only();
    }

    private sealed class Authentication(BcTlsCrypto crypto, TlsContext context, Outcome outcome) : TlsAuthentication
    {
        public void NotifyServerCertificate(TlsServerCertificate serverCertificate) => outcome.Judge(serverCertificate.Certificate);

        public TlsCredentials GetClientCredentials(TlsRequest certificateRequest) => outcome.End.Signer(crypto, context);
    }

    private sealed class Server(BcTlsCrypto crypto, Outcome outcome) : DefaultTlsServer(crypto)
    {
        public override TlsRequest GetCertificateRequest() => new(
            [ClientCertificateType.ecdsa_sign], [new SignatureAndHashAlgorithm(TlsHash.sha256, SignatureAlgorithm.ecdsa)], null);

        public override void NotifyAlertRaised(short alertLevel, short alertDescription, string message, Exception cause) =>
            outcome.Fault = $"{AlertDescription.GetText(alertDescription)} {message}";

        public override void NotifyClientCertificate(TlsCertificate clientCertificate) => outcome.Judge(clientCertificate);

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            outcome.Take(m_context);
        }

        protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

        protected override TlsCredentialedSigner GetECDsaSignerCredentials() => outcome.End.Signer(crypto, m_context);

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv12.Only();
    }
}
