using System.Buffers.Binary;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Spec.Offload;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>What the agent tells, as observations.</summary>
internal sealed partial class LinuxTarget
{
    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout)
    {
        while (true)
        {
            if (_asked.TryDequeue(out Observation? asked))
            {
                return asked;
            }

            AgentEvent? next = _channel.NextEvent(timeout);
            if (next is not { } happened)
            {
                return _channel.Broken is null ? null : new Observation.Died(_obituary());
            }

            if (happened.Operation == Operation.NetlinkEvent && _policies.AreInstalled)
            {
                NoteAcquires(happened.Bytes);
                continue;
            }

            if (happened.Operation == Operation.Packet && happened.Handle == LinuxNetwork.MetadataHandle)
            {
                Packet shown = VirtioHeader.Read(happened.Bytes);
                _beside[_network.Unframed(shown.Bytes).Bytes] = shown.Offload;
                continue;
            }

            if (happened.Operation == Operation.Packet && happened.Handle == LinuxNetwork.DatagramHandle)
            {
                MergedDatagram merged = MergedDatagram.Read(happened.Bytes);
                _datagrams[merged.Key] = merged.Offload;
                continue;
            }

            if (_offloads && happened.Handle == LinuxNetwork.RawHandle && LinuxNetwork.IsEspInUdp(happened.Bytes))
            {
                continue;
            }

            // A refused write or send is what a discard looks like here: nothing comes out, and the sentinel proves it.
            if (happened.Operation == Operation.Packet && happened.Handle != LinuxNetwork.SocketHandle
                && Told(happened, isSocket: false).FirstOrDefault() is { } told)
            {
                return told;
            }
        }
    }

    private IEnumerable<Observation> Told(AgentEvent happened, bool isSocket)
    {
        switch (happened.Operation)
        {
            case Operation.Packet:
                Packet packet = _offloads && happened.Handle == LinuxNetwork.HostHandle ? VirtioHeader.Read(happened.Bytes)
                    : happened.Handle == LinuxNetwork.WireHandle ? _network.Unframed(ByteString.Adopt(happened.Bytes))
                    : Packet.Adopt(happened.Bytes);
                packet = _offloads && happened.Handle == LinuxNetwork.RawHandle ? WithWhatCameBeside(packet) : packet;
                return packet.Bytes.Length == 0 ? [] : [happened.Handle == LinuxNetwork.WireHandle ? new Observation.ToWire(packet)
                    : isSocket ? new Observation.ToSocket(packet)
                    : new Observation.ToHost(packet)];
            case Operation.Failed:
                return [new Observation.SendRefused(BinaryPrimitives.ReadInt32LittleEndian(happened.Bytes.AsSpan(1)))];
            case Operation.NetlinkEvent:
                return KernelReplies.ReadNotifications(happened.Bytes).Select(n => new Observation.Notice(n));
            default:
                return [];
        }
    }

    // What a raw socket gives says nothing of merging: a tap tells of TCP, the socket of UDP itself.
    private Packet WithWhatCameBeside(Packet packet) =>
        _beside.Remove(packet.Bytes, out PacketOffload? offload) || (MergedDatagram.KeyOf(packet.Bytes) is { } key && _datagrams.Remove(key, out offload))
            ? packet with { Offload = offload }
            : packet;

    private void NoteAcquires(byte[] notifications)
    {
        foreach (XfrmNotification.Acquired acquired in KernelReplies.ReadNotifications(notifications).OfType<XfrmNotification.Acquired>())
        {
            _asked.Enqueue(new Observation.Acquire(XfrmTranslation.FlowOf(acquired.Acquire.Flow)));
        }
    }
}
