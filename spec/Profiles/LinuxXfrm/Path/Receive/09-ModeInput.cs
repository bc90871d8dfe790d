using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Undoes the mode of the SA (xfrm_inner_mode_input; in 4.16 x->inner_mode->input with xfrm_prepare_input).</summary>
/// <remarks>
/// In a tunnel the family inside is that of the next header, whatever the selector of the SA says; in 4.16 the selector chose
/// inner_mode, and where it was open inner_mode_iaf took the other family. BEET goes by the selector, whose addresses come back.
/// </remarks>
public static class ModeInput
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("mode input", "xfrm_inner_mode_input", Run) { OlderFunction = "x->inner_mode->input" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        XfrmState state = packet.Databases.States.Find(packet.In.StateId)!.State;
        packet = packet with { OnTheWayIn = packet.In with { Rounds = packet.In.Rounds + 1, HasMore = false, Device = DeviceOf(packet, state) } };
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView outer, out ParseError error))
        {
            return packet.Drop(XfrmCounter.InHdrError, error.ToString());
        }

        byte[]? fresh = state.Mode switch
        {
            XfrmMode.Tunnel => InnerPackets.Tunnel(state, outer, packet.In.NextHeader, packet.In.Payload),
            XfrmMode.Beet => InnerPackets.Beet(state, outer, packet.In.NextHeader, packet.In.Payload),
            _ => null,
        };
        return state.Mode switch
        {
            XfrmMode.Transport => Transport(packet, outer),
            XfrmMode.Tunnel or XfrmMode.Beet when fresh is not null =>
                (packet with { Bytes = ByteString.Adopt(fresh), OnTheWayIn = packet.In with { IsDecapsulated = true, IsFreshPacket = true } })
                    .Decide($"{state.Mode}", "a fresh packet"),
            XfrmMode.Tunnel or XfrmMode.Beet => packet.Drop(XfrmCounter.InStateModeError, $"{state.Mode}: next header {packet.In.NextHeader} with {packet.In.Payload.Length} bytes is no packet"),
            _ => packet.Decide("unsupported").End(new PathEvent.Unsupported($"mode {state.Mode} on input")),
        };
    }

    // xfrmi_rcv_cb: the packet comes from the interface that has the SA's if_id.
    private static LinuxDevice DeviceOf(PacketInFlight packet, XfrmState state) =>
        packet.Host.Devices.FirstOrDefault(device => device.InterfaceId != 0 && device.InterfaceId == state.InterfaceId) ?? packet.In.Device;

    private static PacketInFlight Transport(PacketInFlight packet, IpPacketView outer)
    {
        // A UDP header goes with ESP.
        Inbound way = packet.In;
        byte[] inner = [.. outer.Bytes[..outer.HeaderBytes], .. way.Payload.Span];
        inner[outer.NextHeaderOffsetBytes] = way.NextHeader;
        IpPackets.FinishHeader(inner);
        packet = packet with { Bytes = ByteString.Adopt(inner), OnTheWayIn = way with { EspOffset = outer.HeaderBytes } };
        return way.NextHeader switch
        {
            IpProtocol.Ah or IpProtocol.IpComp => packet.Decide("unsupported").End(new PathEvent.Unsupported($"protocol {way.NextHeader} inside transport mode")),
            IpProtocol.Esp when way.Payload.Length < EspHeaderView.FixedBytes => packet.Drop(XfrmCounter.InHdrError, "no room for SPI and sequence number"),
            IpProtocol.Esp => (packet with { OnTheWayIn = packet.In with { HasMore = true } }).Decide("Transport", "ESP again"),
            _ => (packet with { OnTheWayIn = packet.In with { IsDecapsulated = true } }).Decide("Transport", $"protocol {way.NextHeader}"),
        };
    }
}
