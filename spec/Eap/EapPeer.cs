using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap;

/// <summary>The end that is to prove who it is. RFC 3748 §2, §4.</summary>
/// <param name="Identity">What it answers to an Identity request.</param>
/// <param name="Methods">Methods in order of preference.</param>
public sealed record EapPeer(ByteString Identity, ValueList<EapMethod> Methods)
{
    /// <summary>Requests after which it gives up; RFC 7296 §2.16 asks for ten at least.</summary>
    public const int MostRounds = 100;

    /// <summary>Takes a message of the server.</summary>
    /// <param name="state">What the step before left.</param>
    /// <param name="message">A request, Success or Failure.</param>
    /// <param name="randomness">Random bytes of this step alone.</param>
    /// <param name="isUnproven">True if the server has not proven itself otherwise: then only safe methods will do, and another one ends all. RFC 5998 §3.</param>
    public EapPeerStep Step(EapPeerState state, EapMessage message, ByteString randomness, bool isUnproven)
    {
        switch (message.Code)
        {
            case EapCode.Failure:
                return Fail(state, "EAP Failure");
            case EapCode.Success:
                // Whatever its identifier: servers count it on, or do not. Before the method is over it says nothing. RFC 3748 §4.2, §7.16.
                return state.IsContent ? new EapPeerStep(state, EapProgress.Done, null, null) : Fail(state, "EAP Success before the method is over");
            case EapCode.Request when message == state.Request:
                return new EapPeerStep(state with { Rounds = state.Rounds + 1 }, state.Rounds < MostRounds ? EapProgress.Goes : EapProgress.Failed, state.Response, "too many rounds");
            case EapCode.Request when state.Rounds >= MostRounds:
                return Fail(state, "too many rounds");
            case EapCode.Request:
                return Answer(state with { Rounds = state.Rounds + 1, Request = message }, message, randomness, isUnproven);
            default:
                return Fail(state, $"EAP code {Iana.NameOf(message.Code)} is not for a peer");
        }
    }

    private EapPeerStep Answer(EapPeerState state, EapMessage request, ByteString randomness, bool isUnproven)
    {
        switch (request.Type)
        {
            case EapType.Identity when state.Method is null:
                return Go(state, EapType.Identity, Identity);
            case EapType.Notification:
                return Go(state, EapType.Notification, ByteString.Empty);
            case { } type when state.IsContent:
                return Fail(state, $"{Iana.NameOf(type)} after the method is over");
            case { } type when state.Method is { } running:
                return Methods[running].Type == type ? Run(state, running, request, randomness) : Fail(state, $"{Iana.NameOf(type)} within another method");
            case { } type:
                int wanted = Methods.Items.ToList().FindIndex(m => m.Type == type && (m.IsSafeAlone || !isUnproven));
                return wanted >= 0 ? Run(state with { Method = wanted, Inner = Methods[wanted].Begin(randomness).State }, wanted, request, randomness)
                    : isUnproven ? Fail(state, $"{Iana.NameOf(type)} is no method to prove the server by")
                    : Go(state, EapType.Nak, Wanted());
            default:
                return Fail(state, "a request without a type");
        }
    }

    private static EapPeerStep Run(EapPeerState state, EapMethod method, EapMessage request, ByteString randomness)
    {
        EapMethodStep step = method.Step(state.Inner!, request, randomness);
        EapMessage? response = step.Data is { } data ? EapMessage.Of(EapCode.Response, request.Identifier, method.Type, data) : null;
        EapPeerState next = state with { Inner = step.State, Response = response, IsContent = step.Progress == EapProgress.Done, Key = step.Key };
        bool isOver = step.Progress == EapProgress.Failed && response is null;

        // Who has failed and has something to say still waits for EAP Failure.
        return isOver ? Fail(next, step.Reason!) : new EapPeerStep(next with { Inner = step.State ?? EapPeerState.Over }, EapProgress.Goes, response, step.Reason);
    }

    private EapPeerStep Run(EapPeerState state, int method, EapMessage request, ByteString randomness) =>
        state.Inner == EapPeerState.Over ? Fail(state, "a request after the method has failed") : Run(state, Methods[method], request, randomness);

    // What it would rather do; a zero for nothing at all. RFC 3748 §5.3.1.
    private ByteString Wanted() => ByteString.Adopt(Methods.IsEmpty ? [0] : [.. Methods.Select(m => (byte)m.Type)]);

    private static EapPeerStep Go(EapPeerState state, EapType type, ByteString data)
    {
        EapMessage response = EapMessage.Of(EapCode.Response, state.Request!.Identifier, type, data);
        return new EapPeerStep(state with { Response = response }, EapProgress.Goes, response, null);
    }

    private static EapPeerStep Fail(EapPeerState state, string reason) => new(state, EapProgress.Failed, null, reason);
}

/// <summary>Where a peer stands; compares by value.</summary>
public sealed record EapPeerState
{
    /// <summary>What stands in place of the state of a method that has failed.</summary>
    public static EapMethodState Over { get; } = new Ended();

    /// <summary>Requests so far.</summary>
    public int Rounds { get; init; }

    /// <summary>The last request.</summary>
    public EapMessage? Request { get; init; }

    /// <summary>The answer to it.</summary>
    public EapMessage? Response { get; init; }

    /// <summary>Index of the method that runs; null before.</summary>
    public int? Method { get; init; }

    /// <summary>Where the method stands.</summary>
    public EapMethodState? Inner { get; init; }

    /// <summary>True if the method is over and EAP Success may come.</summary>
    public bool IsContent { get; init; }

    /// <summary>The MSK, once the method is over; none where it makes none.</summary>
    public IkeSecret Key { get; init; }

    private sealed record Ended : EapMethodState;
}

/// <summary>What a step of a peer comes to.</summary>
/// <param name="State">The state afterwards.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Response">What to send; null at the end.</param>
/// <param name="Reason">What went wrong.</param>
public readonly record struct EapPeerStep(EapPeerState State, EapProgress Progress, EapMessage? Response, string? Reason);
