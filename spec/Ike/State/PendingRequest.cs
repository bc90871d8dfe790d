using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.State;

/// <summary>A request that waits for its response, kept as it was sent. RFC 7296 §2.1.</summary>
/// <param name="MessageId">Message ID.</param>
/// <param name="Datagrams">The request, or its fragments.</param>
/// <param name="Purpose">What it is for.</param>
public sealed record PendingRequest(uint MessageId, ValueList<ByteString> Datagrams, ExchangePurpose Purpose);

/// <summary>What an exchange is for, as its initiator remembers it.</summary>
public abstract record ExchangePurpose
{
    private ExchangePurpose()
    {
    }

    /// <summary>IKE_SA_INIT. RFC 7296 §1.2.</summary>
    /// <param name="Method">Method of the KE payload.</param>
    /// <param name="PrivateValue">The private value to it.</param>
    /// <param name="Cookie">The cookie that was sent back; empty for none. RFC 7296 §2.6.</param>
    /// <param name="Attempt">How often the request has changed.</param>
    public sealed record Initialize(WireMethod Method, IkeSecret PrivateValue, ByteString Cookie, int Attempt) : ExchangePurpose;

    /// <summary>IKE_INTERMEDIATE with an additional key exchange. RFC 9370 §2.2.2.</summary>
    /// <param name="KeyExchange">Method and private value.</param>
    public sealed record Intermediate(OwnKeyExchange KeyExchange) : ExchangePurpose;

    /// <summary>IKE_AUTH. RFC 7296 §1.2.</summary>
    /// <param name="Child">The Child SA that it makes, or null.</param>
    public sealed record Authenticate(ChildAttempt? Child) : ExchangePurpose;

    /// <summary>CREATE_CHILD_SA for a Child SA, new or in place of another. RFC 7296 §1.3.1, §1.3.3.</summary>
    public sealed record CreateChild(ChildAttempt Attempt) : ExchangePurpose;

    /// <summary>CREATE_CHILD_SA for a successor of the IKE SA. RFC 7296 §1.3.2.</summary>
    public sealed record RekeyIke(IkeRekeyAttempt Attempt) : ExchangePurpose;

    /// <summary>IKE_FOLLOWUP_KE with an additional key exchange. RFC 9370 §2.2.4.</summary>
    /// <param name="KeyExchange">Method and private value.</param>
    /// <param name="Exchange">What it goes on with.</param>
    public sealed record FollowUp(OwnKeyExchange KeyExchange, UnfinishedExchange Exchange) : ExchangePurpose;

    /// <summary>INFORMATIONAL with Delete payloads for Child SAs. RFC 7296 §1.4.1.</summary>
    /// <param name="Children">Their numbers.</param>
    public sealed record DeleteChildren(ValueList<int> Children) : ExchangePurpose;

    /// <summary>INFORMATIONAL with a Delete payload for the IKE SA. RFC 7296 §1.4.1.</summary>
    public sealed record DeleteIke : ExchangePurpose;

    /// <summary>INFORMATIONAL with UPDATE_SA_ADDRESSES. RFC 4555 §3.5.</summary>
    /// <param name="Way">Where this side moved to, and where the other one was then.</param>
    /// <param name="Cookie">COOKIE2.</param>
    /// <param name="Failures">How often a NAT was in the way before.</param>
    public sealed record UpdateAddresses(Route Way, ByteString Cookie, int Failures) : ExchangePurpose;

    /// <summary>INFORMATIONAL with the further addresses of this side. RFC 4555 §3.6.</summary>
    /// <param name="Own">Where it was sent from.</param>
    /// <param name="Times">How often it was sent again.</param>
    public sealed record TellAddresses(Endpoint Own, int Times) : ExchangePurpose;

    /// <summary>INFORMATIONAL over a path that is not the one in use. RFC 4555 §3.10.</summary>
    /// <param name="Way">The path; null once the request has gone over another as well.</param>
    public sealed record TestPath(Route? Way) : ExchangePurpose;

    /// <summary>INFORMATIONAL with COOKIE2 only. RFC 4555 §3.7.</summary>
    /// <param name="Peer">Where it went first.</param>
    /// <param name="Cookie">COOKIE2.</param>
    public sealed record CheckReturn(Endpoint Peer, ByteString Cookie) : ExchangePurpose;

    /// <summary>INFORMATIONAL with CFG_REQUEST. RFC 7296 §2.20, §3.15.4.</summary>
    public sealed record AskConfiguration : ExchangePurpose;

    /// <summary>INFORMATIONAL without payloads: is the other side alive? RFC 7296 §2.4.</summary>
    public sealed record Probe : ExchangePurpose;

    /// <summary>INFORMATIONAL with a notification of which only the arrival matters: SET_WINDOW_SIZE, INVALID_MESSAGE_ID. RFC 7296 §2.3.</summary>
    public sealed record Tell : ExchangePurpose;
}

/// <summary>A Child SA in the making. RFC 7296 §1.3.1.</summary>
/// <param name="Configuration">Index of its configuration.</param>
/// <param name="Inbound">SPI that this side chose.</param>
/// <param name="Nonce">Ni; in IKE_AUTH that of IKE_SA_INIT.</param>
/// <param name="KeyExchange">Method and private value; null without.</param>
/// <param name="Replaces">Number of the Child SA that is rekeyed, or null.</param>
public sealed record ChildAttempt(int Configuration, Spi Inbound, ByteString Nonce, OwnKeyExchange? KeyExchange, int? Replaces)
{
    /// <summary>The peer's rekeying of the same Child SA that came in meanwhile. RFC 7296 §2.8.1.</summary>
    public Rival? Rival { get; init; }

    /// <summary>Suites as they were offered. RFC 7296 §3.3.</summary>
    public ValueList<ValueList<Transform>> Offers { get; init; }

    /// <summary>Own traffic as it was offered. RFC 7296 §2.9.</summary>
    public ValueList<TrafficSelector> Own { get; init; }

    /// <summary>The peer's traffic as it was offered.</summary>
    public ValueList<TrafficSelector> Peer { get; init; }

    /// <summary>Transport mode was asked for. RFC 7296 §1.3.1.</summary>
    public bool IsTransport { get; init; }

    /// <summary>The packet that asked for the Child SA, or null. RFC 7296 §2.9.</summary>
    public PacketSelectors? Packet { get; init; }

    /// <summary>CPIs that go with the offers of IPComp, in their order. RFC 7296 §2.22.</summary>
    public ValueList<ushort> ParameterIndices { get; init; }

    /// <summary>True if the method is the one that the other side asked for: there is no third try. RFC 7296 §1.3.</summary>
    public bool IsSecondTry { get; init; }

    /// <summary>SPIs that the peer closed and this side does not know: the response may be about to tell of one (interpretation 0033).</summary>
    public ValueList<Spi> ClosedBefore { get; init; }
}

/// <summary>What a packet shows of itself. RFC 7296 §2.9.</summary>
/// <param name="Own">Protocol, own address and port.</param>
/// <param name="Peer">Protocol, the other address and port.</param>
public sealed record PacketSelectors(TrafficSelector.Range Own, TrafficSelector.Range Peer);

/// <summary>A successor of the IKE SA in the making. RFC 7296 §1.3.2.</summary>
/// <param name="Spi">SPI that this side chose.</param>
/// <param name="Nonce">Ni.</param>
/// <param name="KeyExchange">Method and private value.</param>
public sealed record IkeRekeyAttempt(IkeSpi Spi, ByteString Nonce, OwnKeyExchange KeyExchange)
{
    /// <summary>True if the method is the one that the other side asked for: there is no third try. RFC 7296 §1.3.</summary>
    public bool IsSecondTry { get; init; }

    /// <summary>The peer's rekeying of the same IKE SA that came in meanwhile. RFC 7296 §2.8.2.</summary>
    public Rival? Rival { get; init; }
}

/// <summary>An exchange of the peer for the same end as an own one. RFC 7296 §2.8.1.</summary>
/// <param name="Number">Number of the SA that it made; null while IKE_FOLLOWUP_KE is missing.</param>
/// <param name="LowestNonce">The lower of its two nonces.</param>
public sealed record Rival(int? Number, ByteString LowestNonce);

/// <summary>This side's part of a key exchange.</summary>
/// <param name="Method">Method.</param>
/// <param name="PrivateValue">What is kept for the response.</param>
public sealed record OwnKeyExchange(WireMethod Method, IkeSecret PrivateValue);

/// <summary>What the owner of a side may ask of it.</summary>
public abstract record IkeCommand
{
    private IkeCommand()
    {
    }

    /// <summary>Makes an IKE SA, and with it the first Child SA. RFC 7296 §1.2.</summary>
    public sealed record Initiate : IkeCommand
    {
        /// <summary>The packet that asks for the Child SA: its selectors go before the others. RFC 7296 §2.9.</summary>
        public PacketSelectors? Packet { get; init; }

        /// <summary>Number of the IKE SA that it is to take the place of without rekeying; null for none. RFC 7296 §2.8.3.</summary>
        public int? Instead { get; init; }

        /// <summary>How often a NAT was in the way before. RFC 4555 §3.9.</summary>
        public int Failures { get; init; }
    }

    /// <summary>Makes one more Child SA. RFC 7296 §1.3.1.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    /// <param name="Configuration">Index of the configuration.</param>
    public sealed record CreateChild(int Sa, int Configuration) : IkeCommand
    {
        /// <summary>The packet that asks for it: its selectors go before the others. RFC 7296 §2.9.</summary>
        public PacketSelectors? Packet { get; init; }

        /// <summary>Only the packet's selectors are offered, because the other side takes one pair of addresses at a time. RFC 7296 §2.9.</summary>
        public bool IsOnlyPacket { get; init; }

        /// <summary>The method of key exchange that the other side asked for; null at the first try. RFC 7296 §1.3.</summary>
        public WireMethod? KeyExchange { get; init; }
    }

    /// <summary>Puts another Child SA in the place of one. RFC 7296 §1.3.3.</summary>
    /// <param name="Child">Its number.</param>
    public sealed record RekeyChild(int Child) : IkeCommand
    {
        /// <summary>The method of key exchange that the other side asked for; null at the first try. RFC 7296 §1.3.</summary>
        public WireMethod? KeyExchange { get; init; }
    }

    /// <summary>Puts another IKE SA in the place of one. RFC 7296 §1.3.2.</summary>
    /// <param name="Sa">Its number.</param>
    public sealed record RekeyIke(int Sa) : IkeCommand
    {
        /// <summary>The method of key exchange that the other side asked for; null at the first try. RFC 7296 §1.3.</summary>
        public WireMethod? KeyExchange { get; init; }
    }

    /// <summary>Closes a Child SA. RFC 7296 §1.4.1.</summary>
    /// <param name="Child">Its number.</param>
    public sealed record DeleteChild(int Child) : IkeCommand;

    /// <summary>Closes an IKE SA with all that it controls. RFC 7296 §1.4.1.</summary>
    /// <param name="Sa">Its number.</param>
    public sealed record DeleteIke(int Sa) : IkeCommand;

    /// <summary>Takes another own address, with all SAs of the family. RFC 4555 §3.5.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    /// <param name="Own">The new address and port.</param>
    public sealed record MoveTo(int Sa, Endpoint Own) : IkeCommand
    {
        /// <summary>The former address is of no use any more: then a responder moves as well. RFC 4555 §3.5.</summary>
        public bool IsLost { get; init; }
    }

    /// <summary>Has other further addresses, and tells them. RFC 4555 §3.6.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    /// <param name="Additional">The whole list without the address in use.</param>
    public sealed record ChangeAddresses(int Sa, ValueList<IpAddress> Additional) : IkeCommand;

    /// <summary>Tells the further addresses. RFC 4555 §3.6.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record TellAddresses(int Sa) : IkeCommand;

    /// <summary>Looks whether a path works that is not the one in use. RFC 4555 §3.10.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    /// <param name="Way">The path.</param>
    public sealed record TestPath(int Sa, Route Way) : IkeCommand;

    /// <summary>Tells the other side the own address that is in use. RFC 4555 §3.5.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record UpdateAddresses(int Sa) : IkeCommand
    {
        /// <summary>How often a NAT was in the way before. RFC 4555 §3.9.</summary>
        public int Failures { get; init; }
    }

    /// <summary>Checks that the other side receives at its address. RFC 4555 §3.7.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record CheckReturn(int Sa) : IkeCommand;

    /// <summary>Asks for the version of the other side, and for inner addresses that are missing. RFC 7296 §2.20, §3.15.4.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record AskConfiguration(int Sa) : IkeCommand;

    /// <summary>Tells the other side how many requests this side takes at a time. RFC 7296 §2.3.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record Widen(int Sa) : IkeCommand;

    /// <summary>Asks whether the other side is alive. RFC 7296 §2.4.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record Probe(int Sa) : IkeCommand;
}
