using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>The model of Linux's IPsec as it is, or with one rule read otherwise.</summary>
/// <param name="Name">A few words with hyphens.</param>
/// <param name="Requirement">The rule that it reads otherwise.</param>
/// <param name="Story">Where faults of this kind come from.</param>
public sealed record XfrmReading(string Name, string Requirement, string Story)
{
    /// <summary>The model as it is.</summary>
    public static XfrmReading Linux { get; } = new("linux", "XFRM-path-01", "the model");

    /// <summary>Further rules that the same reading breaks.</summary>
    public IReadOnlyList<string> AlsoBreaks { get; init; } = [];

    /// <summary>A request as it is understood.</summary>
    public Func<XfrmRequest, XfrmRequest> Request { get; init; } = request => request;

    /// <summary>The databases as they are kept after a request.</summary>
    public Func<XfrmDatabases, XfrmDatabases> Databases { get; init; } = databases => databases;

    /// <summary>The way out.</summary>
    public TransmitPath Transmit { get; init; } = TransmitPath.Linux;

    /// <summary>The way in.</summary>
    public ReceivePath Receive { get; init; } = ReceivePath.Linux;

    /// <summary>Name and story.</summary>
    public override string ToString() => $"{Name}: {Story}";
}
