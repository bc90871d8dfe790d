using Conformance.Generators.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>Malformed packets as hex: the parser names the field and where it is.</summary>
public class MalformedPacketTests
{
    [TestCase(PacketKind.Ipv4, "450000180001000040fdf5e4c0000201c000020201020304", TestName = "Valid_IsAccepted(Ipv4)")]
    [TestCase(PacketKind.Ipv6, "600000000004fd4020010db800000000000000000000000120010db800000000000000000000000201020304", TestName = "Valid_IsAccepted(Ipv6)")]
    [TestCase(PacketKind.Ipv6Chain, "60000000000c3c4020010db800000000000000000000000120010db8000000000000000000000002fd0001040000000001020304", TestName = "Valid_IsAccepted(Ipv6Chain)")]
    [TestCase(PacketKind.Udp, "01f41194000a674c0102", TestName = "Valid_IsAccepted(Udp)")]
    [TestCase(PacketKind.Tcp, "0001000200000000000000006002000014200000020405b4", TestName = "Valid_IsAccepted(Tcp)")]
    [TestCase(PacketKind.Icmp, "0800f6fa000100020102", TestName = "Valid_IsAccepted(Icmp)")]
    [TestCase(PacketKind.Esp, "0000100100000001", TestName = "Valid_IsAccepted(Esp)")]
    public void Valid_IsAccepted(PacketKind kind, string hex) =>
        Assert.That(PacketMutatorTests.Refusal(kind, Convert.FromHexString(hex)), Is.Null);

    [TestCase(PacketKind.Ipv4, "550000180001000040fdf5e4c0000201c000020201020304", "version", 0, TestName = "Malformed_NamesFieldAndOffset(Ipv4, wrong version)")]
    [TestCase(PacketKind.Ipv4, "450000180001000040fdf5e4c0000201c00002", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Ipv4, shorter than a header)")]
    [TestCase(PacketKind.Ipv4, "440000180001000040fdf5e4c0000201c000020201020304", "IHL", 0, TestName = "Malformed_NamesFieldAndOffset(Ipv4, IHL below 5)")]
    [TestCase(PacketKind.Ipv4, "450000130001000040fdf5e4c0000201c000020201020304", "total length", 2, TestName = "Malformed_NamesFieldAndOffset(Ipv4, total length below IHL)")]
    [TestCase(PacketKind.Ipv4, "450000190001000040fdf5e4c0000201c000020201020304", "total length", 2, TestName = "Malformed_NamesFieldAndOffset(Ipv4, total length beyond the buffer)")]
    [TestCase(PacketKind.Ipv4, "450000180001000040fdf5e5c0000201c000020201020304", "header checksum", 10, TestName = "Malformed_NamesFieldAndOffset(Ipv4, bad header checksum)")]
    [TestCase(PacketKind.Ipv4, "450000180001800040fd75e4c0000201c000020201020304", "flags", 6, TestName = "Malformed_NamesFieldAndOffset(Ipv4, reserved flag)")]
    [TestCase(PacketKind.Ipv6, "700000000004fd4020010db800000000000000000000000120010db800000000000000000000000201020304", "version", 0, TestName = "Malformed_NamesFieldAndOffset(Ipv6, wrong version)")]
    [TestCase(PacketKind.Ipv6, "600000000004fd4020010db800000000000000000000000120010db80000000000000000000000", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Ipv6, shorter than a header)")]
    [TestCase(PacketKind.Ipv6, "600000000005fd4020010db800000000000000000000000120010db800000000000000000000000201020304", "payload length", 4, TestName = "Malformed_NamesFieldAndOffset(Ipv6, payload length beyond the buffer)")]
    [TestCase(PacketKind.Ipv6Chain, "6000000000073c4020010db800000000000000000000000120010db8000000000000000000000002fd000104000000", "extension header", 40, TestName = "Malformed_NamesFieldAndOffset(Ipv6Chain, truncated extension header)")]
    [TestCase(PacketKind.Ipv6Chain, "60000000000c3c4020010db800000000000000000000000120010db8000000000000000000000002fdff01040000000001020304", "extension header", 40, TestName = "Malformed_NamesFieldAndOffset(Ipv6Chain, extension header longer than the packet)")]
    [TestCase(PacketKind.Ipv6Chain, "6000000000103c4020010db800000000000000000000000120010db800000000000000000000000200000104000000003b00010400000000", "extension header", 48, TestName = "Malformed_NamesFieldAndOffset(Ipv6Chain, hop-by-hop options not in front)")]
    [TestCase(PacketKind.Ipv6Chain, "6000000000103c4020010db800000000000000000000000120010db80000000000000000000000023c000104000000003c00010400000000", "extension header", 56, TestName = "Malformed_NamesFieldAndOffset(Ipv6Chain, chain that never ends)")]
    [TestCase(PacketKind.Ipv6Chain, "60000000000c3c4020010db800000000000000000000000120010db8000000000000000000000002fd0001050000000001020304", "option length", 43, TestName = "Malformed_NamesFieldAndOffset(Ipv6Chain, option longer than its header)")]
    [TestCase(PacketKind.Udp, "01f411940007674c0102", "length", 4, TestName = "Malformed_NamesFieldAndOffset(Udp, length short)")]
    [TestCase(PacketKind.Udp, "01f41194000b674c0102", "length", 4, TestName = "Malformed_NamesFieldAndOffset(Udp, length long)")]
    [TestCase(PacketKind.Udp, "01f41194000a67", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Udp, shorter than a header)")]
    [TestCase(PacketKind.Udp, "01f41194000a00010102", "checksum", 6, TestName = "Malformed_NamesFieldAndOffset(Udp, bad checksum)")]
    [TestCase(PacketKind.Tcp, "0001000200000000000000004002000014200000020405b4", "data offset", 12, TestName = "Malformed_NamesFieldAndOffset(Tcp, data offset below 5)")]
    [TestCase(PacketKind.Tcp, "0001000200000000000000006002000014200000", "data offset", 12, TestName = "Malformed_NamesFieldAndOffset(Tcp, data offset beyond the segment)")]
    [TestCase(PacketKind.Tcp, "00010002000000000000000060020000142000", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Tcp, shorter than a header)")]
    [TestCase(PacketKind.Tcp, "0001000200000000000000006002000014210000020405b4", "checksum", 16, TestName = "Malformed_NamesFieldAndOffset(Tcp, bad checksum)")]
    [TestCase(PacketKind.Icmp, "0800f6fa000100", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Icmp, shorter than a header)")]
    [TestCase(PacketKind.Icmp, "0800f6fb000100020102", "checksum", 2, TestName = "Malformed_NamesFieldAndOffset(Icmp, bad checksum)")]
    [TestCase(PacketKind.Esp, "00001001000000", "header", 0, TestName = "Malformed_NamesFieldAndOffset(Esp, shorter than SPI and number)")]
    [TestCase(PacketKind.Esp, "0000000000000001", "SPI", 0, TestName = "Malformed_NamesFieldAndOffset(Esp, SPI 0)")]
    public void Malformed_NamesFieldAndOffset(PacketKind kind, string hex, string field, int offsetBytes)
    {
        var refusal = PacketMutatorTests.Refusal(kind, Convert.FromHexString(hex));
        Assert.That((refusal?.Field, refusal?.OffsetBytes), Is.EqualTo((field, offsetBytes)));
    }
}
