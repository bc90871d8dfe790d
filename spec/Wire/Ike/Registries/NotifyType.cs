namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Notify message types; below 16384 errors, from there on status. RFC 7296 §3.10.1.</summary>
public enum NotifyType : ushort
{
    /// <summary>A critical payload of a type that is not known. RFC 7296.</summary>
    [Iana("UNSUPPORTED_CRITICAL_PAYLOAD", 7296)]
    UnsupportedCriticalPayload = 1,

    /// <summary>No such IKE SA. RFC 7296.</summary>
    [Iana("INVALID_IKE_SPI", 7296)]
    InvalidIkeSpi = 4,

    /// <summary>A major version that is not supported. RFC 7296.</summary>
    [Iana("INVALID_MAJOR_VERSION", 7296)]
    InvalidMajorVersion = 5,

    /// <summary>A field out of range or of wrong form. RFC 7296.</summary>
    [Iana("INVALID_SYNTAX", 7296)]
    InvalidSyntax = 7,

    /// <summary>A message ID outside the window. RFC 7296.</summary>
    [Iana("INVALID_MESSAGE_ID", 7296)]
    InvalidMessageId = 9,

    /// <summary>ESP or AH with an unknown SPI. RFC 7296.</summary>
    [Iana("INVALID_SPI", 7296)]
    InvalidSpi = 11,

    /// <summary>No proposal fits. RFC 7296.</summary>
    [Iana("NO_PROPOSAL_CHOSEN", 7296)]
    NoProposalChosen = 14,

    /// <summary>Another key exchange method is wanted. RFC 7296.</summary>
    [Iana("INVALID_KE_PAYLOAD", 7296)]
    InvalidKePayload = 17,

    /// <summary>Authentication failed. RFC 7296.</summary>
    [Iana("AUTHENTICATION_FAILED", 7296)]
    AuthenticationFailed = 24,

    /// <summary>Only one pair of addresses an SA. RFC 7296.</summary>
    [Iana("SINGLE_PAIR_REQUIRED", 7296)]
    SinglePairRequired = 34,

    /// <summary>No more Child SAs. RFC 7296.</summary>
    [Iana("NO_ADDITIONAL_SAS", 7296)]
    NoAdditionalSas = 35,

    /// <summary>No address to give. RFC 7296.</summary>
    [Iana("INTERNAL_ADDRESS_FAILURE", 7296)]
    InternalAddressFailure = 36,

    /// <summary>A configuration request is wanted. RFC 7296.</summary>
    [Iana("FAILED_CP_REQUIRED", 7296)]
    FailedCpRequired = 37,

    /// <summary>No traffic selector fits. RFC 7296.</summary>
    [Iana("TS_UNACCEPTABLE", 7296)]
    TsUnacceptable = 38,

    /// <summary>A packet does not fit the selectors of its SA. RFC 7296.</summary>
    [Iana("INVALID_SELECTORS", 7296)]
    InvalidSelectors = 39,

    /// <summary>New addresses are refused. RFC 4555.</summary>
    [Iana("UNACCEPTABLE_ADDRESSES", 4555)]
    UnacceptableAddresses = 40,

    /// <summary>A translator where none may be. RFC 4555.</summary>
    [Iana("UNEXPECTED_NAT_DETECTED", 4555)]
    UnexpectedNatDetected = 41,

    /// <summary>The assigned home address is to be used. RFC 5026.</summary>
    [Iana("USE_ASSIGNED_HoA", 5026)]
    UseAssignedHomeAddress = 42,

    /// <summary>Not now. RFC 7296.</summary>
    [Iana("TEMPORARY_FAILURE", 7296)]
    TemporaryFailure = 43,

    /// <summary>No such Child SA. RFC 7296.</summary>
    [Iana("CHILD_SA_NOT_FOUND", 7296)]
    ChildSaNotFound = 44,

    /// <summary>No such group. RFC 9838.</summary>
    [Iana("INVALID_GROUP_ID", 9838)]
    InvalidGroupId = 45,

    /// <summary>Not a member. RFC 9838.</summary>
    [Iana("AUTHORIZATION_FAILED", 9838)]
    AuthorizationFailed = 46,

    /// <summary>No state for an additional key exchange. RFC 9370.</summary>
    [Iana("STATE_NOT_FOUND", 9370)]
    StateNotFound = 47,

    /// <summary>No more SAs of these selectors. RFC 9611.</summary>
    [Iana("TS_MAX_QUEUE", 9611)]
    TsMaxQueue = 48,

    /// <summary>The only IKE SA of these identities. RFC 7296.</summary>
    [Iana("INITIAL_CONTACT", 7296)]
    InitialContact = 16384,

    /// <summary>Requests that may be outstanding. RFC 7296.</summary>
    [Iana("SET_WINDOW_SIZE", 7296)]
    SetWindowSize = 16385,

    /// <summary>Narrowed selectors; others would do in another SA. RFC 7296.</summary>
    [Iana("ADDITIONAL_TS_POSSIBLE", 7296)]
    AdditionalTsPossible = 16386,

    /// <summary>Compression that is wanted. RFC 7296.</summary>
    [Iana("IPCOMP_SUPPORTED", 7296)]
    IpcompSupported = 16387,

    /// <summary>Hash of the source. RFC 7296.</summary>
    [Iana("NAT_DETECTION_SOURCE_IP", 7296)]
    NatDetectionSourceIp = 16388,

    /// <summary>Hash of the destination. RFC 7296.</summary>
    [Iana("NAT_DETECTION_DESTINATION_IP", 7296)]
    NatDetectionDestinationIp = 16389,

    /// <summary>Proof that an address receives. RFC 7296.</summary>
    [Iana("COOKIE", 7296)]
    Cookie = 16390,

    /// <summary>Transport mode. RFC 7296.</summary>
    [Iana("USE_TRANSPORT_MODE", 7296)]
    UseTransportMode = 16391,

    /// <summary>Certificates may be named by URL. RFC 7296.</summary>
    [Iana("HTTP_CERT_LOOKUP_SUPPORTED", 7296)]
    HttpCertLookupSupported = 16392,

    /// <summary>The SA that is replaced. RFC 7296.</summary>
    [Iana("REKEY_SA", 7296)]
    RekeySa = 16393,

    /// <summary>No TFC padding, please. RFC 7296.</summary>
    [Iana("ESP_TFC_PADDING_NOT_SUPPORTED", 7296)]
    EspTfcPaddingNotSupported = 16394,

    /// <summary>Fragments travel in this SA. RFC 7296.</summary>
    [Iana("NON_FIRST_FRAGMENTS_ALSO", 7296)]
    NonFirstFragmentsAlso = 16395,

    /// <summary>Addresses may change. RFC 4555.</summary>
    [Iana("MOBIKE_SUPPORTED", 4555)]
    MobikeSupported = 16396,

    /// <summary>Another IPv4 address. RFC 4555.</summary>
    [Iana("ADDITIONAL_IP4_ADDRESS", 4555)]
    AdditionalIp4Address = 16397,

    /// <summary>Another IPv6 address. RFC 4555.</summary>
    [Iana("ADDITIONAL_IP6_ADDRESS", 4555)]
    AdditionalIp6Address = 16398,

    /// <summary>No other address. RFC 4555.</summary>
    [Iana("NO_ADDITIONAL_ADDRESSES", 4555)]
    NoAdditionalAddresses = 16399,

    /// <summary>The SAs move to the addresses of this message. RFC 4555.</summary>
    [Iana("UPDATE_SA_ADDRESSES", 4555)]
    UpdateSaAddresses = 16400,

    /// <summary>Return routability check. RFC 4555.</summary>
    [Iana("COOKIE2", 4555)]
    Cookie2 = 16401,

    /// <summary>Addresses that no translator may change. RFC 4555.</summary>
    [Iana("NO_NATS_ALLOWED", 4555)]
    NoNatsAllowed = 16402,

    /// <summary>Time until authentication anew. RFC 4478.</summary>
    [Iana("AUTH_LIFETIME", 4478)]
    AuthLifetime = 16403,

    /// <summary>Several authentications. RFC 4739.</summary>
    [Iana("MULTIPLE_AUTH_SUPPORTED", 4739)]
    MultipleAuthSupported = 16404,

    /// <summary>One more authentication. RFC 4739.</summary>
    [Iana("ANOTHER_AUTH_FOLLOWS", 4739)]
    AnotherAuthFollows = 16405,

    /// <summary>A redirect may be sent. RFC 5685.</summary>
    [Iana("REDIRECT_SUPPORTED", 5685)]
    RedirectSupported = 16406,

    /// <summary>Go to another gateway. RFC 5685.</summary>
    [Iana("REDIRECT", 5685)]
    Redirect = 16407,

    /// <summary>The gateway that redirected. RFC 5685.</summary>
    [Iana("REDIRECTED_FROM", 5685)]
    RedirectedFrom = 16408,

    /// <summary>A ticket with its lifetime. RFC 5723.</summary>
    [Iana("TICKET_LT_OPAQUE", 5723)]
    TicketLtOpaque = 16409,

    /// <summary>A ticket is wanted. RFC 5723.</summary>
    [Iana("TICKET_REQUEST", 5723)]
    TicketRequest = 16410,

    /// <summary>A ticket will be given. RFC 5723.</summary>
    [Iana("TICKET_ACK", 5723)]
    TicketAck = 16411,

    /// <summary>No ticket, or not this one. RFC 5723.</summary>
    [Iana("TICKET_NACK", 5723)]
    TicketNack = 16412,

    /// <summary>A ticket. RFC 5723.</summary>
    [Iana("TICKET_OPAQUE", 5723)]
    TicketOpaque = 16413,

    /// <summary>Virtual link. RFC 5739.</summary>
    [Iana("LINK_ID", 5739)]
    LinkId = 16414,

    /// <summary>Wrapped ESP. RFC 5840.</summary>
    [Iana("USE_WESP_MODE", 5840)]
    UseWespMode = 16415,

    /// <summary>Header compression. RFC 5857.</summary>
    [Iana("ROHC_SUPPORTED", 5857)]
    RohcSupported = 16416,

    /// <summary>Both sides by EAP. RFC 5998.</summary>
    [Iana("EAP_ONLY_AUTHENTICATION", 5998)]
    EapOnlyAuthentication = 16417,

    /// <summary>IKE_AUTH without a Child SA. RFC 6023.</summary>
    [Iana("CHILDLESS_IKEV2_SUPPORTED", 6023)]
    ChildlessIkev2Supported = 16418,

    /// <summary>Token that proves a lost SA. RFC 6290.</summary>
    [Iana("QUICK_CRASH_DETECTION", 6290)]
    QuickCrashDetection = 16419,

    /// <summary>Message IDs may be synchronized. RFC 6311.</summary>
    [Iana("IKEV2_MESSAGE_ID_SYNC_SUPPORTED", 6311)]
    MessageIdSyncSupported = 16420,

    /// <summary>Replay counters may be synchronized. RFC 6311.</summary>
    [Iana("IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED", 6311)]
    ReplayCounterSyncSupported = 16421,

    /// <summary>Message IDs of a cluster. RFC 6311.</summary>
    [Iana("IKEV2_MESSAGE_ID_SYNC", 6311)]
    MessageIdSync = 16422,

    /// <summary>Replay counters of a cluster. RFC 6311.</summary>
    [Iana("IPSEC_REPLAY_COUNTER_SYNC", 6311)]
    ReplayCounterSync = 16423,

    /// <summary>Password methods. RFC 6467.</summary>
    [Iana("SECURE_PASSWORD_METHODS", 6467)]
    SecurePasswordMethods = 16424,

    /// <summary>A generated key is kept. RFC 6631.</summary>
    [Iana("PSK_PERSIST", 6631)]
    PskPersist = 16425,

    /// <summary>A generated key is confirmed. RFC 6631.</summary>
    [Iana("PSK_CONFIRM", 6631)]
    PskConfirm = 16426,

    /// <summary>EAP re-authentication. RFC 6867.</summary>
    [Iana("ERX_SUPPORTED", 6867)]
    ErxSupported = 16427,

    /// <summary>Flow mobility of 3GPP, TS 24.302.</summary>
    [Iana("IFOM_CAPABILITY", 0)]
    IfomCapability = 16428,

    /// <summary>Sender IDs that are wanted. RFC 9838.</summary>
    [Iana("GROUP_SENDER", 9838)]
    GroupSender = 16429,

    /// <summary>Encrypted messages may come in fragments. RFC 7383.</summary>
    [Iana("IKEV2_FRAGMENTATION_SUPPORTED", 7383)]
    FragmentationSupported = 16430,

    /// <summary>Hashes for signatures. RFC 7427.</summary>
    [Iana("SIGNATURE_HASH_ALGORITHMS", 7427)]
    SignatureHashAlgorithms = 16431,

    /// <summary>IKE SAs may be cloned. RFC 7791.</summary>
    [Iana("CLONE_IKE_SA_SUPPORTED", 7791)]
    CloneIkeSaSupported = 16432,

    /// <summary>A clone, not a successor. RFC 7791.</summary>
    [Iana("CLONE_IKE_SA", 7791)]
    CloneIkeSa = 16433,

    /// <summary>Work before an answer. RFC 8019.</summary>
    [Iana("PUZZLE", 8019)]
    Puzzle = 16434,

    /// <summary>A post-quantum pre-shared key. RFC 8784.</summary>
    [Iana("USE_PPK", 8784)]
    UsePpk = 16435,

    /// <summary>The key that is used. RFC 8784.</summary>
    [Iana("PPK_IDENTITY", 8784)]
    PpkIdentity = 16436,

    /// <summary>Authentication without that key. RFC 8784.</summary>
    [Iana("NO_PPK_AUTH", 8784)]
    NoPpkAuth = 16437,

    /// <summary>IKE_INTERMEDIATE may be used. RFC 9242.</summary>
    [Iana("INTERMEDIATE_EXCHANGE_SUPPORTED", 9242)]
    IntermediateExchangeSupported = 16438,

    /// <summary>Only IPv4 can be given. RFC 8983.</summary>
    [Iana("IP4_ALLOWED", 8983)]
    Ip4Allowed = 16439,

    /// <summary>Only IPv6 can be given. RFC 8983.</summary>
    [Iana("IP6_ALLOWED", 8983)]
    Ip6Allowed = 16440,

    /// <summary>Link between key exchanges of one rekey. RFC 9370.</summary>
    [Iana("ADDITIONAL_KEY_EXCHANGE", 9370)]
    AdditionalKeyExchange = 16441,

    /// <summary>Aggregation and fragmentation. RFC 9347.</summary>
    [Iana("USE_AGGFRAG", 9347)]
    UseAggfrag = 16442,

    /// <summary>Authentication methods. RFC 9593.</summary>
    [Iana("SUPPORTED_AUTH_METHODS", 9593)]
    SupportedAuthMethods = 16443,

    /// <summary>Queue of an SA. RFC 9611.</summary>
    [Iana("SA_RESOURCE_INFO", 9611)]
    SaResourceInfo = 16444,

    /// <summary>A post-quantum key in IKE_INTERMEDIATE. RFC 9867.</summary>
    [Iana("USE_PPK_INT", 9867)]
    UsePpkInt = 16445,

    /// <summary>Candidate keys with confirmation. RFC 9867.</summary>
    [Iana("PPK_IDENTITY_KEY", 9867)]
    PpkIdentityKey = 16446,
}
