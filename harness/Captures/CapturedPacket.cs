using Conformance.Spec.Wire;

namespace Conformance.Harness.Captures;

/// <summary>One packet of a capture.</summary>
/// <param name="Number">Number in the file, from 1 on, as Wireshark counts.</param>
/// <param name="Packet">Raw IP datagram.</param>
public sealed record CapturedPacket(int Number, ByteString Packet);
