using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Which check a policy belongs to (XFRM_POLICY_IN, _OUT, _FWD).</summary>
public enum XfrmDirection : byte
{
    /// <summary>Packets delivered to this host.</summary>
    In = 0,

    /// <summary>Packets that leave, own and forwarded ones.</summary>
    Out = 1,

    /// <summary>Packets that arrived and are forwarded.</summary>
    Forward = 2,
}

/// <summary>What a policy does with its packets (XFRM_POLICY_ALLOW, _BLOCK).</summary>
public enum XfrmAction : byte
{
    /// <summary>Pass, through the templates where there are any.</summary>
    Allow = 0,

    /// <summary>Drop.</summary>
    Block = 1,
}

/// <summary>Main or sub policies (XFRM_POLICY_TYPE_MAIN, _SUB).</summary>
public enum XfrmPolicyType : byte
{
    /// <summary>The ordinary SPD.</summary>
    Main = 0,

    /// <summary>Asked before the ordinary one; both apply.</summary>
    Sub = 1,
}

/// <summary>Address family of a selector, template or SA (AF_UNSPEC, AF_INET, AF_INET6).</summary>
public enum XfrmFamily : ushort
{
    /// <summary>Not given: an SA selector that takes both families.</summary>
    Unspecified = 0,

    /// <summary>IPv4.</summary>
    Ipv4 = 2,

    /// <summary>IPv6.</summary>
    Ipv6 = 10,
}

/// <summary>Encapsulation mode (XFRM_MODE_*).</summary>
public enum XfrmMode : byte
{
    /// <summary>Transport mode. RFC 4303 §3.1.1.</summary>
    Transport = 0,

    /// <summary>Tunnel mode. RFC 4303 §3.1.2.</summary>
    Tunnel = 1,

    /// <summary>Mobile IPv6 route optimisation.</summary>
    RouteOptimization = 2,

    /// <summary>Accepted by no kernel.</summary>
    InTrigger = 3,

    /// <summary>Bound end-to-end tunnel (draft-nikander-esp-beet-mode).</summary>
    Beet = 4,

    /// <summary>IP-TFS. RFC 9347.</summary>
    IpTfs = 5,
}

/// <summary>A mark with its mask (struct xfrm_mark).</summary>
/// <param name="Value">Value.</param>
/// <param name="Mask">Mask; 0 accepts every packet when <paramref name="Value"/> is 0.</param>
public readonly record struct XfrmMark(uint Value, uint Mask)
{
    /// <summary>True when a packet's mark agrees under the mask.</summary>
    public bool Accepts(uint mark) => (mark & Mask) == Value;
}

/// <summary>Sixteen bytes that hold an address of a family said elsewhere (xfrm_address_t): IPv4 in the first four.</summary>
/// <param name="Bits">The bytes as a big-endian number.</param>
public readonly record struct XfrmAddress(UInt128 Bits)
{
    private const int Ipv4Shift = 96;

    /// <summary>True when all bytes are zero: any address, or none yet.</summary>
    public bool IsZero => Bits == UInt128.Zero;

    /// <summary>An address in its place; the other bytes are zero.</summary>
    public static XfrmAddress Of(IpAddress address) => new(address.IsIpv6 ? address.Value : address.Value << Ipv4Shift);

    /// <summary>Reads sixteen bytes.</summary>
    public static XfrmAddress Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>The address in a family; an unspecified family reads as IPv4.</summary>
    public IpAddress In(XfrmFamily family) => family == XfrmFamily.Ipv6 ? new(Bits, true) : new(Bits >> Ipv4Shift, false);

    /// <summary>Writes sixteen bytes.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);

    /// <summary>Sixteen bytes as hex; use <see cref="In"/> where the family is known.</summary>
    public override string ToString() => $"{Bits:x32}";
}

/// <summary>Helpers for <see cref="XfrmFamily"/>.</summary>
public static class XfrmFamilies
{
    /// <summary>The family of an address.</summary>
    public static XfrmFamily Of(IpAddress address) => address.IsIpv6 ? XfrmFamily.Ipv6 : XfrmFamily.Ipv4;

    /// <summary>Length of an address, in bits; 0 for an unspecified family.</summary>
    public static int AddressBits(XfrmFamily family) => family switch
    {
        XfrmFamily.Ipv4 => 32,
        XfrmFamily.Ipv6 => 128,
        _ => 0,
    };
}
