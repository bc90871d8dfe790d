using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Writes one policy as «ip xfrm policy» does.</summary>
internal static class PolicyPrinter
{
    public static void Write(StringBuilder text, PolicyEntry entry, DumpStyle style)
    {
        XfrmPolicy policy = entry.Policy;
        SelectorText.Write(text, "", policy.Selector, policy.Selector.Family, style);
        if (entry.SecurityContext is { } label)
        {
            text.Append($"\tsecurity context {label} \n");
        }

        WriteDirection(text, entry, style);
        if (style.Statistics)
        {
            LifetimeText.Write(text, "\t", policy.Limits, policy.Use);
        }

        if (policy.Mark != default)
        {
            text.Append($"\tmark {AttributeText.Hex(policy.Mark.Value)}/{AttributeText.Hex(policy.Mark.Mask)} \n");
        }

        foreach (XfrmTemplate template in policy.Templates)
        {
            WriteTemplate(text, policy, template, style);
        }

        AttributeText.WriteOffload(text, entry.Offload, style);
        if (policy.InterfaceId != 0)
        {
            text.Append($"\tif_id 0x{policy.InterfaceId:x}\n");
        }
    }

    private static void WriteDirection(StringBuilder text, PolicyEntry entry, DumpStyle style)
    {
        XfrmPolicy policy = entry.Policy;
        string direction = policy.Direction switch
        {
            XfrmDirection.In => "in",
            XfrmDirection.Out => "out",
            _ => "fwd",
        };
        text.Append($"\t{(entry.OfSocket ? "socket" : "dir")} {direction} ")
            .Append(policy.Action == XfrmAction.Block ? "action block " : style.Statistics ? "action allow " : "")
            .Append(style.Statistics ? $"index {policy.Index} " : "")
            .Append($"priority {policy.Priority} ")
            .Append(style.PolicyTypes ? $"ptype {DumpNames.NameOf(DumpNames.PolicyTypes, (byte)policy.Type)} " : "")
            .Append(style.Statistics ? $"share {DumpNames.NameOf(DumpNames.Shares, policy.Share)} " : "")
            .Append(style.Statistics || policy.Flags != 0 ? $"flag {DumpNames.Flags(DumpNames.PolicyFlags, policy.Flags)}" : "")
            .Append(style.Statistics ? $" {FlagText.Binary(policy.Flags)}\n" : "\n");
    }

    private static void WriteTemplate(StringBuilder text, XfrmPolicy policy, XfrmTemplate template, DumpStyle style)
    {
        XfrmFamily family = template.Family == XfrmFamily.Unspecified ? policy.Selector.Family : template.Family;
        TransformText transform = new(family, template.Source.In(family), template.Destination.In(family))
        {
            Protocol = template.Protocol,
            Spi = template.Spi,
            RequestId = template.RequestId,
            Mode = template.Mode,
        };
        transform.Write(text, "\t", "tmpl ", spiAlways: false, style.Statistics);
        if (style.Statistics || template.Optional)
        {
            text.Append($"\t\tlevel {(template.Optional ? "use" : "required")} ")
                .Append(style.Statistics ? $"share {DumpNames.NameOf(DumpNames.Shares, template.Share)} \n" : "\n");
        }

        if (style.Statistics)
        {
            text.Append($"\t\tenc-mask {template.EncryptionAlgorithms:x8} auth-mask {template.IntegrityAlgorithms:x8} ")
                .Append($"comp-mask {template.CompressionAlgorithms:x8}\n");
        }
    }
}
