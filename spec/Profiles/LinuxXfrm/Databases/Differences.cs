namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Where Linux's databases depart from an RFC, or one release from another.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Function">Kernel function that shows it.</param>
/// <param name="Clause">Clause that says otherwise, or the releases that differ.</param>
/// <param name="Meaning">What happens.</param>
public sealed record LinuxDifference(string Name, string Function, string Clause, string Meaning);

/// <summary>The differences that the model of the databases keeps.</summary>
public static class LinuxDifferences
{
    /// <summary>From the RFCs.</summary>
    public static IReadOnlyList<LinuxDifference> FromRfc { get; } =
    [
        new("numeric-priority", "xfrm_policy_lookup_bytype", "RFC 4301 §4.4.1", "Policies are ordered by a number, then by age, not by the administrator's list."),
        new("place-among-equals", "xfrm_policy_insert_list, xfrm_policy_inexact_node_merge", "RFC 4301 §4.4.1", "A policy that replaces another of the same priority takes its place in its own list only, and loses it when the prefixes of two lists are merged: order is a matter of the priority alone."),
        new("no-match-passes", "__xfrm_policy_check, xfrm_lookup_with_ifid", "RFC 4301 §5.1, §5.2", "A packet without a policy passes, unless the default says block."),
        new("tunnel-without-policy", "__xfrm_policy_check", "RFC 4301 §5.2", "Without a policy packets of a tunnel SA are dropped, those of a transport SA delivered."),
        new("protect-outbound-only", "__xfrm_policy_check", "RFC 4301 §5.2", "An outbound policy protects nothing inbound: that takes an in or fwd policy with templates."),
        new("forward-direction", "__xfrm_policy_check", "RFC 4301 §4.4.1", "Forwarded packets have a direction of their own; in policies do not apply to them."),
        new("selectors-of-final-packet", "__xfrm_policy_check", "RFC 4301 §5.2 step 4", "Selectors of all SAs used are compared with the innermost packet."),
        new("prefixes-and-masks", "xfrm_selector_match", "RFC 4301 §4.4.1.1", "Prefixes and port masks instead of ranges and lists; no names."),
        new("fragments-have-port-zero", "__xfrm_decode_session", "RFC 4301 §7", "Fragments match with port 0, the first one too."),
        new("source-not-compared", "xfrm_state_lookup", "RFC 4301 §4.1", "An SA is found by destination, SPI, protocol and mark; multicast SAs too."),
        new("reserved-spi", "verify_newsa_info", "RFC 4303 §2.1", "SPIs 0 to 255 can be configured; SPI 0 is never found."),
        new("request-id-zero", "xfrm_state_find, xfrm_state_ok", "RFC 4301 §4.4.1.2", "Outbound a template's reqid 0 takes only SAs with 0, inbound any."),
        new("larval-holds-off-all-flows", "xfrm_state_look_at", "RFC 4301 §4.4.1.2", "One larval SA holds off acquires for every flow between the same endpoints."),
        new("foreign-source-in-wildcard-chain", "xfrm_state_find", "RFC 4301 §4.4.2", "The search for SAs without a source compares no sources: where the hash puts them into one chain, an SA of another local source is used, or its larval form holds off an acquire."),
        new("tunnel-source-in-inner-family", "xfrm_state_addr_cmp", "RFC 4301 §5.2", "The template's outer source is compared in the family of the inner packet: of an IPv6 source only the first four bytes when the packet is IPv4."),
        new("transport-under-any-policy", "__xfrm_policy_check", "RFC 4301 §4.4.1", "Without templates a packet that came under transport mode passes, one out of a tunnel does not."),
        new("acquire-names-the-device", "xfrm_init_tempstate", "RFC 4301 §4.4.1.2", "The selector of an ACQUIRE has the device of the route, but not for what the host itself sends in IPv6: an SA with that selector would be too narrow, and key managers leave it out."),
        new("optional-transport-consumes-nothing", "xfrm_policy_ok", "RFC 4301 §5.2", "An optional transport template leaves its SA in the path unaccounted for."),
        new("crossing-packet-passes", "xfrm_state_check_expire", "RFC 4301 §4.4.2.1", "The packet that crosses a limit passes; the next one is refused."),
        new("encryption-alone", "verify_newsa_info", "RFC 8221 §5", "Encryption without integrity is accepted."),
        new("sha256-96", "xfrm_aalg_list", "RFC 4868 §2.1.1", "HMAC-SHA-256 without a truncation length gives 96 bits."),
    ];

    /// <summary>Between releases; each is a property of <see cref="LinuxRelease"/>.</summary>
    public static IReadOnlyList<LinuxDifference> BetweenReleases { get; } =
    [
        new(nameof(LinuxRelease.AgesEveryPolicy), "xfrm_policy_insert, xfrm_policy_insert_inexact_list", "6.1 against 6.12 and 7.3", "In 6.1 an exact policy has position 0, so at equal priority it wins but against the very first inexact one of the direction."),
        new(nameof(LinuxRelease.SelectorsHaveAFamily), "xfrm_selector_match", "6.12 and 7.3", "In 6.1 the selector of an SA is read in the family of the packet inside: one of IPv6 with prefixes of 128 bits holds every IPv4 packet."),
        new(nameof(LinuxRelease.BindsDirections), "verify_sa_dir", "6.12 and 7.3", "SAs may be bound to a direction; larval SAs of an acquire are bound to out."),
        new(nameof(LinuxRelease.CachesInbound), "xfrm_input_state_lookup", "6.12 and 7.3", "A recently used SA is found before one that was added later and matches as well."),
        new(nameof(LinuxRelease.SpiIsUniquePerProtocol), "xfrm_alloc_spi", "6.12 and 7.3", "ALLOCSPI avoids SPIs of any destination."),
        new(nameof(LinuxRelease.KnowsNonIkeMarker), "esp_init_state", "6.1", "UDP encapsulation of type 1 is accepted."),
        new(nameof(LinuxRelease.KnowsIpTfs), "xfrm_get_mode", "7.3", "Mode 5 is accepted, for SAs with a direction."),
        new(nameof(LinuxRelease.XcbcTakesOnlyItsOwnKey), "esp_init_authenc", "7.3", "Longer keys of AES-XCBC-MAC are refused."),
        new(nameof(LinuxRelease.HasEspInTcp), "esp_init_state", "configuration", "Encapsulation type 7 is accepted."),
    ];
}
