using System.Collections.Immutable;
using Conformance.Generators.Iptfs;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Iptfs;

/// <summary>Framing and reassembly are inverse to each other. RFC 9347 §2.2.</summary>
public class ReassemblyTests
{
    private const int Attempts = 2000;
    private static readonly IpAddress[] Source = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")];
    private static readonly IpAddress[] Destination = [IpAddress.Parse("192.0.2.2"), IpAddress.Parse("2001:db8::2")];

    [Test]
    public void AnyStream_GivesItsPacketsBack() => Prop.ForAll(AggFragStream.Arbitrary, stream =>
    {
        ByteString[] packets = Packets(stream);
        (List<ByteString> taken, List<string> faults) = Receive(stream.Frame(packets).Select(payload => (payload.Number, payload.Payload)));
        return faults.Count == 0 && taken.SequenceEqual(packets);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(Attempts));

    // A short packet of each family with a longer one behind it: every pair of cuts, one of them inside each header and length field.
    [Test]
    public void TwoPackets_EveryPairOfCuts_GivesThemBack([Values] bool ipv6First)
    {
        ByteString[] packets = [Packet(ipv6First, 3, 1), Packet(!ipv6First, 1, 2)];
        int total = packets.Sum(packet => packet.Length);
        string[] wrong =
        [
            .. from first in Enumerable.Range(1, total - 1)
               from second in Enumerable.Range(1, total - 1)
               let payloads = Framer.Split(packets, [first, second])
               let result = Receive(payloads.Select((payload, i) => (i, payload)))
               where result.Faults.Count > 0 || !result.Taken.SequenceEqual(packets)
               select $"{first}, {second}",
        ];
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void OctetByOctet_GivesThePacketBack([Values] bool isIpv6)
    {
        ByteString packet = Packet(isIpv6, 9, 1);
        ImmutableArray<AggFragPayload> payloads = Framer.Split([packet], Enumerable.Repeat(1, packet.Length));
        Assert.That(payloads.Select(payload => (int)payload.BlockOffset), Is.EqualTo(Enumerable.Range(0, packet.Length).Select(i => i == 0 ? 0 : packet.Length - i)));
        Assert.That(Receive(payloads.Select((payload, i) => (i, payload))).Taken, Is.EqualTo(new[] { packet }));
    }

    [Test]
    public void AnyLoss_GivesNoPacketThatWasNotSent_AndAllThatLieWhole() => Prop.ForAll(
        Generators.Wire.WireArbitraries.FromSeed(random => AggFragStream.Draw(random, new StreamTraits(Loses: true, IsTiny: true)), AggFragStream.Shrink), stream =>
        {
            ByteString[] packets = Packets(stream);
            ImmutableArray<FramedPayload> framed = stream.Frame(packets);
            (List<ByteString> taken, List<string> faults) = Receive(framed.Where(payload => !payload.IsLost).Select(payload => (payload.Number, payload.Payload)));

            // Naively: a packet is there if no payload that holds an octet of it is lost.
            return faults.Count == 0 && taken.SequenceEqual(packets.Where((_, i) => Holders(packets, framed, i).All(holder => !framed[holder].IsLost)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Attempts));

    [Test]
    public void AnyOrderInsideTheWindow_GivesThePacketsBack() => Prop.ForAll(
        Generators.Wire.WireArbitraries.FromSeed(random => AggFragStream.Draw(random, new StreamTraits(Overtakes: true, IsTiny: true)), AggFragStream.Shrink), stream =>
        {
            ByteString[] packets = Packets(stream);
            ReorderWindow window = ReorderWindow.Create(3);
            List<(int, AggFragPayload)> ordered = [];

            // The receiver knows where a stream begins.
            window = window with { Wanted = 0 };
            foreach (FramedPayload payload in AggFragStream.Arriving(stream.Frame(packets)))
            {
                (window, ImmutableArray<(ulong Sequence, AggFragPayload Payload)> released) = window.Accept((ulong)payload.Number, payload.Payload);
                ordered.AddRange(released.Select(r => ((int)r.Sequence, r.Payload)));
            }

            return window.Held.IsEmpty && Receive(ordered).Taken.SequenceEqual(packets);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Attempts));

    [TestCase(3, new[] { 0, 2, 3, 4 }, new[] { 0 })]
    [TestCase(3, new[] { 0, 2, 3, 4, 1 }, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(3, new[] { 0, 2, 3, 4, 5 }, new[] { 0, 2, 3, 4, 5 })]
    [TestCase(0, new[] { 0, 2, 1, 3 }, new[] { 0, 2, 3 })]
    [TestCase(2, new[] { 0, 9, 8, 1 }, new[] { 0 })]
    public void Window_ReleasesWhatIsNext(int packets, int[] arriving, int[] released)
    {
        ReorderWindow window = ReorderWindow.Create(packets);
        List<int> seen = [];
        foreach (int number in arriving)
        {
            (window, ImmutableArray<(ulong Sequence, AggFragPayload Payload)> now) = window.Accept((ulong)number, new AggFragPayload(0, default));
            seen.AddRange(now.Select(r => (int)r.Sequence));
        }

        Assert.That(seen, Is.EqualTo(released));
        Assert.That(seen.Concat(window.GiveUp().Released.Select(r => (int)r.Sequence)), Is.Ordered);
    }

    [Test]
    public void WrongBlockOffset_IsAFaultAndNoPacket([Values(0, 1, 19, 21, 500)] int blockOffset)
    {
        ByteString packet = Packet(false, 20, 1);
        ImmutableArray<AggFragPayload> payloads = Framer.Split([packet, Packet(false, 5, 2)], [20]);
        Assert.That(payloads[1].BlockOffset, Is.EqualTo(20));
        (List<ByteString> taken, List<string> faults) = Receive([(0, payloads[0]), (1, payloads[1] with { BlockOffset = (ushort)blockOffset })]);
        Assert.That(taken, Has.None.EqualTo(packet));
        Assert.That(faults, Is.Not.Empty);
    }

    [Test]
    public void PayloadOfOneSize_IsFilled([Range(30, 130, 7)] int dataBytes)
    {
        ByteString[] packets = [.. Enumerable.Range(0, 6).Select(i => Packet(i % 2 == 1, i * 11, i))];
        ImmutableArray<AggFragPayload> filled = Framer.Fill(packets, dataBytes);
        Assert.That(filled.SkipLast(1).Select(payload => payload.DataBlocks.Length), Is.All.EqualTo(dataBytes));
        Assert.That(Receive(filled.Select((payload, i) => (i, payload))).Taken, Is.EqualTo(packets));
        ImmutableArray<AggFragPayload> whole = Framer.Fill(packets, dataBytes, mayFragment: false);
        Assert.That(whole.Select(payload => (int)payload.BlockOffset), Is.All.Zero);
        Assert.That(Receive(whole.Select((payload, i) => (i, payload))).Taken, Is.EqualTo(packets.Where(packet => packet.Length <= dataBytes)));
    }

    [Test]
    public void Shrinking_EndsWithOnePacketInOnePayload()
    {
        AggFragStream stream = AggFragStream.Draw(new Random(7), new StreamTraits(Loses: true, Overtakes: true));
        int steps = 0;
        while (AggFragStream.Shrink(stream).FirstOrDefault() is { } smaller)
        {
            Assert.That(steps++, Is.LessThan(1000));
            stream = smaller;
        }

        Assert.That(stream.ToString(), Is.EqualTo("[v4:1] in []"));
    }

    private static IEnumerable<int> Holders(ByteString[] packets, ImmutableArray<FramedPayload> framed, int packet)
    {
        int start = packets.Take(packet).Sum(p => p.Length);
        int end = start + packets[packet].Length;
        int at = 0;
        foreach (FramedPayload payload in framed)
        {
            if (at < end && at + payload.Octets > start)
            {
                yield return payload.Number;
            }

            at += payload.Octets;
        }
    }

    private static (List<ByteString> Taken, List<string> Faults) Receive(IEnumerable<(int Number, AggFragPayload Payload)> payloads)
    {
        ReassemblyState state = ReassemblyState.Empty;
        List<ByteString> taken = [];
        List<string> faults = [];
        foreach ((int number, AggFragPayload payload) in payloads)
        {
            Extraction extraction = Reassembler.Receive(state, (ulong)number + 1, payload);
            state = extraction.Next;
            taken.AddRange(extraction.Packets);
            faults.AddRange(extraction.Fault is { } fault ? [fault] : []);
        }

        return (taken, faults);
    }

    private static ByteString[] Packets(AggFragStream stream) => [.. stream.Packets.Select((packet, i) => Packet(packet.IsIpv6, packet.PayloadBytes, i))];

    private static ByteString Packet(bool isIpv6, int payloadBytes, int number) => ByteString.Adopt(IpPackets.Raw(
        Source[isIpv6 ? 1 : 0], Destination[isIpv6 ? 1 : 0], IpProtocol.Experiment253,
        [.. Enumerable.Range(0, payloadBytes).Select(i => (byte)(0x40 + number + i))], new IpPacketOptions { Identification = (ushort)(number + 1), FlowLabel = (uint)number + 1 }));
}
