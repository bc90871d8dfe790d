using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>A policy as XFRM_MSG_NEWPOLICY carries it: struct xfrm_userpolicy_info and its attributes.</summary>
internal static class XfrmPolicyCodec
{
    /// <summary>Appends the fixed part and the attributes.</summary>
    public static NetlinkMessage Append(NetlinkMessage message, XfrmPolicy policy)
    {
        byte[] info = new byte[XfrmLength.Policy];
        WriteInfo(info, policy);
        message.Fixed(info);
        if (!policy.Templates.IsEmpty)
        {
            byte[] templates = new byte[XfrmLength.Template * policy.Templates.Length];
            for (int i = 0; i < policy.Templates.Length; i++)
            {
                XfrmStructures.Write(templates.AsSpan(i * XfrmLength.Template), policy.Templates[i]);
            }

            message.Attribute(XfrmAttribute.Templates, templates);
        }

        return AppendKind(message, policy.Type, policy.Mark, policy.InterfaceId);
    }

    /// <summary>Appends what tells policies of one selector apart, where it is not the default.</summary>
    public static NetlinkMessage AppendKind(NetlinkMessage message, XfrmPolicyType type, XfrmMark mark, uint interfaceId)
    {
        if (type != XfrmPolicyType.Main)
        {
            message.Attribute(XfrmAttribute.PolicyType, [(byte)type, 0, 0, 0, 0, 0]);
        }

        if (mark != default)
        {
            message.Attribute(XfrmAttribute.Mark, XfrmStructures.Write(mark));
        }

        return interfaceId == 0 ? message : message.Attribute(XfrmAttribute.InterfaceId, interfaceId);
    }

    /// <summary>struct xfrm_userpolicy_info.</summary>
    public static void WriteInfo(Span<byte> info, XfrmPolicy policy)
    {
        XfrmStructures.Write(info, policy.Selector);
        XfrmStructures.Write(info[56..], policy.Limits);
        XfrmStructures.Write(info[120..], policy.Use);
        BinaryPrimitives.WriteUInt32LittleEndian(info[152..], policy.Priority);
        BinaryPrimitives.WriteUInt32LittleEndian(info[156..], policy.Index);
        info[160] = (byte)policy.Direction;
        info[161] = (byte)policy.Action;
        info[162] = policy.Flags;
        info[163] = policy.Share;
    }

    /// <summary>struct xfrm_userpolicy_info without attributes.</summary>
    public static XfrmPolicy ReadInfo(ReadOnlySpan<byte> info) => new()
    {
        Selector = XfrmStructures.ReadSelector(info),
        Limits = XfrmStructures.ReadLimits(info[56..]),
        Use = XfrmStructures.ReadUse(info[120..]),
        Priority = BinaryPrimitives.ReadUInt32LittleEndian(info[152..]),
        Index = BinaryPrimitives.ReadUInt32LittleEndian(info[156..]),
        Direction = (XfrmDirection)info[160],
        Action = (XfrmAction)info[161],
        Flags = info[162],
        Share = info[163],
    };

    /// <summary>Reads the content of a message from the fixed part on.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out XfrmPolicy? policy, out ParseError error)
    {
        policy = null;
        if (content.Length < XfrmLength.Policy)
        {
            error = new ParseError("xfrm_userpolicy_info", content.Length, "too short");
            return false;
        }

        if (!XfrmAttributes.TryRead(content[XfrmLength.Policy..], XfrmLength.Policy, out XfrmAttributes attributes, out error))
        {
            return false;
        }

        policy = Attributed(ReadInfo(content), attributes);
        return true;
    }

    /// <summary>A policy with what its attributes add.</summary>
    public static XfrmPolicy Attributed(XfrmPolicy policy, XfrmAttributes attributes) => policy with
    {
        Templates = Templates(attributes),
        Type = attributes.TryGet(XfrmAttribute.PolicyType, 1, out ByteString type) ? (XfrmPolicyType)type[0] : XfrmPolicyType.Main,
        Mark = attributes.Mark,
        InterfaceId = attributes.Word(XfrmAttribute.InterfaceId),
    };

    private static ImmutableArray<XfrmTemplate> Templates(XfrmAttributes attributes)
    {
        if (!attributes.TryGet(XfrmAttribute.Templates, 0, out ByteString bytes))
        {
            return [];
        }

        ImmutableArray<XfrmTemplate>.Builder templates = ImmutableArray.CreateBuilder<XfrmTemplate>();
        for (int at = 0; at + XfrmLength.Template <= bytes.Length; at += XfrmLength.Template)
        {
            templates.Add(XfrmStructures.ReadTemplate(bytes.Span[at..]));
        }

        return templates.ToImmutable();
    }
}
