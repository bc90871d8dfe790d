using Conformance.Harness;
using Conformance.Harness.CommandLine;
using Conformance.Harness.Running;
using Conformance.Harness.Tracing;
using NUnit.Framework;

namespace Conformance.Tests.Tracing;

/// <summary>Traces against recorded ones, and what is said about bad input.</summary>
[NonParallelizable]
public class TraceTests
{
    private const string Udp = "udp 13.0.0.8:5000 > 13.0.0.9:53 len 20";
    private const string Sealed = "esp spi 0x9de792fc seq 1 { udp 13.0.0.8:5000 > 13.0.0.9:53 len 20 }";
    private const string RecordVariable = "IPSEC_RECORD_TRACES";

    private static readonly string Folder = Path.Combine(Checkout.Root ?? ".", "tests", "Trace", "Golden");
    private static readonly string Dumps = Path.Combine(Checkout.Root ?? ".", "tests", "Model", "XfrmText", "Golden");

    [TestCase("tutorial-transmit", "--spd", "tutorial.spd", "--sad-later", "tutorial.sad", "--packet", Udp, "--packet", Udp)]
    [TestCase("tutorial-transmit-offload", "--spd", "tutorial.spd", "--sad-later", "tutorial.sad", "--esp-offload", "--packet", Udp, "--packet", Udp)]
    [TestCase("tutorial-transmit-reqid-0", "--spd", "tutorial-reqid-0.spd", "--sad", "tutorial.sad", "--packet", Udp)]
    [TestCase("tutorial-receive", "--spd", "tutorial-receiver.spd", "--sad", "tutorial.sad", "--receive", "--local", "13.0.0.9", "--packet", Sealed, "--packet", Sealed)]
    [TestCase("tutorial-receive-offload", "--spd", "tutorial-receiver.spd", "--sad", "tutorial.sad", "--receive", "--local", "13.0.0.9", "--esp-offload", "--packet", Sealed)]
    public void Tutorial_TraceIsTheRecordedOne(string name, params string[] arguments)
    {
        string[] paths = [.. arguments.Select(a => a.StartsWith("tutorial", StringComparison.Ordinal) ? Path.Combine(Folder, a) : a)];
        (int code, string output, string errors) = Run(["trace", .. paths]);
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        string file = Path.Combine(Folder, name + ".txt");
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            File.WriteAllText(file, output);
        }

        Assert.That(output, Is.EqualTo(File.ReadAllText(file)), $"{RecordVariable}=1 records it anew");
    }

    [Test]
    public void RealTunnel_MarkedPacket_LeavesInsideUdpWithTheNextNumber()
    {
        (int code, string output, string errors) = Run(["trace", .. Swan("6.12-swan"), "--packet", "udp 10.1.1.1:7000 > 10.1.2.1:7001 len 30 mark 0x20"]);
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        Assert.That(output, Does.Contain("=> leaves on wire0: 192.0.2.1 > 192.0.2.2 UDP 4500 > 4500 ESP spi 0xc38f0b12 seq 4"));
        Assert.That(output, Does.Contain("oseq 3 -> 4"));
    }

    [Test]
    public void RealTunnel_SealedPacketOfThePeer_IsForwarded()
    {
        (int code, string output, string errors) = Run(
            ["trace", .. Swan("6.12-swan"), "--receive", "--packet", "esp spi 0xc81f5e17 seq 7 { udp 10.1.2.1:7001 > 10.1.1.1:7000 len 30 }"]);
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        Assert.That(output, Does.Contain("SA 0xc81f5e17: seq 0 -> 7"));
    }

    [Test]
    public void RealTunnel_DroppedNet_NamesPolicyAndCounter()
    {
        (int code, string output, string errors) = Run(["trace", .. Swan("7.3-swan"), "--kernel-release", "7.3", "--packet", "udp 10.27.0.1:1 > 10.28.0.1:2"]);
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        Assert.That(output, Does.Contain("blocks; XfrmOutPolBlock +1"));
    }

    // Dumps of two strongSwan 5.9.8 daemons: a trap policy before; then a tunnel with ESN, IPv6 inside IPv4, and a transport mode SA for one port.
    [TestCase("a", "udp 10.77.1.1:4000 > 10.77.2.1:5000 len 20", "ESP spi 0xc4cc2c0f seq 4")]
    [TestCase("a", "udp [2001:db8:1::1]:4000 > [2001:db8:2::1]:5000", "10.77.0.1 > 10.77.0.2 ESP spi 0xc9dafd35 seq 1")]
    [TestCase("a", "tcp 10.77.0.1:5001 > 10.77.0.2:5001", "10.77.0.1 > 10.77.0.2 ESP spi 0xc29df230 seq 1")]
    [TestCase("b", "esp spi 0xc4cc2c0f seq 4 { udp 10.77.1.1:4000 > 10.77.2.1:5000 }", "leaves on host0: 10.77.1.1 > 10.77.2.1 UDP")]
    [TestCase("b", "esp spi 0xc4cc2c0f seq 3 { udp 10.77.1.1:4000 > 10.77.2.1:5000 }", "number 3 was seen; XfrmInStateSeqError +1")]
    [TestCase("b", "udp 10.77.1.1:4000 > 10.77.2.1:5000", "XfrmInTmplMismatch +1")]
    public void StrongSwanTunnel_PacketIsFollowed(string host, string packet, string outcome)
    {
        string[] receives = host == "b" ? ["--receive"] : [];
        foreach (string detail in new[] { "", "-s" })
        {
            (int code, string output, string errors) = Run(["trace", .. StrongSwan(host, detail), .. receives, "--packet", packet]);
            Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
            Assert.That(output, Does.Contain(outcome));
        }
    }

    [Test]
    public void StrongSwanTrap_FirstPacketAsks_SecondIsEncrypted()
    {
        const string Plain = "udp 10.77.1.1:4000 > 10.77.2.1:5000 len 20";
        (int code, string output, string errors) = Run(
            "trace", "--spd", Path.Combine(Dumps, "6.12-strongswan-trap.6.1.policy"), "--sad-later", StrongSwan("a", "")[^1], "--packet", Plain, "--packet", Plain);
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        Assert.That(output, Does.Contain("=> ACQUIRE 1 to key management: 10.77.0.1 > 10.77.0.2"));
        Assert.That(output, Does.Contain("ESP spi 0xc4cc2c0f seq 4"));
    }

    [Test]
    public void PacketOfTheWire_IsTheOneThatLeftLast()
    {
        (int code, string output, _) = Run(
            "trace", "--spd", Path.Combine(Folder, "tutorial.spd"), "--sad", Path.Combine(Folder, "tutorial.sad"), "--packet", Udp, "--packet", "wire");
        Assert.That(code, Is.EqualTo(Cli.ExitGood));
        Assert.That(output, Does.Contain("packet 2: the packet that left last"));
    }

    [Test]
    public void PacketOfACapture_IsTraced()
    {
        using TemporaryFile file = new(".pcap");
        byte[] datagram = Spec.Wire.IpPackets.Udp(
            Spec.Wire.IpAddress.Parse("13.0.0.8"), Spec.Wire.IpAddress.Parse("13.0.0.9"), 5000, 53, new byte[20]);
        byte[] head = Convert.FromHexString("a1b2c3d4000200040000000000000000000000ff00000065");
        byte[] record = [.. new byte[8], 0, 0, 0, (byte)datagram.Length, 0, 0, 0, (byte)datagram.Length];
        File.WriteAllBytes(file.Path, [.. head, .. record, .. datagram]);
        (int code, string output, string errors) = Run("trace", "--spd", Path.Combine(Folder, "tutorial.spd"), "--packet", file.Path + ":1");
        Assert.That(code, Is.EqualTo(Cli.ExitGood), errors);
        Assert.That(output, Does.Contain("ACQUIRE 1 to key management: 13.0.0.8 > 13.0.0.9"));
    }

    [Test]
    public void Page_NeedsNothingFromElsewhere_AndShowsEveryStage()
    {
        using TemporaryFile page = new(".html");
        (int code, string output, _) = Run(
            "trace", "--spd", Path.Combine(Folder, "tutorial.spd"), "--sad", Path.Combine(Folder, "tutorial.sad"), "--packet", Udp, "--html", page.Path);
        Assert.That(code, Is.EqualTo(Cli.ExitGood));
        string html = File.ReadAllText(page.Path);
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("http").And.Not.Contain("<script").And.Not.Contain("src=").And.Not.Contain("url("));
            Assert.That(html, Does.Contain("xfrm_tmpl_resolve_one").And.Contain("13.0.0.8 &gt; 13.0.0.9 ESP spi 0x9de792fc seq 1"));
            Assert.That(output, Does.Contain("xfrm_tmpl_resolve_one"));
        });
    }

    [TestCase("src 13.0.0.8/32 dst nowhere\n", "line 1, column 21: «nowhere» is no address or prefix")]
    [TestCase("src 13.0.0.8/32 dst 13.0.0.9/32\n\tdir out priority 1\n\ttmpl src 0.0.0.0 dst 0.0.0.0\n\t\tproto tcp reqid 0 mode transport\n", "line 4, column 9: «tcp» is no protocol")]
    public void MalformedPolicies_LineAndReason(string text, string expected)
    {
        using TemporaryFile file = new(".spd");
        File.WriteAllText(file.Path, text);
        (int code, _, string errors) = Run("trace", "--spd", file.Path, "--packet", Udp);
        Assert.That(code, Is.EqualTo(Cli.ExitBadInput));
        Assert.That(errors, Is.EqualTo($"ipsec-conformance: {file.Path}: {expected}\n"));
    }

    [Test]
    public void StateThatTheKernelWouldRefuse_LineAndReason()
    {
        using TemporaryFile file = new(".sad");
        File.WriteAllText(file.Path, File.ReadAllText(Path.Combine(Folder, "tutorial.sad")).Replace("mode transport", "mode 3", StringComparison.Ordinal));
        (int code, _, string errors) = Run("trace", "--sad", file.Path, "--packet", Udp);
        Assert.That(code, Is.EqualTo(Cli.ExitBadInput));
        Assert.That(errors, Is.EqualTo("ipsec-conformance: --sad, line 1: Linux 6.12 refuses this SA: EINVAL, Unsupported mode\n"));
    }

    [TestCase("--packet is missing")]
    [TestCase("--mtu 5: an MTU has", "--packet", Udp, "--mtu", "5")]
    [TestCase("--kernel-release 5.4: the model knows 6.1, 6.12, 7.3", "--packet", Udp, "--kernel-release", "5.4")]
    [TestCase("--local here: no address", "--packet", Udp, "--local", "here")]
    [TestCase("--packet 'udp': line 1, column 4: the addresses are missing", "--packet", "udp")]
    [TestCase("/nowhere.pcap: ", "--packet", "/nowhere.pcap")]
    [TestCase("/nowhere.spd: ", "--packet", Udp, "--spd", "/nowhere.spd")]
    [TestCase("--packet wire: no packet has left yet", "--packet", "wire", "--local", "13.0.0.8")]
    [TestCase("there is no SA 0x9de792fc to seal it with", "--receive", "--packet", Sealed)]
    public void BadArguments_OneLine(string expected, params string[] arguments)
    {
        (int code, _, string errors) = Run(["trace", .. arguments]);
        Assert.That(code, Is.EqualTo(Cli.ExitBadInput));
        Assert.That(errors, Does.Contain(expected).And.Match("^[^\n]*\n$"));
    }

    private static string[] StrongSwan(string host, string detail) =>
        ["--spd", Path.Combine(Dumps, $"6.12-strongswan-{host}.6.1.policy{detail}"), "--sad", Path.Combine(Dumps, $"6.12-strongswan-{host}.6.1.state{detail}")];

    private static string[] Swan(string scene) =>
        ["--spd", Path.Combine(Dumps, scene + ".6.15.policy-s"), "--sad", Path.Combine(Dumps, scene + ".6.15.state-s")];

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        TextWriter output = Console.Out;
        TextWriter errors = Console.Error;
        using StringWriter written = new() { NewLine = "\n" };
        using StringWriter complained = new() { NewLine = "\n" };
        try
        {
            Console.SetOut(written);
            Console.SetError(complained);
            return (Cli.Run(arguments), written.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }

    private sealed class TemporaryFile(string ending) : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"ipsec-trace-{Guid.NewGuid():n}{ending}");

        public void Dispose() => File.Delete(Path);
    }
}
