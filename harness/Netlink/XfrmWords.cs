namespace Conformance.Harness.Netlink;

/// <summary>Message types of NETLINK_XFRM (linux/xfrm.h).</summary>
internal static class XfrmMessageType
{
    public const ushort NewState = 0x10;
    public const ushort DeleteState = 0x11;
    public const ushort GetState = 0x12;
    public const ushort NewPolicy = 0x13;
    public const ushort DeletePolicy = 0x14;
    public const ushort GetPolicy = 0x15;
    public const ushort AllocateSpi = 0x16;
    public const ushort Acquire = 0x17;
    public const ushort Expire = 0x18;
    public const ushort UpdatePolicy = 0x19;
    public const ushort UpdateState = 0x1a;
    public const ushort PolicyExpire = 0x1b;
    public const ushort FlushStates = 0x1c;
    public const ushort FlushPolicies = 0x1d;
    public const ushort Mapping = 0x26;
    public const ushort SetDefault = 0x27;
}

/// <summary>Attribute types of NETLINK_XFRM (linux/xfrm.h).</summary>
internal static class XfrmAttribute
{
    public const ushort Authentication = 1;
    public const ushort Cipher = 2;
    public const ushort Compression = 3;
    public const ushort Encapsulation = 4;
    public const ushort Templates = 5;
    public const ushort LifetimeUsed = 9;
    public const ushort Replay = 10;
    public const ushort SourceAddress = 13;
    public const ushort PolicyType = 16;
    public const ushort Combined = 18;
    public const ushort AuthenticationTruncated = 20;
    public const ushort Mark = 21;
    public const ushort TfcPadding = 22;
    public const ushort ReplayEsn = 23;
    public const ushort ExtraFlags = 24;
    public const ushort SetMark = 29;
    public const ushort SetMarkMask = 30;
    public const ushort InterfaceId = 31;
    public const ushort Direction = 33;
}

/// <summary>Lengths of the fixed parts, in bytes, as on x86-64 (linux/xfrm.h).</summary>
internal static class XfrmLength
{
    public const int Header = 16;
    public const int Selector = 56;
    public const int Limits = 64;
    public const int Use = 32;
    public const int Policy = 168;
    public const int PolicyKey = 64;
    public const int State = 224;
    public const int StateKey = 24;
    public const int SpiRange = 232;
    public const int StateExpire = 232;
    public const int PolicyExpire = 176;
    public const int Acquire = 280;
    public const int Template = 64;
}
