using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;

namespace Conformance.Harness.Targets.Reference;

/// <summary>One small fault, planted into the embedded target to show that the suite can fail.</summary>
/// <param name="Name">What a user types after --mutant.</param>
/// <param name="Requirement">The clause that the fault breaks and a test must name.</param>
/// <param name="Story">Where faults of this kind were seen.</param>
public abstract record Mutant(string Name, string Requirement, string Story)
{
    /// <summary>The receive path with the fault.</summary>
    public virtual EspReceiver Receive(EspReceiver path) => path;

    /// <summary>The send path with the fault.</summary>
    public virtual EspSender Send(EspSender path) => path;

    /// <summary>A new inbound SA with the fault.</summary>
    public virtual InboundAssociation Inbound(InboundAssociation association) => association;

    /// <summary>The IV counter with the fault.</summary>
    public virtual ulong Iv(ulong counter) => counter;
}

/// <summary>All planted faults.</summary>
public static class MutantCatalogue
{
    /// <summary>One line each.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new Mutants.WindowUpdatedBeforeIcv(),
        new Mutants.LeftEdgeOffByOne(),
        new Mutants.WindowNeverChecked(),
        new Mutants.WindowNeverMoves(),
        new Mutants.SkippedNumbersMarkedSeen(),
        new Mutants.PadBytesUnchecked(),
        new Mutants.PadLengthUnchecked(),
        new Mutants.EsnHalfNotInferred(),
        new Mutants.EsnHalfMissingInIcv(),
        new Mutants.DummyDelivered(),
        new Mutants.IcvTruncated(),
        new Mutants.IcvUnchecked(),
        new Mutants.SpiZeroAccepted(),
        new Mutants.TfcPaddingKept(),
        new Mutants.FragmentAccepted(),
        new Mutants.KeepAliveDelivered(),
        new Mutants.ExpiredSaReceives(),
        new Mutants.SequenceWraps(),
        new Mutants.SequenceStartsAtZero(),
        new Mutants.SequenceStepsByTwo(),
        new Mutants.IvRepeats(),
        new Mutants.PadBytesZero(),
        new Mutants.NextHeaderWrong(),
        new Mutants.ExpiredSaSends(),
        new Mutants.PayloadTruncated(),
    ];

    /// <summary>The mutant of a name, or null.</summary>
    public static Mutant? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
