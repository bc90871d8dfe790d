using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Flags of an SA (XFRM_STATE_*).</summary>
[Flags]
public enum XfrmStateFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Leave ECN alone.</summary>
    NoEcn = 1,

    /// <summary>Copy the outer DSCP inwards.</summary>
    DecapDscp = 2,

    /// <summary>Clear DF of the outer header.</summary>
    NoPmtuDiscovery = 4,

    /// <summary>Mobile IPv6.</summary>
    WildReceive = 8,

    /// <summary>ICMP errors may match by the packet inside.</summary>
    Icmp = 16,

    /// <summary>An unspecified selector family stays so.</summary>
    UnspecifiedFamily = 32,

    /// <summary>AH alignment.</summary>
    Align4 = 64,

    /// <summary>Extended sequence numbers.</summary>
    Esn = 128,
}

/// <summary>More flags (XFRM_SA_XFLAG_*).</summary>
[Flags]
public enum XfrmExtraFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The outer DSCP is 0.</summary>
    DontEncapDscp = 1,

    /// <summary>The 32-bit sequence number may wrap.</summary>
    SequenceMayWrap = 2,
}

/// <summary>A named algorithm with its key (struct xfrm_algo, xfrm_algo_auth, xfrm_algo_aead).</summary>
/// <param name="Name">The crypto API's name, for example rfc4106(gcm(aes)).</param>
/// <param name="Key">Key, with the salt behind it where there is one.</param>
/// <param name="IcvBits">ICV or truncation length, in bits; 0 for ciphers and compression, or where the default holds.</param>
public sealed record XfrmAlgorithm(string Name, ByteString Key, uint IcvBits = 0);

/// <summary>UDP or TCP around ESP (struct xfrm_encap_tmpl).</summary>
/// <param name="Type">2 is ESP in UDP, 7 is ESP in TCP.</param>
/// <param name="SourcePort">Source port of what the SA's sender sends.</param>
/// <param name="DestinationPort">Destination port.</param>
/// <param name="OriginalAddress">Original address, for checksum repair.</param>
public sealed record XfrmEncapsulation(ushort Type, ushort SourcePort, ushort DestinationPort, XfrmAddress OriginalAddress)
{
    /// <summary>UDP_ENCAP_ESPINUDP.</summary>
    public const ushort EspInUdp = 2;
}

/// <summary>Sequence numbers without XFRMA_REPLAY_ESN_VAL (struct xfrm_replay_state).</summary>
public readonly record struct XfrmReplay(uint OutSequence, uint Sequence, uint Bitmap);

/// <summary>Sequence numbers with XFRMA_REPLAY_ESN_VAL (struct xfrm_replay_state_esn).</summary>
public sealed record XfrmReplayEsn(
    uint OutSequence, uint Sequence, uint OutSequenceHigh, uint SequenceHigh, uint WindowPackets, ImmutableArray<uint> Bitmap)
{
    /// <summary>Equality of all fields, the bitmap word by word.</summary>
    public bool Equals(XfrmReplayEsn? other) =>
        other is not null && OutSequence == other.OutSequence && Sequence == other.Sequence && OutSequenceHigh == other.OutSequenceHigh
        && SequenceHigh == other.SequenceHigh && WindowPackets == other.WindowPackets && Bitmap.SequenceEqual(other.Bitmap);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(OutSequence, Sequence, OutSequenceHigh, SequenceHigh, WindowPackets, Bitmap.Length);
}

/// <summary>What an SA in IPTFS mode is told (XFRMA_IPTFS_*); null where the kernel is to choose, or where the direction has no such item.</summary>
/// <param name="DropTimeMicroseconds">Receiving: how long a missing packet is waited for.</param>
/// <param name="ReorderWindow">Receiving: packets that are kept while one is missing.</param>
/// <param name="DontFragment">Sending: each inner packet in one outer packet.</param>
/// <param name="InitialDelayMicroseconds">Sending: how long the first packet of a queue waits.</param>
/// <param name="MaxQueueBytes">Sending: what the queue holds.</param>
/// <param name="PacketBytes">Sending: length of outer packets; 0 for what the path carries.</param>
public sealed record XfrmIptfs(
    uint? DropTimeMicroseconds = null, ushort? ReorderWindow = null, bool DontFragment = false, uint? InitialDelayMicroseconds = null,
    uint? MaxQueueBytes = null, uint? PacketBytes = null);

/// <summary>How far an SA is in its life (km.state).</summary>
public enum XfrmCondition
{
    /// <summary>Larval: being acquired (XFRM_STATE_ACQ).</summary>
    Acquiring = 1,

    /// <summary>In use (XFRM_STATE_VALID).</summary>
    Valid = 2,

    /// <summary>Failed (XFRM_STATE_ERROR).</summary>
    Error = 3,

    /// <summary>A hard limit was reached (XFRM_STATE_EXPIRED).</summary>
    Expired = 4,
}

/// <summary>One SA (struct xfrm_usersa_info with its attributes), as a request or a dump carries it.</summary>
public sealed record XfrmState
{
    /// <summary>Traffic that may use it.</summary>
    public XfrmSelector Selector { get; init; } = new();

    /// <summary>Destination address.</summary>
    public required XfrmAddress Destination { get; init; }

    /// <summary>Source address; zero accepts any when sending.</summary>
    public required XfrmAddress Source { get; init; }

    /// <summary>SPI.</summary>
    public required Spi Spi { get; init; }

    /// <summary>ESP, AH, IPComp.</summary>
    public byte Protocol { get; init; } = IpProtocol.Esp;

    /// <summary>Family of the addresses.</summary>
    public required XfrmFamily Family { get; init; }

    /// <summary>Mode.</summary>
    public required XfrmMode Mode { get; init; }

    /// <summary>Ties it to templates.</summary>
    public uint RequestId { get; init; }

    /// <summary>Number of the ACQUIRE that it answers, or 0.</summary>
    public uint AcquireSequence { get; init; }

    /// <summary>Window of the legacy form, in packets.</summary>
    public byte ReplayWindow { get; init; }

    /// <summary>Flags.</summary>
    public XfrmStateFlags Flags { get; init; }

    /// <summary>More flags.</summary>
    public XfrmExtraFlags ExtraFlags { get; init; }

    /// <summary>Combined-mode algorithm (XFRMA_ALG_AEAD).</summary>
    public XfrmAlgorithm? Combined { get; init; }

    /// <summary>Cipher (XFRMA_ALG_CRYPT).</summary>
    public XfrmAlgorithm? Encryption { get; init; }

    /// <summary>Integrity (XFRMA_ALG_AUTH and XFRMA_ALG_AUTH_TRUNC).</summary>
    public XfrmAlgorithm? Integrity { get; init; }

    /// <summary>Compression (XFRMA_ALG_COMP).</summary>
    public XfrmAlgorithm? Compression { get; init; }

    /// <summary>UDP or TCP encapsulation.</summary>
    public XfrmEncapsulation? Encapsulation { get; init; }

    /// <summary>Legacy sequence numbers, where given.</summary>
    public XfrmReplay? Replay { get; init; }

    /// <summary>Bitmap or extended sequence numbers, where given.</summary>
    public XfrmReplayEsn? ReplayEsn { get; init; }

    /// <summary>Mark that a packet must have to be looked up.</summary>
    public XfrmMark Mark { get; init; }

    /// <summary>Mark that packets get (XFRMA_SET_MARK, XFRMA_SET_MARK_MASK); null leaves it.</summary>
    public XfrmMark? OutputMark { get; init; }

    /// <summary>XFRM interface; 0 for none.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>TFC: least payload of a tunnel packet, in bytes; 0 for none.</summary>
    public uint TfcPadBytes { get; init; }

    /// <summary>Direction it is bound to (kernels from 6.10 on); null for none.</summary>
    public XfrmDirection? Direction { get; init; }

    /// <summary>IPTFS mode: aggregation and fragmentation; null for the kernel's own choices.</summary>
    public XfrmIptfs? Iptfs { get; init; }

    /// <summary>Limits.</summary>
    public XfrmLimits Limits { get; init; } = XfrmLimits.None;

    /// <summary>Use so far.</summary>
    public XfrmUse Use { get; init; }

    /// <summary>What it refused.</summary>
    public XfrmStateStatistics Statistics { get; init; }

    /// <summary>True with XFRMA_REPLAY_ESN_VAL and the ESN flag.</summary>
    public bool IsEsn => ReplayEsn is not null && Flags.HasFlag(XfrmStateFlags.Esn);

    /// <summary>Source address in the SA's family.</summary>
    public IpAddress SourceAddress => Source.In(Family);

    /// <summary>Destination address in the SA's family.</summary>
    public IpAddress DestinationAddress => Destination.In(Family);
}
