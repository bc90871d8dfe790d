using System.Text.Json;

namespace Conformance.Harness.Reporting;

/// <summary>JSON files that a user gives: read strictly, and refused in one line that says what and where.</summary>
internal static class JsonInput
{
    private static readonly JsonSerializerOptions Strict = new(Journal.Json) { RespectNullableAnnotations = true };

    /// <summary>Reads a file.</summary>
    /// <param name="path">Shown in the message.</param>
    /// <param name="what">What the file should be, for example «a finding».</param>
    /// <exception cref="BadInputException">It cannot be read, or is something else.</exception>
    public static T Read<T>(string path, string what)
        where T : class
    {
        if (path.Length == 0 || Directory.Exists(path) || !File.Exists(path))
        {
            string why = path.Length == 0 ? "no file was named" : Directory.Exists(path) ? "is a directory" : "there is no such file";
            throw new BadInputException($"{path}: {why}; {what} is wanted".TrimStart(':', ' '));
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Strict) ?? throw new BadInputException($"{path}: holds null, not {what}");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{path}, line {(error.LineNumber ?? 0) + 1}, {error.Path ?? "$"}: not {what}: {Reason(error)}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    // The library's own words, without the names of our types.
    private static string Reason(JsonException error)
    {
        const string Missing = "missing required properties including: ";
        string message = error.Message.Split(" Path: ")[0].ReplaceLineEndings(" ");
        int missing = message.IndexOf(Missing, StringComparison.Ordinal);
        return missing >= 0 ? $"lacks {message[(missing + Missing.Length)..]}"
            : message.Contains("Conformance.", StringComparison.Ordinal) || message.Contains("System.", StringComparison.Ordinal) ? "a value of another kind is wanted"
            : message;
    }
}
