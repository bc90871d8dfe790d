namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Where netfilter sees the plain packet, before anything is encrypted (xfrm4_output, xfrm6_output).</summary>
/// <remarks>It sees the ESP packet again behind each tunnel and in the end, see <see cref="Transform.LocalOut"/>.</remarks>
public static class Hooks
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("netfilter before", "xfrm4_output", Run);

    private static PacketInFlight Run(PacketInFlight packet) => packet.Decide(
        packet.Out.Bundle.IsEmpty ? "no transform: once, as plain output has it" : "as a plain packet",
        packet.Out.IsForwarded ? "hook FORWARD" : "hook LOCAL_OUT",
        "hook POSTROUTING");
}
