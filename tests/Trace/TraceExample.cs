using System.Globalization;
using Conformance.Harness.Contract;
using Conformance.Harness.Tracing;
using Conformance.Harness.Tracing.Live;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Tracing;

/// <summary>One generated example: databases as texts, and packets in words that nearly fit them.</summary>
/// <param name="Policies">SPD.</param>
/// <param name="States">SAD.</param>
/// <param name="Packets">Packets.</param>
/// <param name="Receives">True when they arrive.</param>
internal sealed record TraceExample(string Policies, string States, IReadOnlyList<string> Packets, bool Receives)
{
    private const uint Spi = 0x1001;

    /// <summary>Draws an example.</summary>
    public static TraceExample Draw(Random random)
    {
        bool receives = random.Next(2) == 0;
        bool tunnel = random.Next(2) == 0;
        bool ipv6 = random.Next(4) == 0 && (tunnel || receives);
        AddressSet set = AddressPlan.Of(ipv6, sentinel: false);
        (string own, string peer) = ($"{set.Target}", $"{set.Peer}");
        (string near, string far) = tunnel ? ($"{set.Protected}", $"{set.Remote}") : (own, peer);
        (string outerFrom, string outerTo) = receives ? (peer, own) : (own, peer);
        (string from, string to) = receives ? (far, near) : (near, far);
        int requestId = random.Next(1, 4);
        string mode = tunnel ? "tunnel" : "transport";
        string direction = !receives ? "out" : tunnel ? "fwd" : "in";
        string template = random.Next(8) == 0 ? "" : $"\ttmpl src {(tunnel ? outerFrom : Zero(ipv6))} dst {(tunnel ? outerTo : Zero(ipv6))}\n"
            + $"\t\tproto esp reqid {(random.Next(5) == 0 ? 9 : requestId)} mode {mode}\n" + (!tunnel && random.Next(6) == 0 ? "\t\tlevel use\n" : "");
        string policies =
            $"src {Prefix(random, from, ipv6)} dst {Prefix(random, to, ipv6)}{Upper(random)}\n\tdir {direction} {(random.Next(8) == 0 ? "action block " : "")}priority {random.Next(3)}\n{template}"
            + (random.Next(3) == 0 ? $"src {Prefix(random, from, ipv6)} dst {to}/{(ipv6 ? 128 : 32)}{Upper(random)}\n\tdir {direction} action {(random.Next(2) == 0 ? "block" : "allow")} priority {random.Next(3)}\n" : "");
        bool esn = random.Next(3) == 0;
        string window = esn ? "0 flag esn" + (tunnel ? " af-unspec" : "") : "32" + (tunnel ? " flag af-unspec" : "");
        string states = $"src {outerFrom} dst {outerTo}\n\tproto esp spi 0x{Spi:x8} reqid {requestId} mode {mode}\n\treplay-window {window}\n{Algorithms(random)}"
            + (esn ? "\tanti-replay esn context:\n\t seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x0\n\t replay_window 64, bitmap-length 2\n\t 00000000 00000000\n" : "")
            + (random.Next(4) == 0 ? $"\tsel src {from}/{(ipv6 ? 128 : 32)} dst {to}/{(ipv6 ? 128 : 32)}{Upper(random)}\n" : "");
        return new TraceExample(policies, random.Next(6) == 0 ? "" : states, [.. Enumerable.Range(0, 2).Select(_ => Packet(random, receives, mayBeUdp: tunnel || !receives, from, to, states))], receives);
    }

    /// <summary>As the verb reads it, for the devices of a live kernel.</summary>
    public TraceRequest Request(Spec.Profiles.LinuxXfrm.Databases.LinuxRelease release)
    {
        if (!PolicyDump.TryParse(Policies, out PolicyDump? policies, out TextError error) || !StateDump.TryParse(States, out StateDump? states, out error))
        {
            throw new AssertionException($"{error}\n{this}");
        }

        return LiveVerification.Around(new TraceRequest
        {
            Policies = policies!,
            States = states!,
            Packets = [.. Packets.Select(TraceInputs.Packet)],
            Receives = Receives,
            OwnAddresses = [AddressPlan.Ipv4.Target, AddressPlan.Ipv6.Target],
        }, release);
    }

    /// <summary>The texts one below the other.</summary>
    public override string ToString() => $"{Policies}--\n{States}--\n{string.Join('\n', Packets)}\n{(Receives ? "received" : "sent")}";

    // What nobody listens for is answered by an error, and of errors a kernel sends only so many a second.
    private static string Packet(Random random, bool receives, bool mayBeUdp, string from, string to, string states)
    {
        bool ipv6 = from.Contains(':');
        string host(string address, int port) => ipv6 ? $"[{address}]:{port}" : $"{address}:{port}";
        string plain = !mayBeUdp || random.Next(3) == 0
            ? $"ip {from} > {to} proto 253 len {random.Next(1, 90)}"
            : $"udp {host(from, 5000)} > {host(to, random.Next(2) == 0 ? 53 : 54)} len {random.Next(90)}";
        string ends = states.Split('\n')[0];
        return !receives || random.Next(8) == 0 ? plain
            : random.Next(8) == 0 ? $"esp {ends.Split(' ')[1]} > {ends.Split(' ')[3]} spi 0x{Spi + (uint)random.Next(2):x8} seq 1 len 60"
            : $"esp spi 0x{Spi:x8} seq {random.Next(1, 3)} {{ {plain} }}";
    }

    private static string Zero(bool ipv6) => ipv6 ? "::" : "0.0.0.0";

    // No policy for all of IPv6: a kernel's own multicast would go through it and use up numbers.
    private static string Prefix(Random random, string address, bool ipv6) => random.Next(3) switch
    {
        0 => $"{address}/{(ipv6 ? 128 : 32)}",
        1 or 2 when ipv6 => $"{address[..address.LastIndexOf(':')]}:/64",
        1 => $"{address[..address.LastIndexOf('.')]}.0/24",
        _ => $"{Zero(ipv6)}/0",
    };

    private static string Upper(Random random) => random.Next(5) switch
    {
        0 => " proto udp",
        1 => " proto udp dport 53",
        2 => " proto 253",
        _ => "",
    };

    private static string Algorithms(Random random)
    {
        string Key(int bytes) => "0x" + string.Concat(Enumerable.Range(0, bytes).Select(_ => random.Next(256).ToString("x2", CultureInfo.InvariantCulture)));
        return random.Next(3) switch
        {
            0 => $"\tauth-trunc hmac(sha256) {Key(32)} 128\n\tenc cbc(aes) {Key(16)}\n",
            1 => $"\tauth-trunc hmac(sha1) {Key(20)} 96\n\tenc ecb(cipher_null) \n",
            _ => $"\taead rfc4106(gcm(aes)) {Key(20)} {(random.Next(2) == 0 ? 64 : 128)}\n",
        };
    }
}
