using Conformance.Harness.Oracle.Xfrm.Misreadings;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>One rule of Linux's databases or of its paths, read otherwise.</summary>
/// <param name="Reading">The reading.</param>
public sealed record XfrmMutant(XfrmReading Reading) : Mutant(Reading.Name, Reading.Requirement, Reading.Story)
{
    /// <summary>All readings that the suite knows.</summary>
    public static IEnumerable<Mutant> All => XfrmMisreadings.All.Select(reading => new XfrmMutant(reading));

    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => Reading.AlsoBreaks;

    /// <inheritdoc/>
    public override TransmitPath Linux(TransmitPath path) => Reading.Transmit;

    /// <inheritdoc/>
    public override ReceivePath Linux(ReceivePath path) => Reading.Receive;

    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => Reading.Request(request);

    /// <inheritdoc/>
    public override XfrmDatabases Linux(XfrmDatabases databases) => Reading.Databases(databases);
}

/// <summary>A packet in transit that leaves under an SA keeps its hop limit: no rule of the databases explains that.</summary>
public sealed record HopNotTakenBeforeXfrm() : Mutant(
    "hop-not-taken-before-xfrm", "XFRM-path-01", "the transform is hooked in before forwarding has done its work")
{
    /// <inheritdoc/>
    public override TransmitPath Linux(TransmitPath path) => path.Replace(Hooks.Stage.Name, packet =>
    {
        if (!packet.Out.IsForwarded || packet.Out.States.IsEmpty)
        {
            return Hooks.Stage.Run(packet);
        }

        byte[] older = [.. packet.Bytes.Span];
        older[older[0] >> 4 == 6 ? 7 : 8]++;
        IpPackets.FinishHeader(older);
        return Hooks.Stage.Run(packet with { Bytes = ByteString.Adopt(older) });
    });
}
