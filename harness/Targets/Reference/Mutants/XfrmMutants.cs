using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A template of level use is treated as one that is required.</summary>
public sealed record OptionalTemplateRequired() : Mutant(
    "optional-template-required", "XFRM-path-01", "A key manager that forgets the level asks for SAs that nobody wants, and drops packets meanwhile.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddPolicy add
        ? add with { Policy = add.Policy with { Templates = [.. add.Policy.Templates.Select(t => t with { Optional = false })] } }
        : request;
}

/// <summary>The ports of a policy count whole, whatever its masks say.</summary>
public sealed record PortMaskIgnored() : Mutant(
    "port-mask-ignored", "XFRM-path-01", "Masks of ports are rare, so that a port is easily compared as a whole.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddPolicy add
        ? add with { Policy = add.Policy with { Selector = Whole(add.Policy.Selector) } }
        : request;

    private static XfrmSelector Whole(XfrmSelector s) => s with
    {
        SourcePortMask = s.SourcePortMask == 0 ? (ushort)0 : ushort.MaxValue,
        DestinationPortMask = s.DestinationPortMask == 0 ? (ushort)0 : ushort.MaxValue,
    };
}

/// <summary>The highest priority value wins.</summary>
public sealed record PriorityReversed() : Mutant(
    "priority-reversed", "XFRM-path-01", "Some stacks order priorities the other way round.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddPolicy add
        ? add with { Policy = add.Policy with { Priority = uint.MaxValue - add.Policy.Priority } }
        : request;
}

/// <summary>The selector of an SA is dropped when it is installed.</summary>
public sealed record StateSelectorDropped() : Mutant(
    "state-selector-dropped", "XFRM-path-01", "An SA without its selector carries whatever its peer puts into it.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddState { State.Mode: not XfrmMode.Beet } add
        ? add with { State = add.State with { Selector = new XfrmSelector { Family = add.State.Selector.Family } } }
        : request;
}

/// <summary>The mark of a policy is dropped when it is installed.</summary>
public sealed record PolicyMarkDropped() : Mutant(
    "policy-mark-dropped", "XFRM-path-01", "Marks came later than policies, and code that copies policies forgets them.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddPolicy add
        ? add with { Policy = add.Policy with { Mark = default } }
        : request;
}

/// <summary>Sub policies are put among the main ones.</summary>
public sealed record SubPolicyIsMain() : Mutant(
    "sub-policy-is-main", "XFRM-path-01", "Sub policies are asked first and main ones behind them; one table loses both.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddPolicy add
        ? add with { Policy = add.Policy with { Type = XfrmPolicyType.Main } }
        : request;
}

/// <summary>An SA takes one packet more than its hard limit.</summary>
public sealed record HardLimitOffByOne() : Mutant(
    "hard-limit-off-by-one", "XFRM-path-01", "Whether a limit is compared before or after a packet is counted decides about one packet.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddState { State.Limits: { HardPackets: not XfrmLimits.Infinite } limits } add
        ? add with { State = add.State with { Limits = limits with { HardPackets = limits.HardPackets + 1 } } }
        : request;
}

/// <summary>An SA warns of its soft limit a packet late; nothing else shows it.</summary>
public sealed record SoftLimitLate() : Mutant(
    "soft-limit-late", "XFRM-path-01", "A warning that comes late leaves key management too little time.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddState { State.Limits: { SoftPackets: not XfrmLimits.Infinite } limits } add
        ? add with { State = add.State with { Limits = limits with { SoftPackets = limits.SoftPackets + 1 } } }
        : request;
}

/// <summary>The mark that an SA sets is dropped when it is installed.</summary>
public sealed record OutputMarkDropped() : Mutant(
    "output-mark-dropped", "XFRM-path-01", "The mark of an SA decides which policy its packets meet afterwards.")
{
    /// <inheritdoc/>
    public override XfrmRequest Linux(XfrmRequest request) => request is XfrmRequest.AddState add
        ? add with { State = add.State with { OutputMark = null } }
        : request;
}
