using System.Text.RegularExpressions;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Contested readings are written down once, under a number that everything else refers to.</summary>
public partial class InterpretationTests
{
    private static readonly string[] Folders = ["spec", "generators", "harness", "tests"];
    private static readonly string Directory = Path.Combine(Checkout.Root!, "spec", "Interpretations");

    private static IEnumerable<string> Numbers => System.IO.Directory.GetFiles(Directory, "*.md").Select(f => Path.GetFileName(f)[..4]);

    [Test]
    public void Numbers_AreGivenOnce() => Assert.That(Numbers, Is.Unique);

    [Test]
    public void EveryReferenceInTheCode_Resolves()
    {
        HashSet<string> known = [.. Numbers];
        (string File, string Number)[] references =
        [
            .. from folder in Folders
               from file in System.IO.Directory.EnumerateFiles(Path.Combine(Checkout.Root!, folder), "*", SearchOption.AllDirectories)
               where Path.GetExtension(file) is ".cs" or ".md" or ".json"
               from Match match in Reference().Matches(File.ReadAllText(file))
               select (Path.GetRelativePath(Checkout.Root!, file), match.Groups[1].Value),
        ];
        Assert.That(references, Is.Not.Empty);
        Assert.That(references.Where(r => !known.Contains(r.Number)), Is.Empty);
    }

    [Test]
    public void EveryReferenceInTheCatalogues_Resolves()
    {
        Requirement[] contested = [.. RequirementCatalogue.All.Where(r => r.Interpretation is not null)];
        Assert.That(contested, Is.Not.Empty);
        Assert.That(contested.Where(r => !File.Exists(Path.Combine(Directory, $"{r.Interpretation}.md"))).Select(r => r.Id), Is.Empty);
    }

    [GeneratedRegex(@"Interpretations/(\d+)")]
    private static partial Regex Reference();
}
