using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap;

/// <summary>The end that asks. RFC 3748 §2, §4.</summary>
/// <param name="Methods">Methods in order of preference.</param>
public sealed record EapServer(ValueList<EapMethod> Methods)
{
    /// <summary>Responses after which it gives up.</summary>
    public const int MostRounds = 100;

    /// <summary>The first request.</summary>
    /// <param name="identifier">The first identifier; each request has the next one.</param>
    /// <param name="asksIdentity">True to ask for a name first; in IKE the peer has told one. RFC 7296 §3.16.</param>
    /// <param name="randomness">Random bytes of this step alone.</param>
    public EapServerStep Begin(byte identifier, bool asksIdentity, ByteString randomness)
    {
        EapServerState state = new() { Identifier = identifier };
        return asksIdentity ? new EapServerStep(state, EapProgress.Goes, EapMessage.Of(EapCode.Request, identifier, EapType.Identity, ByteString.Empty), null)
            : Methods.IsEmpty ? Fail(state, "no method")
            : Start(state, 0, randomness);
    }

    /// <summary>Takes a message of the peer.</summary>
    /// <param name="state">What the step before left.</param>
    /// <param name="message">A response.</param>
    /// <param name="randomness">Random bytes of this step alone.</param>
    public EapServerStep Step(EapServerState state, EapMessage message, ByteString randomness)
    {
        // What RFC 3748 §4.1 passes over in silence cannot be passed over here: the exchange wants an answer.
        if (message.Code != EapCode.Response || message.Identifier != state.Identifier)
        {
            return Fail(state, $"{message} is no response to request {state.Identifier}");
        }

        EapServerState next = state with { Identifier = (byte)(state.Identifier + 1), Rounds = state.Rounds + 1 };
        if (next.Rounds > MostRounds)
        {
            return Fail(state, "too many rounds");
        }

        return (message.Type, state.Method) switch
        {
            (EapType.Identity, null) when Methods.IsEmpty => Fail(state, "no method"),
            (EapType.Identity, null) => Start(next, 0, randomness),
            (EapType.Nak, { } offered) when !state.HasAnswer => Another(next, offered, message.Data, randomness),
            ({ } type, { } running) when Methods[running].Type == type => Run(next, running, message, randomness),
            _ => Fail(state, $"{message} is no answer to what was asked"),
        };
    }

    // The peer's wish among the methods that have not been offered. RFC 3748 §5.3.1.
    private EapServerStep Another(EapServerState state, int offered, ByteString wanted, ByteString randomness)
    {
        for (int i = offered + 1; i < Methods.Count; i++)
        {
            if (wanted.Span.Contains((byte)Methods[i].Type))
            {
                return Start(state, i, randomness);
            }
        }

        return Fail(state, "no method that both have", (byte)(state.Identifier - 1));
    }

    private EapServerStep Start(EapServerState state, int method, ByteString randomness)
    {
        EapMethodStep step = Methods[method].Begin(randomness);
        return Ask(state with { Method = method, Inner = step.State }, method, step.Data!.Value);
    }

    private EapServerStep Run(EapServerState state, int method, EapMessage response, ByteString randomness)
    {
        EapMethodStep step = Methods[method].Step(state.Inner!, response, randomness);
        EapServerState next = state with { Inner = step.State, HasAnswer = true };
        return step.Progress switch
        {
            EapProgress.Failed => Fail(next, step.Reason!, response.Identifier),
            EapProgress.Done => new EapServerStep(
                next with { Key = step.Key, Name = step.Name }, EapProgress.Done, EapMessage.End(success: true, response.Identifier), null),
            _ => Ask(next, method, step.Data!.Value),
        };
    }

    private EapServerStep Ask(EapServerState state, int method, ByteString data) =>
        new(state, EapProgress.Goes, EapMessage.Of(EapCode.Request, state.Identifier, Methods[method].Type, data), null);

    private static EapServerStep Fail(EapServerState state, string reason, byte? identifier = null) =>
        new(state, EapProgress.Failed, EapMessage.End(success: false, identifier ?? state.Identifier), reason);
}

/// <summary>Where a server stands; compares by value.</summary>
public sealed record EapServerState
{
    /// <summary>Identifier of the last request.</summary>
    public byte Identifier { get; init; }

    /// <summary>Responses so far.</summary>
    public int Rounds { get; init; }

    /// <summary>Index of the method that runs or is offered; null before.</summary>
    public int? Method { get; init; }

    /// <summary>True if the peer has taken up the method.</summary>
    public bool HasAnswer { get; init; }

    /// <summary>Where the method stands.</summary>
    public EapMethodState? Inner { get; init; }

    /// <summary>The MSK, once the method is over; none where it makes none.</summary>
    public IkeSecret Key { get; init; }

    /// <summary>Who proved to be there, once the method is over.</summary>
    public ByteString Name { get; init; }
}

/// <summary>What a step of a server comes to.</summary>
/// <param name="State">The state afterwards.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Answer">What to send: a request, Success or Failure.</param>
/// <param name="Reason">What went wrong.</param>
public readonly record struct EapServerStep(EapServerState State, EapProgress Progress, EapMessage Answer, string? Reason);
