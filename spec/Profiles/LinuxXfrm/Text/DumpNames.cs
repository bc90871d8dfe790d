using System.Globalization;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Words of the dumps and what they stand for.</summary>
internal static class DumpNames
{
    public static readonly (string Name, byte Value)[] Transforms =
    [
        ("esp", IpProtocol.Esp), ("ah", IpProtocol.Ah), ("comp", IpProtocol.IpComp), ("route2", IpProtocol.Routing),
        ("hao", IpProtocol.DestinationOptions), ("ipsec-any", 255),
    ];

    public static readonly (string Name, byte Value)[] Modes =
    [
        ("transport", (byte)XfrmMode.Transport), ("tunnel", (byte)XfrmMode.Tunnel), ("ro", (byte)XfrmMode.RouteOptimization),
        ("in_trigger", (byte)XfrmMode.InTrigger), ("beet", (byte)XfrmMode.Beet),
    ];

    // A name that no tool prints yet is read, but never written.
    public static readonly (string Name, byte Value)[] ModesRead = [.. Modes, ("iptfs", (byte)XfrmMode.IpTfs)];

    public static readonly (string Name, byte Value)[] Shares = [("any", 0), ("session", 1), ("user", 2), ("unique", 3)];

    public static readonly (string Name, byte Value)[] Encapsulations = [("espinudp-nonike", 1), ("espinudp", 2), ("espintcp", 7)];

    public static readonly (string Name, byte Value)[] PolicyTypes = [("main", 0), ("sub", 1)];

    public static readonly (string Name, byte Value)[] PolicyFlags = [("localok", 1), ("icmp", XfrmPolicy.FlagIcmp)];

    public static readonly (string Name, byte Value)[] StateFlags =
    [
        ("noecn", (byte)XfrmStateFlags.NoEcn), ("decap-dscp", (byte)XfrmStateFlags.DecapDscp),
        ("nopmtudisc", (byte)XfrmStateFlags.NoPmtuDiscovery), ("wildrecv", (byte)XfrmStateFlags.WildReceive),
        ("icmp", (byte)XfrmStateFlags.Icmp), ("af-unspec", (byte)XfrmStateFlags.UnspecifiedFamily), ("align4", (byte)XfrmStateFlags.Align4),
        ("esn", (byte)XfrmStateFlags.Esn),
    ];

    public static readonly (string Name, byte Value)[] ExtraFlags =
        [("dont-encap-dscp", (byte)XfrmExtraFlags.DontEncapDscp), ("oseq-may-wrap", (byte)XfrmExtraFlags.SequenceMayWrap)];

    /// <summary>Upper protocols as /etc/protocols of Debian names them.</summary>
    public static readonly (string Name, byte Value)[] Protocols =
    [
        ("icmp", 1), ("igmp", 2), ("ggp", 3), ("ipencap", 4), ("st", 5), ("tcp", 6), ("egp", 8), ("igp", 9), ("pup", 12), ("udp", 17), ("hmp", 20),
        ("xns-idp", 22), ("rdp", 27), ("iso-tp4", 29), ("dccp", 33), ("xtp", 36), ("ddp", 37), ("idpr-cmtp", 38), ("ipv6", 41), ("ipv6-route", 43),
        ("ipv6-frag", 44), ("idrp", 45), ("rsvp", 46), ("gre", 47), ("esp", 50), ("ah", 51), ("skip", 57), ("ipv6-icmp", 58), ("ipv6-nonxt", 59),
        ("ipv6-opts", 60), ("rspf", 73), ("vmtp", 81), ("eigrp", 88), ("ospf", 89), ("ax.25", 93), ("ipip", 94), ("etherip", 97), ("encap", 98),
        ("pim", 103), ("ipcomp", 108), ("vrrp", 112), ("l2tp", 115), ("isis", 124), ("sctp", 132), ("fc", 133), ("mobility-header", 135),
        ("udplite", 136), ("mpls-in-ip", 137), ("manet", 138), ("shim6", 139), ("wesp", 140), ("rohc", 142), ("ethernet", 143),
    ];

    // Other machines name a few of them otherwise.
    public static readonly (string Name, byte Value)[] ProtocolsRead =
        [.. Protocols, ("any", 0), ("ipv4", 4), ("icmp6", 58), ("icmpv6", 58), ("udp-lite", 136)];

    /// <summary>The value of a name or a number.</summary>
    public static bool TryValue((string Name, byte Value)[] table, string word, out byte value)
    {
        foreach ((string name, byte candidate) in table)
        {
            if (name == word)
            {
                value = candidate;
                return true;
            }
        }

        return byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The name of a value, or its number.</summary>
    public static string NameOf((string Name, byte Value)[] table, ulong value) =>
        table.FirstOrDefault(n => n.Value == value).Name ?? value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Flag names with a blank between them, and in hex what has no name.</summary>
    public static string Flags((string Name, byte Value)[] table, uint flags)
    {
        List<string> words = [.. table.Where(f => (flags & f.Value) != 0).Select(f => f.Name)];
        uint rest = flags & ~table.Aggregate(0u, (all, f) => all | f.Value);
        if (rest != 0)
        {
            words.Add($"{rest:x}");
        }

        return string.Join(' ', words);
    }
}
