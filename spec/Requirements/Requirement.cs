using System.Collections.Immutable;

namespace Conformance.Spec.Requirements;

/// <summary>Weight of a requirement. RFC 2119 §1 to §5.</summary>
public enum RequirementLevel
{
    /// <summary>MUST: breaking it is a failure.</summary>
    Must,

    /// <summary>MUST NOT: breaking it is a failure.</summary>
    MustNot,

    /// <summary>SHOULD: breaking it is a warning.</summary>
    Should,

    /// <summary>SHOULD NOT: breaking it is a warning.</summary>
    ShouldNot,

    /// <summary>MAY: either way conforms.</summary>
    May,
}

/// <summary>How a requirement stands with this suite.</summary>
public enum RequirementStatus
{
    /// <summary>A test names it, and fails when a target breaks it.</summary>
    Tested,

    /// <summary>Planned.</summary>
    Open,

    /// <summary>A tester cannot see it; the entry says why.</summary>
    Untestable,
}

/// <summary>What a requirement is about: a model of messages, keys and state has only these to answer for.</summary>
public enum RequirementConcern
{
    /// <summary>Messages, keys or state; timers are events of it.</summary>
    Messages,

    /// <summary>How long something takes or lasts, and how often it is done.</summary>
    Clock,

    /// <summary>What becomes of packets: ESP, UDP around it, compression, routes.</summary>
    Esp,

    /// <summary>How an implementation is built, set up and administered.</summary>
    Management,

    /// <summary>Other major versions of the protocol.</summary>
    Versions,

    /// <summary>What documents that extend the protocol must say.</summary>
    Documents,

    /// <summary>Authentication Header. RFC 4302.</summary>
    Ah,

    /// <summary>Signatures by DSS.</summary>
    Dss,
}

/// <summary>One sentence that a target can follow or break, in our own words.</summary>
public sealed record Requirement
{
    /// <summary>Document, section and number, for example RFC4303-3.4.3-09.</summary>
    public required string Id { get; init; }

    /// <summary>The document that it stands in, for example RFC 4303; XFRM for what Linux promises beyond the RFCs.</summary>
    public required string Document { get; init; }

    /// <summary>Section.</summary>
    public required string Section { get; init; }

    /// <summary>Weight.</summary>
    public required RequirementLevel Level { get; init; }

    /// <summary>True where the text has the capital word; false where it is our reading.</summary>
    public required bool IsExplicit { get; init; }

    /// <summary>Who is bound: sender, receiver, initiator, responder, both or management.</summary>
    public required string Role { get; init; }

    /// <summary>What is required.</summary>
    public required string Text { get; init; }

    /// <summary>Where it shows: wire, host, counter, management, ike (only in a key exchange) or none.</summary>
    public required string Observable { get; init; }

    /// <summary>What it is about; messages, keys or state unless the catalogue says otherwise.</summary>
    public RequirementConcern Concerns { get; init; }

    /// <summary>True for what shows on the wire, on the host or in a counter: what a tester of packets can see.</summary>
    public bool IsVisible => Observable is "wire" or "host" or "counter";

    /// <summary>Stimulus and what is allowed.</summary>
    public required string Test { get; init; }

    /// <summary>What a target needs for it to be asked.</summary>
    public required Capabilities Needs { get; init; }

    /// <summary>Why a tester cannot see it, or null.</summary>
    public string? UntestableBecause { get; init; }

    /// <summary>Name of the file in spec/Interpretations that settles a contested reading, or null.</summary>
    public string? Interpretation { get; init; }

    /// <summary>The level in the words of RFC 2119.</summary>
    public string LevelWord => Level switch
    {
        RequirementLevel.Must => "MUST",
        RequirementLevel.MustNot => "MUST NOT",
        RequirementLevel.Should => "SHOULD",
        RequirementLevel.ShouldNot => "SHOULD NOT",
        _ => "MAY",
    };

    /// <summary>How it stands, given the ids that tests name.</summary>
    public RequirementStatus StatusUnder(IReadOnlySet<string> testedIds) =>
        testedIds.Contains(Id) ? RequirementStatus.Tested
        : UntestableBecause is not null ? RequirementStatus.Untestable
        : RequirementStatus.Open;

    /// <summary>The lines that explain it to a person.</summary>
    /// <param name="tests">Names of the tests that stand for it.</param>
    public IEnumerable<string> Explain(ImmutableArray<string> tests)
    {
        yield return $"{Id}  {LevelWord}  {Document} §{Section}";
        yield return Text;
        yield return $"reading      {(IsExplicit ? "the capital word stands in the text" : "implied: our reading of the text")}{(Interpretation is null ? "" : $", see spec/Interpretations/{Interpretation}.md")}";
        yield return $"binds        {Role}; shows on: {Observable}; concerns: {(Concerns == RequirementConcern.Messages ? "messages, keys or state" : Concerns.ToString().ToLowerInvariant())}";
        yield return $"how to test  {Test}";
        yield return $"needs        {(Needs == Capabilities.None ? "nothing" : Needs)}";
        yield return UntestableBecause is not null ? $"untestable   {UntestableBecause}"
            : tests.IsEmpty ? "open         no test yet"
            : $"tested by    {string.Join(", ", tests)}";
    }
}
