using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Attributes of SAs and policies alike, and the lengths of all whose length is fixed.</summary>
internal static class XfrmCommonAttributes
{
    /// <summary>XFRMA_MARK and XFRMA_IF_ID, where they say something.</summary>
    public static IEnumerable<NetlinkAttribute> Of(XfrmMark mark, uint interfaceId)
    {
        if (mark != default)
        {
            yield return new NetlinkAttribute((ushort)XfrmAttribute.Mark, ByteString.Adopt(XfrmStructures.Words(mark.Value, mark.Mask)));
        }

        if (interfaceId != 0)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.IfId, interfaceId);
        }
    }

    /// <summary>Checks the length of an attribute, where this codec reads it.</summary>
    public static bool HasLength(NetlinkAttribute attribute, int at, out ParseError error)
    {
        error = default;
        XfrmAttribute type = (XfrmAttribute)attribute.Type;
        int? wanted = type switch
        {
            XfrmAttribute.Encap => XfrmStructures.EncapsulationBytes,
            XfrmAttribute.LtimeVal => XfrmStructures.UseBytes,
            XfrmAttribute.ReplayVal => XfrmStructures.ReplayBytes,
            XfrmAttribute.Mark => 8,
            XfrmAttribute.TfcPad or XfrmAttribute.SaExtraFlags or XfrmAttribute.SetMark or XfrmAttribute.SetMarkMask or XfrmAttribute.IfId
                or XfrmAttribute.IptfsDropTime or XfrmAttribute.IptfsInitDelay or XfrmAttribute.IptfsMaxQueueSize or XfrmAttribute.IptfsPacketSize => 4,
            XfrmAttribute.IptfsReorderWindow => 2,
            XfrmAttribute.IptfsDontFrag => 0,
            XfrmAttribute.SaDir => 1,
            XfrmAttribute.PolicyType => XfrmPolicyReport.TypeBytes,
            _ => null,
        };
        if (wanted is { } bytes && bytes != attribute.Value.Length)
        {
            error = new ParseError(Name(type), at, $"{attribute.Value.Length} bytes, it has {bytes}");
            return false;
        }

        return true;
    }

    /// <summary>The name in linux/xfrm.h.</summary>
    public static string Name(XfrmAttribute type) => type switch
    {
        XfrmAttribute.AlgAuth => "XFRMA_ALG_AUTH",
        XfrmAttribute.AlgAuthTrunc => "XFRMA_ALG_AUTH_TRUNC",
        XfrmAttribute.AlgCrypt => "XFRMA_ALG_CRYPT",
        XfrmAttribute.AlgComp => "XFRMA_ALG_COMP",
        XfrmAttribute.AlgAead => "XFRMA_ALG_AEAD",
        XfrmAttribute.Encap => "XFRMA_ENCAP",
        XfrmAttribute.LtimeVal => "XFRMA_LTIME_VAL",
        XfrmAttribute.ReplayVal => "XFRMA_REPLAY_VAL",
        XfrmAttribute.Mark => "XFRMA_MARK",
        XfrmAttribute.TfcPad => "XFRMA_TFCPAD",
        XfrmAttribute.SaExtraFlags => "XFRMA_SA_EXTRA_FLAGS",
        XfrmAttribute.SetMark => "XFRMA_SET_MARK",
        XfrmAttribute.SetMarkMask => "XFRMA_SET_MARK_MASK",
        XfrmAttribute.IfId => "XFRMA_IF_ID",
        XfrmAttribute.SaDir => "XFRMA_SA_DIR",
        XfrmAttribute.PolicyType => "XFRMA_POLICY_TYPE",
        XfrmAttribute.IptfsDropTime => "XFRMA_IPTFS_DROP_TIME",
        XfrmAttribute.IptfsReorderWindow => "XFRMA_IPTFS_REORDER_WINDOW",
        XfrmAttribute.IptfsDontFrag => "XFRMA_IPTFS_DONT_FRAG",
        XfrmAttribute.IptfsInitDelay => "XFRMA_IPTFS_INIT_DELAY",
        XfrmAttribute.IptfsMaxQueueSize => "XFRMA_IPTFS_MAX_QSIZE",
        XfrmAttribute.IptfsPacketSize => "XFRMA_IPTFS_PKT_SIZE",
        _ => $"attribute {(ushort)type}",
    };
}
