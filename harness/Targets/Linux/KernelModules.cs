namespace Conformance.Harness.Targets.Linux;

/// <summary>The modules that a modular kernel needs for IPsec, in the order of their dependencies.</summary>
internal static class KernelModules
{
    private const string Root = "/usr/lib/uml/modules";

    // The last four are not asked for by name anywhere, but without them every SA add fails.
    private static readonly string[] Wanted =
    [
        "ipv6", "tun", "8021q", "xfrm_user", "esp4", "esp6", "cbc", "ctr", "gcm", "ccm", "seqiv", "echainiv", "hmac", "authenc", "authencesn",
        "cmac", "xcbc", "camellia_generic", "des_generic", "chacha20poly1305", "chacha_generic", "ghash-generic", "crypto_null", "md5",
        "sha1_generic", "sha256_generic", "ecb", "drbg", "jitterentropy_rng", "sha512_generic", "poly1305_generic",
    ];

    // Built in or loaded, these change the way of every packet: so they are loaded only when asked for.
    private static readonly string[] Offload = ["esp4_offload", "esp6_offload"];

    /// <summary>Paths for a kernel release; empty where it has no modules (a kernel with everything built in).</summary>
    public static IReadOnlyList<string> PathsFor(string release, bool espOffload)
    {
        string directory = Path.Combine(Root, release);
        string dependencies = Path.Combine(directory, "modules.dep");
        if (!File.Exists(dependencies))
        {
            return [];
        }

        Dictionary<string, string[]> needs = [];
        Dictionary<string, string> byName = [];
        foreach (string line in File.ReadLines(dependencies))
        {
            string[] halves = line.Split(':', 2);
            needs[halves[0]] = halves[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            byName[Path.GetFileNameWithoutExtension(halves[0])] = halves[0];
        }

        List<string> ordered = [];
        HashSet<string> seen = [];
        void Visit(string path)
        {
            if (seen.Add(path))
            {
                // modules.dep lists the deepest dependency last.
                foreach (string need in needs[path].Reverse())
                {
                    Visit(need);
                }

                ordered.Add(Path.Combine(directory, path));
            }
        }

        foreach (string name in espOffload ? Wanted.Concat(Offload) : Wanted)
        {
            if (byName.TryGetValue(name, out string? path))
            {
                Visit(path);
            }
        }

        return ordered;
    }
}
