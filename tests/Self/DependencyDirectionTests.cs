using System.Reflection;
using System.Text.RegularExpressions;
using Conformance.Harness.Running;
using NUnit.Framework;

namespace Conformance.Tests.Self;

/// <summary>Crypto &lt;- spec &lt;- generators &lt;- harness &lt;- tests: nothing points back, and spec stays pure.</summary>
public class DependencyDirectionTests
{
    private static readonly string[] Order = ["Conformance.Spec", "Conformance.Generators", "ipsec-conformance", "Conformance.Tests"];

    [Test]
    public void Assemblies_ReferenceOnlyThoseBeforeThem([Range(0, 2)] int index)
    {
        string[] later = Order[(index + 1)..];
        Assembly assembly = Assembly.Load(Order[index]);
        Assert.That(assembly.GetReferencedAssemblies().Select(a => a.Name), Has.None.Matches<string>(later.Contains));
    }

    [Test]
    public void Crypto_NamesNoOtherPartOfTheSpec()
    {
        Regex other = new(@"Conformance\.Spec\.(?!Crypto)");
        Assert.That(Sources("spec/Crypto").Where(file => other.IsMatch(File.ReadAllText(file))), Is.Empty);
    }

    // No I/O, no clock, no randomness: what enters the model enters as a value.
    [Test]
    public void Spec_IsPure()
    {
        Regex impure = new(@"\b(File|Directory|Console|Environment|Stopwatch|DateTime(Offset)?|Thread|Task)\.\w|new Random\(|RandomNumberGenerator|Guid\.NewGuid");
        string[] files = [.. Sources("spec")];
        Assert.That(files, Has.Length.GreaterThan(30));
        Assert.That(files.Where(file => impure.IsMatch(WithoutComments(file))), Is.Empty);
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root!, folder), "*.cs", SearchOption.AllDirectories);

    private static string WithoutComments(string file) =>
        string.Join('\n', File.ReadLines(file).Select(line => line.Split("//")[0]));
}
