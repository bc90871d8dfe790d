using System.Buffers.Binary;
using Conformance.Generators.Offload;
using Conformance.Spec.Offload;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Offload;

/// <summary>What judges the segments on the wire, shown that it can fail: each mistake is named.</summary>
public class SegmentedBurstTests
{
    private static readonly IpAddress Source = IpAddress.Parse("10.1.0.1");
    private static readonly IpAddress Destination = IpAddress.Parse("10.2.0.1");
    private const int TcpOffset = Ipv4HeaderView.FixedBytes;

    [Test]
    public void SegmentsAsTheyAreDue_Accepted([Values] SegmentationKind kind)
    {
        ByteString[] due = Due(kind);
        Assert.That(SegmentedBurst.Judge(due, due), Is.Null);
    }

    [TestCase(4, "OFFLOAD-seg-02")]
    [TestCase(9, "OFFLOAD-seg-05")]
    [TestCase(15, "OFFLOAD-seg-05")]
    [TestCase(16, "OFFLOAD-seg-07")]
    [TestCase(20, "OFFLOAD-seg-01")]
    public void ByteOfTheTcpSegmentChanged_Named(int offset, string requirement) => Changed(SegmentationKind.Tcp, requirement, segment => segment[TcpOffset + offset]++);

    [TestCase(TcpControl.Psh, "OFFLOAD-seg-03")]
    [TestCase(TcpControl.Fin, "OFFLOAD-seg-03")]
    [TestCase(TcpControl.Cwr, "OFFLOAD-seg-04")]
    [TestCase(TcpControl.Ece, "OFFLOAD-seg-05")]
    public void ControlBitInTheMiddle_Named(TcpControl bit, string requirement) =>
        Changed(SegmentationKind.Tcp, requirement, segment => segment[TcpOffset + 13] ^= (byte)bit);

    [TestCase(1, "OFFLOAD-seg-01")]
    [TestCase(8, "OFFLOAD-seg-01")]
    public void ByteOfTheIpHeaderChanged_Named(int offset, string requirement) => Changed(SegmentationKind.Tcp, requirement, segment => segment[offset]++);

    [Test]
    public void IdentificationOfAnotherSegment_Named() => Changed(SegmentationKind.Tcp, "OFFLOAD-seg-06", segment => segment[5]--);

    [Test]
    public void IdentificationsOfItsOwnChoice_Accepted()
    {
        ByteString[] due = Due(SegmentationKind.Tcp);
        byte[] other = due[1].ToArray();
        other[4] ^= 0x55;
        IpPackets.FinishHeader(other);
        Assert.That(SegmentedBurst.Judge(due, [due[0], ByteString.Adopt(other), due[2]]), Is.Null);
    }

    [Test]
    public void LengthOfTheSuperPacketKept_Named() =>
        Changed(SegmentationKind.Udp, "OFFLOAD-seg-08", segment => BinaryPrimitives.WriteUInt16BigEndian(segment[(TcpOffset + 4)..], 258));

    [TestCase(0, "OFFLOAD-seg-09")]
    [TestCase(2, "OFFLOAD-seg-09")]
    [TestCase(4, "OFFLOAD-seg-12")]
    public void FewerOrMoreSegments_Named(int count, string requirement)
    {
        ByteString[] due = Due(SegmentationKind.Tcp);
        Assert.That(SegmentedBurst.Judge(due, [.. due.Append(due[0]).Take(count)])?.RequirementId, Is.EqualTo(requirement));
    }

    [Test]
    public void SegmentsSwapped_Named()
    {
        ByteString[] due = Due(SegmentationKind.Tcp);
        Assert.That(SegmentedBurst.Judge(due, [due[1], due[0], due[2]])?.RequirementId, Is.EqualTo("OFFLOAD-seg-10"));
    }

    [Test]
    public void NumbersRunOut_FirstSegmentsMayHaveLeft()
    {
        ByteString[] due = Due(SegmentationKind.Tcp);
        Assert.That(SegmentedBurst.Judge(due, due[..2], mayEndEarly: true), Is.Null);
    }

    private delegate void Change(Span<byte> segment);

    private static void Changed(SegmentationKind kind, string requirement, Change change)
    {
        ByteString[] due = Due(kind);
        byte[] segment = due[1].ToArray();
        change(segment);
        IpPackets.FinishHeader(segment);
        Assert.That(SegmentedBurst.Judge(due, [due[0], ByteString.Adopt(segment), due[2]])?.RequirementId, Is.EqualTo(requirement));
    }

    private static ByteString[] Due(SegmentationKind kind)
    {
        SuperPacket packet = new() { Kind = kind == SegmentationKind.None ? SegmentationKind.Tcp : kind, PayloadBytes = 250 };
        return Segmenter.TrySegment(packet.Between(Source, Destination), packet.Offload, out var segments, out ParseError error)
            ? [.. segments]
            : throw new InvalidOperationException($"{error}");
    }
}
