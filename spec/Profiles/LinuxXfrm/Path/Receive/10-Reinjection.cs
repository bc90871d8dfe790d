namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>What was opened goes back into the stack: out of a tunnel as a fresh packet through the GRO cells, from transport mode by a queue (gro_cells_receive, xfrm_trans_queue).</summary>
public static class Reinjection
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("re-injection", "xfrm_trans_reinject", Run) { OlderFunction = "xfrm_trans_reinject, in a tasklet" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Inbound way = packet.In;
        if (!way.IsDecapsulated)
        {
            return packet.Decide("nothing was opened");
        }

        bool throughCells = way.IsFreshPacket || way.TakenByGro;
        NextPacket.Arrives again = new(packet.Bytes, way.Device.Index, packet.Mark, throughCells)
        {
            SecurityPath = packet.SecurityPath,
            Verified = packet.Verified,
            IsRequeued = !throughCells,
        };
        return packet.Decide(
            throughCells ? "through the GRO cells" : "queued for delivery",
            way.IsFreshPacket ? "a fresh packet on the same device" : "the same packet, opened; hook PREROUTING sees it again").GoOnAs(again);
    }
}
