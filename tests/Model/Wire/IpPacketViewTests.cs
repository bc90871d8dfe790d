using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>The view that IPsec reads packets with refuses what it cannot read, and names field and offset.</summary>
public class IpPacketViewTests
{
    [TestCase("4500001400000000403d0000c0000201c0000202", "header checksum", 10, Description = "checksum wrong")]
    [TestCase("4400001400000000403db6b3c0000201c0000202", "IHL", 0, Description = "header of 16 bytes")]
    [TestCase("4500001500000000403db6a8c0000201c0000202", "total length", 2, Description = "one byte more than there is")]
    [TestCase("4500001300000000403db6aac0000201c0000202", "total length", 2, Description = "shorter than the header")]
    [TestCase("45000014", "header", 0, Description = "four bytes")]
    [TestCase("5500001400000000403db6a9c0000201c0000202", "version", 0, Description = "version 5")]
    [TestCase("6000000000013b40", "header", 0, Description = "eight bytes of IPv6")]
    [TestCase("6000000000013b4020010db800000000000000000000000120010db8000000000000000000000002", "payload length", 4, Description = "payload missing")]
    [TestCase("6000000000080040" + "20010db800000000000000000000000120010db8000000000000000000000002" + "3b01010400000000", "extension header", 40, Description = "extension header of 16 bytes in 8")]
    public void Malformed_NamesFieldAndOffset(string hex, string field, int offset)
    {
        Assert.That(IpPacketView.TryParse(Convert.FromHexString(hex), out _, out ParseError error), Is.False);
        Assert.That((error.Field, error.OffsetBytes), Is.EqualTo((field, offset)));
    }

    [TestCase("4500001400000000403df6a9c0000201c0000202", Description = "the baseline of the IPv4 cases")]
    [TestCase("6000000000003b4020010db800000000000000000000000120010db8000000000000000000000002", Description = "the baseline of the IPv6 cases")]
    public void WellFormed_Parses(string hex) =>
        Assert.That(IpPacketView.TryParse(Convert.FromHexString(hex), out _, out ParseError error), Is.True, error.ToString());
}
