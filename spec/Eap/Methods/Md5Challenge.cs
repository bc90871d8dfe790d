using System.Security.Cryptography;
using System.Text;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap.Methods;

/// <summary>MD5-Challenge, which makes no key: its packets and calculation. RFC 3748 §5.4, RFC 1994 §4.1.</summary>
internal static class Md5Challenge
{
    public const int ValueBytes = 16;

    public static ByteString Packet(ByteString value, string name) => ByteString.Adopt([(byte)value.Length, .. value.Span, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>Value and name; null where the size does not fit.</summary>
    public static (ByteString Value, ByteString Name)? Read(ByteString data) =>
        data.Length >= 1 && data[0] >= 1 && data.Length > data[0] ? (data.Slice(1..(1 + data[0])), data.Slice((1 + data[0])..)) : null;

    public static ByteString Response(byte identifier, IkeSecret password, ByteString challenge) =>
        ByteString.Adopt(MD5.HashData([identifier, .. password.Span, .. challenge.Span]));
}

/// <summary>MD5-Challenge at the peer. RFC 3748 §5.4.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Password">Password.</param>
public sealed record Md5Peer(string Name, IkeSecret Password) : EapMethod
{
    /// <inheritdoc/>
    public override EapType Type => EapType.Md5Challenge;

    /// <inheritdoc/>
    public override bool MakesKey => false;

    /// <inheritdoc/>
    public override EapMethodStep Begin(ByteString randomness) => EapMethodStep.Go(new Waiting(), null);

    /// <inheritdoc/>
    public override EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness)
    {
        if (Md5Challenge.Read(message.Data) is not { } challenge)
        {
            return EapMethodStep.Fail("EAP-MD5: a challenge without a value");
        }

        ByteString response = Md5Challenge.Response(message.Identifier, Password, challenge.Value);
        return new EapMethodStep { Progress = EapProgress.Done, State = state, Data = Md5Challenge.Packet(response, Name) };
    }

    private sealed record Waiting : EapMethodState;
}

/// <summary>MD5-Challenge at the server. RFC 3748 §5.4.</summary>
/// <param name="Name">Who challenges.</param>
/// <param name="Accounts">Users.</param>
public sealed record Md5Server(string Name, ValueList<EapAccount> Accounts) : EapMethod
{
    /// <inheritdoc/>
    public override EapType Type => EapType.Md5Challenge;

    /// <inheritdoc/>
    public override bool MakesKey => false;

    /// <inheritdoc/>
    public override EapMethodStep Begin(ByteString randomness)
    {
        ByteString challenge = randomness.Slice(..Md5Challenge.ValueBytes);
        return EapMethodStep.Go(new Challenged(challenge), Md5Challenge.Packet(challenge, Name));
    }

    /// <inheritdoc/>
    public override EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness) =>
        state is Challenged asked
        && Md5Challenge.Read(message.Data) is { } response
        && Accounts.FirstOrDefault(a => a.Name == response.Name) is { } account
        && response.Value == Md5Challenge.Response(message.Identifier, account.Password, asked.Challenge)
            ? new EapMethodStep { Progress = EapProgress.Done, State = state, Name = account.Name }
            : EapMethodStep.Fail("EAP-MD5: wrong name or password");

    private sealed record Challenged(ByteString Challenge) : EapMethodState;
}
