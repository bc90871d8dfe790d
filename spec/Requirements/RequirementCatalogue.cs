using System.Text.Json;

namespace Conformance.Spec.Requirements;

/// <summary>Weight of a requirement. RFC 2119.</summary>
public enum RequirementLevel
{
    /// <summary>MUST.</summary>
    Must,
    /// <summary>MUST NOT.</summary>
    MustNot,
    /// <summary>SHOULD.</summary>
    Should,
    /// <summary>SHOULD NOT.</summary>
    ShouldNot,
    /// <summary>MAY.</summary>
    May,
}

/// <summary>A requirement.</summary>
public sealed record Requirement(string Id, string Rfc, string Section, RequirementLevel Level, string Text);

/// <summary>The catalogue (placeholder).</summary>
public static class RequirementCatalogue
{
    private static readonly Dictionary<string, Requirement> ById = Load();

    /// <summary>All.</summary>
    public static IEnumerable<Requirement> All => ById.Values;

    /// <summary>By id.</summary>
    public static Requirement? Find(string id) => ById.GetValueOrDefault(id);

    private static Dictionary<string, Requirement> Load()
    {
        Dictionary<string, Requirement> all = [];
        foreach (string name in typeof(RequirementCatalogue).Assembly.GetManifestResourceNames())
        {
            using Stream stream = typeof(RequirementCatalogue).Assembly.GetManifestResourceStream(name)!;
            using JsonDocument document = JsonDocument.Parse(stream);
            foreach (JsonElement r in document.RootElement.GetProperty("requirements").EnumerateArray())
            {
                string id = r.GetProperty("id").GetString()!;
                RequirementLevel level = Enum.Parse<RequirementLevel>(r.GetProperty("level").GetString()!.Replace(" ", ""), true);
                all[id] = new Requirement(id, id[3..id.IndexOf('-', StringComparison.Ordinal)], r.GetProperty("section").GetString()!, level, r.GetProperty("text").GetString()!);
            }
        }

        return all;
    }
}
