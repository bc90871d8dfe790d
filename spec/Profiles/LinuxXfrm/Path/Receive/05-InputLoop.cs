using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Undoes one SA after the other while transport mode leads to ESP again (xfrm_input).</summary>
public static class InputLoop
{
    /// <summary>The stage, with what is done for each SA.</summary>
    public static PathStage Stage { get; } = new("input loop", "xfrm_input", Run)
    {
        Round = [InputLookup.Stage, InputChecks.Stage, InputTransform.Stage, ModeInput.Stage],
        Again = packet => packet.In.HasMore,
    };

    private static PacketInFlight Run(PacketInFlight packet) =>
        !packet.In.IsEsp ? packet.Decide("no ESP")
        : packet.Bytes.Length - packet.In.EspOffset < EspHeaderView.FixedBytes ? packet.Drop(XfrmCounter.InHdrError, "no room for SPI and sequence number")
        : (packet with { OnTheWayIn = packet.In with { HasMore = true } }).Decide("ESP");
}
