using System.Buffers.Binary;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Views;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Messages made to cost much cost no more than their length allows.</summary>
public class IkeBoundedWorkTests
{
    // A payload of 4 bytes becomes a record and a place in a list; a transform of 8 a record; nothing becomes more than that.
    private const int MostAllocatedBytesAByte = 40;
    private const int AllocatedAtLeast = 4096;
    private const int LargestDatagram = 65507;

    private static IEnumerable<TestCaseData> Hostile()
    {
        yield return Case("empty payloads", Message(43, Repeat("2b000004", (LargestDatagram - 28) / 4)));
        yield return Case("empty payloads up to the last", Repaired(Message(43, Repeat("2b000004", (LargestDatagram - 28) / 4))));
        yield return Case("unknown critical payloads", Message(200, Repeat("c8800004", (LargestDatagram - 28) / 4)));
        yield return Case("proposals without transforms", Message(33, Payload(Repeat("0200000801010000", 8000))));
        yield return Case("proposals without transforms up to the last", Repaired(Message(33, Payload(Repeat("0200000801010000", 8000)))));
        yield return Case("proposals of 255 transforms", Message(33, Payload(Concat(Enumerable.Repeat(Proposal(255), 31)))));
        yield return Case("proposals of 255 transforms up to the last", Repaired(Message(33, Payload(Concat(Enumerable.Repeat(Proposal(255), 31))))));
        yield return Case("attributes without a value", Message(33, Payload(OneTransform(Repeat("000e0000", 16000)))));
        yield return Case("attributes in the short form", Message(33, Payload(OneTransform(Repeat("800e0080", 16000)))));
        yield return Case("SPIs", Message(42, Payload([3, 4, 0x3f, 0, .. Repeat("00001001", 0x3f00)])));
        yield return Case("selectors of an unknown type", Message(44, Payload([255, 0, 0, 0, .. Repeat("c8000004", 255)])));
        yield return Case("more selectors than can be counted", Message(44, Payload([255, 0, 0, 0, .. Repeat("c8000004", 16000)])));
        yield return Case("configuration attributes", Message(47, Payload([1, 0, 0, 0, .. Repeat("00010000", 16000)])));
        yield return Case("a payload that is its own next one", Message(33, Repeat("21000000", 16000)));
    }

    [TestCaseSource(nameof(Hostile))]
    public void HostileMessage_CostsNoMoreThanItsLength(byte[] message)
    {
        ByteString bytes = ByteString.Adopt(message);
        _ = IkeMessage.TryParse(bytes, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool accepted = IkeMessage.TryParse(bytes, out IkeMessage? read, out ParseError error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        TestContext.Out.WriteLine($"{message.Length} bytes, {(accepted ? $"{read!.Payloads.Count} payloads" : $"{error}")}: {allocated} bytes allocated");
        Assert.That(allocated, Is.LessThan(AllocatedAtLeast + (MostAllocatedBytesAByte * message.Length)));
    }

    [TestCaseSource(nameof(Hostile))]
    public void HostileMessage_IsCheckedWithoutAllocation(byte[] message)
    {
        _ = IkeSyntax.TryCheck(message, out ParseError error);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool right = IkeSyntax.TryCheck(message, out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The reason of a refusal is the one thing that is allocated.
        Assert.That(allocated, right ? Is.Zero : Is.LessThan(1024), $"{error}");
    }

    [TestCaseSource(nameof(Hostile))]
    public void HostileMessage_IsTakenApartAndWrittenAgain(byte[] message) =>
        Assert.That(IkeDissection.Of(ByteString.Adopt(message)).ToBytes().AsSpan().SequenceEqual(message));

    // Steps of a walk: no more than there are structures of the least size.
    [TestCaseSource(nameof(Hostile))]
    public void Walk_TakesNoMoreStepsThanBytesAllow(byte[] message)
    {
        int steps = 0;
        foreach (PayloadView payload in new IkeHeaderView(message).Payloads)
        {
            steps++;
            foreach (StructureView structure in new StructureWalk(payload.Body, 0, ProposalView.FixedBytes))
            {
                steps++;
                foreach (StructureView transform in new ProposalView(structure).Transforms)
                {
                    steps++;
                    foreach (AttributeView _ in new TransformView(transform).Attributes)
                    {
                        steps++;
                    }
                }
            }
        }

        Assert.That(steps, Is.LessThanOrEqualTo(message.Length / PayloadView.HeaderBytes));
    }

    private static TestCaseData Case(string name, byte[] message) => new TestCaseData(message).SetArgDisplayNames(name);

    private static byte[] Repaired(byte[] message) => IkeDissection.Of(ByteString.Adopt(message)).Repaired().ToBytes();

    private static byte[] Message(byte first, byte[] payloads)
    {
        byte[] message = [.. Convert.FromHexString("01020304050607080000000000000000"), first, 0x20, 34, 8, 0, 0, 0, 0, 0, 0, 0, 0, .. payloads];
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(24), (uint)message.Length);
        return message;
    }

    private static byte[] Payload(byte[] body) => [0, 0, (byte)((body.Length + 4) >> 8), (byte)(body.Length + 4), .. body];

    private static byte[] Proposal(byte transforms) => [2, 0, (byte)((8 + (8 * transforms)) >> 8), unchecked((byte)(8 + (8 * transforms))), 1, 1, 0, transforms, .. Repeat("0300000801000014", transforms)];

    private static byte[] OneTransform(byte[] attributes)
    {
        int transform = 8 + attributes.Length;
        int proposal = 8 + transform;
        return [0, 0, (byte)(proposal >> 8), (byte)proposal, 1, 1, 0, 1, 0, 0, (byte)(transform >> 8), (byte)transform, 1, 0, 0, 12, .. attributes];
    }

    private static byte[] Concat(IEnumerable<byte[]> parts) => [.. parts.SelectMany(p => p)];

    private static byte[] Repeat(string hex, int count) => Concat(Enumerable.Repeat(Convert.FromHexString(hex), count));
}
