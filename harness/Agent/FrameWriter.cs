using System.Buffers.Binary;

namespace Conformance.Agent;

/// <summary>Cuts messages into frames; compiled into both ends of the channel.</summary>
internal sealed class FrameWriter
{
    private const int HeaderBytes = Protocol.EthernetHeaderBytes + Protocol.FrameHeaderBytes;
    private const int ShortestFrameBytes = 60;
    private readonly byte[] _frame = new byte[HeaderBytes + Protocol.LargestFramePayloadBytes];
    private readonly SendFrame _send;
    private uint _sent;
    private int _payloadBytes;

    /// <summary>Writes frames with a function.</summary>
    public FrameWriter(SendFrame send)
    {
        _send = send;
        _frame.AsSpan(0, 12).Fill(0xff);
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(12), Protocol.EtherType);
    }

    /// <summary>Sends one frame; returns when it has left.</summary>
    public delegate void SendFrame(ReadOnlySpan<byte> frame);

    /// <summary>Puts a message into the stream; full frames leave at once.</summary>
    public void Write(Operation operation, uint tag, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        Span<byte> head = stackalloc byte[Protocol.MessageHeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, Protocol.MessageHeaderBytes - 4 + first.Length + second.Length);
        head[4] = (byte)operation;
        BinaryPrimitives.WriteUInt32LittleEndian(head[5..], tag);
        Write(head);
        Write(first);
        Write(second);
    }

    /// <summary>Sends what has not left yet.</summary>
    public void Flush()
    {
        if (_payloadBytes == 0)
        {
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_frame.AsSpan(Protocol.EthernetHeaderBytes), _sent++);
        BinaryPrimitives.WriteUInt16LittleEndian(_frame.AsSpan(Protocol.EthernetHeaderBytes + 4), (ushort)_payloadBytes);
        int length = Math.Max(ShortestFrameBytes, HeaderBytes + _payloadBytes);
        _payloadBytes = 0;
        _send(_frame.AsSpan(0, length));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int room = Math.Min(bytes.Length, Protocol.LargestFramePayloadBytes - _payloadBytes);
            bytes[..room].CopyTo(_frame.AsSpan(HeaderBytes + _payloadBytes));
            _payloadBytes += room;
            bytes = bytes[room..];
            if (_payloadBytes == Protocol.LargestFramePayloadBytes)
            {
                Flush();
            }
        }
    }
}
