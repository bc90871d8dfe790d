using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Iptfs;

/// <summary>The two payload formats. RFC 9347 §6.1.</summary>
public class AggFragPayloadTests
{
    private static readonly CongestionInformation Full = new(true, true, 7, 0x3ffffe, 0x1ffffd, 0x1ffffc, 0x01020304, 0x05060708);

    // Fields are placed by hand: sub-type, flags, BlockOffset; rate; 22, 21 and 21 bits; two values.
    [TestCase("00000102aabb", 0x0102, "aabb")]
    [TestCase("01030000" + "00000007" + "fffffbffffbffffc" + "01020304" + "05060708" + "cc", 0, "cc")]
    public void Payload_ReadsAndWritesAsItStands(string hex, int blockOffset, string data)
    {
        Assert.That(AggFragPayload.TryParse(Convert.FromHexString(hex), out AggFragPayload? payload, out _), Is.True);
        Assert.That((payload!.BlockOffset, payload.DataBlocks.ToString()), Is.EqualTo(((ushort)blockOffset, data)));
        Assert.That(payload.ToBytes().ToString(), Is.EqualTo(hex));
        Assert.That(payload.Congestion, Is.EqualTo(hex.StartsWith("01", StringComparison.Ordinal) ? Full : null));
    }

    [TestCase("", "sub-type", 0)]
    [TestCase("02000000", "sub-type", 0)]
    [TestCase("000000", "header", 0)]
    [TestCase("0100000000000000000000000000000000000000000000", "header", 0)]
    public void WhatHasNoMeaning_IsNamed(string hex, string field, int offsetBytes)
    {
        Assert.That(AggFragPayload.TryParse(Convert.FromHexString(hex), out _, out ParseError error), Is.False);
        Assert.That((error.Field, error.OffsetBytes), Is.EqualTo((field, offsetBytes)));
    }

    [Test]
    public void ReservedBits_AreIgnored([Values("00ff0000aa", "01fc0000" + "0000000000000000000000000000000000000000" + "aa")] string hex)
    {
        Assert.That(AggFragPayload.TryParse(Convert.FromHexString(hex), out AggFragPayload? payload, out _), Is.True);
        Assert.That(payload!.ToBytes()[1], Is.Zero);
    }

    [Test]
    public void TimesThatDoNotFit_AreSentAsTheLargest()
    {
        CongestionInformation long_ = Full with { RttMicroseconds = uint.MaxValue, EchoDelayMicroseconds = 0x200000, TransmitDelayMicroseconds = 0x1fffff };
        Assert.That(AggFragPayload.TryParse(new AggFragPayload(0, default, long_).ToBytes().Span, out AggFragPayload? read, out _), Is.True);
        Assert.That(read!.Congestion, Is.EqualTo(long_ with { RttMicroseconds = 0x3fffff, EchoDelayMicroseconds = 0x1fffff }));
    }

    [TestCase("45000014", DataBlockKind.Packet, 20)]
    [TestCase("4500", DataBlockKind.Cut, 0)]
    [TestCase("45000013", DataBlockKind.Malformed, 0)]
    [TestCase("44000014", DataBlockKind.Malformed, 0)]
    [TestCase("4f00003b", DataBlockKind.Malformed, 0)]
    [TestCase("600000000000", DataBlockKind.Packet, 40)]
    [TestCase("6000000000", DataBlockKind.Cut, 0)]
    [TestCase("00", DataBlockKind.Pad, 0)]
    [TestCase("50000000", DataBlockKind.Malformed, 0)]
    public void BeginOfADataBlock_SaysWhatItIs(string hex, DataBlockKind kind, int lengthBytes) =>
        Assert.That(DataBlock.Read(Convert.FromHexString(hex)), Is.EqualTo(new DataBlock(kind, lengthBytes)));
}
