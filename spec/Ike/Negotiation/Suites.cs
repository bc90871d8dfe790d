using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;
using EncryptionAlgorithm = Conformance.Spec.Crypto.EncryptionTransform;
using IntegrityAlgorithm = Conformance.Spec.Crypto.IntegrityTransform;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Negotiation;

/// <summary>From the numbers of a chosen proposal to what computes. RFC 7296 §3.3.2.</summary>
public static class Suites
{
    /// <summary>The method of a number; null if this model has none.</summary>
    public static CryptoMethod? Method(WireMethod method)
    {
        foreach (CryptoMethod known in IkeTransforms.KeyExchanges)
        {
            if (known.TransformId == (ushort)method)
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>The suite of an IKE SA; null where the transforms do not make one. RFC 7296 §3.3.3.</summary>
    public static IkeSuite? OfIke(ValueList<Transform> chosen)
    {
        Transform? encryption = Find(chosen, TransformType.Encryption);
        ushort? prf = Find(chosen, TransformType.PseudoRandomFunction)?.Id;
        ushort? method = Find(chosen, TransformType.KeyExchange)?.Id;
        EncryptionAlgorithm? cipher = IkeTransforms.Encryption.FirstOrDefault(e => e.TransformId == encryption?.Id);
        IkePrf? function = IkeTransforms.Prfs.FirstOrDefault(p => p.TransformId == prf);
        CryptoMethod? exchange = method is { } id ? Method((WireMethod)id) : null;
        if (cipher is null || function is null || exchange is null || KeyBits(cipher, encryption!) is not { } bits)
        {
            return null;
        }

        IkeSuite suite = new(cipher, bits, Integrity(chosen), function, exchange);
        return suite.IsSound ? suite : null;
    }

    /// <summary>The suite of a Child SA; null where the transforms do not make one. RFC 7296 §3.3.3.</summary>
    public static EspSuite? OfEsp(ValueList<Transform> chosen)
    {
        Transform? encryption = Find(chosen, TransformType.Encryption);
        EncryptionAlgorithm? cipher = EspSuites.Encryption.FirstOrDefault(e => e.TransformId == encryption?.Id);
        IntegrityAlgorithm? integrity = Integrity(chosen);
        if (cipher is null || KeyBits(cipher, encryption!) is not { } bits || (cipher.IsCombinedMode && integrity is not null))
        {
            return null;
        }

        EspSuite suite = new(cipher, bits, integrity);
        return suite.HasIntegrity || !cipher.IsCombinedMode ? suite : null;
    }

    /// <summary>True if the chosen transforms ask for Extended Sequence Numbers. RFC 7296 §3.3.2.</summary>
    public static bool IsEsn(ValueList<Transform> chosen) => Find(chosen, TransformType.SequenceNumbers)?.Id == (ushort)SequenceNumbersTransform.PartiallyTransmitted64;

    /// <summary>The method of a chosen proposal; null without one, or with NONE.</summary>
    public static WireMethod? KeyExchange(ValueList<Transform> chosen) =>
        Find(chosen, TransformType.KeyExchange) is { Id: not 0 } found ? (WireMethod)found.Id : null;

    /// <summary>The transform of a type, or null.</summary>
    public static Transform? Find(ValueList<Transform> transforms, TransformType type)
    {
        foreach (Transform transform in transforms)
        {
            if (transform.Type == type)
            {
                return transform;
            }
        }

        return null;
    }

    private static IntegrityAlgorithm? Integrity(ValueList<Transform> chosen)
    {
        ushort? id = Find(chosen, TransformType.Integrity)?.Id;
        return EspSuites.Integrity.FirstOrDefault(i => i.TransformId == id);
    }

    // A cipher of one key size must not have a Key Length attribute, the others must have it. RFC 7296 §3.3.5.
    private static int? KeyBits(EncryptionAlgorithm cipher, Transform transform)
    {
        if (cipher.KeyBits.Length == 1)
        {
            return transform.KeyLengthBits is null ? cipher.KeyBits[0] : null;
        }

        return transform.KeyLengthBits is { } bits && cipher.KeyBits.Contains(bits) ? bits : null;
    }
}
