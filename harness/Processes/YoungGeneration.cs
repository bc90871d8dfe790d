using System.Diagnostics;

namespace Conformance.Harness.Processes;

/// <summary>A young generation of 64 MiB for the processes that judge.</summary>
/// <remarks>
/// Where the runtime cannot see the size of the processor's cache, as in most virtual machines, it collects every 256 KiB,
/// which is a collection for every hundred packets. The size has no property in runtimeconfig.json, only a variable.
/// </remarks>
internal static class YoungGeneration
{
    /// <summary>The runtime's variable.</summary>
    public const string Variable = "DOTNET_GCgen0size";

    private const string Bytes = "0x4000000";

    /// <summary>Gives it to a process that is to be started, unless the user chose one.</summary>
    public static void Widen(ProcessStartInfo start) => start.Environment.TryAdd(Variable, Bytes);
}
