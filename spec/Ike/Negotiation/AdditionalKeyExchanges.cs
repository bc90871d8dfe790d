using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Negotiation;

/// <summary>Transforms of types ADDKE1 to ADDKE7. RFC 9370 §2.2.1.</summary>
public static class AdditionalKeyExchanges
{
    /// <summary>True for one of the seven types.</summary>
    public static bool Is(TransformType type) => type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7;

    /// <summary>An additional key exchange as a transform; null for NONE.</summary>
    /// <param name="place">1 to 7.</param>
    /// <param name="method">The method.</param>
    public static Transform At(int place, KeyExchangeMethod? method)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(place, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(place, 7);
        return new(TransformType.AdditionalKeyExchange1 + (byte)(place - 1), (ushort)(method ?? 0), []);
    }

    /// <summary>True if one of a side's suites for the IKE SA has some: it then takes part in IKE_INTERMEDIATE. RFC 9370 §2.2.1.</summary>
    public static bool AreWanted(IkeConfiguration configuration) => configuration.Offers.Any(s => s.Any(t => Is(t.Type)));

    /// <summary>The methods of a choice in the order of their types, without NONE. RFC 9370 §2.2.2.</summary>
    public static ValueList<KeyExchangeMethod> Of(ValueList<Transform> chosen) =>
        new([.. chosen.Where(t => Is(t.Type) && t.Id != 0).OrderBy(t => t.Type).Select(t => (KeyExchangeMethod)t.Id)]);

    /// <summary>True if no method is there twice, the main one included. RFC 9370 §2.2.1.</summary>
    public static bool Differ(ValueList<Transform> chosen)
    {
        ushort[] methods = [.. chosen.Where(t => (Is(t.Type) || t.Type == TransformType.KeyExchange) && t.Id != 0).Select(t => t.Id)];
        return methods.Distinct().Count() == methods.Length;
    }

    /// <summary>Suites without additional key exchanges: those that may do without them. RFC 9370 §2.2.1.</summary>
    public static ValueList<ValueList<Transform>> Without(ValueList<ValueList<Transform>> suites) =>
        new([.. suites.Select(s => new ValueList<Transform>([.. s.Where(t => !Is(t.Type))]))]);

    /// <summary>True if a suite insists on at least one of them.</summary>
    public static bool AreRequired(ValueList<Transform> suite) =>
        suite.Where(t => Is(t.Type)).GroupBy(t => t.Type).Any(g => g.All(t => t.Id != 0));
}
