using System.Text;
using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap.Methods;

/// <summary>EAP-MSCHAPv2 at the server. draft-kamath-pppext-eap-mschapv2 §2, RFC 2759 §3 to §6.</summary>
/// <param name="Name">Who challenges.</param>
/// <param name="Accounts">Users; their names are without a domain.</param>
/// <param name="Retries">Further attempts that it grants.</param>
public sealed record MsChapV2Server(string Name, ValueList<EapAccount> Accounts, int Retries = 0) : EapMethod
{
    /// <inheritdoc/>
    public override EapType Type => EapType.MsChapV2;

    /// <inheritdoc/>
    public override bool MakesKey => true;

    /// <inheritdoc/>
    public override EapMethodStep Begin(ByteString randomness)
    {
        ByteString challenge = randomness.Slice(..MsChapV2.ChallengeBytes);
        byte identifier = randomness[MsChapV2.ChallengeBytes];
        MsChapV2Packet packet = new MsChapV2Packet.Challenge(identifier, challenge, Name);
        return EapMethodStep.Go(new Challenged(identifier, challenge, 0), ByteString.Adopt(packet.ToBytes()));
    }

    /// <inheritdoc/>
    public override EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness)
    {
        if (!MsChapV2Packet.TryParse(message.Data.Span, out MsChapV2Packet? packet, out ParseError error))
        {
            return EapMethodStep.Fail($"EAP-MSCHAPv2: {error}");
        }

        return (state, packet) switch
        {
            (Challenged asked, MsChapV2Packet.Response response) when response.Identifier == asked.Identifier => Judge(asked, response, randomness),
            (Accepted accepted, MsChapV2Packet.Acknowledgement { IsSuccess: true }) => new EapMethodStep
            {
                Progress = EapProgress.Done,
                State = accepted,
                Key = accepted.Key,
                Name = accepted.User,
            },
            (Refused or Challenged { Attempt: > 0 }, MsChapV2Packet.Acknowledgement { IsSuccess: false }) => EapMethodStep.Fail("EAP-MSCHAPv2: wrong name or password"),
            _ => EapMethodStep.Fail($"EAP-MSCHAPv2: {packet.GetType().Name} out of turn"),
        };
    }

    private EapMethodStep Judge(Challenged asked, MsChapV2Packet.Response response, ByteString randomness)
    {
        string user = MsChapV2Peer.WithoutDomain(response.Name);
        ByteString name = ByteString.Adopt(Encoding.Latin1.GetBytes(user));
        string? password = Accounts.FirstOrDefault(a => a.Name == name) is { } account ? Encoding.UTF8.GetString(account.Password.Span) : null;
        if (password is null || response.Value != ByteString.Adopt(MsChapV2.Response(asked.Challenge.Span, response.PeerChallenge.Span, user, password)))
        {
            return Refuse(asked, randomness);
        }

        string proof = MsChapV2.AuthenticatorResponse(password, response.Value.Span, response.PeerChallenge.Span, asked.Challenge.Span, user);
        IkeSecret key = IkeSecret.Adopt(MsChapV2.MasterSessionKey(password, response.Value.Span));
        MsChapV2Packet packet = new MsChapV2Packet.Success(asked.Identifier, $"{proof} M=welcome");
        return EapMethodStep.Go(new Accepted(name, key), ByteString.Adopt(packet.ToBytes()));
    }

    private EapMethodStep Refuse(Challenged asked, ByteString randomness)
    {
        bool mayRetry = asked.Attempt < Retries;
        ByteString next = randomness.Slice(..MsChapV2.ChallengeBytes);
        MsChapV2Packet packet = new MsChapV2Packet.Failure(asked.Identifier, $"{new MsChapV2Refusal(MsChapV2Refusal.AuthenticationFailure, mayRetry, next)}");
        EapMethodState state = mayRetry ? new Challenged((byte)(asked.Identifier + 1), next, asked.Attempt + 1) : new Refused();
        return EapMethodStep.Go(state, ByteString.Adopt(packet.ToBytes()));
    }

    private sealed record Challenged(byte Identifier, ByteString Challenge, int Attempt) : EapMethodState;

    private sealed record Accepted(ByteString User, IkeSecret Key) : EapMethodState;

    private sealed record Refused : EapMethodState;
}
