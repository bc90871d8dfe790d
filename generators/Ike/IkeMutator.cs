using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>What a receiver owes to a message with one fault.</summary>
public abstract record IkeExpectation
{
    private IkeExpectation()
    {
    }

    /// <summary>It has no meaning: dropped, or answered with INVALID_SYNTAX where it was authentic. RFC 7296 §2.21.</summary>
    /// <param name="Field">Field that a parser must name.</param>
    /// <param name="Path">Part of the mutated tree where that field starts; empty for the start of the message.</param>
    public sealed record Refused(string Field, string Path) : IkeExpectation;

    /// <summary>It means what it meant without the fault. RFC 7296 §2.5.</summary>
    public sealed record Ignored : IkeExpectation;

    /// <summary>It has another meaning that is valid too, such as a part that says nothing to who does not know it. RFC 7296 §2.5.</summary>
    public sealed record Kept : IkeExpectation;

    /// <summary>It is answered with UNSUPPORTED_CRITICAL_PAYLOAD. RFC 7296 §2.5.</summary>
    /// <param name="Type">Type that the answer names.</param>
    public sealed record UnsupportedCritical(PayloadType Type) : IkeExpectation;
}

/// <summary>One fault in a valid message.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Clause">The clause that it breaks or plays on.</param>
/// <param name="Sample">The message that it is applied to, a key of <see cref="IkeSamples.All"/>.</param>
/// <param name="Expected">What a receiver owes.</param>
/// <param name="Apply">Makes the fault.</param>
public sealed record IkeMutator(string Name, string Clause, string Sample, IkeExpectation Expected, Func<RawNode, RawNode> Apply)
{
    /// <summary>Sample and name.</summary>
    public override string ToString() => $"{Sample}: {Name}";
}
