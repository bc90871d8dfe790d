using System.Collections.Immutable;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>What the stages of the transmit path leave for each other.</summary>
public sealed record Outbound
{
    private readonly LinuxHop? _hop;
    private readonly XfrmFlow? _flow;

    /// <summary>Where the packet comes from.</summary>
    public required PacketOrigin Origin { get; init; }

    /// <summary>The plain route (dst_orig).</summary>
    public LinuxHop Hop
    {
        get => _hop ?? throw new InvalidOperationException("a stage before the route lookup asked for the route");
        init => _hop = value;
    }

    /// <summary>What the databases are asked with.</summary>
    public XfrmFlow Flow
    {
        get => _flow ?? throw new InvalidOperationException("a stage before the route lookup asked for the flow");
        init => _flow = value;
    }

    /// <summary>XFRM interface of the lookup, or 0.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>True when the flow is that of the packet inside an ICMP error; a failure then leaves the packet as it is.</summary>
    public bool IsSecondTry { get; init; }

    /// <summary>The policies that apply; null before their lookup and where it is skipped.</summary>
    public XfrmPolicyDecision? Policies { get; init; }

    /// <summary>The SAs that they were resolved to, the innermost first.</summary>
    public ImmutableArray<ulong> States { get; init; } = [];

    /// <summary>Why the resolution stopped; 0 when it did not.</summary>
    public int ResolutionErrno { get; init; }

    /// <summary>The SAs with their routes and MTUs, the innermost first (struct xfrm_dst).</summary>
    public ImmutableArray<BundleLayer> Bundle { get; init; } = [];

    /// <summary>The plain route of what leaves in the end.</summary>
    public LinuxHop? Path { get; init; }

    /// <summary>How many layers are applied.</summary>
    public int Applied { get; init; }

    /// <summary>True when encryption is left to the device or to the code in front of it (xfrm_offload).</summary>
    public bool IsDeferred { get; init; }

    /// <summary>The packet split by the mode of the SA at work.</summary>
    public EnclosedPacket? Enclosed { get; init; }

    /// <summary>Number that the SA at work gives the packet.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>True when an outer IPv6 header was made here, so that what leaves may be fragmented (ignore_df).</summary>
    public bool MayFragmentIpv6 { get; init; }

    /// <summary>True when another SA is due.</summary>
    public bool HasMore => Applied < Bundle.Length;

    /// <summary>The layer at work.</summary>
    public BundleLayer Layer => Bundle[Applied];

    /// <summary>True for a packet in transit.</summary>
    public bool IsForwarded => Origin is PacketOrigin.Forwarded;

    /// <summary>True when a local program waits for the outcome.</summary>
    public bool HasSender => Origin is PacketOrigin.Local;
}

/// <summary>One SA of a bundle (struct xfrm_dst).</summary>
/// <param name="Id">The SA.</param>
/// <param name="MtuBytes">What fits into it before it is applied, in bytes.</param>
/// <param name="ChildMtuBytes">What fits into the next one, or the link.</param>
public sealed record BundleLayer(ulong Id, int MtuBytes, int ChildMtuBytes);
