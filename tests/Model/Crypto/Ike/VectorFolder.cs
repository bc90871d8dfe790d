using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Harness.Running;

namespace Conformance.Tests.Model.Crypto.Ike;

/// <summary>Reads the files of one folder under vectors, as closed as their schema: no member missing, none unknown.</summary>
internal static class VectorFolder
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static IReadOnlyList<T> Read<T>(string folder) =>
    [
        .. from path in Directory.GetFiles(Path.Combine(Checkout.Root!, "vectors", folder), "*.json").Order(StringComparer.Ordinal)
           select JsonSerializer.Deserialize<T>(File.ReadAllText(path), Options)!,
    ];
}

/// <summary>One known answer of vectors/ike-key-exchange; the names follow its schema.</summary>
public sealed record KeyExchangeVector(
    string Name,
    string Source,
    string InitiatorRandomness,
    string ResponderRandomness,
    string InitiatorPublic,
    string ResponderPublic,
    string Shared);

/// <summary>The known answers of one key exchange method.</summary>
public sealed record KeyExchangeVectorFile([property: JsonPropertyName("$schema")] string Schema, string Method, KeyExchangeVector[] Cases);

/// <summary>One known answer of vectors/eap-mschapv2.</summary>
public sealed record MsChapV2Vector(
    string Name,
    string Source,
    string User,
    string Password,
    string AuthenticatorChallenge,
    string PeerChallenge,
    string ChallengeHash,
    string PasswordHash,
    string Response,
    string AuthenticatorResponse,
    string MasterKey,
    string MasterSessionKey);

/// <summary>The known answers of one document.</summary>
public sealed record MsChapV2VectorFile([property: JsonPropertyName("$schema")] string Schema, MsChapV2Vector[] Cases);

/// <summary>One known answer of vectors/ike-prf.</summary>
public sealed record PrfVector(string Name, string Source, string Key, string Data, string Output);

/// <summary>One known answer of prf+ of vectors/ike-prf.</summary>
public sealed record PrfExpansion(string Name, string Source, string Key, string Seed, string Output);

/// <summary>The known answers of one pseudorandom function.</summary>
public sealed record PrfVectorFile(
    [property: JsonPropertyName("$schema")] string Schema, string Prf, PrfVector[] Cases, PrfExpansion[] Expansions);

/// <summary>One prime of vectors/ike-modp-primes.</summary>
public sealed record PrimeVector(string Method, string Source, string Prime);

/// <summary>The primes of one document.</summary>
public sealed record PrimeVectorFile([property: JsonPropertyName("$schema")] string Schema, PrimeVector[] Cases);

/// <summary>One known answer of vectors/ike-key-schedule.</summary>
public sealed record KeyScheduleVector(
    string Name,
    string Source,
    string Prf,
    string InitiatorNonce,
    string ResponderNonce,
    string InitiatorSpi,
    string ResponderSpi,
    string Shared,
    string NewShared,
    string Seed,
    string Keys,
    string ChildKeys,
    string ChildKeysWithNewShared,
    string RekeyedSeed)
{
    public override string ToString() => Name;
}

/// <summary>The known answers of the key schedule.</summary>
public sealed record KeyScheduleVectorFile([property: JsonPropertyName("$schema")] string Schema, KeyScheduleVector[] Cases);

/// <summary>One known answer of vectors/ike-encrypted-payload.</summary>
public sealed record EncryptedPayloadVector(
    string Name,
    string Source,
    string Encryption,
    int EncryptionKeyBits,
    string Integrity,
    string EncryptionKey,
    string IntegrityKey,
    string AssociatedData,
    string Iv,
    string Plaintext,
    string Padding,
    string Body)
{
    public override string ToString() => Name;
}

/// <summary>The known answers of Encrypted payloads.</summary>
public sealed record EncryptedPayloadVectorFile([property: JsonPropertyName("$schema")] string Schema, EncryptedPayloadVector[] Cases);

/// <summary>One known answer of vectors/ike-signature.</summary>
public sealed record SignatureVector(
    string Name, string Source, string Scheme, string PrivateKey, string PublicKey, string Octets, string AuthenticationData)
{
    public override string ToString() => Name;
}

/// <summary>The known answers of signatures.</summary>
public sealed record SignatureVectorFile([property: JsonPropertyName("$schema")] string Schema, SignatureVector[] Cases);

/// <summary>One DER AlgorithmIdentifier of vectors/ike-algorithm-identifier.</summary>
public sealed record AlgorithmIdentifierVector(string Scheme, string Source, string Identifier)
{
    public override string ToString() => Scheme;
}

/// <summary>The AlgorithmIdentifiers of one document.</summary>
public sealed record AlgorithmIdentifierVectorFile([property: JsonPropertyName("$schema")] string Schema, AlgorithmIdentifierVector[] Cases);
