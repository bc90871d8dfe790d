namespace Conformance.Harness.Running;

/// <summary>Where the source tree is, found from the running program.</summary>
public static class Checkout
{
    private const string Marker = "Conformance.sln";

    /// <summary>The directory of Conformance.sln, or null outside a checkout.</summary>
    public static string? Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Build output and run records: never in the source folders.</summary>
    public static string ArtifactsDirectory => Path.Combine(Root ?? Directory.GetCurrentDirectory(), "artifacts");

    /// <summary>The user's own directory: a test runner may have changed that of the process.</summary>
    public static string UserDirectory => Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } shell && Directory.Exists(shell)
        ? shell
        : Environment.CurrentDirectory;

    private static string? Find(string start)
    {
        for (DirectoryInfo? at = new(start); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Marker)))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
