using System.Text;
using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap.Methods;

/// <summary>EAP-MSCHAPv2 at the peer. draft-kamath-pppext-eap-mschapv2 §2, RFC 2759 §3 to §6.</summary>
/// <param name="Name">The user's name, a domain may stand in front.</param>
/// <param name="Passwords">Passwords in UTF-8, in the order in which they are tried.</param>
public sealed record MsChapV2Peer(string Name, ValueList<IkeSecret> Passwords) : EapMethod
{
    /// <inheritdoc/>
    public override EapType Type => EapType.MsChapV2;

    /// <inheritdoc/>
    public override bool MakesKey => true;

    /// <summary>The user's name without the domain, as the calculations want it. RFC 2759 §4.</summary>
    public static string WithoutDomain(string name) => name[(name.IndexOf('\\', StringComparison.Ordinal) + 1)..];

    /// <inheritdoc/>
    public override EapMethodStep Begin(ByteString randomness) => EapMethodStep.Go(new Waiting(), null);

    /// <inheritdoc/>
    public override EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness)
    {
        if (!MsChapV2Packet.TryParse(message.Data.Span, out MsChapV2Packet? packet, out ParseError error))
        {
            return EapMethodStep.Fail($"EAP-MSCHAPv2: {error}");
        }

        return (state, packet) switch
        {
            (Waiting, MsChapV2Packet.Challenge challenge) => Respond(challenge.Identifier, challenge.Value, 0, randomness),
            (Responded sent, MsChapV2Packet.Success success) => Judge(sent, success),
            (Responded sent, MsChapV2Packet.Failure failure) => Retry(sent, failure, randomness),
            _ => EapMethodStep.Fail($"EAP-MSCHAPv2: {packet.GetType().Name} out of turn"),
        };
    }

    private EapMethodStep Respond(byte identifier, ByteString challenge, int attempt, ByteString randomness)
    {
        ByteString own = randomness.Slice(..MsChapV2.ChallengeBytes);
        ByteString response = ByteString.Adopt(MsChapV2.Response(challenge.Span, own.Span, WithoutDomain(Name), Password(attempt)));
        MsChapV2Packet packet = new MsChapV2Packet.Response(identifier, own, response, Name);
        return EapMethodStep.Go(new Responded(challenge, own, response, attempt), ByteString.Adopt(packet.ToBytes()));
    }

    // The server proves that it knows the password: without that the peer is not content. RFC 2759 §5.
    private EapMethodStep Judge(Responded sent, MsChapV2Packet.Success success)
    {
        string due = MsChapV2.AuthenticatorResponse(Password(sent.Attempt), sent.Response.Span, sent.Own.Span, sent.Challenge.Span, WithoutDomain(Name));
        if (!success.Message.StartsWith(due, StringComparison.OrdinalIgnoreCase))
        {
            return EapMethodStep.Fail("EAP-MSCHAPv2: the server does not know the password");
        }

        return new EapMethodStep
        {
            Progress = EapProgress.Done,
            State = new Content(),
            Data = ByteString.Adopt(new MsChapV2Packet.Acknowledgement(IsSuccess: true).ToBytes()),
            Key = IkeSecret.Adopt(MsChapV2.MasterSessionKey(Password(sent.Attempt), sent.Response.Span)),
        };
    }

    // With R=1 there is another attempt, under the challenge that the failure brings. RFC 2759 §6.
    private EapMethodStep Retry(Responded sent, MsChapV2Packet.Failure failure, ByteString randomness)
    {
        MsChapV2Refusal? refusal = MsChapV2Refusal.Read(failure.Message);
        return refusal is { MayRetry: true, Challenge: { } challenge } && sent.Attempt + 1 < Passwords.Count
            ? Respond((byte)(failure.Identifier + 1), challenge, sent.Attempt + 1, randomness)
            : EapMethodStep.Fail($"EAP-MSCHAPv2: refused with {failure.Message}", ByteString.Adopt(new MsChapV2Packet.Acknowledgement(IsSuccess: false).ToBytes()));
    }

    private string Password(int attempt) => Encoding.UTF8.GetString(Passwords[attempt].Span);

    private sealed record Waiting : EapMethodState;

    private sealed record Responded(ByteString Challenge, ByteString Own, ByteString Response, int Attempt) : EapMethodState;

    private sealed record Content : EapMethodState;
}
