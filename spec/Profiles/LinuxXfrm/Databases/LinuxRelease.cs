namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>A kernel release, as far as its databases behave differently from another's; each property is explained in <see cref="LinuxDifferences"/>.</summary>
public sealed record LinuxRelease
{
    /// <summary>Linux 6.1, long-term.</summary>
    public static LinuxRelease Linux61 { get; } = new() { Name = "6.1" };

    /// <summary>Linux 6.12, long-term.</summary>
    public static LinuxRelease Linux612 { get; } = new()
    {
        Name = "6.12",
        AgesEveryPolicy = true,
        SelectorsHaveAFamily = true,
        BindsDirections = true,
        CachesInbound = true,
        SpiIsUniquePerProtocol = true,
        KnowsNonIkeMarker = false,
        HasEspInTcp = true,
    };

    /// <summary>Linux 7.3.</summary>
    public static LinuxRelease Linux73 { get; } = Linux612 with { Name = "7.3", KnowsIpTfs = true, XcbcTakesOnlyItsOwnKey = true };

    /// <summary>The releases that this model knows.</summary>
    public static IReadOnlyList<LinuxRelease> All { get; } = [Linux61, Linux612, Linux73];

    /// <summary>Name, for example 6.12.</summary>
    public required string Name { get; init; }

    /// <summary>Every policy has an age; before, only those outside the hash of exact prefixes, and these by rank in one list a direction.</summary>
    public bool AgesEveryPolicy { get; init; }

    /// <summary>The selector of an SA that opened a packet must be of the packet's family; before, it was read in that family whatever its own.</summary>
    public bool SelectorsHaveAFamily { get; init; }

    /// <summary>SAs may be bound to a direction (XFRMA_SA_DIR).</summary>
    public bool BindsDirections { get; init; }

    /// <summary>Input asks a cache of recently used SAs first (xfrm_input_state_lookup).</summary>
    public bool CachesInbound { get; init; }

    /// <summary>ALLOCSPI skips an SPI that any SA of the protocol has; before, only one with the same destination.</summary>
    public bool SpiIsUniquePerProtocol { get; init; }

    /// <summary>Encapsulation type 1 of early NAT traversal drafts is known.</summary>
    public bool KnowsNonIkeMarker { get; init; } = true;

    /// <summary>ESP in TCP is built in (CONFIG_INET_ESPINTCP): a matter of configuration, given here as the tested kernels have it.</summary>
    public bool HasEspInTcp { get; init; }

    /// <summary>Mode 5, IP-TFS, is known.</summary>
    public bool KnowsIpTfs { get; init; }

    /// <summary>AES-XCBC-MAC takes a key of 128 bits only, as RFC 3566 has it; before, those of AES-192 and AES-256 too.</summary>
    public bool XcbcTakesOnlyItsOwnKey { get; init; }

    /// <summary>The release that a version string such as 6.12.117 belongs to; null when the model knows none.</summary>
    public static LinuxRelease? Of(string version) =>
        All.FirstOrDefault(release => version == release.Name || version.StartsWith(release.Name + ".", StringComparison.Ordinal) || version.StartsWith(release.Name + "-", StringComparison.Ordinal));

    /// <summary>The name.</summary>
    public override string ToString() => $"Linux {Name}";
}
