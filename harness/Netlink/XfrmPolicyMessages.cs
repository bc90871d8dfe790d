using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Harness.Netlink;

/// <summary>NETLINK_XFRM requests that carry a policy with its selector and templates, or bind an SA to one (linux/xfrm.h).</summary>
internal static class XfrmPolicyMessages
{
    private const ushort NewPolicy = 0x13;
    private const ushort TemplateAttribute = 5;
    private const int PolicyBytes = 168;
    private const int TemplateBytes = 64;
    private const int SaInfoOffset = 16;
    private const int SaRequestIdOffset = SaInfoOffset + 208;
    private const int SaFlagsOffset = SaInfoOffset + 216;

    /// <summary>XFRM_MSG_NEWPOLICY.</summary>
    public static byte[] Add(XfrmPolicy policy)
    {
        byte[] info = new byte[PolicyBytes];
        Write(policy.Selector, info);
        WriteLimits(policy.Limits, info.AsSpan(56));
        BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(152), policy.Priority);
        info[160] = (byte)policy.Direction;
        info[161] = (byte)policy.Action;
        info[162] = policy.Flags;
        NetlinkMessage message = new NetlinkMessage(NewPolicy, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive).Fixed(info);
        if (!policy.Templates.IsEmpty)
        {
            byte[] templates = new byte[TemplateBytes * policy.Templates.Length];
            for (int i = 0; i < policy.Templates.Length; i++)
            {
                Write(policy.Templates[i], templates.AsSpan(i * TemplateBytes));
            }

            message.Attribute(TemplateAttribute, templates);
        }

        return message.ToBytes();
    }

    /// <summary>Gives an XFRM_MSG_NEWSA a request id and, unless it is empty, a selector.</summary>
    public static byte[] Bind(byte[] newSa, uint requestId, XfrmSelector selector)
    {
        byte[] bound = [.. newSa];
        BinaryPrimitives.WriteUInt32LittleEndian(bound.AsSpan(SaRequestIdOffset), requestId);
        if (selector.Family != XfrmFamily.Unspecified)
        {
            Write(selector, bound.AsSpan(SaInfoOffset));
            bound[SaFlagsOffset] &= unchecked((byte)~(byte)XfrmStateFlags.UnspecifiedFamily);
        }

        return bound;
    }

    private static void Write(XfrmSelector selector, Span<byte> bytes)
    {
        selector.Destination.Write(bytes);
        selector.Source.Write(bytes[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[32..], selector.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[34..], selector.DestinationPortMask);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[36..], selector.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[38..], selector.SourcePortMask);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[40..], (ushort)selector.Family);
        bytes[42] = selector.DestinationBits;
        bytes[43] = selector.SourceBits;
        bytes[44] = selector.Protocol;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], selector.InterfaceIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[52..], selector.User);
    }

    private static void Write(XfrmTemplate template, Span<byte> bytes)
    {
        template.Destination.Write(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], template.Spi.Value);
        bytes[20] = template.Protocol;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[24..], (ushort)template.Family);
        template.Source.Write(bytes[28..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[44..], template.RequestId);
        bytes[48] = (byte)template.Mode;
        bytes[49] = template.Share;
        bytes[50] = template.Optional ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[52..], template.IntegrityAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[56..], template.EncryptionAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], template.CompressionAlgorithms);
    }

    private static void WriteLimits(XfrmLimits limits, Span<byte> bytes)
    {
        ReadOnlySpan<ulong> words =
        [
            limits.SoftBytes, limits.HardBytes, limits.SoftPackets, limits.HardPackets,
            limits.SoftAddSeconds, limits.HardAddSeconds, limits.SoftUseSeconds, limits.HardUseSeconds,
        ];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(8 * i)..], words[i]);
        }
    }
}
