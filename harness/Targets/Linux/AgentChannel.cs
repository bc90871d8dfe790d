using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Conformance.Agent;

namespace Conformance.Harness.Targets.Linux;

/// <summary>Something that the agent said unasked.</summary>
internal readonly record struct AgentEvent(Operation Operation, byte Handle, byte[] Bytes);

/// <summary>The host's end of the channel to the agent.</summary>
internal sealed class AgentChannel : IDisposable
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(20);
    private readonly byte[] _frame = new byte[65536];
    private readonly Socket _socket;
    private readonly FrameWriter _writer;
    private readonly Queue<AgentEvent> _events = new();
    private byte[] _stream = [];
    private int _streamStart;
    private uint _tag;
    private uint _received;
    private readonly Dictionary<uint, byte[]> _answers = [];
    private readonly Dictionary<byte, Queue<byte[]>> _streams = [];
    private readonly HashSet<byte> _ended = [];

    public AgentChannel(Socket socket)
    {
        _socket = socket;
        _writer = new FrameWriter(Send);
    }

    /// <summary>Set when the other end is gone or broke the protocol.</summary>
    public string? Broken { get; private set; }

    /// <summary>Waits for the first message; returns the kernel release.</summary>
    public string WaitUntilReady(TimeSpan patience)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (Broken is null && watch.Elapsed < patience)
        {
            Receive(patience - watch.Elapsed);
            if (_events.TryDequeue(out AgentEvent first))
            {
                return Encoding.UTF8.GetString(first.Bytes);
            }
        }

        throw new IOException(Broken ?? $"the agent did not answer within {patience.TotalSeconds:0} s");
    }

    /// <summary>Queues a message that is not answered; it leaves with the next flush.</summary>
    public void Post(Operation operation, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) => _writer.Write(operation, 0, first, second);

    /// <summary>Sends a request and waits for its answer; events that come before it are kept.</summary>
    public byte[] Ask(Operation operation, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        uint tag = ++_tag;
        _answers.Clear();
        _writer.Write(operation, tag, first, second);
        Flush();
        Stopwatch watch = Stopwatch.StartNew();
        byte[]? answer;
        while (!_answers.Remove(tag, out answer))
        {
            if (Broken is not null || watch.Elapsed > AnswerPatience)
            {
                throw new IOException(Broken ?? $"the agent did not answer {operation} within {AnswerPatience.TotalSeconds:0} s");
            }

            Receive(AnswerPatience - watch.Elapsed);
        }

        return answer;
    }

    /// <summary>Sends many requests at once; answers in order, events that come before them are kept.</summary>
    public IReadOnlyList<byte[]> AskAll(Operation operation, IReadOnlyList<byte[]> requests)
    {
        uint first = _tag + 1;
        foreach (byte[] request in requests)
        {
            _writer.Write(operation, ++_tag, request, default);
        }

        Flush();
        List<byte[]> answers = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (answers.Count < requests.Count)
        {
            if (Broken is not null || watch.Elapsed > AnswerPatience)
            {
                throw new IOException(Broken ?? $"the agent did not answer {requests.Count} times {operation} within {AnswerPatience.TotalSeconds:0} s");
            }

            Receive(AnswerPatience - watch.Elapsed);
            while (_answers.TryGetValue(first + (uint)answers.Count, out byte[]? answer))
            {
                _answers.Remove(first + (uint)answers.Count);
                answers.Add(answer);
            }
        }

        return answers;
    }

    /// <summary>Sends a request whose answer is an errno.</summary>
    public int AskStatus(Operation operation, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) =>
        BinaryPrimitives.ReadInt32LittleEndian(Ask(operation, first, second));

    /// <summary>The next event, or null when none comes in time.</summary>
    public AgentEvent? NextEvent(TimeSpan patience)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (_events.Count == 0)
        {
            TimeSpan left = patience - watch.Elapsed;
            if (Broken is not null || left <= TimeSpan.Zero)
            {
                return null;
            }

            Receive(left);
        }

        return _events.Dequeue();
    }

    /// <summary>The next bytes of a stream, empty at its end; null when none come in time.</summary>
    public byte[]? NextBytes(byte stream, TimeSpan patience)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            if (_streams.TryGetValue(stream, out Queue<byte[]>? waiting) && waiting.TryDequeue(out byte[]? bytes))
            {
                return bytes;
            }

            TimeSpan left = patience - watch.Elapsed;
            if (Broken is not null || left <= TimeSpan.Zero)
            {
                return null;
            }

            Receive(left);
        }
    }

    /// <summary>True if the other end of a stream has closed it.</summary>
    public bool HasEnded(byte stream) => _ended.Contains(stream);

    /// <summary>Forgets bytes of a stream, and its end.</summary>
    public void DropBytes(byte stream)
    {
        _streams.Remove(stream);
        _ended.Remove(stream);
    }

    /// <summary>Forgets events.</summary>
    public void DropEvents() => _events.Clear();

    /// <summary>Sends what was queued.</summary>
    public void Flush() => _writer.Flush();

    public void Dispose()
    {
        _socket.Dispose();
    }

    private void Send(ReadOnlySpan<byte> frame)
    {
        try
        {
            _socket.Send(frame);
        }
        catch (SocketException error)
        {
            Broken ??= $"the channel to the agent broke: {error.Message}";
        }
    }

    private void Receive(TimeSpan patience)
    {
        try
        {
            if (!_socket.Poll(patience, SelectMode.SelectRead))
            {
                return;
            }

            int read = _socket.Receive(_frame);
            if (read == 0)
            {
                Broken ??= "the agent closed its channel";
                return;
            }

            if (read > Protocol.EthernetHeaderBytes + Protocol.FrameHeaderBytes
                && BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(12)) == Protocol.EtherType)
            {
                Append(_frame.AsSpan(Protocol.EthernetHeaderBytes, read - Protocol.EthernetHeaderBytes));
            }
        }
        catch (SocketException error)
        {
            Broken ??= $"the channel to the agent broke: {error.Message}";
        }
    }

    private void Append(ReadOnlySpan<byte> frame)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (number != _received)
        {
            Broken ??= $"{number - _received} frames of the agent were lost";
            return;
        }

        _received++;
        ReadOnlySpan<byte> bytes = frame.Slice(Protocol.FrameHeaderBytes, BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]));
        _stream = [.. _stream.AsSpan(_streamStart), .. bytes];
        _streamStart = 0;
        while (_stream.Length - _streamStart >= 4)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(_stream.AsSpan(_streamStart));
            if (_stream.Length - _streamStart < 4 + length)
            {
                return;
            }

            Dispatch(_stream.AsSpan(_streamStart + 4, length));
            _streamStart += 4 + length;
        }
    }

    private void Dispatch(ReadOnlySpan<byte> message)
    {
        Operation operation = (Operation)message[0];
        uint tag = BinaryPrimitives.ReadUInt32LittleEndian(message[1..]);
        ReadOnlySpan<byte> body = message[5..];
        switch (operation)
        {
            case Operation.Answer:
                _answers[tag] = body.ToArray();
                break;
            case Operation.Packet:
                _events.Enqueue(new AgentEvent(operation, body[0], body[1..].ToArray()));
                break;
            case Operation.StreamBytes:
                if (!_streams.TryGetValue(body[0], out Queue<byte[]>? waiting))
                {
                    _streams[body[0]] = waiting = new Queue<byte[]>();
                }

                waiting.Enqueue(body[1..].ToArray());
                if (body.Length == 1)
                {
                    _ended.Add(body[0]);
                }

                break;
            case Operation.Dying:
                Broken ??= $"the agent ended: {Encoding.UTF8.GetString(body)}";
                break;
            default:
                _events.Enqueue(new AgentEvent(operation, 0, body.ToArray()));
                break;
        }
    }
}
