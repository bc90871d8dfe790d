using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Model.XfrmText;

/// <summary>Recorded dumps, named KERNEL-SCENE.IPROUTE.OBJECT-OPTIONS.</summary>
internal static class GoldenDumps
{
    public static string Folder { get; } = Path.Combine(Harness.Running.Checkout.Root ?? ".", "tests", "Model", "XfrmText", "Golden");

    public static IEnumerable<string> Names(string kind) =>
        Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Where(n => n.Split('.')[^1].Split('-')[0] == kind).Order(StringComparer.Ordinal);

    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static PolicyDump Policies(string name) =>
        PolicyDump.TryParse(Text(name), out PolicyDump? dump, out TextError error) ? dump! : throw new AssertionException($"{name}: {error}");

    public static StateDump States(string name) =>
        StateDump.TryParse(Text(name), out StateDump? dump, out TextError error) ? dump! : throw new AssertionException($"{name}: {error}");
}
