using System.Buffers.Binary;

namespace Conformance.Agent;

/// <summary>The agent's end of the channel: cuts messages into frames and joins them again.</summary>
internal sealed unsafe class Channel
{
    private readonly int _fd;
    private readonly bool _isEthernet;
    private readonly byte[] _frame = new byte[65536];
    private readonly FrameWriter _writer;
    private byte[] _stream = new byte[1 << 16];
    private int _streamStart;
    private int _streamEnd;
    private uint _received;

    public Channel(int fd, bool isEthernet)
    {
        _fd = fd;
        _isEthernet = isEthernet;
        _writer = new FrameWriter(Send);
    }

    public int Fd => _fd;

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
    public void Write(Operation operation, uint tag, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) =>
        _writer.Write(operation, tag, first, second);

    /// <summary>Sends what has not left yet.</summary>
    public void Flush() => _writer.Flush();

    private void Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* bytes = frame)
        {
            while (Libc.Send(_fd, bytes, frame.Length, 0) < 0)
            {
                // The queue to the host is full (ENOBUFS, EAGAIN): the kernel drains it while we wait for room.
                Libc.PollEntry entry = new() { Fd = _fd, Events = 4 };
                Libc.Poll(&entry, 1, 10);
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
