using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Harness.Tracing;

/// <summary>A packet to be traced: in words, or bytes of a capture.</summary>
/// <param name="Text">As the user gave it.</param>
/// <param name="Expression">The packet in words, or null.</param>
/// <param name="Bytes">The packet of a capture, or null.</param>
public sealed record TracedPacket(string Text, PacketExpression? Expression, ByteString? Bytes)
{
    /// <summary>The word for the packet that left last.</summary>
    public const string LastSent = "wire";

    /// <summary>True for the packet that left last.</summary>
    public bool IsLastSent => Expression is null && Bytes is null;
}

/// <summary>What is to be traced.</summary>
public sealed record TraceRequest
{
    /// <summary>The SPD; socket policies in it are passed over.</summary>
    public required PolicyDump Policies { get; init; }

    /// <summary>The SAD.</summary>
    public required StateDump States { get; init; }

    /// <summary>SAs that key management adds after the first packet, or null.</summary>
    public StateDump? LaterStates { get; init; }

    /// <summary>Packets in order; each meets the host as the one before left it.</summary>
    public required ImmutableArray<TracedPacket> Packets { get; init; }

    /// <summary>True when the packets arrive, false when they are sent.</summary>
    public bool Receives { get; init; }

    /// <summary>The host's own addresses; empty to read them off the databases.</summary>
    public ImmutableArray<IpAddress> OwnAddresses { get; init; } = [];

    /// <summary>MTU of the device towards the wire, in bytes.</summary>
    public int MtuBytes { get; init; } = 1500;

    /// <summary>The kernel.</summary>
    public LinuxRelease Release { get; init; } = LinuxRelease.Linux612;

    /// <summary>True when esp4_offload and esp6_offload are there.</summary>
    public bool EspOffload { get; init; }
}
