using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>A protected message that is open and whole.</summary>
/// <param name="Datagram">The message, or its last fragment.</param>
/// <param name="Message">What it shows in clear.</param>
/// <param name="First">Type of the first payload inside.</param>
/// <param name="Content">The payloads inside.</param>
internal readonly record struct OpenedMessage(ByteString Datagram, IkeMessage Message, PayloadType First, ByteString Content);

/// <summary>What IKE_INTERMEDIATE leaves behind: IntAuth and other keys. RFC 9242 §3.3, RFC 9370 §2.2.2.</summary>
internal static class IntermediateMessages
{
    /// <summary>What a side tells in IKE_SA_INIT. RFC 9242 §3.1.</summary>
    public static ValueList<IkePayload> Announce(IkeConfiguration configuration) => AdditionalKeyExchanges.AreWanted(configuration)
        ? [new IkePayload.Notify(NotifyType.IntermediateExchangeSupported)]
        : [];

    /// <summary>What both sides' IKE_INTERMEDIATE messages add to the octets of AUTH. RFC 9242 §3.3.2.</summary>
    public static ByteString Authenticated(InitialExchange initial)
    {
        // IKE_SA_INIT was number 0, IKE_AUTH follows the last of them.
        int count = initial.EarlierKeys.Count;
        return count == 0
            ? ByteString.Empty
            : ByteString.Adopt(IntermediateAuthentication.Join(initial.InitiatorIntermediate.Span, initial.ResponderIntermediate.Span, (uint)count + 1));
    }

    /// <summary>The IKE SA after a message of this side.</summary>
    public static IkeSa Sent(Draft draft, IkeSa sa, IkeHeader header, ValueList<IkePayload> payloads)
    {
        (PayloadType first, byte[] content) = IkePayloads.ToBytes(payloads);
        return Step(draft, sa, sa.IsInitiator, Headers(header, first), new ByteString(content));
    }

    /// <summary>The IKE SA after a message of the other side; fragments count as the message that they make. RFC 9242 §3.3.2.</summary>
    public static IkeSa Received(Draft draft, IkeSa sa, OpenedMessage opened)
    {
        ByteString headers = opened.Message.Payloads[^1] is IkePayload.Encrypted whole
            ? opened.Datagram.Slice(..(opened.Datagram.Length - whole.Content.Length))
            : Headers(opened.Message.Header, opened.First);
        return Step(draft, sa, !sa.IsInitiator, headers, opened.Content);
    }

    /// <summary>The IKE SA after an exchange: with the keys of its key exchange, if it had one. RFC 9370 §2.2.2.</summary>
    public static IkeSa Over(Draft draft, IkeSa sa, IkeSecret? shared)
    {
        InitialExchange initial = sa.Initial!;
        Freshness freshness = new(initial.InitiatorNonce, initial.ResponderNonce, sa.InitiatorSpi.Value, sa.ResponderSpi.Value);
        return sa with
        {
            Initial = initial with { EarlierKeys = initial.EarlierKeys.Add(sa.Keys!) },
            Keys = shared is { } secret ? draft.Cryptography.AdditionalKeys(sa.Suite!, sa.Keys!, secret, freshness) : sa.Keys,
        };
    }

    /// <summary>Keys of a request of the other side: an IKE_INTERMEDIATE that comes again has those of its time. RFC 9242 §3.3.1.</summary>
    public static SealingKeys KeysOfRequest(IkeSa sa, uint messageId)
    {
        ValueList<IkeKeys> earlier = sa is { IsInitiator: false, Initial: { } initial } ? initial.EarlierKeys : [];
        return messageId >= 1 && messageId <= earlier.Count ? earlier[(int)messageId - 1].InitiatorSealing : sa.InboundKeys!;
    }

    private static IkeSa Step(Draft draft, IkeSa sa, bool ofInitiator, ByteString headers, ByteString plaintext)
    {
        InitialExchange initial = sa.Initial!;
        ByteString previous = ofInitiator ? initial.InitiatorIntermediate : initial.ResponderIntermediate;
        IkeSecret key = ofInitiator ? sa.Keys!.InitiatorAuthentication : sa.Keys!.ResponderAuthentication;
        ByteString adjusted = ByteString.Adopt(IntermediateAuthentication.AdjustedHeaders(headers.Span, plaintext.Length));
        ByteString next = draft.Cryptography.IntermediateAuth(sa.Suite!.Prf, key, previous, adjusted, plaintext);
        return sa with { Initial = ofInitiator ? initial with { InitiatorIntermediate = next } : initial with { ResponderIntermediate = next } };
    }

    // As if the message were not cut; its lengths are adjusted afterwards.
    private static ByteString Headers(IkeHeader header, PayloadType first)
    {
        byte[] bytes = new IkeMessage(header, [new IkePayload.Encrypted(first, ByteString.Adopt([0]))]).ToBytes();
        return new ByteString(bytes.AsSpan(0, bytes.Length - 1));
    }
}
