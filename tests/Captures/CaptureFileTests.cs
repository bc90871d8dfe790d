using System.Buffers.Binary;
using Conformance.Harness;
using Conformance.Harness.Captures;
using Conformance.Harness.Reporting;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Captures;

/// <summary>Packets out of capture files of other tools, and out of files that are none.</summary>
public class CaptureFileTests
{
    private static readonly byte[] Datagram = IpPackets.Udp(IpAddress.Parse("13.0.0.8"), IpAddress.Parse("13.0.0.9"), 5000, 53, new byte[20]);

    [TestCase(101u, "", TestName = "RawIp_IsRead")]
    [TestCase(1u, "0200000000010200000000020800", TestName = "Ethernet_IsRead")]
    [TestCase(1u, "020000000001020000000002810000050800", TestName = "EthernetWithVlan_IsRead")]
    [TestCase(113u, "00000001000602000000000100000800", TestName = "LinuxCooked_IsRead")]
    [TestCase(276u, "0800000000000001000100060200000000010000", TestName = "LinuxCookedSecondForm_IsRead")]
    [TestCase(0u, "02000000", TestName = "Loopback_IsRead")]
    public void LinkType_IsRead(uint linkType, string linkHeader)
    {
        byte[] frame = [.. Convert.FromHexString(linkHeader), .. Datagram];
        Assert.Multiple(() =>
        {
            foreach (bool littleEndian in new[] { true, false })
            {
                Assert.That(Read(Classic(linkType, littleEndian, frame)), Is.EqualTo(new ByteString(Datagram)));
                Assert.That(Read(NextGeneration(linkType, littleEndian, frame)), Is.EqualTo(new ByteString(Datagram)));
            }
        });
    }

    [Test]
    public void BytesBehindTheDatagram_AreNoPartOfIt()
    {
        byte[] frame = [.. Convert.FromHexString("0200000000010200000000020800"), .. Datagram, 0, 0, 0];
        Assert.That(Read(Classic(1, true, frame)), Is.EqualTo(new ByteString(Datagram)));
    }

    [Test]
    public void OwnCaptures_AreRead()
    {
        using MemoryStream stream = new();
        using (PcapngWriter writer = new(stream, "two packets"))
        {
            writer.Write(CaptureSide.Wire, true, 1, Datagram, "one");
            writer.Write(CaptureSide.Host, false, 2, Datagram, "two");
        }

        Assert.That(CaptureFile.TryRead(stream.ToArray(), 2, out CapturedPacket? packet, out string reason), reason);
        Assert.That(packet!.Packet, Is.EqualTo(new ByteString(Datagram)));
        Assert.That(CaptureFile.TryRead(stream.ToArray(), 3, out _, out reason), Is.False);
        Assert.That(reason, Is.EqualTo("there is no packet 3"));
    }

    [TestCase("", "0 bytes are no capture")]
    [TestCase("7f454c46020101", "neither pcap nor pcapng: it begins with 7f454c46")]
    [TestCase("d4c3b2a102000400", "the file header ends after 8 of 24 bytes")]
    [TestCase("d4c3b2a1020004000000000000000000ffff000065000000", "there is no packet 1")]
    [TestCase("d4c3b2a1020004000000000000000000ffff0000650000000000", "packet 1 at byte 24: the file ends inside it")]
    [TestCase("d4c3b2a1020004000000000000000000ffff0000650000000000000000000000ffffff7fffffff7f", "packet 1 at byte 24: the file ends inside it")]
    [TestCase("d4c3b2a1020004000000000000000000ffff000065000000000000000000000001000000ff00000045", "packet 1: only 1 of its 255 bytes were captured")]
    [TestCase("d4c3b2a1020004000000000000000000ffff00006500000000000000000000000100000001000000ff", "packet 1: no IP packet: version at byte 0: 15 is neither 4 nor 6")]
    [TestCase("d4c3b2a1020004000000000000000000ffff00006900000000000000000000000100000001000000ff", "packet 1: link type 105 is not supported: Ethernet, raw IP, Linux cooked and loopback are")]
    [TestCase("d4c3b2a1020004000000000000000000ffff00000100000000000000000000000100000001000000ff", "packet 1: 1 bytes are less than the 14 of its link layer")]
    [TestCase("d4c3b2a1020004000000000000000000ffff0000010000000000000000000000100000001000000002000000000102000000000208060000", "packet 1: no IP packet: EtherType 0x0806")]
    [TestCase("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff", "block at byte 0: the file ends inside it")]
    [TestCase("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000060000000000000000000000", "block at byte 28: length 0 is impossible")]
    [TestCase("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c00000003000000100000000000000010000000", "packet 1 at byte 28: interface 0 was not described")]
    public void NoCapture_OneLine(string hex, string expected)
    {
        Assert.That(CaptureFile.TryRead(Convert.FromHexString(hex), 1, out _, out string reason), Is.False);
        Assert.That(reason, Is.EqualTo(expected));
    }

    [Test]
    public void MissingFile_BadInput()
    {
        BadInputException? error = Assert.Throws<BadInputException>(() => CaptureFile.Read("/nowhere/at-all.pcap"));
        Assert.That(error!.Message, Does.StartWith("/nowhere/at-all.pcap: ").And.Not.Contains("\n"));
    }

    [Test]
    public void MutatedCaptures_NeverThrow()
    {
        byte[] ethernet = [.. Convert.FromHexString("0200000000010200000000020800"), .. Datagram];
        byte[][] seeds = [Classic(1, true, ethernet), Classic(101, false, Datagram), NextGeneration(1, true, ethernet), NextGeneration(101, false, Datagram)];
        Random random = new(1761);
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] file = [.. seeds[i % seeds.Length]];
            for (int faults = random.Next(4); faults > 0; faults--)
            {
                file[random.Next(Math.Min(file.Length, 110))] = (byte)(random.Next(2) == 0 ? random.Next(256) : 0xff * random.Next(2));
            }

            read += CaptureFile.TryRead(file.AsSpan(0, random.Next(3) == 0 ? random.Next(file.Length) : file.Length), 1 + random.Next(2), out _, out _) ? 1 : 0;
        }

        Assert.That(read, Is.GreaterThan(10_000));
    }

    private static ByteString Read(byte[] file) =>
        CaptureFile.TryRead(file, 1, out CapturedPacket? packet, out string reason) ? packet!.Packet : throw new AssertionException(reason);

    private static byte[] Classic(uint linkType, bool littleEndian, byte[] frame) =>
    [
        .. Word(0xa1b2c3d4, littleEndian), .. Half(2, littleEndian), .. Half(4, littleEndian), .. new byte[8], .. Word(65535, littleEndian),
        .. Word(linkType, littleEndian), .. new byte[8], .. Word((uint)frame.Length, littleEndian), .. Word((uint)frame.Length, littleEndian), .. frame,
    ];

    private static byte[] NextGeneration(uint linkType, bool littleEndian, byte[] frame)
    {
        int padded = (frame.Length + 3) & ~3;
        return
        [
            .. Block(0x0a0d0d0a, littleEndian, [.. Word(0x1a2b3c4d, littleEndian), .. Half(1, littleEndian), .. Half(0, littleEndian), .. Enumerable.Repeat((byte)0xff, 8)]),
            .. Block(1, littleEndian, [.. Half((ushort)linkType, littleEndian), .. Half(0, littleEndian), .. Word(0, littleEndian)]),
            .. Block(6, littleEndian, [.. new byte[12], .. Word((uint)frame.Length, littleEndian), .. Word((uint)frame.Length, littleEndian), .. frame, .. new byte[padded - frame.Length]]),
        ];
    }

    private static byte[] Block(uint type, bool littleEndian, byte[] body) =>
        [.. Word(type, littleEndian), .. Word((uint)body.Length + 12, littleEndian), .. body, .. Word((uint)body.Length + 12, littleEndian)];

    private static byte[] Word(uint value, bool littleEndian)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, littleEndian ? value : BinaryPrimitives.ReverseEndianness(value));
        return bytes;
    }

    private static byte[] Half(ushort value, bool littleEndian) => littleEndian ? [(byte)value, (byte)(value >> 8)] : [(byte)(value >> 8), (byte)value];
}
