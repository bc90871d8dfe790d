using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>A policy as a message carries it: struct xfrm_userpolicy_info and attributes.</summary>
/// <param name="Policy">What this model knows of it.</param>
/// <param name="SaysType">True with XFRMA_POLICY_TYPE, which kernels without sub policies leave out.</param>
/// <param name="Others">The other attributes, as they stand.</param>
public sealed record XfrmPolicyReport(XfrmPolicy Policy, bool SaysType, ImmutableArray<NetlinkAttribute> Others)
{
    /// <summary>Length of struct xfrm_userpolicy_type.</summary>
    internal const int TypeBytes = 6;

    /// <summary>The form of requests: the type is said where it is not the ordinary one.</summary>
    public static XfrmPolicyReport Request(XfrmPolicy policy) => new(policy, policy.Type != XfrmPolicyType.Main, []);

    /// <summary>Equality of the policy and of all attributes.</summary>
    public bool Equals(XfrmPolicyReport? other) =>
        other is not null && Policy == other.Policy && SaysType == other.SaysType && Others.SequenceEqual(other.Others);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Policy, SaysType, Others.Length);

    /// <summary>The attributes in the kernel's order.</summary>
    internal IEnumerable<NetlinkAttribute> Attributes() => XfrmAttributeOrder.Sorted([.. Known(), .. Others], XfrmAttributeOrder.OfPolicy);

    /// <summary>XFRMA_POLICY_TYPE.</summary>
    internal static NetlinkAttribute TypeAttribute(XfrmPolicyType type) =>
        new((ushort)XfrmAttribute.PolicyType, ByteString.Adopt([(byte)type, 0, 0, 0, 0, 0]));

    /// <summary>Joins the fixed part, already read, with its attributes.</summary>
    internal static bool TryRead(
        XfrmPolicy head, ImmutableArray<NetlinkAttribute> attributes, int offsetBytes, out XfrmPolicyReport report, out ParseError error)
    {
        ImmutableArray<NetlinkAttribute>.Builder others = ImmutableArray.CreateBuilder<NetlinkAttribute>();
        XfrmPolicy policy = head;
        report = new XfrmPolicyReport(head, false, []);
        error = default;
        bool saysType = false;
        int at = offsetBytes;
        foreach (NetlinkAttribute attribute in attributes)
        {
            if (!XfrmCommonAttributes.HasLength(attribute, at + NetlinkAttribute.HeaderBytes, out error))
            {
                return false;
            }

            ReadOnlySpan<byte> value = attribute.Value.Span;
            switch ((XfrmAttribute)attribute.Type)
            {
                case XfrmAttribute.Tmpl when value.Length % XfrmStructures.TemplateBytes != 0:
                    error = new ParseError("XFRMA_TMPL", at + NetlinkAttribute.HeaderBytes, $"{value.Length} bytes, a template has {XfrmStructures.TemplateBytes}");
                    return false;
                case XfrmAttribute.Tmpl:
                    policy = policy with { Templates = ReadTemplates(value) };
                    break;
                case XfrmAttribute.PolicyType:
                    policy = policy with { Type = (XfrmPolicyType)value[0] };
                    saysType = true;
                    break;
                case XfrmAttribute.Mark:
                    policy = policy with { Mark = new XfrmMark(XfrmStructures.Word(value, 0), XfrmStructures.Word(value, 1)) };
                    break;
                case XfrmAttribute.IfId:
                    policy = policy with { InterfaceId = XfrmStructures.Word(value, 0) };
                    break;
                default:
                    others.Add(attribute);
                    break;
            }

            at += attribute.PaddedBytes;
        }

        report = new XfrmPolicyReport(policy, saysType, others.ToImmutable());
        return true;
    }

    private static ImmutableArray<XfrmTemplate> ReadTemplates(ReadOnlySpan<byte> value)
    {
        ImmutableArray<XfrmTemplate>.Builder templates = ImmutableArray.CreateBuilder<XfrmTemplate>(value.Length / XfrmStructures.TemplateBytes);
        for (int at = 0; at < value.Length; at += XfrmStructures.TemplateBytes)
        {
            templates.Add(XfrmStructures.ReadTemplate(value[at..]));
        }

        return templates.ToImmutable();
    }

    private IEnumerable<NetlinkAttribute> Known()
    {
        if (!Policy.Templates.IsEmpty)
        {
            byte[] templates = new byte[Policy.Templates.Length * XfrmStructures.TemplateBytes];
            for (int i = 0; i < Policy.Templates.Length; i++)
            {
                XfrmStructures.Write(templates.AsSpan(i * XfrmStructures.TemplateBytes), Policy.Templates[i]);
            }

            yield return new NetlinkAttribute((ushort)XfrmAttribute.Tmpl, ByteString.Adopt(templates));
        }

        if (SaysType)
        {
            yield return TypeAttribute(Policy.Type);
        }

        foreach (NetlinkAttribute common in XfrmCommonAttributes.Of(Policy.Mark, Policy.InterfaceId))
        {
            yield return common;
        }
    }
}
