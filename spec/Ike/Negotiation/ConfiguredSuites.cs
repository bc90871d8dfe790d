using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using EncryptionAlgorithm = Conformance.Spec.Crypto.EncryptionTransform;

namespace Conformance.Spec.Ike.Negotiation;

/// <summary>Suites as an owner may give them: what no offer may have is refused, what must be apart is taken apart. RFC 7296 §3.3.</summary>
internal static class ConfiguredSuites
{
    /// <summary>Suites for IKE SAs.</summary>
    /// <exception cref="ArgumentException">A cipher without a form in the SK payload, a key exchange NONE, or what no suite may have. RFC 7296 §2.18, §3.14.</exception>
    public static ValueList<ValueList<Transform>> ForIke(ValueList<ValueList<Transform>> suites)
    {
        foreach (Transform transform in suites.SelectMany(s => s.Items))
        {
            _ = transform.Type != TransformType.Encryption || IkeTransforms.Encryption.Any(e => e.TransformId == transform.Id)
                ? 0 : throw new ArgumentException($"{transform} has no form in the SK payload", nameof(suites));
            _ = transform.Type != TransformType.KeyExchange || transform.Id != 0 ? 0 : throw new ArgumentException("an IKE SA cannot do without a key exchange", nameof(suites));
        }

        return ForChild(suites);
    }

    /// <summary>Suites for Child SAs.</summary>
    /// <exception cref="ArgumentException">Several attributes, a key length where there is but one, or integrity beside combined modes alone. RFC 7296 §3.3, §3.3.5.</exception>
    public static ValueList<ValueList<Transform>> ForChild(ValueList<ValueList<Transform>> suites)
    {
        foreach (Transform transform in suites.SelectMany(s => s.Items))
        {
            _ = transform.AttributesAreKnown ? 0 : throw new ArgumentException($"{transform} has attributes beyond one key length", nameof(suites));
            bool hasOne = transform.Type == TransformType.Encryption && Cipher(transform) is { KeyBits.Length: 1 };
            _ = !hasOne || transform.KeyLengthBits is null ? 0 : throw new ArgumentException($"{transform} has a key length, and its cipher has but one", nameof(suites));
        }

        return new([.. suites.SelectMany(Apart)]);
    }

    // Combined modes and other ciphers are in different proposals, and combined modes have no integrity transform, not even NONE. RFC 7296 §3.3.
    private static IEnumerable<ValueList<Transform>> Apart(ValueList<Transform> suite)
    {
        ImmutableArray<Transform> combined = [.. suite.Where(IsCombined)];
        ImmutableArray<Transform> others = [.. suite.Where(t => t.Type == TransformType.Encryption && !IsCombined(t))];
        if (combined.IsEmpty)
        {
            return [suite];
        }

        ValueList<Transform> alone = new([.. suite.Where(t => !others.Contains(t) && t.Type != TransformType.Integrity)]);
        if (others.IsEmpty)
        {
            return suite.All(t => t.Type != TransformType.Integrity || t.Id == 0) ? [alone] : throw new ArgumentException($"{combined[0]} has its integrity in itself", nameof(suite));
        }

        ValueList<Transform> ordinary = new([.. suite.Where(t => !combined.Contains(t))]);
        return suite.Items.IndexOf(combined[0]) < suite.Items.IndexOf(others[0]) ? [alone, ordinary] : [ordinary, alone];
    }

    private static bool IsCombined(Transform transform) => transform.Type == TransformType.Encryption && Cipher(transform) is { IsCombinedMode: true };

    private static EncryptionAlgorithm? Cipher(Transform transform) => EspSuites.Encryption.FirstOrDefault(e => e.TransformId == transform.Id);
}
