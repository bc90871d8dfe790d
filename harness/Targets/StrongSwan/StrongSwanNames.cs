using System.Text;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>The words of swanctl.conf for what goes over the wire.</summary>
internal static class StrongSwanNames
{
    /// <summary>A proposal in strongSwan's keywords; null where it has none for a transform.</summary>
    public static string? Proposal(ValueList<Transform> transforms)
    {
        List<string> words = [];
        foreach (Transform transform in transforms)
        {
            if (Word(transform) is not { } word)
            {
                return null;
            }

            words.Add(word);
        }

        return string.Join('-', words);
    }

    /// <summary>Selectors as networks or ranges, with protocol and ports in brackets.</summary>
    public static string Selector(TrafficSelector.Range selector)
    {
        string addresses = selector.FirstAddress == selector.LastAddress ? $"{selector.FirstAddress}" : $"{selector.FirstAddress}-{selector.LastAddress}";
        string protocol = selector.Protocol == 0 ? "" : $"{selector.Protocol}";
        string ports = selector.IsOpaque ? "/opaque" : selector.IsAnyPort ? "" : selector.FirstPort == selector.LastPort ? $"/{selector.FirstPort}" : $"/{selector.FirstPort}-{selector.LastPort}";
        return protocol.Length + ports.Length == 0 ? addresses : $"{addresses}[{protocol}{ports}]";
    }

    /// <summary>An identity with its type in front, so that nothing is guessed; null where strongSwan has no word for the type.</summary>
    public static string? Of(Identity identity) => identity.Type switch
    {
        IdentityType.Ipv4Address or IdentityType.Ipv6Address => $"{IpAddress.FromBytes(identity.Data.Span)}",
        IdentityType.Fqdn => $"fqdn:{Encoding.ASCII.GetString(identity.Data.Span)}",
        IdentityType.Rfc822Address => $"email:{Encoding.ASCII.GetString(identity.Data.Span)}",
        IdentityType.DerDistinguishedName => $"asn1dn:#{identity.Data}",
        IdentityType.KeyId => $"keyid:#{identity.Data}",
        _ => null,
    };

    private static string? Word(Transform transform) => transform.Type switch
    {
        TransformType.Encryption => Encryption((EncryptionTransform)transform.Id, transform.KeyLengthBits),
        TransformType.PseudoRandomFunction => (PrfTransform)transform.Id switch
        {
            PrfTransform.HmacSha1 => "prfsha1",
            PrfTransform.HmacSha2x256 => "prfsha256",
            PrfTransform.HmacSha2x384 => "prfsha384",
            PrfTransform.HmacSha2x512 => "prfsha512",
            PrfTransform.Aes128Xcbc => "prfaesxcbc",
            PrfTransform.Aes128Cmac => "prfaescmac",
            _ => null,
        },
        TransformType.Integrity => (IntegrityTransform)transform.Id switch
        {
            IntegrityTransform.HmacSha1x96 => "sha1",
            IntegrityTransform.HmacSha2x256x128 => "sha256",
            IntegrityTransform.HmacSha2x384x192 => "sha384",
            IntegrityTransform.HmacSha2x512x256 => "sha512",
            IntegrityTransform.AesXcbc96 => "aesxcbc",
            IntegrityTransform.AesCmac96 => "aescmac",
            _ => null,
        },
        TransformType.KeyExchange => (KeyExchangeMethod)transform.Id switch
        {
            KeyExchangeMethod.None => "modpnone",
            KeyExchangeMethod.Modp1024 => "modp1024",
            KeyExchangeMethod.Modp1536 => "modp1536",
            KeyExchangeMethod.Modp2048 => "modp2048",
            KeyExchangeMethod.Modp3072 => "modp3072",
            KeyExchangeMethod.Modp4096 => "modp4096",
            KeyExchangeMethod.Modp6144 => "modp6144",
            KeyExchangeMethod.Modp8192 => "modp8192",
            KeyExchangeMethod.Ecp256 => "ecp256",
            KeyExchangeMethod.Ecp384 => "ecp384",
            KeyExchangeMethod.Ecp521 => "ecp521",
            KeyExchangeMethod.BrainpoolP256r1 => "ecp256bp",
            KeyExchangeMethod.BrainpoolP384r1 => "ecp384bp",
            KeyExchangeMethod.BrainpoolP512r1 => "ecp512bp",
            KeyExchangeMethod.Curve25519 => "curve25519",
            KeyExchangeMethod.Curve448 => "curve448",
            _ => null,
        },
        TransformType.SequenceNumbers => transform.Id switch { 0 => "noesn", 1 => "esn", _ => null },
        _ => null,
    };

    private static string? Encryption(EncryptionTransform algorithm, int? keyLengthBits)
    {
        (string Before, string After)? name = algorithm switch
        {
            EncryptionTransform.TripleDes => ("3des", ""),
            EncryptionTransform.AesCbc => ("aes", ""),
            EncryptionTransform.AesCtr => ("aes", "ctr"),
            EncryptionTransform.AesCcm8 => ("aes", "ccm64"),
            EncryptionTransform.AesCcm12 => ("aes", "ccm96"),
            EncryptionTransform.AesCcm16 => ("aes", "ccm128"),
            EncryptionTransform.AesGcm8 => ("aes", "gcm64"),
            EncryptionTransform.AesGcm12 => ("aes", "gcm96"),
            EncryptionTransform.AesGcm16 => ("aes", "gcm128"),
            EncryptionTransform.NullAuthAesGmac => ("aes", "gmac"),
            EncryptionTransform.CamelliaCbc => ("camellia", ""),
            EncryptionTransform.ChaCha20Poly1305 => ("chacha20poly1305", ""),
            EncryptionTransform.Null => ("null", ""),
            _ => null,
        };
        return name is { } parts ? $"{parts.Before}{keyLengthBits}{parts.After}" : null;
    }
}
