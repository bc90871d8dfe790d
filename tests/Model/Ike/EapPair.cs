using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Tests.Model.Ike;

/// <summary>Two sides of which the first proves itself by EAP, and what is forged between them.</summary>
internal static class EapPair
{
    private static readonly RealCryptography Real = new();

    /// <summary>What stands where a payload is taken out.</summary>
    public static IkePayload Nothing { get; } = new IkePayload.VendorId(ByteString.Adopt([0]));

    /// <summary>The two sides.</summary>
    public static (IkeConfiguration First, IkeConfiguration Second) Sides(ConversationOptions options = ConversationOptions.None, int variant = 0) =>
        new ConversationCase(variant, options | ConversationOptions.Eap, []).Configure(isSymbolic: false);

    /// <summary>The first exchanges, with other sides or other payloads.</summary>
    public static TamperedConversation Play(
        ConversationOptions options = ConversationOptions.None,
        int variant = 0,
        Func<IkePayload, IkePayload>? change = null,
        Func<IkeConfiguration, IkeConfiguration>? first = null,
        Func<IkeConfiguration, IkeConfiguration>? second = null,
        IkeRules? firstRules = null)
    {
        (IkeConfiguration one, IkeConfiguration other) = Sides(options, variant);
        return TamperedConversation.Play(first?.Invoke(one) ?? one, second?.Invoke(other) ?? other, ExchangeType.IkeAuth, change, firstRules: firstRules);
    }

    /// <summary>The arrival of what a step sent.</summary>
    public static IkeEvent Arrival(IkeOutcome outcome)
    {
        IkeOutput.Send send = outcome.Outputs.OfType<IkeOutput.Send>().Single();
        return new IkeEvent.Received(send.Datagram, send.From, send.To);
    }

    /// <summary>A first side with another method.</summary>
    public static IkeConfiguration With(IkeConfiguration side, params ReadOnlySpan<EapMethod> methods) => side.Credentials is Credentials.Eap own
        ? side with { Credentials = own with { Peer = own.Peer with { Methods = new([.. methods]) } } }
        : side with { Trust = (Trust.Eap)side.Trust! with { Server = new EapServer(new([.. methods])) } };

    /// <summary>The AUTH payload after EAP that an initiator would make with a key.</summary>
    public static IkePayload.Authentication AuthOfInitiator(TamperedConversation played, IkeSecret key)
    {
        IkeSa sa = played.First.Sas[0];
        IkePayload.Identification identification = new(OfInitiator: true, Identity.Fqdn("first.example"));
        ByteString octets = Real.SignedOctets(
            sa.Suite!.Prf, sa.Initial!.Request, sa.Initial.ResponderNonce, identification.BodyToBytes(), sa.Keys!.InitiatorAuthentication, ByteString.Empty);
        return new(AuthenticationMethod.SharedKey, Real.SharedKeyAuth(sa.Suite.Prf, key, octets));
    }

    /// <summary>The MSK of a conversation, as the first side had it when EAP was over.</summary>
    public static IkeSecret KeyOf(int variant)
    {
        IkeSecret key = default;
        (IkeConfiguration first, IkeConfiguration second) = Sides(variant: variant);
        IkeMachine[] machines = [new(first, Real), new(second, Real)];
        IkePeer[] peers = [IkePeer.Idle, IkePeer.Idle];
        IkeOutcome outcome = machines[0].Run(peers[0], new IkeEvent.Asked(new IkeCommand.Initiate()));
        peers[0] = outcome.Next;
        for (int to = 1; outcome.Outputs.OfType<IkeOutput.Send>().FirstOrDefault() is { } send; to = 1 - to)
        {
            outcome = machines[to].Run(peers[to], new IkeEvent.Received(send.Datagram, send.From, send.To));
            peers[to] = outcome.Next;
            key = outcome.Next.Sas[0].Eap is { IsOver: true } over ? over.Key : key;
        }

        return key;
    }
}
