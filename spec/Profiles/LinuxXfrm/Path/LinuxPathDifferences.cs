using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>Where the paths depart from an RFC, or from themselves under another configuration; those of the databases are in <see cref="LinuxDifferences"/>.</summary>
public static class LinuxPathDifferences
{
    /// <summary>From the RFCs.</summary>
    public static IReadOnlyList<LinuxDifference> FromRfc { get; } =
    [
        new("missing-sa-in-blackhole", "xfrm_lookup_route", "RFC 4301 §5.1", "A packet whose SA is missing vanishes, and its sender is told of success."),
        new("default-block-uncounted", "xfrm_lookup_with_ifid", "RFC 4301 §5.1", "A packet that only the default blocks is refused to its sender, and no counter moves."),
        new("socket-flow-is-not-the-packet", "raw_sendmsg", "RFC 4301 §4.4.1.1", "Policies see what the socket says: a raw socket with its own header has protocol 255 and the source address of the route."),
        new("fragments-transformed", "xfrm4_transport_output", "RFC 4303 §3.3.4", "Transport mode is applied to fragments in transit."),
        new("destination-options-in-clear", "xfrm6_transport_output", "RFC 4303 §3.1.1", "Destination options without a routing header stay in front of ESP."),
        new("congestion-not-copied-out", "INET_ECN_encapsulate", "RFC 6040 §4.1", "Congestion experienced inside becomes ECT(0) outside."),
        new("congestion-without-ecn-delivered", "xfrm_inner_mode_encap_remove", "RFC 6040 §4.2", "Congestion experienced around a packet without ECN is delivered, and ECT(1) outside has no effect."),
        new("ipv6-inside-sets-df", "xfrm4_tunnel_encap_add", "RFC 4301 §8.1", "An IPv4 header around IPv6 has DF, also around small packets."),
        new("flow-label-copied", "xfrm6_tunnel_encap_add", "RFC 4301 §5.1.2.2", "The flow label goes out as it is inside."),
        new("overflow-without-notice", "xfrm_replay_overflow", "RFC 4303 §3.3.3", "An SA without numbers refuses packets, stays, and tells nobody."),
        new("last-number-repeated", "xfrm_replay_overflow_offload_esn", "RFC 4303 §3.3.3", "Where the device, or the code before it, encrypts, the refusal takes the counter back by one and the last number goes out twice."),
        new("next-header-from-stale-bytes", "esp6_gso_encap", "RFC 4303 §2.6", "Where the device, or the code before it, encrypts, the next header of a fragment in transport mode, or of options behind a routing header, is read from what the moved IP header left behind."),
        new("tfc-not-in-front-of-the-device", "esp_xmit", "RFC 4303 §2.7", "TFC padding of the SA is not applied where the device, or the code before it, encrypts."),
        new("left-of-window-fails-icv", "xfrm_replay_seqhi", "RFC 4303 §3.4.3", "With ESN a number left of the window is taken for one of the next cycle and fails the ICV."),
        new("padding-not-checked", "esp_remove_trailer", "RFC 4303 §2.4", "Padding may hold anything."),
        new("dummy-counts-as-damaged", "esp_remove_trailer", "RFC 4303 §2.6", "A dummy packet is an error, and its number is not used up."),
        new("empty-payload-refused", "esp_remove_trailer", "RFC 4303 §2.3", "At least one byte of payload is asked for."),
        new("short-esp-in-udp-lost", "xfrm4_udp_encap_rcv", "RFC 3948 §3.3", "ESP in UDP shorter than an IP header is dropped without a word."),
        new("outer-udp-meets-policies", "udp_queue_rcv_one_skb", "RFC 4301 §5.2", "In policies see the UDP datagram around ESP before what is in it."),
        new("replay-before-limits", "xfrm_input", "RFC 4301 §4.4.2.1", "A repeated packet on an exhausted SA counts as a sequence error."),
    ];

    /// <summary>From themselves, as devices and modules differ.</summary>
    public static IReadOnlyList<LinuxDifference> BetweenConfigurations { get; } =
    [
        new(nameof(LinuxSettings.EspOffloadIpv4), "esp4_gro_receive", "esp4_offload", "ESP out of a tunnel passes GRO, which forgets the SAs before: no policy sees the outer tunnel."),
        new(nameof(LinuxSettings.XfrmInterfaces), "xfrmi_input", "CONFIG_XFRM_INTERFACE", "ESP out of a tunnel is held against the in policies before it is opened."),
        new(nameof(LinuxSettings.MobileIpv6), "ip6_finish_output", "CONFIG_IPV6_MIP6", "IPv6 behind an SA of IPv4 leaves in fragments of at most 1280 bytes, the smallest packet too: flags of IPv4 are read as frag_max_size."),
        new(nameof(LinuxSettings.LarvalDrop), "xdst_queue_output", "net.core.xfrm_larval_drop", "Packets wait for their SA instead of being dropped."),
        new(nameof(LinuxDevice.IsNapi), "napi_gro_receive", "driver", "With ESP offload packets are opened on arrival, before routing."),
    ];
}
