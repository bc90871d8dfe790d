using System.Text.Json;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Reporting;

/// <summary>Writes a finding as a directory: finding.json, trace.pcapng and the keys that Wireshark needs.</summary>
public static class FindingStore
{
    /// <summary>The folder of findings in the run's directory.</summary>
    public const string DirectoryName = "findings";

    private static readonly JsonSerializerOptions Indented = new(Journal.Json) { WriteIndented = true };

    /// <summary>Stores a finding; returns its directory.</summary>
    public static string Write(string runDirectory, int number, Finding finding, IRecordedSession session)
    {
        string directory = Path.Combine(runDirectory, DirectoryName, $"{number:0000}-{finding.Requirement}");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, Finding.FileName), JsonSerializer.Serialize(finding, Indented));
        File.WriteAllLines(Path.Combine(directory, "esp_sa"), WiresharkKeys.Lines(session.Associations));
        if (session.IkeAssociations.Count > 0)
        {
            File.WriteAllLines(Path.Combine(directory, IkeKeyTable.FileName), IkeKeyTable.Lines(session.IkeAssociations));
        }

        WriteTrace(Path.Combine(directory, "trace.pcapng"), finding, session);
        return directory;
    }

    private static void WriteTrace(string path, Finding finding, IRecordedSession session)
    {
        string keys = string.Join('\n', WiresharkKeys.Lines(session.Associations));
        using PcapngWriter writer = new(File.Create(path), $"{finding.Requirement} {finding.Target}\nesp_sa:\n{keys}");
        foreach (Step step in session.Steps)
        {
            string label = $"step {step.Number}: {step.Description}";
            switch (step.Stimulus)
            {
                case Stimulus.FromWire wire:
                    writer.Write(CaptureSide.Wire, true, step.Number, wire.Packet.Bytes.Span, $"{label}; expected {step.Expected}; observed {step.Observed}");
                    break;
                case Stimulus.FromHost host:
                    writer.Write(CaptureSide.Host, true, step.Number, host.Packet.Bytes.Span, $"{label}; expected {step.Expected}; observed {step.Observed}");
                    break;
            }

            foreach (Observation observation in step.Observations)
            {
                (CaptureSide side, ByteString bytes)? packet = observation switch
                {
                    Observation.ToWire wire => (CaptureSide.Wire, wire.Packet.Bytes),
                    Observation.ToHost host => (CaptureSide.Host, host.Packet.Bytes),
                    _ => null,
                };
                if (packet is { } seen)
                {
                    writer.Write(seen.side, false, step.Number, seen.bytes.Span, $"after {label}");
                }
            }
        }
    }
}

/// <summary>Lines of Wireshark's esp_sa table.</summary>
public static class WiresharkKeys
{
    private static readonly Dictionary<string, string> Encryption = new()
    {
        ["ENCR_NULL"] = "NULL",
        ["ENCR_3DES"] = "TripleDES-CBC [RFC2451]",
        ["ENCR_AES_CBC"] = "AES-CBC [RFC3602]",
        ["ENCR_AES_CTR"] = "AES-CTR [RFC3686]",
        ["ENCR_AES_GCM_8"] = "AES-GCM with 8 octet ICV [RFC4106]",
        ["ENCR_AES_GCM_12"] = "AES-GCM with 12 octet ICV [RFC4106]",
        ["ENCR_AES_GCM_16"] = "AES-GCM with 16 octet ICV [RFC4106]",
    };

    private static readonly Dictionary<string, string> Integrity = new()
    {
        ["AUTH_HMAC_MD5_96"] = "HMAC-MD5-96 [RFC2403]",
        ["AUTH_HMAC_SHA1_96"] = "HMAC-SHA-1-96 [RFC2404]",
        ["AUTH_HMAC_SHA2_256_128"] = "HMAC-SHA-256-128 [RFC4868]",
        ["AUTH_HMAC_SHA2_384_192"] = "HMAC-SHA-384-192 [RFC4868]",
        ["AUTH_HMAC_SHA2_512_256"] = "HMAC-SHA-512-256 [RFC4868]",
    };

    /// <summary>The lines of SAs; one comment line where Wireshark has no name for a transform, since a bad line loses the table.</summary>
    public static IEnumerable<string> Lines(IEnumerable<SecurityAssociation> associations)
    {
        foreach (SecurityAssociation sa in associations)
        {
            string integrity = "NULL";
            if (!Encryption.TryGetValue(sa.Suite.Encryption.Name, out string? encryption)
                || (sa.Suite.Integrity is { } mac && !Integrity.TryGetValue(mac.Name, out integrity!)))
            {
                yield return $"# {sa.Suite}: no name in Wireshark's table";
                continue;
            }

            string family = sa.Source.IsIpv6 ? "IPv6" : "IPv4";
            string sequence = sa.ExtendedSequenceNumbers ? "64-bit" : "32-bit";
            yield return $"\"{family}\",\"{sa.Source}\",\"{sa.Destination}\",\"{sa.Spi}\",\"{encryption}\",\"0x{sa.EncryptionKey}\",\"{integrity}\",\"{(sa.IntegrityKey.Length == 0 ? "" : "0x" + sa.IntegrityKey)}\",\"{sequence}\"";
        }
    }
}
