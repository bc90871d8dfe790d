namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Applies one SA after the other, the innermost first (xfrm_output_resume, xfrm_output_one).</summary>
public static class TransformLoop
{
    /// <summary>The stage, with what is done for each SA.</summary>
    public static PathStage Stage { get; } = new("transform loop", "xfrm_output_resume", Run)
    {
        Round =
        [
            Transform.Space,
            Transform.Mark,
            ModeOutput.Stage,
            Transform.Validity,
            Transform.Expiry,
            Transform.Numbering,
            Transform.Use,
            TypeOutput.Stage,
            Transform.LocalOut,
        ],
        Again = packet => packet.Out.HasMore,
    };

    private static PacketInFlight Run(PacketInFlight packet) =>
        packet.Decide(packet.Out.Bundle.IsEmpty ? "nothing to apply" : $"{packet.Out.Bundle.Length} {(packet.Out.Bundle.Length == 1 ? "SA" : "SAs")} to apply");
}
