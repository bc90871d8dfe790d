using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Decides whether the transform is left to the device, or to the code in front of it (xfrm_output, xfrm_dev_offload_ok).</summary>
/// <remarks>
/// With the ESP offload code that is the normal case even without hardware: one SA, no UDP around it, and room for it. Then only
/// a number is taken and the ESP header written here, and validate_xmit_xfrm encrypts behind all hooks. A GSO packet stays whole
/// until there; otherwise it is segmented first and each segment goes alone. No packet of this model is a GSO packet.
/// </remarks>
public static class OffloadDecision
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("offload decision", "xfrm_output", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        if (way.Bundle.IsEmpty)
        {
            return packet.Decide("no transform");
        }

        // What opened a packet in transit is forgotten before others close it.
        packet = packet with { SecurityPath = [], Verified = 0 };
        XfrmState state = packet.Databases.States.Find(way.Bundle[0].Id)!.State;
        string? against =
            way.Bundle.Length > 1 ? "another SA follows"
            : !packet.Host.Settings.OffloadsEsp(state.Family == XfrmFamily.Ipv6) ? "no ESP offload code"
            : state.Encapsulation is not null ? "UDP around ESP"
            : packet.Bytes.Length > StateMtu.Of(state, way.Bundle[0].ChildMtuBytes) ? "it will have to be fragmented"
            : null;
        return (packet with { OnTheWayOut = way with { IsDeferred = against is null } })
            .Decide(against is null ? "encrypted in front of the device" : "encrypted here", against ?? "one SA, no encapsulation, and it fits");
    }
}
