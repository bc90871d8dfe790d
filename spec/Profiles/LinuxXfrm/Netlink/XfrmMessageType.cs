namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Kinds of NETLINK_XFRM messages (XFRM_MSG_*).</summary>
public enum XfrmMessageType : ushort
{
    /// <summary>Adds an SA; tells of one.</summary>
    NewSa = 0x10,

    /// <summary>Deletes an SA; tells that one is gone.</summary>
    DeleteSa = 0x11,

    /// <summary>Reads SAs.</summary>
    GetSa = 0x12,

    /// <summary>Adds a policy; tells of one.</summary>
    NewPolicy = 0x13,

    /// <summary>Deletes a policy; tells that one is gone.</summary>
    DeletePolicy = 0x14,

    /// <summary>Reads policies.</summary>
    GetPolicy = 0x15,

    /// <summary>Makes a larval SA with a free SPI.</summary>
    AllocateSpi = 0x16,

    /// <summary>Tells that an SA is wanted.</summary>
    Acquire = 0x17,

    /// <summary>Tells that an SA reached a limit; makes it do so.</summary>
    Expire = 0x18,

    /// <summary>Replaces a policy; tells of it.</summary>
    UpdatePolicy = 0x19,

    /// <summary>Replaces an SA; tells of it.</summary>
    UpdateSa = 0x1a,

    /// <summary>Tells that a policy reached a limit.</summary>
    PolicyExpire = 0x1b,

    /// <summary>Deletes all SAs of a protocol; tells so.</summary>
    FlushSa = 0x1c,

    /// <summary>Deletes all policies of a type; tells so.</summary>
    FlushPolicy = 0x1d,

    /// <summary>Tells that a peer behind a NAT moved.</summary>
    Mapping = 0x26,

    /// <summary>Sets what happens without a policy.</summary>
    SetDefault = 0x27,

    /// <summary>Reads what happens without a policy; tells so.</summary>
    GetDefault = 0x28,
}

/// <summary>Kinds of attributes (XFRMA_*).</summary>
internal enum XfrmAttribute : ushort
{
    AlgAuth = 1,
    AlgCrypt = 2,
    AlgComp = 3,
    Encap = 4,
    Tmpl = 5,
    Sa = 6,
    Policy = 7,
    SecCtx = 8,
    LtimeVal = 9,
    ReplayVal = 10,
    CoAddr = 14,
    LastUsed = 15,
    PolicyType = 16,
    AlgAead = 18,
    AlgAuthTrunc = 20,
    Mark = 21,
    TfcPad = 22,
    ReplayEsnVal = 23,
    SaExtraFlags = 24,
    Pad = 27,
    OffloadDev = 28,
    SetMark = 29,
    SetMarkMask = 30,
    IfId = 31,
    MtimerThresh = 32,
    SaDir = 33,
    NatKeepaliveInterval = 34,
    SaPcpu = 35,
    IptfsDropTime = 36,
    IptfsReorderWindow = 37,
    IptfsDontFrag = 38,
    IptfsInitDelay = 39,
    IptfsMaxQueueSize = 40,
    IptfsPacketSize = 41,
}

/// <summary>The order in which the kernel writes attributes, so that what it wrote can be written again byte for byte.</summary>
internal static class XfrmAttributeOrder
{
    /// <summary>Of an SA (copy_to_user_state_extra).</summary>
    public static readonly XfrmAttribute[] OfState =
    [
        XfrmAttribute.Sa, XfrmAttribute.LtimeVal, XfrmAttribute.SaExtraFlags, XfrmAttribute.CoAddr, XfrmAttribute.Pad, XfrmAttribute.LastUsed,
        XfrmAttribute.AlgAead, XfrmAttribute.AlgAuth, XfrmAttribute.AlgAuthTrunc, XfrmAttribute.AlgCrypt, XfrmAttribute.AlgComp,
        XfrmAttribute.Encap, XfrmAttribute.TfcPad, XfrmAttribute.Mark, XfrmAttribute.SetMark, XfrmAttribute.SetMarkMask,
        XfrmAttribute.ReplayEsnVal, XfrmAttribute.ReplayVal, XfrmAttribute.OffloadDev, XfrmAttribute.IfId, XfrmAttribute.SecCtx,
        XfrmAttribute.IptfsDropTime, XfrmAttribute.IptfsReorderWindow, XfrmAttribute.IptfsDontFrag, XfrmAttribute.IptfsInitDelay,
        XfrmAttribute.IptfsMaxQueueSize, XfrmAttribute.IptfsPacketSize, XfrmAttribute.MtimerThresh, XfrmAttribute.SaDir, XfrmAttribute.NatKeepaliveInterval, XfrmAttribute.SaPcpu,
    ];

    /// <summary>Of a policy (dump_one_policy).</summary>
    public static readonly XfrmAttribute[] OfPolicy =
    [
        XfrmAttribute.Policy, XfrmAttribute.Tmpl, XfrmAttribute.SecCtx, XfrmAttribute.PolicyType, XfrmAttribute.Mark, XfrmAttribute.IfId,
        XfrmAttribute.OffloadDev, XfrmAttribute.SaPcpu,
    ];

    /// <summary>Attributes in an order; those it does not know come last, as they stand.</summary>
    public static IEnumerable<Wire.Netlink.NetlinkAttribute> Sorted(IEnumerable<Wire.Netlink.NetlinkAttribute> attributes, XfrmAttribute[] order) =>
        attributes.OrderBy(a => Array.IndexOf(order, (XfrmAttribute)a.Type) is var rank and >= 0 ? rank : order.Length);
}
