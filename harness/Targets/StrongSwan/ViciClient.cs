using System.Buffers.Binary;
using System.Text;
using Conformance.Agent;
using Conformance.Harness.Targets.Linux;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>Tells a charon daemon of the guest what to do, by a stream that the agent holds.</summary>
internal sealed class ViciClient(AgentChannel channel, byte stream)
{
    private const byte Request = 0;
    private const byte Response = 1;
    private const byte RegisterEvent = 3;
    private const byte UnregisterEvent = 4;
    private const byte EventConfirmed = 5;
    private const byte EventHappened = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private byte[] _bytes = [];

    /// <summary>A command and its answer.</summary>
    /// <exception cref="IOException">No answer comes, or the daemon does not know the command.</exception>
    public ViciItem.Section Ask(string command, ViciBuilder? message = null)
    {
        Send(Request, command, message);
        return Receive(Response).Message;
    }

    /// <summary>A command that answers by events of one name.</summary>
    /// <exception cref="IOException">No answer comes, or the daemon does not know the command.</exception>
    public IReadOnlyList<ViciItem.Section> List(string command, string eventName, ViciBuilder? message = null)
    {
        Send(RegisterEvent, eventName, null);
        Receive(EventConfirmed);
        Send(Request, command, message);
        List<ViciItem.Section> items = [];
        (byte type, ViciItem.Section item) = Receive(EventHappened, Response);
        while (type == EventHappened)
        {
            items.Add(item);
            (type, item) = Receive(EventHappened, Response);
        }

        Send(UnregisterEvent, eventName, null);
        Receive(EventConfirmed);
        return items;
    }

    private void Send(byte type, string name, ViciBuilder? message)
    {
        using MemoryStream packet = new();
        packet.Write(stackalloc byte[4]);
        packet.WriteByte(type);
        ViciCodec.WriteName(packet, name);
        packet.Write(message is null ? [] : ViciCodec.Write(message.Section));
        byte[] bytes = packet.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        channel.Post(Operation.WriteStream, [stream], bytes);
        channel.Flush();
    }

    private (byte Type, ViciItem.Section Message) Receive(params ReadOnlySpan<byte> expected)
    {
        while (_bytes.Length < 4 || _bytes.Length - 4 < BinaryPrimitives.ReadInt32BigEndian(_bytes))
        {
            byte[] more = channel.NextBytes(stream, Patience) ?? throw new IOException(channel.Broken ?? "charon does not answer by VICI");
            _bytes = more.Length > 0 ? [.. _bytes, .. more] : throw new IOException("charon closed its VICI socket");
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(_bytes);
        ReadOnlySpan<byte> packet = _bytes.AsSpan(4, length);
        byte type = packet[0];
        int nameBytes = type == EventHappened ? 1 + packet[1] : 0;
        if (!expected.Contains(type))
        {
            throw new IOException($"VICI: packet of type {type}: {Encoding.UTF8.GetString(packet[1..])}");
        }

        ViciItem.Section message = ViciCodec.Read(packet[(1 + nameBytes)..]);
        _bytes = _bytes[(4 + length)..];
        return (type, message);
    }
}
