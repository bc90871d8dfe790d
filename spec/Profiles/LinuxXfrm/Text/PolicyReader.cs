using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Reads one policy of a dump.</summary>
internal static class PolicyReader
{
    /// <summary>Reads from the selector to the line before the next policy.</summary>
    public static PolicyEntry Read(DumpReader reader, out bool more)
    {
        int line = reader.LineNumber;
        PolicyEntry entry = new(new XfrmPolicy { Selector = SelectorText.Read(reader), Direction = XfrmDirection.In }) { Line = line };
        if (reader.Ok && reader.PeekNext == "security")
        {
            reader.Require("the security context");
            reader.Line.Expect("security");
            entry = entry with { SecurityContext = AttributeText.ReadSecurityContext(reader.Line) };
        }

        reader.Require("dir and priority");
        entry = ReadDirection(reader, entry);
        HashSet<string> seen = [];
        more = reader.Next();
        while (more && reader.Ok && reader.Line.Peek is not ("src" or "Default"))
        {
            string key = reader.Line.Take("key");
            if (key != "tmpl" && !seen.Add(key))
            {
                string second = reader.Line.Peek;
                if (key != "lifetime" || !seen.Add(key + second))
                {
                    reader.Line.FailLast($"«{TokenReader.Shortened(key)}» stands twice in one policy");
                }
            }

            entry = ReadAttribute(reader, entry, key);
            more = reader.Next();
        }

        more &= reader.Ok;
        return entry;
    }

    private static PolicyEntry ReadDirection(DumpReader reader, PolicyEntry entry)
    {
        TokenReader line = reader.Line;
        bool ofSocket = line.TakeIf("socket");
        if (!ofSocket)
        {
            line.Expect("dir");
        }

        XfrmPolicy policy = entry.Policy with { Direction = Direction(line) };
        bool hasType = false;
        HashSet<string> seen = [];
        while (line.HasMore && line.Peek[0] != '(')
        {
            string key = line.Take("key");
            if (!seen.Add(key))
            {
                line.FailLast($"«{TokenReader.Shortened(key)}» stands twice");
            }

            hasType |= key == "ptype";
            policy = ReadWord(reader, policy, key);
        }

        if (line.HasMore)
        {
            // The flags once more, in binary.
            line.Take("flags");
        }

        if (reader.Ok && !seen.Contains("priority"))
        {
            line.Fail("«priority» is missing");
        }

        reader.Style = reader.Style with { PolicyTypes = hasType };
        return entry with { Policy = policy, OfSocket = ofSocket };
    }

    private static XfrmPolicy ReadWord(DumpReader reader, XfrmPolicy policy, string key)
    {
        TokenReader line = reader.Line;
        switch (key)
        {
            case "action":
                bool block = line.TakeIf("block");
                if (!block)
                {
                    line.Expect("allow");
                    reader.Style = reader.Style with { Statistics = true };
                }

                return policy with { Action = block ? XfrmAction.Block : XfrmAction.Allow };
            case "index":
                reader.Style = reader.Style with { Statistics = true };
                return policy with { Index = line.Number32("index") };
            case "priority":
                return policy with { Priority = line.Number32("priority") };
            case "ptype":
                byte type = TransformText.Value(line, DumpNames.PolicyTypes, "policy type");
                if (line.Ok && type > (byte)XfrmPolicyType.Sub)
                {
                    line.FailLast($"policy type {type} is neither main nor sub");
                }

                return policy with { Type = (XfrmPolicyType)type };
            case "share":
                reader.Style = reader.Style with { Statistics = true };
                return policy with { Share = TransformText.Value(line, DumpNames.Shares, "share") };
            case "flag":
                return policy with { Flags = (byte)FlagText.Read(line, DumpNames.PolicyFlags, byte.MaxValue) };
            default:
                line.FailLast($"«{TokenReader.Shortened(key)}» is unknown in a policy");
                return policy;
        }
    }

    private static PolicyEntry ReadAttribute(DumpReader reader, PolicyEntry entry, string key)
    {
        TokenReader line = reader.Line;
        XfrmPolicy policy = entry.Policy;
        switch (key)
        {
            case "lifetime" when line.TakeIf("config:"):
                return entry with { Policy = policy with { Limits = LifetimeText.ReadLimits(reader) } };
            case "lifetime":
                line.Expect("current:");
                return entry with { Policy = policy with { Use = LifetimeText.ReadUse(reader) } };
            case "mark":
                return entry with { Policy = policy with { Mark = AttributeText.ReadMark(line) } };
            case "if_id":
                return entry with { Policy = policy with { InterfaceId = line.Number32("if_id") } };
            case "crypto":
                return entry with { Offload = AttributeText.ReadOffload(reader) };
            case "tmpl":
                return entry with { Policy = policy with { Templates = policy.Templates.Add(ReadTemplate(reader)) } };
            default:
                line.FailLast($"«{TokenReader.Shortened(key)}» is unknown in a policy");
                return entry;
        }
    }

    private static XfrmTemplate ReadTemplate(DumpReader reader)
    {
        TransformText transform = TransformText.Read(reader);
        XfrmTemplate template = new()
        {
            Family = transform.Family,
            Source = XfrmAddress.Of(transform.Source),
            Destination = XfrmAddress.Of(transform.Destination),
            Protocol = transform.Protocol,
            Spi = transform.Spi,
            RequestId = transform.RequestId,
            Mode = transform.Mode,
        };
        if (reader.Ok && reader.PeekNext == "level")
        {
            reader.Require("the level");
            reader.Line.Expect("level");
            template = template with { Optional = reader.Line.TakeIf("use") };
            if (!template.Optional)
            {
                reader.Line.Expect("required");
            }

            if (reader.Line.TakeIf("share"))
            {
                template = template with { Share = TransformText.Value(reader.Line, DumpNames.Shares, "share") };
            }
        }

        return reader.Ok && reader.PeekNext == "enc-mask" ? ReadMasks(reader, template) : template;
    }

    private static XfrmTemplate ReadMasks(DumpReader reader, XfrmTemplate template)
    {
        reader.Require("the masks");
        return template with
        {
            EncryptionAlgorithms = Mask(reader.Line, "enc-mask"),
            IntegrityAlgorithms = Mask(reader.Line, "auth-mask"),
            CompressionAlgorithms = Mask(reader.Line, "comp-mask"),
        };
    }

    private static uint Mask(TokenReader line, string key)
    {
        line.Expect(key);
        string word = line.Take("mask");
        if (line.Ok && (word.Length != 8 || !TokenReader.TryNumber("0x" + word, out _)))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no mask of eight hex digits");
        }

        return line.Ok && TokenReader.TryNumber("0x" + word, out ulong mask) ? (uint)mask : 0;
    }

    private static XfrmDirection Direction(TokenReader line)
    {
        string word = line.Take("direction");
        switch (word)
        {
            case "in":
                return XfrmDirection.In;
            case "out":
                return XfrmDirection.Out;
            case "fwd":
                return XfrmDirection.Forward;
            default:
                line.FailLast($"«{TokenReader.Shortened(word)}» is no direction");
                return XfrmDirection.In;
        }
    }
}
