namespace Conformance.Harness;

/// <summary>The user gave something that cannot be used; the message is the one line that is shown, with exit code 2.</summary>
public sealed class BadInputException : Exception
{
    /// <summary>What and where.</summary>
    public BadInputException(string message)
        : base(message)
    {
    }

    /// <summary>What and where, with its cause.</summary>
    public BadInputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>For serializers.</summary>
    public BadInputException()
    {
    }
}
