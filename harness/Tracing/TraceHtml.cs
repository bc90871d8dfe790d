using System.Globalization;
using System.Net;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>Draws a trace as one page that needs nothing else: no scripts, fonts or pictures from anywhere.</summary>
public static class TraceHtml
{
    private const int MostWordsOfReason = 400;

    /// <summary>The page.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="verification">What a live kernel did, line by line, or null.</param>
    public static string Draw(Trace trace, IReadOnlyList<string>? verification = null)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append($"<title>Trace: {Escaped(trace.Packets[0].Title)}</title>\n<style>\n{TraceStyle.Sheet}</style>\n</head>\n<body>\n<header>\n")
            .Append("<h1>The life of a packet through Linux IPsec</h1>\n<ul class=\"host\">\n");
        foreach (string line in trace.Header)
        {
            page.Append($"<li>{Escaped(line)}</li>\n");
        }

        page.Append("</ul>\n</header>\n<main>\n");
        foreach (PacketTrace packet in trace.Packets)
        {
            DrawPacket(page, packet);
        }

        if (verification is not null)
        {
            page.Append("<section class=\"live\">\n<h2>The same in a live kernel</h2>\n<ul>\n");
            foreach (string line in verification)
            {
                page.Append($"<li>{Escaped(line)}</li>\n");
            }

            page.Append("</ul>\n</section>\n");
        }

        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void DrawPacket(StringBuilder page, PacketTrace packet)
    {
        page.Append("<section>\n");
        foreach (string remark in packet.Remarks)
        {
            page.Append($"<p class=\"remark\">{Escaped(remark)}</p>\n");
        }

        page.Append($"<h2>Packet {packet.Number}: <code>{Escaped(packet.Title)}</code></h2>\n<p>{Escaped(packet.Entry)}</p>\n");
        List<ShownEvent> events = [.. packet.Result.Events.Select(e => TraceEvents.Show(packet.Result.Next, e))];
        DrawPipe(page, packet, events);
        DrawEvents(page, events);
        DrawChanges(page, packet.Before, packet.Result.Next);
        DrawStages(page, packet);
        page.Append("</section>\n");
    }

    // The whole way at a glance: one box a stage, from left to right and line by line, and what came of it at the end.
    private static void DrawPipe(StringBuilder page, PacketTrace packet, List<ShownEvent> events)
    {
        page.Append("<ol class=\"pipe\">\n");
        for (int i = 0; i < packet.Result.Reports.Count; i++)
        {
            StageReport report = packet.Result.Reports[i];
            page.Append($"<li class=\"{Kind(report)}\"><a href=\"#p{packet.Number}s{i + 1}\"><b>{Escaped(report.Stage)}</b><i>{Escaped(report.Function)}</i>")
                .Append($"<span>{Escaped(report.Decided)}</span></a></li>\n");
        }

        foreach (ShownEvent shown in events.Where(e => e.Kind != EventKind.Aside))
        {
            page.Append($"<li class=\"end {Class(shown.Kind)}\"><b>{Escaped(Beginning(shown.Text))}</b></li>\n");
        }

        page.Append("</ol>\n");
    }

    private static void DrawEvents(StringBuilder page, List<ShownEvent> events)
    {
        page.Append("<ul class=\"events\">\n");
        foreach (ShownEvent shown in events)
        {
            page.Append($"<li class=\"{Class(shown.Kind)}\">{Escaped(shown.Text)}");
            if (shown.Packet is { } packet)
            {
                DrawBytes(page, packet);
            }

            page.Append("</li>\n");
        }

        page.Append("</ul>\n");
    }

    private static void DrawChanges(StringBuilder page, LinuxHost before, LinuxHost after)
    {
        IReadOnlyList<string> changes = TraceText.Changes(before, after);
        if (changes.Count > 0)
        {
            page.Append("<p class=\"changes\">changed: ").Append(string.Join("; ", changes.Select(Escaped))).Append("</p>\n");
        }
    }

    private static void DrawStages(StringBuilder page, PacketTrace packet)
    {
        page.Append("<table>\n<thead><tr><th></th><th>stage</th><th>kernel function</th><th>decision and reasons</th></tr></thead>\n<tbody>\n");
        string came = "";
        for (int i = 0; i < packet.Result.Reports.Count; i++)
        {
            StageReport report = packet.Result.Reports[i];
            if (report.Came != came)
            {
                came = report.Came;
                page.Append($"<tr class=\"came\"><td></td><td colspan=\"3\">{Escaped(came)}</td></tr>\n");
            }

            string older = report.OlderFunction is null ? "" : $"<br><small>in 4.16 {Escaped(report.OlderFunction)}</small>";
            page.Append($"<tr id=\"p{packet.Number}s{i + 1}\" class=\"{Kind(report)}\"><td>{i + 1}</td><td>{Escaped(report.Stage)}</td>")
                .Append($"<td><code>{Escaped(report.Function)}</code>{older}</td><td><b>{Escaped(report.Decided)}</b>");
            if (!report.Why.IsEmpty)
            {
                page.Append("<ul>").Append(string.Concat(report.Why.Select(w => $"<li>{Escaped(w)}</li>"))).Append("</ul>");
            }

            page.Append("</td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    // Each part of the packet has a colour, in the list above the bytes and in the bytes.
    private static void DrawBytes(StringBuilder page, ByteString packet)
    {
        IReadOnlyList<(string Name, int LengthBytes)> parts = HexDump.Parts(packet);
        page.Append("<div class=\"bytes\"><p>");
        for (int i = 0; i < parts.Count; i++)
        {
            page.Append($"<span class=\"c{i % TraceStyle.Colours}\">{Escaped(parts[i].Name)} {parts[i].LengthBytes}</span> ");
        }

        page.Append("</p><pre>");
        int part = 0;
        int left = parts[0].LengthBytes;
        for (int at = 0; at < packet.Length; at++)
        {
            while (left == 0 && part < parts.Count - 1)
            {
                left = parts[++part].LengthBytes;
            }

            left--;
            page.Append(at % 16 == 0 ? $"{(at == 0 ? "" : "\n")}{at:x4}  " : "")
                .Append(CultureInfo.InvariantCulture, $"<span class=\"c{part % TraceStyle.Colours}\">{packet[at]:x2}</span> ");
        }

        page.Append("</pre></div>");
    }

    private static string Kind(StageReport report) =>
        report.Decided.StartsWith("drop", StringComparison.Ordinal) || report.Decided is "unsupported" ? "ended"
        : report.Decided.StartsWith("no ", StringComparison.Ordinal) || report.Decided.StartsWith("nothing", StringComparison.Ordinal) || report.Decided is "unchanged"
            ? "idle" : "work";

    private static string Class(EventKind kind) => kind switch
    {
        EventKind.Arrived => "arrived",
        EventKind.Ended => "ended",
        _ => "aside",
    };

    private static string Beginning(string text) => text.Split([':', ';'], 2)[0] is var head && head == "dropped" ? text.Split(';')[0] : head;

    private static string Escaped(string text) => WebUtility.HtmlEncode(text.Length <= MostWordsOfReason ? text : text[..MostWordsOfReason] + "…");
}
