using System.Buffers.Binary;

namespace Conformance.Agent;

/// <summary>The agent's end of the channel: cuts messages into frames and joins them again.</summary>
internal sealed unsafe class Channel
{
    private readonly int _fd;
    private readonly bool _isEthernet;
    private readonly byte[] _frame = new byte[65536];
    private readonly byte[] _out = new byte[Protocol.EthernetHeaderBytes + Protocol.FrameHeaderBytes + Protocol.LargestFramePayloadBytes];
    private byte[] _stream = new byte[1 << 16];
    private int _streamStart;
    private int _streamEnd;
    private int _outBytes;
    private uint _sent;
    private uint _received;

    public Channel(int fd, bool isEthernet)
    {
        _fd = fd;
        _isEthernet = isEthernet;
        _out.AsSpan(0, 12).Fill(0xff);
        BinaryPrimitives.WriteUInt16BigEndian(_out.AsSpan(12), Protocol.EtherType);
    }

    public int Fd => _fd;

    private Span<byte> OutPayload => _out.AsSpan(Protocol.EthernetHeaderBytes + Protocol.FrameHeaderBytes);

    /// <summary>Reads one frame; false when there is none now. The other end's closing ends the program.</summary>
    public bool TryReadFrame()
    {
        fixed (byte* frame = _frame)
        {
            byte* from = stackalloc byte[20];
            int fromBytes = 20;
            nint read = _isEthernet
                ? Libc.ReceiveFrom(_fd, frame, _frame.Length, Libc.DontWait, from, &fromBytes)
                : Libc.Receive(_fd, frame, _frame.Length, Libc.DontWait);
            if (read < 0)
            {
                return false;
            }

            // An AF_PACKET socket shows its own frames as well (PACKET_OUTGOING, 4).
            if (_isEthernet && from[10] == 4)
            {
                return true;
            }

            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            Append(_frame.AsSpan(Protocol.EthernetHeaderBytes, (int)read - Protocol.EthernetHeaderBytes));
            return true;
        }
    }

    /// <summary>Takes one whole message off the stream.</summary>
    public bool TryTake(out byte[] message)
    {
        message = [];
        ReadOnlySpan<byte> stream = _stream.AsSpan(_streamStart, _streamEnd - _streamStart);
        if (stream.Length < 4 || stream.Length - 4 < BinaryPrimitives.ReadInt32LittleEndian(stream))
        {
            return false;
        }

        message = stream.Slice(4, BinaryPrimitives.ReadInt32LittleEndian(stream)).ToArray();
        _streamStart += 4 + message.Length;
        return true;
    }

    /// <summary>Puts a message into the stream; full frames leave at once.</summary>
    public void Write(Operation operation, uint tag, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        Span<byte> head = stackalloc byte[Protocol.MessageHeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, 5 + first.Length + second.Length);
        head[4] = (byte)operation;
        BinaryPrimitives.WriteUInt32LittleEndian(head[5..], tag);
        WriteBytes(head);
        WriteBytes(first);
        WriteBytes(second);
    }

    /// <summary>Sends what has not left yet.</summary>
    public void Flush()
    {
        if (_outBytes == 0)
        {
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_out.AsSpan(Protocol.EthernetHeaderBytes), _sent++);
        BinaryPrimitives.WriteUInt16LittleEndian(_out.AsSpan(Protocol.EthernetHeaderBytes + 4), (ushort)_outBytes);
        int length = Math.Max(60, Protocol.EthernetHeaderBytes + Protocol.FrameHeaderBytes + _outBytes);
        _outBytes = 0;
        fixed (byte* bytes = _out)
        {
            while (Libc.Send(_fd, bytes, length, 0) < 0)
            {
                // The queue to the host is full (ENOBUFS, EAGAIN): the kernel drains it while we wait for room.
                Libc.PollEntry entry = new() { Fd = _fd, Events = 4 };
                Libc.Poll(&entry, 1, 10);
            }
        }
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int room = Math.Min(bytes.Length, Protocol.LargestFramePayloadBytes - _outBytes);
            bytes[..room].CopyTo(OutPayload[_outBytes..]);
            _outBytes += room;
            bytes = bytes[room..];
            if (_outBytes == Protocol.LargestFramePayloadBytes)
            {
                Flush();
            }
        }
    }

    private void Append(ReadOnlySpan<byte> frame)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (number != _received)
        {
            throw new InvalidDataException($"frame {number} came where {_received} was due");
        }

        _received++;
        ReadOnlySpan<byte> bytes = frame.Slice(Protocol.FrameHeaderBytes, BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]));
        if (_streamStart > 0)
        {
            _stream.AsSpan(_streamStart, _streamEnd - _streamStart).CopyTo(_stream);
            _streamEnd -= _streamStart;
            _streamStart = 0;
        }

        if (_streamEnd + bytes.Length > _stream.Length)
        {
            Array.Resize(ref _stream, Math.Max(_stream.Length * 2, _streamEnd + bytes.Length));
        }

        bytes.CopyTo(_stream.AsSpan(_streamEnd));
        _streamEnd += bytes.Length;
    }
}
