namespace Conformance.Harness.Oracle;

/// <summary>How a step failed.</summary>
public enum FailureKind
{
    /// <summary>The target did what the model does not allow.</summary>
    Disagreement,

    /// <summary>Neither the packet nor its sentinel was seen: silence is not evidence.</summary>
    NotObserved,

    /// <summary>The target ended or broke its protocol.</summary>
    Died,

    /// <summary>A test and the model disagree: our own defect.</summary>
    TesterDefect,
}

/// <summary>A step of a session did not go as the model allows.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Reports a failing step.</summary>
    /// <param name="kind">How it failed.</param>
    /// <param name="requirementId">The clause that is broken, or null where the running test names it.</param>
    /// <param name="message">What was expected and what was seen.</param>
    /// <param name="session">The session, whose steps make the finding.</param>
    public ConformanceException(FailureKind kind, string? requirementId, string message, IRecordedSession session)
        : base(message)
    {
        Kind = kind;
        RequirementId = requirementId;
        Session = session;
    }

    /// <summary>For serializers.</summary>
    public ConformanceException()
    {
    }

    /// <summary>For serializers.</summary>
    public ConformanceException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public ConformanceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How it failed.</summary>
    public FailureKind Kind { get; }

    /// <summary>The clause that is broken, or null where the running test names it.</summary>
    public string? RequirementId { get; }

    /// <summary>The session, whose steps make the finding.</summary>
    public IRecordedSession? Session { get; }
}

/// <summary>The target lacks what a test needs; never a pass.</summary>
public sealed class UnsupportedException : Exception
{
    /// <summary>A reason for people.</summary>
    public UnsupportedException(string message)
        : base(message)
    {
    }

    /// <summary>A reason with its cause.</summary>
    public UnsupportedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>For serializers.</summary>
    public UnsupportedException()
    {
    }
}
