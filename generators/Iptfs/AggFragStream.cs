using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;
using FsCheck;

namespace Conformance.Generators.Iptfs;

/// <summary>One packet of a stream.</summary>
/// <param name="IsIpv6">Family.</param>
/// <param name="PayloadBytes">Bytes behind its header.</param>
public sealed record InnerPacket(bool IsIpv6, int PayloadBytes)
{
    /// <summary>Family and size.</summary>
    public override string ToString() => $"{(IsIpv6 ? "v6" : "v4")}:{PayloadBytes}";
}

/// <summary>One payload of a stream.</summary>
public sealed record StreamPayload
{
    /// <summary>Octets of the stream that it takes.</summary>
    public int DataBytes { get; init; } = 100;

    /// <summary>Padding behind them, where they end with a whole packet.</summary>
    public int PadBytes { get; init; }

    /// <summary>Payloads of nothing but padding in front of it.</summary>
    public int AllPadBefore { get; init; }

    /// <summary>True for the format with congestion information.</summary>
    public bool HasCongestion { get; init; }

    /// <summary>True where it never arrives.</summary>
    public bool IsLost { get; init; }

    /// <summary>How many later payloads overtake it.</summary>
    public int LateBy { get; init; }

    /// <summary>Only what is not usual.</summary>
    public override string ToString() => $"{DataBytes}{(PadBytes > 0 ? $"+{PadBytes} pad" : "")}{(AllPadBefore > 0 ? $" behind {AllPadBefore} of padding" : "")}"
        + $"{(HasCongestion ? " CC" : "")}{(IsLost ? " lost" : "")}{(LateBy > 0 ? $" late by {LateBy}" : "")}";
}

/// <summary>A payload with its place in the stream.</summary>
/// <param name="Number">Counted from 0: the sequence number behind the first.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Octets">Octets of the stream in it, without padding.</param>
/// <param name="IsLost">True where it never arrives.</param>
/// <param name="LateBy">How many later payloads overtake it.</param>
public sealed record FramedPayload(int Number, AggFragPayload Payload, int Octets, bool IsLost, int LateBy);

/// <summary>Packets, and how they are cut into payloads; honest, but for what the network does.</summary>
/// <param name="Packets">In order.</param>
/// <param name="Payloads">In order; behind them come plain ones until everything is sent.</param>
public sealed record AggFragStream(ImmutableArray<InnerPacket> Packets, ImmutableArray<StreamPayload> Payloads)
{
    private const int MostOvertaking = 3;

    /// <summary>True where a payload that begins with the rest of a packet ends with it.</summary>
    public bool StopsBehindPieces { get; init; }

    /// <summary>Streams on which the network does nothing; the smallest is one packet in one payload.</summary>
    public static Arbitrary<AggFragStream> Arbitrary { get; } = WireArbitraries.FromSeed(random => Draw(random, new StreamTraits(IsTiny: true)), Shrink);

    /// <summary>The payloads for packets of these sizes, all that were sent.</summary>
    public ImmutableArray<FramedPayload> Frame(IReadOnlyList<ByteString> packets)
    {
        SortedSet<int> borders = [];
        int total = 0;
        foreach (ByteString packet in packets)
        {
            borders.Add(total += packet.Length);
        }

        ImmutableArray<AggFragPayload> cut = Framer.Split(packets, Sizes(borders, total));
        ImmutableArray<FramedPayload>.Builder framed = ImmutableArray.CreateBuilder<FramedPayload>();
        int at = 0;
        for (int i = 0; i < cut.Length; i++)
        {
            StreamPayload kind = i < Payloads.Length ? Payloads[i] : new StreamPayload();
            for (int pad = 0; pad < kind.AllPadBefore; pad++)
            {
                framed.Add(new FramedPayload(framed.Count, Framer.Padded(new AggFragPayload(0, ByteString.Empty), kind.DataBytes), 0, false, 0));
            }

            at += cut[i].DataBlocks.Length;
            AggFragPayload payload = borders.Contains(at) ? Framer.Padded(cut[i], kind.PadBytes) : cut[i];
            payload = kind.HasCongestion ? payload with { Congestion = CongestionInformation.None with { Value = (uint)i } } : payload;
            framed.Add(new FramedPayload(framed.Count, payload, cut[i].DataBlocks.Length, kind.IsLost, kind.LateBy));
        }

        return framed.ToImmutable();
    }

    /// <summary>The payloads that arrive, in the order of their arrival.</summary>
    public static IEnumerable<FramedPayload> Arriving(IEnumerable<FramedPayload> framed) =>
        framed.Where(payload => !payload.IsLost).OrderBy(payload => (payload.Number + payload.LateBy, payload.LateBy > 0));

    /// <summary>A random stream.</summary>
    public static AggFragStream Draw(Random random, StreamTraits traits)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(traits);
        InnerPacket[] packets = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => new InnerPacket(random.Next(3) == 0, Size(random, traits.IsTiny)))];
        StreamPayload[] payloads = [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => new StreamPayload
        {
            DataBytes = random.Next(4) switch { 0 => random.Next(traits.LeastDataBytes, traits.LeastDataBytes + 8), 1 => random.Next(traits.LeastDataBytes, 60), _ => random.Next(40, 400) },
            PadBytes = random.Next(4) == 0 ? random.Next(1, 40) : 0,
            AllPadBefore = random.Next(8) == 0 ? random.Next(1, 3) : 0,
            HasCongestion = random.Next(5) == 0,
            IsLost = traits.Loses && random.Next(5) == 0,
            LateBy = traits.Overtakes && random.Next(3) == 0 ? random.Next(1, MostOvertaking + 1) : 0,
        })];
        return new AggFragStream([.. packets], [.. payloads]) { StopsBehindPieces = traits.StopsBehindPieces };
    }

    /// <summary>Fewer packets, fewer payloads, plainer ones.</summary>
    public static IEnumerable<AggFragStream> Shrink(AggFragStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        for (int i = 0; i < stream.Packets.Length && stream.Packets.Length > 1; i++)
        {
            yield return stream with { Packets = stream.Packets.RemoveAt(i) };
        }

        for (int i = 0; i < stream.Payloads.Length; i++)
        {
            yield return stream with { Payloads = stream.Payloads.RemoveAt(i) };
        }

        for (int i = 0; i < stream.Packets.Length; i++)
        {
            if (stream.Packets[i].PayloadBytes > 1)
            {
                yield return stream with { Packets = stream.Packets.SetItem(i, stream.Packets[i] with { PayloadBytes = stream.Packets[i].PayloadBytes / 2 }) };
            }

            if (stream.Packets[i].IsIpv6)
            {
                yield return stream with { Packets = stream.Packets.SetItem(i, stream.Packets[i] with { IsIpv6 = false }) };
            }
        }

        for (int i = 0; i < stream.Payloads.Length; i++)
        {
            StreamPayload payload = stream.Payloads[i];
            StreamPayload[] plainer =
            [
                payload with { PadBytes = 0 }, payload with { AllPadBefore = 0 }, payload with { HasCongestion = false },
                payload with { IsLost = false }, payload with { LateBy = 0 },
            ];
            foreach (StreamPayload smaller in plainer.Where(smaller => smaller != payload))
            {
                yield return stream with { Payloads = stream.Payloads.SetItem(i, smaller) };
            }
        }
    }

    /// <summary>Packets and payloads on one line.</summary>
    public override string ToString() => $"[{string.Join(' ', Packets)}] in [{string.Join(", ", Payloads)}]";

    private static int Size(Random random, bool isTiny) =>
        random.Next(5) switch { 0 => random.Next(isTiny ? 0 : 1, 4), 4 => random.Next(400, 1500), _ => random.Next(isTiny ? 0 : 1, 200) };

    // What no payload is drawn for goes on in pieces of the usual size.
    private IEnumerable<int> Sizes(SortedSet<int> borders, int total)
    {
        int at = 0;
        for (int i = 0; at < total; i++)
        {
            int size = Math.Max(1, i < Payloads.Length ? Payloads[i].DataBytes : new StreamPayload().DataBytes);
            int rest = at == 0 || borders.Contains(at) ? int.MaxValue : borders.First(border => border > at) - at;
            size = StopsBehindPieces ? Math.Min(size, rest) : size;
            at += size;
            yield return size;
        }
    }
}

/// <summary>What a stream that is drawn may have.</summary>
/// <param name="Loses">Payloads may be lost.</param>
/// <param name="Overtakes">Payloads may overtake others.</param>
/// <param name="IsTiny">Payloads of fewer octets than a header has, packets of nothing but a header.</param>
/// <param name="StopsBehindPieces">A payload that begins with the rest of a packet ends with it.</param>
public sealed record StreamTraits(bool Loses = false, bool Overtakes = false, bool IsTiny = false, bool StopsBehindPieces = false)
{
    private const int HeaderBytes = 40;

    /// <summary>Least octets in a payload.</summary>
    public int LeastDataBytes => IsTiny ? 1 : HeaderBytes;
}
