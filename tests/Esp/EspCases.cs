using Conformance.Harness.Oracle;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using NUnit.Framework;

namespace Conformance.Tests.Esp;

/// <summary>The scenarios that suites run over.</summary>
internal static class EspCases
{
    /// <summary>Each mode with each family, or pair of families, that it is modelled for.</summary>
    public static IEnumerable<EspScenario> Modes =>
    [
        new() { Mode = EspMode.Transport },
        new() { Mode = EspMode.Transport, OuterIpv6 = true, InnerIpv6 = true },
        new() { Mode = EspMode.Tunnel },
        new() { Mode = EspMode.Tunnel, OuterIpv6 = true },
        new() { Mode = EspMode.Tunnel, InnerIpv6 = true },
        new() { Mode = EspMode.Tunnel, OuterIpv6 = true, InnerIpv6 = true },
        new() { Mode = EspMode.Beet },
        new() { Mode = EspMode.Beet, OuterIpv6 = true, InnerIpv6 = true },
    ];

    /// <summary>Every suite in every mode and family, with and without ESN.</summary>
    public static IEnumerable<TestCaseData> Matrix =>
        from suite in EspSuites.All
        from mode in Modes
        from extended in new[] { false, true }
        select Case(mode with { Suite = suite, ExtendedSequenceNumbers = extended });

    /// <summary>Every suite once, in IPv4 tunnel mode.</summary>
    public static IEnumerable<TestCaseData> Suites =>
        from suite in EspSuites.All select Case(new EspScenario { Suite = suite });

    /// <summary>Suites that differ in how a receiver works on them: combined, block cipher with MAC, integrity only.</summary>
    public static IEnumerable<EspSuite> Kinds =>
        from name in new[] { "ENCR_AES_GCM_16-128", "ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128", "ENCR_NULL/AUTH_HMAC_SHA2_256_128" }
        select Suite(name);

    /// <summary>NULL with HMAC: what is inside can be read.</summary>
    public static EspScenario IntegrityOnly { get; } = new() { Suite = Suite("ENCR_NULL/AUTH_HMAC_SHA2_256_128") };

    /// <summary>AES-CBC with HMAC.</summary>
    public static EspScenario CipherAndMac { get; } = new() { Suite = Suite("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128") };

    /// <summary>Every cipher with a separate MAC once, in IPv4 tunnel mode.</summary>
    public static IEnumerable<TestCaseData> Ciphers =>
        from suite in EspSuites.All
        where suite is { Encryption: { IsCombinedMode: false, IsIntegrityOnly: false }, Integrity.Name: "AUTH_HMAC_SHA2_256_128" }
        select Case(new EspScenario { Suite = suite });

    /// <summary>One suite of each kind in each mode.</summary>
    public static IEnumerable<TestCaseData> KindsAndModes =>
        from suite in Kinds from mode in Modes select Case(mode with { Suite = suite });

    /// <summary>One suite of each kind, in IPv4 tunnel mode.</summary>
    public static IEnumerable<TestCaseData> EachKind =>
        from suite in Kinds select Case(new EspScenario { Suite = suite });

    /// <summary>The suite of a name.</summary>
    public static EspSuite Suite(string name) =>
        EspSuite.TryParse(name, out EspSuite? suite, out string? error) ? suite : throw new ArgumentException(error, nameof(name));

    /// <summary>A case of a scenario with further arguments.</summary>
    public static TestCaseData Case(EspScenario scenario, params object[] more) => new([scenario, .. more]);
}
