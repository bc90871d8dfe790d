using Conformance.Harness.Contract;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>What the model allows after one stimulus; the plain packet says which bytes are meant.</summary>
public abstract record Expectation
{
    private Expectation()
    {
    }

    /// <summary>The plain packet is delivered on the protected side.</summary>
    public sealed record Delivered(ByteString Plain) : Expectation
    {
        /// <summary>The word used in reports.</summary>
        public override string ToString() => "Delivered";
    }

    /// <summary>Nothing is delivered on the protected side.</summary>
    public sealed record Discarded(string Reason) : Expectation
    {
        /// <summary>The word used in reports, with the model's reason.</summary>
        public override string ToString() => $"Discarded    model: {Reason}";
    }

    /// <summary>One ESP packet leaves that opens to the plain packet, with this sequence number.</summary>
    public sealed record Sent(ByteString Plain, ulong Sequence) : Expectation
    {
        /// <summary>The word used in reports.</summary>
        public override string ToString() => $"Sent with sequence number {Sequence}";
    }

    /// <summary>What a model of the whole path says.</summary>
    public sealed record AsModel(string Text) : Expectation
    {
        /// <summary>In words.</summary>
        public override string ToString() => Text;
    }

    /// <summary>The packet leaves on the unprotected side in a way that policy says.</summary>
    public sealed record Crosses(ByteString Plain, string How) : Expectation
    {
        /// <summary>The word used in reports, with the way.</summary>
        public override string ToString() => $"Leaves {How}";
    }

    /// <summary>Nothing leaves on the unprotected side.</summary>
    public sealed record NothingSent(string Reason) : Expectation
    {
        /// <summary>The word used in reports, with the model's reason.</summary>
        public override string ToString() => $"Nothing sent    model: {Reason}";
    }
}

/// <summary>One stimulus, what was expected and what was seen.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Stimulus">What was done.</param>
/// <param name="Description">In words, for example «ESP spi=0x00001001 seq=2».</param>
/// <param name="Expected">What the model allows.</param>
/// <param name="Observed">What the target did, in words.</param>
/// <param name="Observations">What the target let out, in order, without the sentinel.</param>
/// <param name="Burst">Number of the first step that was sent at once with this one, or null for a step of its own.</param>
public sealed record Step(
    int Number,
    Stimulus Stimulus,
    string Description,
    Expectation Expected,
    string Observed,
    IReadOnlyList<Observation> Observations,
    int? Burst = null);
