using System.Reflection;

namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>The name of a number in the IANA registries of IKEv2 and the RFC that defines it.</summary>
/// <param name="name">Name in the registry.</param>
/// <param name="rfc">Number of the defining RFC; 0 where none defines it.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class IanaAttribute(string name, int rfc) : Attribute
{
    /// <summary>Name in the registry.</summary>
    public string Name { get; } = name;

    /// <summary>Number of the defining RFC; 0 where none defines it.</summary>
    public int Rfc { get; } = rfc;
}

/// <summary>One line of a registry.</summary>
/// <param name="Value">Number on the wire.</param>
/// <param name="Name">Name in the registry.</param>
/// <param name="Rfc">Number of the defining RFC; 0 where none defines it.</param>
public readonly record struct RegistryEntry(int Value, string Name, int Rfc);

/// <summary>The registries as data: each is an enumeration whose members carry their names.</summary>
public static class Iana
{
    /// <summary>The registry of an enumeration, in the order of its numbers.</summary>
    public static IReadOnlyList<RegistryEntry> Registry<T>()
        where T : struct, Enum => Names<T>.Entries;

    /// <summary>True for a number that this registry names.</summary>
    public static bool IsKnown<T>(T value)
        where T : struct, Enum => Names<T>.ByValue.ContainsKey(value);

    /// <summary>The registered name, or the number where there is none.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => Names<T>.ByValue.TryGetValue(value, out string? name) ? name : value.ToString("D");

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly IReadOnlyList<RegistryEntry> Entries =
        [
            .. from field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
               let iana = field.GetCustomAttribute<IanaAttribute>()
               where iana is not null
               let entry = new RegistryEntry(Convert.ToInt32(field.GetRawConstantValue()), iana.Name, iana.Rfc)
               orderby entry.Value
               select entry,
        ];

        public static readonly Dictionary<T, string> ByValue = Entries.ToDictionary(e => (T)Enum.ToObject(typeof(T), e.Value), e => e.Name);
    }
}
