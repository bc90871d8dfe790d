using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>ICV, decryption and trailer; then the number is checked again, the window moves and the packet is counted (esp_input, esp_input_done2).</summary>
/// <remarks>
/// At least one byte of payload must remain. A dummy packet is refused like a damaged one, and its number is not used up.
/// Padding is not looked at. What the mode refuses afterwards has used up its number.
/// </remarks>
public static class InputTransform
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("input transform", "esp_input", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Inbound way = packet.In;
        XfrmState state = packet.Databases.States.Find(way.StateId)!.State;
        if (XfrmTransforms.Of(state) is not { } keys)
        {
            return packet.Decide("unsupported").End(new PathEvent.Unsupported($"the algorithms of SA {state.Spi}"));
        }

        byte[] esp = packet.Bytes.Span[way.EspOffset..].ToArray();
        int start = EspProtection.HeaderBytes + keys.Suite.IvBytes;
        if (esp.Length <= start)
        {
            return packet.Drop(XfrmCounter.InStateProtoError, "nothing behind the IV");
        }

        using EspProtection protection = keys.CreateProtection();
        if (!protection.TryOpen(esp, way.Sequence.High, state.IsEsn))
        {
            return ReplayState.Count(packet, s => s with { IntegrityFailed = s.IntegrityFailed + 1 })
                .Drop(XfrmCounter.InStateProtoError, $"ICV or length wrong under {keys.Suite}");
        }

        ByteString plain = ByteString.Adopt(esp).Slice(start..^keys.Suite.IcvBytes);
        int payloadBytes = plain.Length - EspPacket.TrailerBytes - (plain.Length < EspPacket.TrailerBytes ? 0 : plain[^2]);
        if (payloadBytes <= 0)
        {
            return packet.Drop(XfrmCounter.InStateProtoError, "the pad length leaves no payload");
        }

        return plain[^1] == IpProtocol.NoNextHeader
            ? packet.Drop(XfrmCounter.InStateProtoError, "a dummy packet")
            : Opened(packet with { OnTheWayIn = way with { NextHeader = plain[^1], Payload = plain.Slice(..payloadBytes) } }, state);
    }

    private static PacketInFlight Opened(PacketInFlight packet, XfrmState state)
    {
        Inbound way = packet.In;
        if (state.Encapsulation is { } encapsulation && IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _)
            && (view.Source != state.SourceAddress || way.UdpSourcePort != encapsulation.SourcePort))
        {
            packet = packet.Raise(new PathEvent.Mapped(state, view.Source, way.UdpSourcePort));
        }

        // With packets decrypted in parallel another may have taken the number meanwhile; here it never has.
        ReplayCheck again = ReplayState.Window(state).Check(way.Sequence);
        if (again != ReplayCheck.Fresh)
        {
            return ReplayState.CountRefused(packet, way.Sequence.Low, again).Drop(XfrmCounter.InStateSeqError, "the number was taken meanwhile");
        }

        packet = ReplayState.Advance(packet, way.Sequence);
        return packet.WithStates(packet.Databases.States.Use(way.StateId, (ulong)way.Payload.Length, packet.Host.Now))
            .Decide("opened", $"{way.Payload.Length} bytes counted, next header {way.NextHeader}");
    }
}
