using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Writes one SA as «ip xfrm state» does.</summary>
internal static class StatePrinter
{
    private static readonly XfrmSelector NoSelector = new();

    public static void Write(StringBuilder text, StateEntry entry, DumpStyle style)
    {
        XfrmState state = entry.State;
        WriteHead(text, state, style);
        WriteMarks(text, state);

        // A zero truncation is printed only for the digest that has no digest.
        bool truncated = state.Integrity is { IcvBits: > 0 } or { Name: "digest_null" };
        AttributeText.WriteAlgorithm(text, truncated ? "auth-trunc" : "auth", state.Integrity, truncated, style);
        AttributeText.WriteAlgorithm(text, "aead", state.Combined, true, style);
        AttributeText.WriteAlgorithm(text, "enc", state.Encryption, false, style);
        AttributeText.WriteAlgorithm(text, "comp", state.Compression, false, style);
        if (state.Encapsulation is { } encapsulation)
        {
            text.Append($"\tencap type {DumpNames.NameOf(DumpNames.Encapsulations, encapsulation.Type)} sport {encapsulation.SourcePort} ")
                .Append($"dport {encapsulation.DestinationPort} addr {encapsulation.OriginalAddress.In(state.Family)}\n");
        }

        text.Append(entry.CareOfAddress is { } careOf ? $"\tcoa {careOf.In(state.Family)}\n" : "")
            .Append(entry.LastUsed is { } used ? $"\tlastused {LifetimeText.Time(used)}\n" : "");
        ReplayText.Write(text, state);
        AttributeText.WriteOffload(text, entry.Offload, style);
        text.Append(state.InterfaceId != 0 ? $"\tif_id 0x{state.InterfaceId:x}\n" : "")
            .Append(state.TfcPadBytes != 0 ? $"\ttfcpad {state.TfcPadBytes}\n" : "")
            .Append(state.Direction is { } direction ? $"\tdir {(direction == XfrmDirection.In ? "in" : "out")}\n" : "")
            .Append(entry.Cpu is { } cpu ? $"\tpcpu-num {cpu}\n" : "");
        if (state.Selector != NoSelector)
        {
            SelectorText.Write(text, "\tsel ", state.Selector, state.Family, style);
        }

        if (style.Statistics)
        {
            LifetimeText.Write(text, "\t", state.Limits, state.Use);
            XfrmStateStatistics refused = state.Statistics;
            text.Append($"\tstats:\n\t  replay-window {refused.OutsideReplayWindow} replay {refused.Replayed} failed {refused.IntegrityFailed}\n");
        }

        text.Append(entry.SecurityContext is { } label ? $"\tsecurity context {label} \n" : "");
    }

    private static void WriteHead(StringBuilder text, XfrmState state, DumpStyle style)
    {
        TransformText head = new(state.Family, state.SourceAddress, state.DestinationAddress)
        {
            Protocol = state.Protocol,
            Spi = state.Spi,
            RequestId = state.RequestId,
            Mode = state.Mode,
        };
        bool hasSpi = state.Protocol is Wire.IpProtocol.Esp or Wire.IpProtocol.Ah or Wire.IpProtocol.IpComp;
        head.Write(text, "", "", hasSpi, style.Statistics);
        text.Append($"\treplay-window {state.ReplayWindow} ")
            .Append(style.Statistics ? $"seq 0x{state.AcquireSequence:d8} " : "")
            .Append(style.Statistics || state.Flags != 0 ? $"flag {DumpNames.Flags(DumpNames.StateFlags, (byte)state.Flags)}" : "")
            .Append(style.Statistics && state.ExtraFlags != 0 ? $"extra_flag {DumpNames.Flags(DumpNames.ExtraFlags, (uint)state.ExtraFlags)}" : "")
            .Append(style.Statistics ? $" {FlagText.Binary((byte)state.Flags)}\n" : "\n");
    }

    private static void WriteMarks(StringBuilder text, XfrmState state)
    {
        string output = state.OutputMark is { } mark ? $"output-mark 0x{mark.Value:x}/0x{mark.Mask:x}" : "";
        if (state.Mark != default)
        {
            text.Append($"\tmark {AttributeText.Hex(state.Mark.Value)}/{AttributeText.Hex(state.Mark.Mask)} {output}\n");
        }
        else if (output.Length > 0)
        {
            text.Append($"\t{output}\n");
        }
    }
}
