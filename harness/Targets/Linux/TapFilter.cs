using System.Buffers.Binary;

namespace Conformance.Harness.Targets.Linux;

/// <summary>Classic BPF that reads from the IP header on, whatever stands before it. Kernel: struct sock_filter.</summary>
internal static class TapFilter
{
    private const ushort LoadByte = 0x30;
    private const ushort LoadWord = 0x20;
    private const ushort And = 0x54;
    private const ushort LoadHalf = 0x28;
    private const ushort LoadHalfBehindIpv4 = 0x48;
    private const ushort TakeIpv4HeaderBytes = 0xb1;
    private const ushort ShiftRight = 0x74;
    private const ushort IfEqual = 0x15;
    private const ushort Return = 0x06;

    // SKF_AD_OFF + SKF_AD_PKTTYPE, and PACKET_OUTGOING.
    private const uint PacketType = 0xfffff004;
    private const uint Outgoing = 4;

    // SKF_NET_OFF: what follows is counted from the network header.
    private const uint Ip = 0xfff00000;
    private const uint Esp = 50;
    private const uint Tcp = 6;
    private const uint Udp = 17;
    private const uint NatTraversalPort = 4500;

    /// <summary>ESP that arrives, in UDP or not: behind coalescing, so what coalescing opened is not among it.</summary>
    public static byte[] ArrivingEsp { get; } = Write(
    [
        (LoadByte, 0, 0, PacketType),
        (IfEqual, 15, 0, Outgoing),
        (LoadByte, 0, 0, Ip),
        (ShiftRight, 0, 0, 4),
        (IfEqual, 6, 0, 6),
        (LoadByte, 0, 0, Ip + 9),
        (IfEqual, 9, 0, Esp),
        (IfEqual, 0, 9, Udp),
        (TakeIpv4HeaderBytes, 0, 0, Ip),
        (LoadHalfBehindIpv4, 0, 0, Ip + 2),
        (IfEqual, 5, 6, NatTraversalPort),
        (LoadByte, 0, 0, Ip + 6),
        (IfEqual, 3, 0, Esp),
        (IfEqual, 0, 3, Udp),
        (LoadHalf, 0, 0, Ip + 42),
        (IfEqual, 0, 1, NatTraversalPort),
        (Return, 0, 0, 1),
        (Return, 0, 0, 0),
    ]);

    /// <summary>TCP for an address of 192.0.2.0/24 or 2001:db8:0:1::/64 that arrives: what transport mode carried.</summary>
    public static byte[] ArrivingForTheHost { get; } = Write(
    [
        (LoadByte, 0, 0, PacketType),
        (IfEqual, 15, 0, Outgoing),
        (LoadByte, 0, 0, Ip),
        (ShiftRight, 0, 0, 4),
        (IfEqual, 5, 0, 6),
        (LoadWord, 0, 0, Ip + 16),
        (And, 0, 0, 0xffffff00),
        (IfEqual, 0, 9, 0xc0000200),
        (LoadByte, 0, 0, Ip + 9),
        (IfEqual, 6, 7, Tcp),
        (LoadWord, 0, 0, Ip + 24),
        (IfEqual, 0, 5, 0x20010db8),
        (LoadWord, 0, 0, Ip + 28),
        (IfEqual, 0, 3, 0x00000001),
        (LoadByte, 0, 0, Ip + 6),
        (IfEqual, 0, 1, Tcp),
        (Return, 0, 0, ushort.MaxValue + 1),
        (Return, 0, 0, 0),
    ]);

    private static byte[] Write((ushort Code, byte IfTrue, byte IfFalse, uint Operand)[] instructions)
    {
        byte[] bytes = new byte[instructions.Length * 8];
        for (int i = 0; i < instructions.Length; i++)
        {
            Span<byte> at = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, instructions[i].Code);
            at[2] = instructions[i].IfTrue;
            at[3] = instructions[i].IfFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], instructions[i].Operand);
        }

        return bytes;
    }
}
