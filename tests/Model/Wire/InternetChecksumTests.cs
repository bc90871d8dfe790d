using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>The fast sum against the definition: 16-bit words added one by one, every carry brought around at once. RFC 1071 §1.</summary>
public class InternetChecksumTests
{
    [Test]
    public void FastSum_AgreesWithTheDefinition() =>
        Prop.ForAll(WireArbitraries.FromSeed(random => WireValues.Payload(random), WireShrinkers.Shrink), bytes =>
            InternetChecksum.Compute(bytes.Span) == Defined(bytes.Span)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true));

    [Test]
    public void LongestRunOfOnes_AgreesWithTheDefinition()
    {
        byte[] ones = new byte[65_535];
        ones.AsSpan().Fill(0xff);
        Assert.That(InternetChecksum.Compute(ones), Is.EqualTo(Defined(ones)));
    }

    private static ushort Defined(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0);
            sum = sum > 0xffff ? sum - 0xffff : sum;
        }

        return (ushort)~sum;
    }
}
