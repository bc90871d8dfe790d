using Conformance.Spec.Esp;
using Conformance.Spec.Sa;
using NUnit.Framework;

namespace Conformance.Tests.Model.Esp;

/// <summary>Least padding for each alignment, and the comparison of use with limits.</summary>
public class PaddingAndLifetimeTests
{
    [Test]
    public void LeastPadding_AlignsAndIsLessThanTheAlignment([Values(4, 8, 16)] int alignment, [Range(0, 40)] int payloadBytes)
    {
        int padding = EspPacket.LeastPaddingBytes(payloadBytes, alignment);

        Assert.That((payloadBytes + padding + 2) % alignment, Is.Zero);
        Assert.That(padding, Is.InRange(0, alignment - 1));
    }

    [TestCase("", true)]
    [TestCase("01", true)]
    [TestCase("01020304", true)]
    [TestCase("00", false)]
    [TestCase("0102030405060708090a0b0c0d0e0f", true)]
    [TestCase("010204", false)]
    [TestCase("0101", false)]
    public void Padding_IsOneTwoThree(string hex, bool monotonic) =>
        Assert.That(EspPacket.PaddingIsMonotonic(Convert.FromHexString(hex)), Is.EqualTo(monotonic));

    [Test]
    public void PaddingOf255_CountsToTheLastByte()
    {
        byte[] padding = [.. Enumerable.Range(1, 255).Select(i => (byte)i)];
        Assert.That(EspPacket.PaddingIsMonotonic(padding), Is.True);
        padding[254] = 0;
        Assert.That(EspPacket.PaddingIsMonotonic(padding), Is.False);
    }

    [TestCase(9UL, 0UL, 0, LifetimeStatus.Fresh)]
    [TestCase(10UL, 0UL, 0, LifetimeStatus.Dying)]
    [TestCase(19UL, 0UL, 0, LifetimeStatus.Dying)]
    [TestCase(20UL, 0UL, 0, LifetimeStatus.Expired)]
    [TestCase(0UL, 999UL, 0, LifetimeStatus.Fresh)]
    [TestCase(0UL, 1000UL, 0, LifetimeStatus.Dying)]
    [TestCase(0UL, 1999UL, 0, LifetimeStatus.Dying)]
    [TestCase(0UL, 2000UL, 0, LifetimeStatus.Expired)]
    [TestCase(0UL, 0UL, 59, LifetimeStatus.Fresh)]
    [TestCase(0UL, 0UL, 60, LifetimeStatus.Dying)]
    [TestCase(0UL, 0UL, 119, LifetimeStatus.Dying)]
    [TestCase(0UL, 0UL, 120, LifetimeStatus.Expired)]
    [TestCase(10UL, 2000UL, 59, LifetimeStatus.Expired)]
    public void Use_ReachesALimitAtItsValue(ulong packets, ulong bytes, int seconds, LifetimeStatus expected)
    {
        Lifetime limits = new(10, 20, 1000, 2000, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120));
        Assert.That(Lifetimes.Status(limits, new LifetimeUse(packets, bytes, TimeSpan.FromSeconds(seconds))), Is.EqualTo(expected));
    }

    [Test]
    public void WithoutLimits_NothingExpires() =>
        Assert.That(Lifetimes.Status(Lifetime.Unlimited, new LifetimeUse(ulong.MaxValue, ulong.MaxValue, TimeSpan.MaxValue)), Is.EqualTo(LifetimeStatus.Fresh));
}
