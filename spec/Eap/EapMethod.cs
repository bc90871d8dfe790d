using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap;

/// <summary>One end of an EAP method as a pure state machine: what it was told, not what happens. RFC 3748 §5.</summary>
public abstract record EapMethod
{
    /// <summary>Random bytes that a step may use.</summary>
    public const int RandomnessBytes = 32;

    /// <summary>Type of the method.</summary>
    public abstract EapType Type { get; }

    /// <summary>True if it ends with a master session key (MSK). RFC 3748 §7.10.</summary>
    public abstract bool MakesKey { get; }

    /// <summary>True if it may stand without another proof of the server: mutual, with a key, and no dictionary helps. RFC 5998 §4.</summary>
    public virtual bool IsSafeAlone => false;

    /// <summary>The state before the first message; at the server with the data of the first request.</summary>
    public abstract EapMethodStep Begin(ByteString randomness);

    /// <summary>Takes a message of the other end, which is of this type.</summary>
    /// <param name="state">What the step before left.</param>
    /// <param name="message">A request at the peer, a response at the server.</param>
    /// <param name="randomness">Random bytes of this step alone.</param>
    public abstract EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness);
}

/// <summary>Where one end of a method stands; each method has its own, and all compare by value.</summary>
public abstract record EapMethodState;

/// <summary>How far a conversation is at one end.</summary>
public enum EapProgress
{
    /// <summary>It goes on.</summary>
    Goes,

    /// <summary>This end is content: what follows is EAP Success.</summary>
    Done,

    /// <summary>It has failed.</summary>
    Failed,
}

/// <summary>What a step of a method comes to.</summary>
public sealed record EapMethodStep
{
    /// <summary>How far it is.</summary>
    public required EapProgress Progress { get; init; }

    /// <summary>The state afterwards; null after a failure.</summary>
    public EapMethodState? State { get; init; }

    /// <summary>Data of the message to send; null for none.</summary>
    public ByteString? Data { get; init; }

    /// <summary>The MSK, once it is done; none where the method makes none.</summary>
    public IkeSecret Key { get; init; }

    /// <summary>Who proved to be there, at a server that is done.</summary>
    public ByteString Name { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>It goes on with a message.</summary>
    public static EapMethodStep Go(EapMethodState state, ByteString? data) => new() { Progress = EapProgress.Goes, State = state, Data = data };

    /// <summary>It has failed; a last message may say so.</summary>
    public static EapMethodStep Fail(string reason, ByteString? data = null) => new() { Progress = EapProgress.Failed, Data = data, Reason = reason };
}

/// <summary>A user whom a server knows.</summary>
/// <param name="Name">Name.</param>
/// <param name="Password">Password in UTF-8.</param>
public sealed record EapAccount(ByteString Name, IkeSecret Password)
{
    /// <summary>A user with name and password as text.</summary>
    public static EapAccount Of(string name, string password) =>
        new(ByteString.Adopt(System.Text.Encoding.UTF8.GetBytes(name)), new IkeSecret(System.Text.Encoding.UTF8.GetBytes(password)));

    /// <summary>The name alone.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Name.Span);
}
