using System.Text.Json.Nodes;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Shim;

/// <summary>The JSON of the shim protocol, both ways; described in README.md beside this file.</summary>
internal static class ShimMessages
{
    /// <summary>Version of the protocol.</summary>
    public const int Version = 1;

    /// <summary>An SA as JSON; 64-bit numbers are text, because many JSON readers have 53 bits.</summary>
    public static JsonObject Write(PolicyDirection direction, SecurityAssociation sa)
    {
        JsonObject json = new()
        {
            ["direction"] = direction == PolicyDirection.Inbound ? "in" : "out",
            ["spi"] = sa.Spi.Value,
            ["mode"] = sa.Mode.ToString().ToLowerInvariant(),
            ["source"] = sa.Source.ToString(),
            ["destination"] = sa.Destination.ToString(),
            ["encryption"] = sa.Suite.Encryption.Name,
            ["encryptionKeyBits"] = sa.Suite.EncryptionKeyBits,
            ["encryptionKey"] = sa.EncryptionKey.ToString(),
            ["extendedSequenceNumbers"] = sa.ExtendedSequenceNumbers,
            ["replayWindowPackets"] = sa.ReplayWindowPackets,
            ["lastSequence"] = sa.LastSequence.ToString(),
        };
        if (sa.InnerSource is { } innerSource && sa.InnerDestination is { } innerDestination)
        {
            json["innerSource"] = innerSource.ToString();
            json["innerDestination"] = innerDestination.ToString();
        }

        if (sa.Suite.Integrity is { } integrity)
        {
            json["integrity"] = integrity.Name;
            json["integrityKey"] = sa.IntegrityKey.ToString();
        }

        if (sa.Encapsulation is { } udp)
        {
            json["udpEncapsulation"] = new JsonObject { ["sourcePort"] = udp.SourcePort, ["destinationPort"] = udp.DestinationPort };
        }

        if (sa.TfcPayloadBytes is { } tfc)
        {
            json["tfcPayloadBytes"] = tfc;
        }

        if (sa.Headers != TunnelHeaderOptions.Default)
        {
            json["headers"] = Write(sa.Headers);
        }

        if (sa.Lifetime != Lifetime.Unlimited)
        {
            json["lifetime"] = Write(sa.Lifetime);
        }

        return json;
    }

    /// <summary>An SA from JSON.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static (PolicyDirection Direction, SecurityAssociation Sa) ReadSa(JsonNode? node)
    {
        JsonObject json = node as JsonObject ?? throw new FormatException("sa: an object is wanted");
        string encryption = Text(json, "encryption");
        string integrity = json["integrity"] is null ? "AUTH_NONE" : Text(json, "integrity");
        EncryptionTransform transform = EspSuites.Encryption.FirstOrDefault(t => t.Name == encryption)
            ?? throw new FormatException($"encryption: {encryption} is unknown");
        IntegrityTransform? mac = EspSuites.Integrity.FirstOrDefault(t => t.Name == integrity);
        if (mac is null && integrity != "AUTH_NONE")
        {
            throw new FormatException($"integrity: {integrity} is unknown");
        }

        SecurityAssociation sa = new()
        {
            Spi = new Spi((uint)Number(json, "spi")),
            Mode = Enum.TryParse(Text(json, "mode"), ignoreCase: true, out EspMode mode) && mode != EspMode.AggFrag ? mode : throw new FormatException("mode: transport, tunnel or beet"),
            Source = Address(json, "source"),
            Destination = Address(json, "destination"),
            InnerSource = json["innerSource"] is null ? null : Address(json, "innerSource"),
            InnerDestination = json["innerDestination"] is null ? null : Address(json, "innerDestination"),
            Suite = new EspSuite(transform, (int)Number(json, "encryptionKeyBits"), mac),
            EncryptionKey = ByteString.FromHex(Text(json, "encryptionKey")),
            IntegrityKey = json["integrityKey"] is null ? default : ByteString.FromHex(Text(json, "integrityKey")),
            ExtendedSequenceNumbers = json["extendedSequenceNumbers"]?.GetValue<bool>() ?? false,
            ReplayWindowPackets = (int)Number(json, "replayWindowPackets"),
            LastSequence = new SequenceNumber(ulong.Parse(Text(json, "lastSequence"))),
            Encapsulation = json["udpEncapsulation"] is JsonObject udp
                ? new UdpEncapsulation((ushort)Number(udp, "sourcePort"), (ushort)Number(udp, "destinationPort"))
                : null,
            TfcPayloadBytes = json["tfcPayloadBytes"] is null ? null : (int)Number(json, "tfcPayloadBytes"),
            Headers = json["headers"] is JsonObject headers ? ReadHeaders(headers) : TunnelHeaderOptions.Default,
            Lifetime = json["lifetime"] is JsonObject lifetime ? ReadLifetime(lifetime) : Lifetime.Unlimited,
        };
        return (Text(json, "direction") == "in" ? PolicyDirection.Inbound : PolicyDirection.Outbound, sa);
    }

    /// <summary>A PROTECT policy as JSON.</summary>
    public static JsonObject Write(ProtectPolicy policy) => new()
    {
        ["direction"] = policy.Direction == PolicyDirection.Inbound ? "in" : "out",
        ["source"] = policy.Source.ToString(),
        ["destination"] = policy.Destination.ToString(),
        ["mode"] = policy.Mode.ToString().ToLowerInvariant(),
        ["tunnelSource"] = policy.TunnelSource.ToString(),
        ["tunnelDestination"] = policy.TunnelDestination.ToString(),
    };

    /// <summary>A PROTECT policy from JSON.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static ProtectPolicy ReadPolicy(JsonNode? node)
    {
        JsonObject json = node as JsonObject ?? throw new FormatException("policy: an object is wanted");
        return new ProtectPolicy(
            Text(json, "direction") == "in" ? PolicyDirection.Inbound : PolicyDirection.Outbound,
            Prefix(json, "source"), Prefix(json, "destination"),
            Enum.Parse<EspMode>(Text(json, "mode"), ignoreCase: true),
            Address(json, "tunnelSource"), Address(json, "tunnelDestination"), null);
    }

    /// <summary>A text member.</summary>
    /// <exception cref="FormatException">It is missing or no text.</exception>
    public static string Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : throw new FormatException($"{name}: text is wanted");

    private static long Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out long number) ? number : throw new FormatException($"{name}: a number is wanted");

    /// <summary>A member that is an address.</summary>
    /// <exception cref="FormatException">It is missing or none.</exception>
    public static IpAddress Address(JsonObject json, string name) =>
        IpAddress.TryParse(Text(json, name), out IpAddress address) ? address : throw new FormatException($"{name}: an address is wanted");

    /// <summary>A member that is a prefix.</summary>
    /// <exception cref="FormatException">It is missing or none.</exception>
    public static AddressPrefix Prefix(JsonObject json, string name)
    {
        string[] halves = Text(json, name).Split('/');
        return halves.Length == 2 && IpAddress.TryParse(halves[0], out IpAddress address) && int.TryParse(halves[1], out int bits)
            ? new AddressPrefix(address, bits)
            : throw new FormatException($"{name}: a prefix is wanted");
    }

    private static JsonObject Write(TunnelHeaderOptions headers)
    {
        JsonObject json = new()
        {
            ["dontFragment"] = headers.DontFragment.ToString().ToLowerInvariant(),
            ["ecn"] = headers.Ecn.ToString().ToLowerInvariant(),
            ["takesOuterDscp"] = headers.TakesOuterDscp,
        };
        if (headers.Dscp is { } dscp)
        {
            json["dscp"] = dscp;
        }

        if (headers.FlowLabel is { } label)
        {
            json["flowLabel"] = label;
        }

        return json;
    }

    private static TunnelHeaderOptions ReadHeaders(JsonObject json) => new()
    {
        DontFragment = Enum.Parse<DontFragmentRule>(Text(json, "dontFragment"), ignoreCase: true),
        Ecn = Enum.Parse<EcnMode>(Text(json, "ecn"), ignoreCase: true),
        TakesOuterDscp = json["takesOuterDscp"]?.GetValue<bool>() ?? false,
        Dscp = json["dscp"] is null ? null : (byte)Number(json, "dscp"),
        FlowLabel = json["flowLabel"] is null ? null : (uint)Number(json, "flowLabel"),
    };

    private static JsonObject Write(Lifetime lifetime)
    {
        JsonObject json = [];
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        Add("softPackets", lifetime.SoftPackets?.ToString());
        Add("hardPackets", lifetime.HardPackets?.ToString());
        Add("softBytes", lifetime.SoftBytes?.ToString());
        Add("hardBytes", lifetime.HardBytes?.ToString());
        Add("softSeconds", lifetime.SoftTime?.TotalSeconds.ToString());
        Add("hardSeconds", lifetime.HardTime?.TotalSeconds.ToString());
        return json;
    }

    private static Lifetime ReadLifetime(JsonObject json)
    {
        ulong? Count(string name) => json[name] is null ? null : ulong.Parse(Text(json, name));
        TimeSpan? Time(string name) => json[name] is null ? null : TimeSpan.FromSeconds(double.Parse(Text(json, name)));
        return new Lifetime(
            Count("softPackets"), Count("hardPackets"), Count("softBytes"), Count("hardBytes"), Time("softSeconds"), Time("hardSeconds"));
    }
}
