using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>Prints a trace.</summary>
public static class TraceText
{
    /// <summary>The whole trace.</summary>
    public static string Print(Trace trace)
    {
        StringBuilder text = new();
        foreach (string line in trace.Header)
        {
            text.Append(line).Append('\n');
        }

        foreach (PacketTrace packet in trace.Packets)
        {
            Write(text, packet);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, PacketTrace packet)
    {
        foreach (string remark in packet.Remarks)
        {
            text.Append($"\n-- {remark}");
        }

        text.Append($"\n== packet {packet.Number}: {packet.Title}\n   {packet.Entry}\n");
        string came = "";
        for (int i = 0; i < packet.Result.Reports.Count; i++)
        {
            StageReport report = packet.Result.Reports[i];
            if (report.Came != came)
            {
                came = report.Came;
                text.Append($"   | {came}\n");
            }

            string function = report.OlderFunction is null ? report.Function : $"{report.Function}, in 4.16 {report.OlderFunction}";
            text.Append($"{i + 1,4} {report.Stage,-18} {function}\n     {report.Decided}\n");
            foreach (string reason in report.Why)
            {
                text.Append($"       {reason}\n");
            }
        }

        foreach (PathEvent happened in packet.Result.Events)
        {
            ShownEvent shown = TraceEvents.Show(packet.Result.Next, happened);
            text.Append($"  => {shown.Text}\n");
            if (shown.Packet is { } bytes)
            {
                WriteBytes(text, bytes);
            }
        }

        foreach (string change in Changes(packet.Before, packet.Result.Next))
        {
            text.Append($"  ~~ {change}\n");
        }
    }

    private static void WriteBytes(StringBuilder text, ByteString bytes)
    {
        text.Append($"     {string.Join(" | ", HexDump.Parts(bytes).Select(p => $"{p.Name} {p.LengthBytes}"))}\n");
        foreach (string line in HexDump.Lines(bytes.Memory))
        {
            text.Append($"     {line.TrimEnd()}\n");
        }
    }

    /// <summary>What the packet changed in the host: counters and SAs.</summary>
    public static ImmutableArray<string> Changes(LinuxHost before, LinuxHost after)
    {
        List<string> changes = [];
        foreach ((XfrmCounter counter, long value) in after.Counters)
        {
            long grown = value - before.Counters.GetValueOrDefault(counter);
            if (grown != 0)
            {
                changes.Add($"{TraceEvents.Counter(counter)} {value - grown} -> {value}");
            }
        }

        XfrmStateDatabase old = before.Databases.States;
        XfrmStateDatabase states = after.Databases.States;
        changes.AddRange(states.Entries.Where(e => old.Find(e.Id) is null).Select(e => $"SAD: {(e.IsValid ? "new" : "larval")} SA {e.State.Spi} reqid {e.State.RequestId}"));
        changes.AddRange(old.Entries.Where(e => states.Find(e.Id) is null).Select(e => $"SAD: SA {e.State.Spi} is gone"));
        foreach (XfrmStateEntry entry in states.Entries)
        {
            if (old.Find(entry.Id) is { } was && was.State != entry.State)
            {
                changes.Add($"SA {entry.State.Spi}: {Difference(was.State, entry.State)}");
            }
        }

        return [.. changes];
    }

    private static string Difference(XfrmState was, XfrmState now)
    {
        List<string> parts = [];
        void Add<T>(string name, T from, T to)
        {
            if (!EqualityComparer<T>.Default.Equals(from, to))
            {
                parts.Add($"{name} {from} -> {to}");
            }
        }

        Add("oseq", Sent(was), Sent(now));
        Add("seq", Received(was), Received(now));
        Add("bitmap", Bitmap(was), Bitmap(now));
        Add("packets", was.Use.Packets, now.Use.Packets);
        Add("bytes", was.Use.Bytes, now.Use.Bytes);
        Add("replays", was.Statistics.Replayed, now.Statistics.Replayed);
        Add("outside the window", was.Statistics.OutsideReplayWindow, now.Statistics.OutsideReplayWindow);
        Add("wrong ICVs", was.Statistics.IntegrityFailed, now.Statistics.IntegrityFailed);
        return parts.Count > 0 ? string.Join(", ", parts) : "used";
    }

    private static SequenceNumber Sent(XfrmState state) =>
        state.ReplayEsn is { } esn ? SequenceNumber.FromHalves(esn.OutSequenceHigh, esn.OutSequence) : new SequenceNumber(state.Replay?.OutSequence ?? 0);

    private static SequenceNumber Received(XfrmState state) =>
        state.ReplayEsn is { } esn ? SequenceNumber.FromHalves(esn.SequenceHigh, esn.Sequence) : new SequenceNumber(state.Replay?.Sequence ?? 0);

    private static string Bitmap(XfrmState state) =>
        state.ReplayEsn is { } esn ? string.Join(' ', esn.Bitmap.Reverse().Select(w => $"{w:x8}")) : $"{state.Replay?.Bitmap ?? 0:x8}";
}
