using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.State;

/// <summary>Where an IKE SA stands.</summary>
public enum IkeSaPhase
{
    /// <summary>The initiator waits for the response to IKE_SA_INIT.</summary>
    InitRequested,

    /// <summary>The responder has answered IKE_SA_INIT and waits for IKE_INTERMEDIATE or IKE_AUTH.</summary>
    InitAnswered,

    /// <summary>The initiator waits for the response to IKE_INTERMEDIATE or IKE_AUTH.</summary>
    AuthRequested,

    /// <summary>Both sides are authenticated.</summary>
    Established,

    /// <summary>The redundant one of two successors, which the other side made and is to delete. RFC 7296 §2.8.2.</summary>
    Redundant,

    /// <summary>A successor is there: no more requests over it but the one that deletes it. RFC 7296 §2.8.</summary>
    Replaced,

    /// <summary>This side has asked to delete it. RFC 7296 §1.4.1.</summary>
    Deleting,

    /// <summary>It is closed; only answers that were given are given again. RFC 7296 §2.1.</summary>
    Closed,
}

/// <summary>An IKE SA; compares by value. RFC 7296 §2.</summary>
public sealed record IkeSa
{
    /// <summary>Number among all that this side has had.</summary>
    public required int Number { get; init; }

    /// <summary>Number of the first IKE SA of which this one is a successor by rekeying.</summary>
    public required int Family { get; init; }

    /// <summary>True if this side started the exchange that made it: the flag I of its messages.</summary>
    public required bool IsInitiator { get; init; }

    /// <summary>SPI of the initiator.</summary>
    public required IkeSpi InitiatorSpi { get; init; }

    /// <summary>SPI of the responder; 0 until it is known.</summary>
    public IkeSpi ResponderSpi { get; init; }

    /// <summary>Where it stands.</summary>
    public required IkeSaPhase Phase { get; init; }

    /// <summary>This side's address and port.</summary>
    public required Endpoint Own { get; init; }

    /// <summary>The other side's address and port, from the last authentic message. RFC 7296 §2.23.</summary>
    public required Endpoint Peer { get; init; }

    /// <summary>Which sides are behind a NAT. RFC 7296 §2.23.</summary>
    public NatPresence Nat { get; init; }

    /// <summary>True if this side made the first IKE SA of its family: it decides on addresses. RFC 4555 §1.3.</summary>
    public bool IsOriginalInitiator { get; init; }

    /// <summary>Further addresses of the other side. RFC 4555 §3.4.</summary>
    public ValueList<IpAddress> PeerAddresses { get; init; }

    /// <summary>Further own addresses as this side told them last; null where they are those of the configuration. RFC 4555 §3.6.</summary>
    public ValueList<IpAddress>? OwnAddresses { get; init; }

    /// <summary>Where packets of Child SAs still come from and go to while the other side has not shown that it receives at its new address; null where that is the path of the IKE SA. RFC 4555 §3.7.</summary>
    public Route? Traffic { get; init; }

    /// <summary>What the other side said last of where it sees this one: NAT_DETECTION_DESTINATION_IP. RFC 4555 §3.8.</summary>
    public ByteString SeenAt { get; init; }

    /// <summary>How often it was tried before without success because of a NAT. RFC 4555 §3.9.</summary>
    public int Failures { get; init; }

    /// <summary>Message ID of the newest request that moved addresses; null for none. RFC 4555 §3.5.</summary>
    public uint? LastUpdate { get; init; }

    /// <summary>Transforms; null until they are agreed.</summary>
    public IkeSuite? Suite { get; init; }

    /// <summary>Keys; null until they are made.</summary>
    public IkeKeys? Keys { get; init; }

    /// <summary>What IKE_AUTH needs of IKE_SA_INIT; null before and after.</summary>
    public InitialExchange? Initial { get; init; }

    /// <summary>Whom the other side has proven to be; empty before. RFC 7296 §2.4, §2.16.</summary>
    public ByteString PeerName { get; init; }

    /// <summary>At its responder, Message ID of the IKE_AUTH request that authenticated the initiator; null else. RFC 7296 §2.21.2.</summary>
    public uint? AuthenticatedBy { get; init; }

    /// <summary>The packet that asked for the first Child SA; null where none did, and once it is there. RFC 7296 §2.9.</summary>
    public PacketSelectors? Packet { get; init; }

    /// <summary>EAP while IKE_AUTH lasts; null without. RFC 7296 §2.16.</summary>
    public EapExchange? Eap { get; init; }

    /// <summary>IKE SAs that were established when the first request for this one came: those that INITIAL_CONTACT speaks of. RFC 7296 §2.4.</summary>
    public ValueList<int> Older { get; init; }

    /// <summary>What the other side said that it can do.</summary>
    public PeerAbilities Abilities { get; init; }

    /// <summary>Hashes of signatures that the other side verifies; empty where it told of none. RFC 7427 §4.</summary>
    public ValueList<SignatureHash> PeerHashes { get; init; }

    /// <summary>Message ID of the next request of this side. RFC 7296 §2.2.</summary>
    public uint NextRequest { get; init; }

    /// <summary>Requests of this side that wait for their response, by Message ID.</summary>
    public ValueList<PendingRequest> Pending { get; init; }

    /// <summary>What this side is asked to do and has no room for in the window.</summary>
    public ValueList<IkeCommand> Waiting { get; init; }

    /// <summary>Own exchanges that go on with IKE_FOLLOWUP_KE once there is room in the window. RFC 9370 §2.2.4.</summary>
    public ValueList<UnfinishedExchange> Unsent { get; init; }

    /// <summary>Exchanges of the other side of which IKE_FOLLOWUP_KE is missing. RFC 9370 §2.2.4.</summary>
    public ValueList<UnfinishedExchange> Unfinished { get; init; }

    /// <summary>Requests that the other side takes at a time. RFC 7296 §2.3.</summary>
    public int PeerWindow { get; init; } = 1;

    /// <summary>Requests that this side takes at a time, as it told the other side. RFC 7296 §2.3.</summary>
    public int OwnWindow { get; init; } = 1;

    /// <summary>The first Message ID of the other side's requests that has not been answered.</summary>
    public uint NextExpected { get; init; }

    /// <summary>The last responses of this side, as many as its window, to be sent again. RFC 7296 §2.1.</summary>
    public ValueList<GivenAnswer> Answers { get; init; }

    /// <summary>Fragments of messages that are not complete. RFC 7383 §2.6.</summary>
    public ValueList<FragmentBuffer> Fragments { get; init; }

    /// <summary>Number of the IKE SA that it takes the place of, or null.</summary>
    public int? Replaces { get; init; }

    /// <summary>Number of the first of the IKE SAs that are closed once this one, made anew, is there; null for none. RFC 7296 §2.8.3.</summary>
    public int? Instead { get; init; }

    /// <summary>The lower nonce of the exchange that made a successor, which settles collisions. RFC 7296 §2.8.2.</summary>
    public ByteString LowestNonce { get; init; }

    /// <summary>Keys of what this side sends.</summary>
    public SealingKeys? OutboundKeys => IsInitiator ? Keys?.InitiatorSealing : Keys?.ResponderSealing;

    /// <summary>Keys of what the other side sends.</summary>
    public SealingKeys? InboundKeys => IsInitiator ? Keys?.ResponderSealing : Keys?.InitiatorSealing;

    /// <summary>SPI that this side chose.</summary>
    public IkeSpi OwnSpi => IsInitiator ? InitiatorSpi : ResponderSpi;

    /// <summary>The request of a Message ID that waits for its response, or null.</summary>
    public PendingRequest? PendingOf(uint messageId)
    {
        foreach (PendingRequest pending in Pending)
        {
            if (pending.MessageId == messageId)
            {
                return pending;
            }
        }

        return null;
    }

    /// <summary>The attempt to rekey this IKE SA that waits for a response, or null.</summary>
    public IkeRekeyAttempt? RekeyAttempt => Attempts.Successor(this);

    /// <summary>The answer to a Message ID that is still known, or null.</summary>
    public GivenAnswer? AnswerTo(uint messageId)
    {
        foreach (GivenAnswer answer in Answers)
        {
            if (answer.MessageId == messageId)
            {
                return answer;
            }
        }

        return null;
    }
}

/// <summary>A way between two sides.</summary>
/// <param name="Own">Own address and port.</param>
/// <param name="Peer">The other side's.</param>
public sealed record Route(Endpoint Own, Endpoint Peer);

/// <summary>What IKE_AUTH proves about IKE_SA_INIT. RFC 7296 §2.15.</summary>
/// <param name="InitiatorNonce">Ni.</param>
/// <param name="ResponderNonce">Nr; empty until it is known.</param>
/// <param name="Request">The whole request.</param>
/// <param name="Response">The whole response; empty until it is known.</param>
public sealed record InitialExchange(ByteString InitiatorNonce, ByteString ResponderNonce, ByteString Request, ByteString Response)
{
    /// <summary>Where a responder got the request from: that does not change when the initiator moves on. RFC 7296 §2.1.</summary>
    public Endpoint Origin { get; init; }

    /// <summary>Methods of the additional key exchanges in order, one IKE_INTERMEDIATE each. RFC 9370 §2.2.1.</summary>
    public ValueList<KeyExchangeMethod> Additional { get; init; }

    /// <summary>Keys of each IKE_INTERMEDIATE that is over: its messages, should they come again, are protected by them. RFC 9242 §3.3.1.</summary>
    public ValueList<IkeKeys> EarlierKeys { get; init; }

    /// <summary>IntAuth of the initiator's IKE_INTERMEDIATE messages so far; empty without. RFC 9242 §3.3.2.</summary>
    public ByteString InitiatorIntermediate { get; init; }

    /// <summary>IntAuth of the responder's IKE_INTERMEDIATE messages so far; empty without. RFC 9242 §3.3.2.</summary>
    public ByteString ResponderIntermediate { get; init; }

    /// <summary>The method whose turn it is; null after the last.</summary>
    public KeyExchangeMethod? NextAdditional => EarlierKeys.Count < Additional.Count ? Additional[EarlierKeys.Count] : null;
}

/// <summary>What a side announced. RFC 7296 §3.10.1 and the extensions.</summary>
[Flags]
public enum PeerAbilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>IKEV2_FRAGMENTATION_SUPPORTED. RFC 7383 §2.3.</summary>
    Fragmentation = 1,

    /// <summary>CHILDLESS_IKEV2_SUPPORTED. RFC 6023 §3.</summary>
    Childless = 2,

    /// <summary>HTTP_CERT_LOOKUP_SUPPORTED. RFC 7296 §3.6.</summary>
    CertificateLookup = 4,

    /// <summary>INTERMEDIATE_EXCHANGE_SUPPORTED. RFC 9242 §3.1.</summary>
    Intermediate = 1 << 8,

    /// <summary>USE_PPK. RFC 8784 §3.</summary>
    PostQuantumKey = 1 << 9,

    /// <summary>MOBIKE_SUPPORTED. RFC 4555 §3.2.</summary>
    Mobike = 1 << 16,
}

/// <summary>A response as it was sent. RFC 7296 §2.1.</summary>
/// <param name="MessageId">Message ID of the request.</param>
/// <param name="Datagrams">The response, or its fragments.</param>
public sealed record GivenAnswer(uint MessageId, ValueList<ByteString> Datagrams);

/// <summary>Fragments of one message. RFC 7383 §2.6.</summary>
/// <param name="MessageId">Message ID.</param>
/// <param name="IsResponse">Flag R.</param>
/// <param name="Total">Total Fragments.</param>
/// <param name="Pieces">Opened fragments by number, in order.</param>
public sealed record FragmentBuffer(uint MessageId, bool IsResponse, int Total, ValueList<FragmentPiece> Pieces);

/// <summary>An opened fragment. RFC 7383 §2.5.</summary>
/// <param name="Number">Fragment Number.</param>
/// <param name="First">Next Payload of its header.</param>
/// <param name="Content">Content without padding.</param>
public sealed record FragmentPiece(int Number, Wire.Ike.Registries.PayloadType First, ByteString Content);
