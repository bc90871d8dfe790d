using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>One transform that a policy asks for (struct xfrm_user_tmpl).</summary>
public sealed record XfrmTemplate
{
    /// <summary>Outer destination; zero in transport mode.</summary>
    public XfrmAddress Destination { get; init; }

    /// <summary>Outer source; zero in transport mode, or to let routing choose.</summary>
    public XfrmAddress Source { get; init; }

    /// <summary>SPI of the one SA to use; 0 accepts any.</summary>
    public Spi Spi { get; init; }

    /// <summary>ESP, AH, IPComp, routing or destination options.</summary>
    public byte Protocol { get; init; } = IpProtocol.Esp;

    /// <summary>Family of the outer addresses; unspecified means the policy's.</summary>
    public XfrmFamily Family { get; init; }

    /// <summary>Outbound: equal to the SA's. Inbound: 0 accepts any.</summary>
    public uint RequestId { get; init; }

    /// <summary>Mode of the SA.</summary>
    public XfrmMode Mode { get; init; }

    /// <summary>Validated, then forgotten.</summary>
    public byte Share { get; init; }

    /// <summary>True for level use: the packet passes also without this transform.</summary>
    public bool Optional { get; init; }

    /// <summary>Integrity algorithms allowed, one bit each; all ones accept any.</summary>
    public uint IntegrityAlgorithms { get; init; } = uint.MaxValue;

    /// <summary>Ciphers allowed, one bit each.</summary>
    public uint EncryptionAlgorithms { get; init; } = uint.MaxValue;

    /// <summary>Compression allowed, one bit each.</summary>
    public uint CompressionAlgorithms { get; init; } = uint.MaxValue;

    /// <summary>True when the three masks are all ones.</summary>
    public bool AllAlgorithms => (IntegrityAlgorithms & EncryptionAlgorithms & CompressionAlgorithms) == uint.MaxValue;

    /// <summary>True for the modes that bring addresses of their own.</summary>
    public bool HasOwnAddresses => Mode is XfrmMode.Tunnel or XfrmMode.Beet or XfrmMode.IpTfs;
}

/// <summary>One entry of the SPD (struct xfrm_userpolicy_info with its attributes).</summary>
public sealed record XfrmPolicy
{
    /// <summary>XFRM_POLICY_ICMP: also matched with the packet inside an ICMP error.</summary>
    public const byte FlagIcmp = 2;

    /// <summary>Traffic.</summary>
    public required XfrmSelector Selector { get; init; }

    /// <summary>Direction.</summary>
    public required XfrmDirection Direction { get; init; }

    /// <summary>Action.</summary>
    public XfrmAction Action { get; init; }

    /// <summary>The lowest wins.</summary>
    public uint Priority { get; init; }

    /// <summary>Unique number whose low three bits are the direction; 0 lets the kernel choose.</summary>
    public uint Index { get; init; }

    /// <summary>Main or sub.</summary>
    public XfrmPolicyType Type { get; init; }

    /// <summary>XFRM_POLICY_LOCALOK 1 (never consulted), XFRM_POLICY_ICMP 2, XFRM_POLICY_CPU_ACQUIRE 4.</summary>
    public byte Flags { get; init; }

    /// <summary>Validated, then forgotten.</summary>
    public byte Share { get; init; }

    /// <summary>Mark of the packets.</summary>
    public XfrmMark Mark { get; init; }

    /// <summary>XFRM interface; 0 for none.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>Transforms, innermost first; none lets packets pass in clear.</summary>
    public ImmutableArray<XfrmTemplate> Templates { get; init; } = [];

    /// <summary>Limits.</summary>
    public XfrmLimits Limits { get; init; } = XfrmLimits.None;

    /// <summary>Times only: policies count no packets.</summary>
    public XfrmUse Use { get; init; }

    /// <summary>Equality of all fields, templates one by one.</summary>
    public bool Equals(XfrmPolicy? other) =>
        other is not null && Selector == other.Selector && Direction == other.Direction && Action == other.Action && Priority == other.Priority
        && Index == other.Index && Type == other.Type && Flags == other.Flags && Share == other.Share && Mark == other.Mark
        && InterfaceId == other.InterfaceId && Limits == other.Limits && Use == other.Use && Templates.SequenceEqual(other.Templates);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Selector, Direction, Priority, Index, Mark, InterfaceId);
}
