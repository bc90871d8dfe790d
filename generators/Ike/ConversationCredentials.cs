using System.Text;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Keys and certificates of the two sides of a conversation.</summary>
public static class ConversationCredentials
{
    private static readonly TestKey FirstKey = TestKey.Ed25519(1);
    private static readonly TestKey SecondKey = TestKey.P256(2);
    private static readonly TestCertificate Authority = new("CN=authority", TestKey.P256(3), Start, End) { IsAuthority = true };
    private static readonly ByteString AuthorityDer = Authority.ToDer();
    private static readonly ByteString SecondDer = new TestCertificate("CN=second", SecondKey, Start, End) { Issuer = Authority, DnsNames = ["second.example"] }.ToDer();
    private static readonly ByteString AuthorityName = new(Encoding.ASCII.GetBytes("authority"));

    private static DateTimeOffset Start => new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset End => new(2034, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A side with the credentials that the options name, and the trust in the other one's.</summary>
    /// <param name="plain">The side with a secret that both know.</param>
    /// <param name="played">The options and the variant.</param>
    /// <param name="isFirst">Which side it is.</param>
    /// <param name="isSymbolic">True for keys and certificates that are terms.</param>
    public static IkeConfiguration Give(IkeConfiguration plain, ConversationCase played, bool isFirst, bool isSymbolic)
    {
        ConversationOptions options = played.Options;
        Credentials ofFirst = plain.Credentials;
        Trust inFirst = Trust.CounterpartOf(plain.Credentials);
        if (options.HasFlag(ConversationOptions.FirstSigns))
        {
            ofFirst = new Credentials.Signature(Secret(FirstKey), [FirstKey.Scheme], []);
            inFirst = new Trust.PublicKey(Public(FirstKey, isSymbolic));
        }
        else if (options.HasFlag(ConversationOptions.FirstIsNobody))
        {
            ofFirst = new Credentials.Null();
            inFirst = new Trust.Anyone();
        }

        Credentials ofSecond = plain.Credentials;
        Trust inSecond = Trust.CounterpartOf(plain.Credentials);
        if (options.HasFlag(ConversationOptions.SecondCertified))
        {
            ByteString certificate = isSymbolic
                ? SymbolicCryptography.Certificate(AuthorityName, Public(SecondKey, isSymbolic), Identity.Fqdn("second.example"))
                : SecondDer;
            ofSecond = new Credentials.Signature(Secret(SecondKey), [SecondKey.Scheme, SignatureSchemes.Ecdsa256], [certificate]);
            inSecond = new Trust.Authorities([isSymbolic ? AuthorityName : AuthorityDer], Start.AddYears(1));
        }

        if (options.HasFlag(ConversationOptions.Eap))
        {
            // The second side proves itself first: by its certificate, by a bare key, or by the secret, for which the RFC has no place.
            bool isShared = inSecond is Trust.Secret && (played.Variant & 1) != 0;
            if (inSecond is Trust.Secret && !isShared)
            {
                ofSecond = new Credentials.Signature(Secret(SecondKey), [SecondKey.Scheme, SignatureSchemes.Ecdsa256], []);
                inSecond = new Trust.PublicKey(Public(SecondKey, isSymbolic));
            }

            ofFirst = ConversationEap.Peer(options, played.Variant, isShared);
            inFirst = ConversationEap.Server(options, played.Variant);
        }

        // The first side names no hash: the second signs by a method that has but one.
        return isFirst
            ? plain with { Credentials = ofFirst, Trust = inSecond }
            : plain with { Credentials = ofSecond, Trust = inFirst, SignatureHashes = [SignatureHash.Sha2x256, SignatureHash.Identity] };
    }

    private static IkeSecret Secret(TestKey key) => new(key.PrivateKey.Span);

    private static ByteString Public(TestKey key, bool isSymbolic) => isSymbolic ? SymbolicCryptography.PublicKey(Secret(key)) : key.PublicKey;
}
