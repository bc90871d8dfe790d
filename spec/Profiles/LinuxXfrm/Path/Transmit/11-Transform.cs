using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>What is checked and counted for each SA, in order, around the mode's header (xfrm_output_one).</summary>
public static class Transform
{
    /// <summary>Room for the headers and the trailer; the kernel makes some where there is none.</summary>
    public static PathStage Space { get; } = new("space", "xfrm_skb_check_space", packet =>
    {
        XfrmState state = Entry(packet).State;
        return state.Protocol != IpProtocol.Esp
            ? packet.Decide("unsupported").End(new PathEvent.Unsupported($"protocol {state.Protocol} on output"))
            : XfrmTransforms.Of(state) is not { } keys
            ? packet.Decide("unsupported").End(new PathEvent.Unsupported($"the algorithms of SA {state.Spi}"))
            : packet.Decide($"{StateMtu.HeaderBytes(state, keys.Suite)} bytes in front");
    });

    /// <summary>The SA's mark on the packet, by which the way behind it may be chosen.</summary>
    public static PathStage Mark { get; } = new("output mark", "xfrm_smark_get", packet =>
    {
        uint mark = OutputMark.Apply(Entry(packet).State.OutputMark, packet.Mark);
        return (packet with { Mark = mark }).Decide(mark == packet.Mark ? "unchanged" : $"mark 0x{mark:x}");
    });

    /// <summary>An SA that was deleted or expired since the lookup is not used.</summary>
    public static PathStage Validity { get; } = new("state valid", "xfrm_output_one", packet => Entry(packet).IsValid
        ? packet.Decide("valid")
        : packet.Drop(XfrmCounter.OutStateInvalid, $"SA {Entry(packet).State.Spi} is {Entry(packet).Condition}", Errno.Einval));

    /// <summary>Limits of bytes and packets, with the counts before this packet.</summary>
    public static PathStage Expiry { get; } = new("expiry", "xfrm_state_check_expire", packet =>
    {
        (XfrmStateDatabase states, bool passes, ImmutableArray<XfrmNotification> told) = packet.Databases.States.CheckExpire(packet.Out.Layer.Id, packet.Host.Now);
        packet = packet.WithStates(states).Notify(told);
        return passes ? packet.Decide("within its limits") : packet.RunTimers().Drop(XfrmCounter.OutStateExpired, "a hard limit was reached", Errno.Einval);
    });

    /// <summary>The next sequence number.</summary>
    public static PathStage Numbering { get; } = new("sequence", "xfrm_replay_overflow", packet =>
    {
        XfrmStateEntry entry = Entry(packet);
        (XfrmReplay? replay, XfrmReplayEsn? replayEsn, SequenceNumber? number) = OutgoingNumbers.Next(entry.State, packet.Out.IsDeferred);
        packet = packet.WithStates(packet.Databases.States.WithReplay(entry.Id, replay, replayEsn, entry.State.Statistics));
        return number is { } next
            ? (packet with { OnTheWayOut = packet.Out with { Sequence = next } }).Decide($"number {next}")
            : packet.Drop(XfrmCounter.OutStateSeqError, "the sequence numbers are used up", Errno.Eoverflow);
    })
    { OlderFunction = "x->repl->overflow" };

    /// <summary>The packet is counted: its length without ESP header, padding and ICV.</summary>
    public static PathStage Use { get; } = new("use", "xfrm_output_one", packet =>
    {
        ulong bytes = (ulong)(packet.Out.Enclosed?.Payload.Length ?? 0);
        return packet.WithStates(packet.Databases.States.Use(packet.Out.Layer.Id, bytes, packet.Host.Now)).Decide($"{bytes} bytes counted");
    });

    /// <summary>Behind a tunnel and in the end the packet is a new one of the host itself: lengths, checksum, hooks.</summary>
    public static PathStage LocalOut { get; } = new("netfilter behind", "__ip_local_out", packet =>
    {
        int applied = packet.Out.Applied + 1;
        packet = packet with { OnTheWayOut = packet.Out with { Applied = applied, Enclosed = null } };
        bool hooks = !packet.Out.HasMore || packet.Databases.States.Find(packet.Out.Layer.Id)!.IsTunnel;
        return hooks
            ? packet.Decide("as an ESP packet", packet.Out.IsDeferred ? "hooks LOCAL_OUT and POSTROUTING, before it is encrypted" : "hooks LOCAL_OUT and POSTROUTING")
            : packet.Decide("the next SA is no tunnel and follows at once");
    });

    /// <summary>The SA at work.</summary>
    public static XfrmStateEntry Entry(PacketInFlight packet) =>
        packet.Databases.States.Find(packet.Out.Layer.Id) ?? throw new InvalidOperationException("the SA at work is gone");
}
