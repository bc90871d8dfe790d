namespace Conformance.Agent;

/// <summary>Messages between the host and the agent; this file is compiled into both.</summary>
/// <remarks>
/// The channel is a byte stream cut into Ethernet frames: 14 bytes of Ethernet header, a frame counter (4 bytes) that shows
/// losses, the number of stream bytes (2), the bytes. A message in the stream is its length (4), an operation (1), a tag (4)
/// that the answer repeats, and the operation's own bytes. All numbers are little-endian.
/// </remarks>
internal static class Protocol
{
    public const ushort EtherType = 0x88b5;
    public const int EthernetHeaderBytes = 14;
    public const int FrameHeaderBytes = 6;
    public const int DeviceMtuBytes = 9000;
    public const int LargestFramePayloadBytes = 8800;
    public const int MessageHeaderBytes = 9;
    public const int LargestMessageBytes = 1 << 20;
    public const string DeviceName = "vec0";
}

/// <summary>What the host asks for, and what the agent says.</summary>
internal enum Operation : byte
{
    /// <summary>Netlink protocol (1 byte), request; answered by the concatenated replies.</summary>
    Netlink = 1,

    /// <summary>Handle (1), flags of the device (2), name; answered by an errno (4).</summary>
    OpenTun = 2,

    /// <summary>Handle (1), packet; not answered.</summary>
    WriteTun = 3,

    /// <summary>Handle (1), family (1), protocol (1); answered by an errno (4).</summary>
    OpenRaw = 4,

    /// <summary>A whole IP packet from the local stack; not answered.</summary>
    SendRaw = 5,

    /// <summary>Path; answered by an errno (4) and the content.</summary>
    ReadFile = 6,

    /// <summary>Path, zero byte, content; answered by an errno (4).</summary>
    WriteFile = 7,

    /// <summary>Path; answered by an errno (4).</summary>
    LoadModule = 8,

    /// <summary>Answered when everything before was done.</summary>
    Barrier = 9,

    /// <summary>Family (1), port (2), flags (1): 1 for a UDP socket that decapsulates ESP, 2 for one that takes merged datagrams; answered by an errno (4).</summary>
    OpenUdp = 10,

    /// <summary>Netlink protocol (1), group mask (4); answered by an errno (4).</summary>
    JoinGroups = 11,

    /// <summary>Flags (1): 1 for a packet with its own IP header; mark (4), IP packet that a local socket sends; not answered.</summary>
    SendSocket = 12,

    /// <summary>Wait in milliseconds (1), path; everything that came so far is sent on, then <see cref="SnapshotTaken"/> with the content.</summary>
    Snapshot = 13,

    /// <summary>Handle (1), features (4) that the reader of the device takes upon itself; answered by an errno (4).</summary>
    SetTunOffload = 14,

    /// <summary>From now on the agent runs before the kernel's threads until it sleeps; answered by an errno (4).</summary>
    RunAhead = 15,

    /// <summary>Handle (1), number of the device (4), filter (8 bytes an instruction of classic BPF); what passes it on its way through the device is counted. Answered by an errno (4).</summary>
    OpenTap = 16,

    /// <summary>Handle (1), number of the device (4), filter; what passes it is sent on with a virtio header in front. Answered by an errno (4).</summary>
    OpenReadingTap = 18,

    /// <summary>Handle (1), family (1), port (2); a UDP socket that takes merged datagrams. Each is sent on behind the source address (16), its port (2, network order) and the size of its datagrams (2; 0 for one). Answered by an errno (4).</summary>
    OpenUdpReader = 19,

    /// <summary>Handle (1); answered by an errno (4) and how many packets passed since the last time (4).</summary>
    ReadTap = 17,

    /// <summary>Type of a filesystem, zero byte, path; answered by an errno (4).</summary>
    Mount = 20,

    /// <summary>Path, zero byte, content of a new file; answered by an errno (4).</summary>
    CreateFile = 21,

    /// <summary>File for what it writes, arguments from the program's path on, and environment, each ended by a zero byte and each group by an empty text; answered by an errno (4) and a process id (4).</summary>
    StartProgram = 22,

    /// <summary>Process id (4); the program is ended and waited for. Answered by an errno (4).</summary>
    EndProgram = 23,

    /// <summary>Handle (1), path of a local stream socket; answered by an errno (4).</summary>
    OpenStream = 24,

    /// <summary>Handle (1), bytes for a stream; not answered.</summary>
    WriteStream = 25,

    /// <summary>Handle (1); answered by an errno (4).</summary>
    CloseStream = 26,

    /// <summary>Answer to a request with the same tag.</summary>
    Answer = 128,

    /// <summary>Unasked: handle (1), packet.</summary>
    Packet = 129,

    /// <summary>Unasked: netlink datagram of a joined group.</summary>
    NetlinkEvent = 130,

    /// <summary>Unasked: operation (1), errno (4) of a request that is not answered.</summary>
    Failed = 131,

    /// <summary>Unasked, once: the agent runs; kernel release as text.</summary>
    Ready = 132,

    /// <summary>The content of the file of a <see cref="Snapshot"/>, in its place among packets and events.</summary>
    SnapshotTaken = 134,

    /// <summary>Unasked, last: the agent ends; the reason as text.</summary>
    Dying = 133,

    /// <summary>Unasked: handle (1), bytes that came by a stream; none at its end.</summary>
    StreamBytes = 135,
}
