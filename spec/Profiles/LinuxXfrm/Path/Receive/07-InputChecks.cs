using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>What is checked before decryption, in order: condition, encapsulation, replay, limits (xfrm_input).</summary>
/// <remarks>Replay comes before the limits and before the ICV: a repeated packet on an exhausted SA counts as a sequence error.</remarks>
public static class InputChecks
{
    private const ushort EspInUdp = XfrmEncapsulation.EspInUdp;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("input checks", "xfrm_input", Run) { OlderFunction = "x->repl->check" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Inbound way = packet.In;
        XfrmStateEntry entry = packet.Databases.States.Find(way.StateId)!;
        if (!entry.IsValid)
        {
            return packet.Drop(
                entry.Condition == XfrmCondition.Acquiring ? XfrmCounter.AcquireError : XfrmCounter.InStateInvalid, $"the SA is {entry.Condition}");
        }

        int arrived = way.IsUdpEncapsulated && way.Rounds == 0 ? EspInUdp : 0;
        if ((entry.State.Encapsulation?.Type ?? 0) != arrived)
        {
            return packet.Drop(XfrmCounter.InStateMismatch, arrived == 0 ? "no UDP around it, but the SA has some" : "UDP around it, but the SA has none");
        }

        uint low = BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes.Span[(way.EspOffset + 4)..]);
        ReplayCheck check = ReplayState.Window(entry.State).Check(new SequenceNumber(low));
        if (check != ReplayCheck.Fresh)
        {
            return ReplayState.CountRefused(packet, low, check).Drop(XfrmCounter.InStateSeqError, check == ReplayCheck.Replayed ? $"number {low} was seen" : $"number {low} is left of the window");
        }

        (XfrmStateDatabase states, bool passes, ImmutableArray<XfrmNotification> told) = packet.Databases.States.CheckExpire(entry.Id, packet.Host.Now);
        packet = packet.WithStates(states).Notify(told);
        if (!passes)
        {
            return packet.RunTimers().Drop(XfrmCounter.InStateExpired, "a hard limit was reached");
        }

        SequenceNumber sequence = ReplayState.Infer(entry.State, low);
        return (packet with { OnTheWayIn = way with { Sequence = sequence } }).Decide($"number {sequence} is fresh");
    }
}
