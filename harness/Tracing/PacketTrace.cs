using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>The life of one packet.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Title">The packet in words.</param>
/// <param name="Entry">How it enters the host.</param>
/// <param name="Remarks">What happened before it, for example SAs that key management added.</param>
/// <param name="Before">The host that it meets.</param>
/// <param name="Bytes">The packet as it enters.</param>
/// <param name="Result">Stages, events and the host afterwards.</param>
public sealed record PacketTrace(int Number, string Title, string Entry, ImmutableArray<string> Remarks, LinuxHost Before, ByteString Bytes, PathResult Result);

/// <summary>The lives of all packets.</summary>
/// <param name="Host">The host before the first.</param>
/// <param name="Header">The host in a few lines.</param>
/// <param name="Packets">One after the other.</param>
public sealed record Trace(LinuxHost Host, ImmutableArray<string> Header, ImmutableArray<PacketTrace> Packets);
