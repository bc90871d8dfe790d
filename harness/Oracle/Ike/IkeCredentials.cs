using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Keys, certificates and passwords of the suites, by value: an adapter writes them to where its daemon reads them. RFC 7296 §2.15, §2.16.</summary>
public static class IkeCredentials
{
    /// <summary>Name of the EAP user.</summary>
    public const string User = "roadwarrior";

    /// <summary>Password of the EAP user.</summary>
    public const string Password = "correct horse battery";

    // A daemon judges by its own clock.
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2049, 12, 31, 0, 0, 0, TimeSpan.Zero);
    private static readonly TestCertificate Root = new("CN=authority of the suite", TestKey.P256(101), Start, End) { IsAuthority = true };
    private static readonly TestCertificate Between = new("CN=authority between", TestKey.P256(102), Start, End) { IsAuthority = true, Issuer = Root };
    private static readonly TestCertificate Stranger = new("CN=authority of the suite", TestKey.P256(103), Start, End) { IsAuthority = true };
    private static readonly ByteString RootDer = Root.ToDer();
    private static readonly ByteString BetweenDer = Between.ToDer();
    private static readonly Lazy<TestKey> FirstRsa = new(() => TestKey.Rsa(1));
    private static readonly Lazy<TestKey> SecondRsa = new(() => TestKey.Rsa(2));

    /// <summary>The one authority that all trust.</summary>
    public static Trust.Authorities Authority { get; } = new([RootDer], new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Hashes that are offered unless a test is about them.</summary>
    public static ValueList<SignatureHash> Hashes { get; } = [SignatureHash.Sha2x256, SignatureHash.Sha2x384, SignatureHash.Identity];

    /// <summary>The key of a side that fits a scheme.</summary>
    public static TestKey KeyOf(SignatureScheme scheme, bool isTarget)
    {
        TestKey key = scheme.Kind switch
        {
            SignatureKind.Ed25519 => TestKey.Ed25519(isTarget ? 1 : 2),
            SignatureKind.Ecdsa => TestKey.P256(isTarget ? 1 : 2),
            _ => isTarget ? FirstRsa.Value : SecondRsa.Value,
        };
        return key with { Scheme = scheme };
    }

    /// <summary>A private key with its certificate and the one between it and the authority.</summary>
    /// <param name="schemes">Schemes in order of preference, for one key.</param>
    /// <param name="isTarget">Whose.</param>
    /// <param name="name">The name in the certificate.</param>
    /// <param name="isStrange">True for a certificate of an authority that nobody trusts.</param>
    public static Credentials.Signature Certified(ValueList<SignatureScheme> schemes, bool isTarget, string? name = null, bool isStrange = false)
    {
        TestKey key = KeyOf(schemes[0], isTarget);
        string host = name ?? (isTarget ? "target.example" : "peer.example");
        TestKey certified = schemes[0].AlgorithmIdentifiers.IsEmpty ? key with { Scheme = SignatureSchemes.Named("ecdsa-sha256") } : key;
        ByteString own = new TestCertificate($"CN={host}", certified, Start, End) { Issuer = isStrange ? Stranger : Between, DnsNames = [host] }.ToDer();
        return new Credentials.Signature(new IkeSecret(key.PrivateKey.Span), schemes, isStrange ? [own] : [own, BetweenDer]);
    }

    /// <summary>Both sides sign.</summary>
    /// <param name="scenario">The rest.</param>
    /// <param name="schemes">Schemes for one key.</param>
    public static IkeScenario WithSignatures(this IkeScenario scenario, params string[] schemes)
    {
        ValueList<SignatureScheme> named = new([.. schemes.Select(SignatureSchemes.Named)]);
        return scenario.Also(
            c => c with { Credentials = Certified(named, isTarget: true), Trust = Authority, SignatureHashes = Hashes },
            c => c with { Credentials = Certified(named, isTarget: false), Trust = Authority, SignatureHashes = Hashes });
    }

    /// <summary>The gateway signs, and asks its client by EAP.</summary>
    /// <param name="scenario">The rest.</param>
    /// <param name="targetIsGateway">Whose client it is.</param>
    /// <param name="password">What the client takes for the password.</param>
    public static IkeScenario WithEap(this IkeScenario scenario, bool targetIsGateway, string password = Password)
    {
        EapAccount account = EapAccount.Of(User, Password);
        IkeConfiguration Gateway(IkeConfiguration c) => c with
        {
            Credentials = Certified([SignatureSchemes.Named("ecdsa-sha256"), SignatureSchemes.Ecdsa256], targetIsGateway),
            Trust = new Trust.Eap(new EapServer([new MsChapV2Server("gateway", [account])])),
        };
        IkeConfiguration Client(IkeConfiguration c) => c with
        {
            Credentials = new Credentials.Eap(new EapPeer(account.Name, [new MsChapV2Peer(User, [EapAccount.Of(User, password).Password])])),
            Trust = Authority,
            SignatureHashes = Hashes,
        };
        return targetIsGateway ? scenario.Also(Gateway, Client) : scenario.Also(Client, Gateway);
    }

    /// <summary>A scenario with more to tell both sides.</summary>
    public static IkeScenario Also(this IkeScenario scenario, Func<IkeConfiguration, IkeConfiguration>? target, Func<IkeConfiguration, IkeConfiguration>? peer) => scenario with
    {
        ForTarget = Both(scenario.ForTarget, target),
        ForPeer = Both(scenario.ForPeer, peer),
    };

    private static Func<IkeConfiguration, IkeConfiguration>? Both(Func<IkeConfiguration, IkeConfiguration>? first, Func<IkeConfiguration, IkeConfiguration>? second) =>
        first is null ? second : second is null ? first : c => second(first(c));
}
