using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Harness.Reporting;

/// <summary>The append-only record of a run: one JSON object a line.</summary>
/// <remarks>A line is written whole and flushed, so that a killed run keeps what it had judged.</remarks>
public sealed class Journal : IDisposable
{
    /// <summary>Name of the file in the run's directory.</summary>
    public const string FileName = "journal.jsonl";

    private readonly StreamWriter _writer;

    /// <summary>Opens the journal of a run directory for appending.</summary>
    public Journal(string directory)
    {
        Directory.CreateDirectory(directory);
        _writer = new StreamWriter(new FileStream(Path.Combine(directory, FileName), FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    }

    /// <summary>How all JSON of the project is written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Appends an entry of a kind: its name is the one property of the line.</summary>
    public void Append<T>(string kind, T entry)
    {
        string line = JsonSerializer.Serialize(new Dictionary<string, T> { [kind] = entry }, Json);
        lock (_writer)
        {
            _writer.WriteLine(line);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _writer.Dispose();

    /// <summary>Reads the verdicts of a journal; a last line that is not whole is left out.</summary>
    public static IEnumerable<TestVerdict> ReadVerdicts(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (TryReadVerdict(line, out TestVerdict? verdict))
            {
                yield return verdict;
            }
        }
    }

    /// <summary>Reads one line; false for lines of other kinds and for one that was cut off.</summary>
    public static bool TryReadVerdict(string line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TestVerdict? verdict)
    {
        verdict = null;
        if (!line.StartsWith("{\"verdict\":", StringComparison.Ordinal) || !line.EndsWith('}'))
        {
            return false;
        }

        verdict = JsonSerializer.Deserialize<Dictionary<string, TestVerdict>>(line, Json)?["verdict"];
        return verdict is not null;
    }

    /// <summary>The number of tests that a run is about to judge, from its plan line; null for other lines.</summary>
    public static int? TryReadPlan(string line) =>
        line.StartsWith("{\"plan\":", StringComparison.Ordinal) && line.EndsWith('}')
            ? JsonSerializer.Deserialize<Dictionary<string, int>>(line, Json)?["plan"]
            : null;
}
