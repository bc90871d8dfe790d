namespace Conformance.Spec.Requirements;

/// <summary>What a target can be asked for; the same words in the catalogues, in the tests and in the shim protocol.</summary>
[Flags]
public enum Capabilities : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Receives ESP.</summary>
    EspInbound = 1UL << 0,

    /// <summary>Sends ESP.</summary>
    EspOutbound = 1UL << 1,

    /// <summary>Transport mode.</summary>
    TransportMode = 1UL << 2,

    /// <summary>Tunnel mode.</summary>
    TunnelMode = 1UL << 3,

    /// <summary>BEET mode.</summary>
    BeetMode = 1UL << 4,

    /// <summary>IPv6, inside and outside.</summary>
    Ipv6 = 1UL << 5,

    /// <summary>Extended sequence numbers.</summary>
    Esn = 1UL << 6,

    /// <summary>A receive window.</summary>
    AntiReplay = 1UL << 7,

    /// <summary>ESP in UDP.</summary>
    UdpEncap = 1UL << 8,

    /// <summary>The last number of an SA can be set when it is installed.</summary>
    SequenceSeed = 1UL << 9,

    /// <summary>TFC padding when sending.</summary>
    Tfc = 1UL << 10,

    /// <summary>Counters that can be read.</summary>
    Counters = 1UL << 11,

    /// <summary>Time passes when the tester says so.</summary>
    VirtualClock = 1UL << 12,

    /// <summary>Lifetimes in packets.</summary>
    LifetimePackets = 1UL << 13,

    /// <summary>Lifetimes in bytes.</summary>
    LifetimeBytes = 1UL << 14,

    /// <summary>Lifetimes in time.</summary>
    LifetimeTime = 1UL << 15,

    /// <summary>SAs can be installed by hand.</summary>
    SaInstall = 1UL << 16,

    /// <summary>An SPD with entries of every action.</summary>
    Spd = 1UL << 17,

    /// <summary>Asks key management for an SA.</summary>
    Acquire = 1UL << 18,

    /// <summary>An audit log that can be read.</summary>
    Audit = 1UL << 19,

    /// <summary>Combined-mode transforms.</summary>
    CombinedMode = 1UL << 20,

    /// <summary>NULL encryption.</summary>
    NullEncryption = 1UL << 21,

    /// <summary>Encryption without integrity.</summary>
    EncryptionOnly = 1UL << 22,

    /// <summary>Implicit IVs. RFC 8750.</summary>
    ImplicitIv = 1UL << 23,

    /// <summary>Fragments and reassembles.</summary>
    Fragmentation = 1UL << 24,

    /// <summary>Path MTU towards the sender.</summary>
    Pmtu = 1UL << 25,

    /// <summary>ICMP errors.</summary>
    Icmp = 1UL << 26,

    /// <summary>Group SAs.</summary>
    Multicast = 1UL << 27,

    /// <summary>Several addresses of one family.</summary>
    Multihoming = 1UL << 28,

    /// <summary>AH.</summary>
    Ah = 1UL << 29,

    /// <summary>Key exchange by IKEv2.</summary>
    Ike = 1UL << 30,

    /// <summary>Regains the high half after a loss of 2^32 packets. RFC 4303 appendix A3.</summary>
    EsnResync = 1UL << 31,

    /// <summary>Can be restarted with its SAs.</summary>
    Reboot = 1UL << 32,

    /// <summary>Sends NAT keepalives.</summary>
    KeepAlive = 1UL << 33,

    /// <summary>Works behind, or for peers behind, an address translator.</summary>
    Nat = 1UL << 34,

    /// <summary>Forwards for hosts behind it.</summary>
    Gateway = 1UL << 35,

    /// <summary>Keeps a receive window of exactly the size asked for, not only 32 and 64. See Interpretations/0007.</summary>
    AnyReplayWindow = 1UL << 36,

    /// <summary>Its SPD and SAD are Linux's: policies and SAs as netlink carries them, ACQUIRE and EXPIRE.</summary>
    XfrmDatabases = 1UL << 45,

    /// <summary>DF, DSCP, ECN and flow label of the outer header are chosen for each SA. RFC 4301 §5.1.2, §8.1, RFC 6040 §4.1.</summary>
    TunnelHeaderOptions = 1UL << 37,

    /// <summary>SAs inside SAs. RFC 4301 §4.3.</summary>
    NestedSa = 1UL << 38,

    /// <summary>Several sets of databases side by side. RFC 4301 §4.4.</summary>
    SeveralContexts = 1UL << 39,

    /// <summary>Programs state policy for their own sockets. RFC 4301 §4.4.1.</summary>
    SocketPolicies = 1UL << 40,

    /// <summary>The MTU of the link on the wire side can be set.</summary>
    LinkMtu = 1UL << 41,

    /// <summary>Makes the outer header from the inner one and carries marks inwards, where a codec is handed its headers. RFC 4301 §5.1.2, RFC 6040.</summary>
    HeaderProcessing = 1UL << 42,

    /// <summary>Takes super-packets of TCP and UDP on its protected side and cuts them.</summary>
    Segmentation = 1UL << 43,

    /// <summary>Merges packets after ESP where their flow allows it, and tells so.</summary>
    Coalescing = 1UL << 44,

    /// <summary>Takes super-packets of UDP too.</summary>
    UdpSegmentation = 1UL << 46,

    /// <summary>AGGFRAG mode. RFC 9347.</summary>
    Iptfs = 1UL << 47,

    /// <summary>Initiates IKE SAs.</summary>
    IkeInitiator = 1UL << 48,

    /// <summary>Answers those who initiate IKE SAs.</summary>
    IkeResponder = 1UL << 49,

    /// <summary>Makes further Child SAs with CREATE_CHILD_SA. RFC 7296 §1.3.</summary>
    CreateChildSa = 1UL << 50,

    /// <summary>Replaces IKE SAs and Child SAs. RFC 7296 §2.8.</summary>
    IkeRekey = 1UL << 51,

    /// <summary>Asks for, or gives, addresses by configuration payloads. RFC 7296 §2.19.</summary>
    IkeConfiguration = 1UL << 52,

    /// <summary>Authenticates by EAP. RFC 7296 §2.16.</summary>
    IkeEap = 1UL << 53,

    /// <summary>Authenticates by certificates and signatures. RFC 7296 §2.15, RFC 7427.</summary>
    IkeCertificates = 1UL << 54,

    /// <summary>Fragments encrypted IKE messages. RFC 7383.</summary>
    IkeFragmentation = 1UL << 55,

    /// <summary>Moves IKE SAs to other addresses. RFC 4555.</summary>
    Mobike = 1UL << 56,

    /// <summary>Additional key exchanges and IKE_INTERMEDIATE. RFC 9242, RFC 9370.</summary>
    MultipleKeyExchanges = 1UL << 57,

    /// <summary>Mixes in a postquantum pre-shared key. RFC 8784.</summary>
    PostquantumPresharedKey = 1UL << 58,

    /// <summary>Sets up IKE SAs without a Child SA. RFC 6023.</summary>
    ChildlessIke = 1UL << 59,

    /// <summary>Negotiates IPComp. RFC 7296 §2.22.</summary>
    IpComp = 1UL << 60,

    /// <summary>Its wire side is Ethernet, on which frames may carry tags of VLANs. IEEE 802.1Q.</summary>
    VlanTags = 1UL << 61,
}
