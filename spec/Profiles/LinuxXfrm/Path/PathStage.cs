using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>What one stage did with one packet.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Function">The kernel function that does this today.</param>
/// <param name="OlderFunction">Its name in 4.16 where it differs, or null.</param>
/// <param name="Came">The packet as it came in, on one line.</param>
/// <param name="Decided">What was decided.</param>
/// <param name="Why">Reasons, one a line; those of every policy and SA when the host explains.</param>
public sealed record StageReport(string Stage, string Function, string? OlderFunction, string Came, string Decided, ImmutableArray<string> Why)
{
    /// <summary>Name, function and decision, and the reasons below it.</summary>
    public override string ToString() =>
        string.Join("\n    ", Why.Prepend($"{Stage} [{Function}{(OlderFunction is null ? "" : $", in 4.16 {OlderFunction}")}] {Came}: {Decided}"));
}

/// <summary>One step of a path: a room that a packet enters and leaves.</summary>
/// <param name="Name">Name that mutants and reports refer to.</param>
/// <param name="Function">The kernel function that does this today.</param>
/// <param name="Run">What happens in the room; it calls <see cref="PacketInFlight.Decide"/> once.</param>
public sealed record PathStage(string Name, string Function, Func<PacketInFlight, PacketInFlight> Run)
{
    /// <summary>Name of the function in 4.16 where it differs.</summary>
    public string? OlderFunction { get; init; }

    /// <summary>Stages that are gone through once for each SA.</summary>
    public ImmutableArray<PathStage> Round { get; init; } = [];

    /// <summary>True while another SA is due.</summary>
    public Func<PacketInFlight, bool> Again { get; init; } = _ => false;

    /// <summary>Takes a packet through, and through the rounds.</summary>
    public PacketInFlight Apply(PacketInFlight packet)
    {
        PacketInFlight after = Run(packet with { Decision = "", Why = [] });
        after = after with { Reports = after.Reports.Add(new StageReport(Name, Function, OlderFunction, packet.ToString(), after.Decision, after.Why)) };
        while (!after.Ended && Again(after))
        {
            foreach (PathStage stage in Round)
            {
                after = after.Ended ? after : stage.Apply(after);
            }
        }

        return after;
    }

    /// <summary>This stage and those of its round.</summary>
    public IEnumerable<PathStage> Flattened() => Round.SelectMany(stage => stage.Flattened()).Prepend(this);

    /// <summary>This stage with what a stage of that name does replaced.</summary>
    internal PathStage Replace(string name, Func<PacketInFlight, PacketInFlight> run) =>
        Name == name ? this with { Run = run } : this with { Round = [.. Round.Select(stage => stage.Replace(name, run))] };
}
