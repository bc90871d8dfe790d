using Conformance.Generators.Sa;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>Shrinkers get to an end and give smaller values, and what a failure prints can be read.</summary>
public class GeneratorTests
{
    private const int LongestLine = 1200;
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(100).WithQuietOnSuccess(true);

    [Test]
    public void Ipv4_ShrinksAndPrints() => Check(WireArbitraries.Ipv4, packet => packet.Payload.Length == 0 && packet.Header.Options.Length == 0, "IPv4");

    [Test]
    public void Ipv6_ShrinksAndPrints() => Check(WireArbitraries.Ipv6, packet => packet.Payload.Length == 0 && packet.Extensions.IsEmpty, "IPv6");

    [Test]
    public void Udp_ShrinksAndPrints() => Check(WireArbitraries.Udp, udp => udp.Value.Data.Length == 0, "UDP");

    [Test]
    public void Tcp_ShrinksAndPrints() => Check(WireArbitraries.Tcp, tcp => tcp.Value.Data.Length == 0 && tcp.Value.Options.Length == 0, "TCP");

    [Test]
    public void Icmp_ShrinksAndPrints() => Check(WireArbitraries.Icmp, icmp => icmp.Body.Length == 0, "ICMP");

    [Test]
    public void IcmpV6_ShrinksAndPrints() => Check(WireArbitraries.IcmpV6, icmp => icmp.Value.Body.Length == 0, "ICMPv6");

    [Test]
    public void Esp_ShrinksAndPrints() => Check(WireArbitraries.Esp, esp => esp.Spi.Value == 1 && esp.SequenceLow == 0, "Spi");

    [Test]
    public void Address_ShrinksAndPrints() => Check(WireArbitraries.Address, address => address == WireShrinkers.Plain(address.IsIpv6), "");

    [Test]
    public void Bytes_ShrinkAndPrint() => Check(WireArbitraries.Bytes, bytes => bytes.Bytes.Length == 0, "bytes: ");

    [Test]
    public void SecurityAssociation_Shrinks() => Prop.ForAll(SecurityAssociations.Any, sa =>
    {
        var least = Least(SecurityAssociations.Any, sa);
        return least is { Encapsulation: null, ExtendedSequenceNumbers: false } && SecurityAssociations.Describe(sa).Contains($"{sa.Mode} ");
    }).Check(Some);

    [Test]
    public void SealingCase_ShrinksAndPrints() => Check(SecurityAssociations.WithPacket, one => one.Plain.Length is 20 or 40 && one.Sa.Encapsulation is null, " spi 0x");

    [Test]
    public void OneSeed_GivesOneSequenceOfByteStrings()
    {
        WireByteSource first = new(new Random(7));
        WireByteSource second = new(new Random(7));
        Assert.That(Enumerable.Range(0, 500).Select(_ => first.Next()), Is.EqualTo(Enumerable.Range(0, 500).Select(_ => second.Next())));
    }

    private static void Check<T>(Arbitrary<T> arbitrary, Func<T, bool> isLeast, string expected) => Prop.ForAll(arbitrary, value =>
        isLeast(Least(arbitrary, value)) && $"{value}".Contains(expected, StringComparison.Ordinal) && $"{value}".Length < LongestLine
        && !$"{value}".Contains('\n', StringComparison.Ordinal)).Check(Some);

    // The way that a failure that every value shows would take.
    private static T Least<T>(Arbitrary<T> arbitrary, T value)
    {
        for (int steps = 0; steps < 1000; steps++)
        {
            T[] smaller = [.. arbitrary.Shrinker(value).Take(1)];
            if (smaller.Length == 0)
            {
                return value;
            }

            value = smaller[0];
        }

        throw new AssertionException($"no end of shrinking: {value}");
    }
}
