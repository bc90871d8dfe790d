using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Spec.Crypto;

namespace Conformance.Tests.Model.Crypto;

/// <summary>One known answer from vectors/esp-transforms; the names follow its schema.</summary>
public sealed record TransformVector(
    string Name,
    string Source,
    string Suite,
    string EncryptionKey,
    string IntegrityKey,
    bool ExtendedSequenceNumber,
    uint SequenceHigh,
    string Plain,
    string Sealed)
{
    public EspSuite ParsedSuite => EspSuite.TryParse(Suite, out var suite, out var error) ? suite : throw new FormatException(error);

    public EspProtection Key(CryptoProvider provider) =>
        ParsedSuite.Key(Convert.FromHexString(EncryptionKey), Convert.FromHexString(IntegrityKey), provider);

    public override string ToString() => $"{Suite} {Name}";
}

/// <summary>The known answers of one transform.</summary>
public sealed record TransformVectorFile(
    [property: JsonPropertyName("$schema")] string Schema, string Transform, TransformVector[] Cases)
{
    // As closed as the schema: no member missing, none unknown.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <summary>Every file, read from the checkout.</summary>
    public static IReadOnlyList<TransformVectorFile> All { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(Read)];

    private static string Folder
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Conformance.sln")))
                root = root.Parent ?? throw new DirectoryNotFoundException("no checkout around the test assembly");
            return Path.Combine(root.FullName, "vectors", "esp-transforms");
        }
    }

    private static TransformVectorFile Read(string path)
    {
        var file = JsonSerializer.Deserialize<TransformVectorFile>(File.ReadAllText(path), Options)!;
        return file.Transform == Path.GetFileNameWithoutExtension(path)
            ? file
            : throw new FormatException($"{path} holds {file.Transform}");
    }
}
