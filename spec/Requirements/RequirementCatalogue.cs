using System.Text.Json;

namespace Conformance.Spec.Requirements;

/// <summary>All requirements of the catalogues that are built into this assembly.</summary>
public static class RequirementCatalogue
{
    private static readonly Dictionary<string, Requirement> ById = Load();

    /// <summary>The requirements, catalogue by catalogue.</summary>
    public static IReadOnlyCollection<Requirement> All => ById.Values;

    /// <summary>The requirement of an id, or null.</summary>
    public static Requirement? Find(string id) => ById.GetValueOrDefault(id);

    private static Dictionary<string, Requirement> Load()
    {
        Dictionary<string, Requirement> all = [];
        System.Reflection.Assembly assembly = typeof(RequirementCatalogue).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("Requirements/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using JsonDocument document = JsonDocument.Parse(stream);
            foreach (JsonElement entry in document.RootElement.GetProperty("requirements").EnumerateArray())
            {
                Requirement requirement = Read(entry, name);
                if (!all.TryAdd(requirement.Id, requirement))
                {
                    throw new InvalidDataException($"{name}: {requirement.Id} occurs twice");
                }
            }
        }

        return all;
    }

    private static Requirement Read(JsonElement entry, string file)
    {
        string id = Text(entry, "id");
        try
        {
            return new Requirement
            {
                Id = id,
                Document = DocumentOf(id),
                Section = Text(entry, "section"),
                Level = Enum.Parse<RequirementLevel>(Text(entry, "level").Replace(" ", "", StringComparison.Ordinal), ignoreCase: true),
                IsExplicit = Text(entry, "keyword") == "explicit",
                Role = Text(entry, "role"),
                Text = Text(entry, "text"),
                Observable = Text(entry, "observable"),
                Concerns = entry.TryGetProperty("concerns", out JsonElement concern) ? Enum.Parse<RequirementConcern>(concern.GetString() ?? "", ignoreCase: true) : RequirementConcern.Messages,
                Test = Text(entry, "test"),
                Needs = entry.GetProperty("needs").EnumerateArray().Aggregate(
                    Capabilities.None, (needs, word) => needs | Enum.Parse<Capabilities>(word.GetString() ?? "")),
                UntestableBecause = entry.TryGetProperty("untestable", out JsonElement reason) ? reason.GetString() : null,
                Interpretation = entry.TryGetProperty("interpretation", out JsonElement link) ? link.GetString() : null,
            };
        }
        catch (Exception error) when (error is ArgumentException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: {id}: {error.Message}", error);
        }
    }

    // RFC4303-3.4.3-09 is a clause of RFC 4303; what no RFC rules has the name of its own document in front: XFRM-policy-01.
    private static string DocumentOf(string id)
    {
        string name = id[..id.IndexOf('-', StringComparison.Ordinal)];
        return name.StartsWith("RFC", StringComparison.Ordinal) ? $"RFC {name[3..]}" : name;
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString() ?? "";
}
