using NUnit.Framework;

namespace Conformance.Tests;

public class SmokeTests
{
    [Test]
    public void Scalars_Print() => Assert.That(new Conformance.Spec.Wire.Spi(0x1001).ToString(), Is.EqualTo("0x00001001"));
}
