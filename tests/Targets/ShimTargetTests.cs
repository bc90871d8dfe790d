using System.Diagnostics;
using System.Text.Json.Nodes;
using Conformance.Harness;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Harness.Running;
using Conformance.Harness.Shim;
using Conformance.Harness.Targets;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Targets;

/// <summary>A shim that dies, hangs or babbles is reported as such and never hangs the run.</summary>
public class ShimTargetTests
{
    private const string Greeting = "{\"name\":\"test\",\"version\":\"1\",\"capabilities\":[\"EspInbound\",\"TunnelMode\"]}";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    [TestCase("exit 7", "exit code 7")]
    [TestCase("echo oops >&2; exit 3", "oops")]
    [TestCase("read line; sleep 1000", "hangs")]
    [TestCase("read line; echo hello world", "no JSON object")]
    [TestCase("read line; echo '{\"name\":\"x\"}'", "version")]
    [TestCase("read line; echo '{\"name\":\"x\",\"version\":\"1\",\"capabilities\":[\"Telepathy\"]}'", "Telepathy")]
    [TestCase("head -c 3000000 /dev/zero; sleep 1000", "more than 1048576 bytes")]
    public void ShimThatDoesNotGreet_IsUnavailableForThatReason(string script, string reason)
    {
        Stopwatch watch = Stopwatch.StartNew();
        TargetUnavailableException error = Assert.Throws<TargetUnavailableException>(() => Open(script))!;
        Assert.That(error.Message, Does.Contain(reason));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [TestCase("read line; exit 9", "exit code 9")]
    [TestCase("read line; sleep 1000", "hangs")]
    [TestCase("read line; echo '[1,2]'", "no JSON object")]
    [TestCase("read line; echo '{\"error\":\"out of cheese\"}'", "out of cheese")]
    [TestCase("read line; echo '{\"toHost\":[\"zz\"]}'", "no hex")]
    public void ShimThatBreaksLater_DiedForThatReason(string script, string reason)
    {
        using ShimTarget target = Open($"read line; echo '{Greeting}'; {script}");
        target.Send([new Stimulus.FromWire(Packet.Adopt([0x45]))]);
        Assert.That(target.Observe(TimeSpan.Zero), Is.InstanceOf<Observation.Died>().And.Property(nameof(Observation.Died.How)).Contains(reason));
        Assert.That(target.Execute(new Command.DeleteSa(default, Connection.UnderTest(new EspScenario(), 1).Inbound)), Is.InstanceOf<CommandOutcome.Refused>());
    }

    [Test]
    public void LineThatNobodyAskedFor_DiedOfBabbling()
    {
        using ShimTarget target = Open($"read line; echo '{Greeting}'; read line; echo '{{}}'; echo '{{}}'; read line; sleep 1000");
        target.Reset();
        Packet packet = Packet.Adopt([0x45]);
        target.Send([new Stimulus.FromWire(packet)]);
        target.Send([new Stimulus.FromWire(packet)]);
        Assert.That(target.Observe(TimeSpan.Zero), Is.InstanceOf<Observation.Died>());
    }

    [Test]
    public void Unsupported_IsAnAnswer()
    {
        using ShimTarget target = Open($"read line; echo '{Greeting}'; read line; echo '{{}}'; while read line; do echo '{{\"unsupported\":\"no such cipher\"}}'; done");
        UnsupportedException error = Assert.Throws<UnsupportedException>(() => EspSession.Start(target, new EspScenario(), 1).Dispose())!;
        Assert.That(error.Message, Does.Contain("no such cipher"));
    }

    [TestCase("", "empty")]
    [TestCase("/no/such/program", "no program")]
    [TestCase("sh -c 'unclosed", "not closed")]
    public void CommandLineThatCannotBeStarted_IsBadInput(string command, string reason) =>
        Assert.That(Assert.Throws<BadInputException>(() => ShimTarget.Open(new TargetSpec("shim", Command: command)))!.Message, Does.Contain(reason));

    [Test]
    public void ModelServedOverTheProtocol_DecidesAsTheModel()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ipsec-conformance.dll");
        using ShimTarget target = ShimTarget.Open(new TargetSpec("shim", Command: $"dotnet '{program}' serve"));
        using EspSession session = EspSession.Start(target, new EspScenario { ExtendedSequenceNumbers = true, InboundRightEdge = uint.MaxValue }, seed: 1);
        SealedPacket packet = session.Peer.Seal(1UL + uint.MaxValue);
        session.Expect(packet.WithForgedIcv(), Disposition.Discarded);
        session.Expect(packet, Disposition.Delivered);
        session.Expect(packet, Disposition.Discarded);
        session.ExpectSent(session.Host.Next(32));
    }

    [Test]
    public void OrderedSpdServedOverTheProtocol_DecidesAsTheModel()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ipsec-conformance.dll");
        using ShimTarget target = ShimTarget.Open(new TargetSpec("shim", Command: $"dotnet '{program}' serve"));
        JudgePolicies(target);
    }

    // Numbers of protocols, ranges, directions, marks of the SA: what is sent is what is read.
    [Test]
    public void PolicyMessages_ReadBackAsWritten()
    {
        SpdEntry entry = new()
        {
            Name = "all of it",
            Selectors =
            [
                new SelectorSet(AddressSelector.Parse("198.51.100.1-198.51.100.9", "2001:db8::/32"), AddressSelector.Any, new UpperLayerSelector.Any()),
                new SelectorSet(AddressSelector.Any, AddressSelector.Parse("203.0.113.0/25"), new UpperLayerSelector.Ports(IpProtocol.Udp, FieldSelector.Opaque, FieldSelector.Between(1, 2))),
                new SelectorSet(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(8))),
                new SelectorSet(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Mobility(FieldSelector.Any)),
                new SelectorSet(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Protocol(IpProtocol.Gre)),
                new SelectorSet(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Opaque()),
            ],
            Action = PolicyAction.Protect.With(PolicyScenario.Tunnel(AddressPlan.Ipv6) with { Suites = ["ENCR_AES_GCM_16-128"], StatefulFragmentChecks = true }),
            FromPacket = PopulateFromPacket.LocalAddress | PopulateFromPacket.RemoteAddress,
        };
        SpdEntry oneWay = entry with { Action = new PolicyAction.Discard(), Directions = EntryDirections.Inbound, FromPacket = PopulateFromPacket.None };
        Command.InstallSpd spd = new(new SecurityPolicyDatabase([entry, oneWay]), KeyedByHand: true);
        Assert.That(ShimPolicyMessages.ReadSpd(Travelled(ShimPolicyMessages.Write(spd))), Is.EqualTo(spd));

        SadEntry sa = new()
        {
            Sa = Connection.UnderTest(new EspScenario(), 1).Inbound,
            Selectors = entry.Selectors,
            Origin = entry,
            Lookup = SadLookup.SpiAndDestination,
            DscpValues = [10, 46],
        };
        Assert.That(ShimPolicyMessages.ReadSadEntry(Travelled(ShimPolicyMessages.Write(PolicyDirection.Inbound, sa))).Entry, Is.EqualTo(sa));

        Command.AddRoute route = new(AddressPlan.RemoteNetwork(true), TowardsWire: true, AddressPlan.Ipv6.Target);
        Assert.That(ShimPolicyMessages.ReadRoute(Travelled(ShimPolicyMessages.Write(route))), Is.EqualTo(route));
    }

    [TestCase("{}", "entries")]
    [TestCase("{\"entries\":[{}]}", "entries[0]")]
    [TestCase("{\"entries\":[{\"name\":\"x\",\"action\":\"allow\",\"selectors\":[]}]}", "allow")]
    [TestCase("{\"entries\":[{\"name\":\"x\",\"action\":\"bypass\",\"selectors\":[{\"local\":\"1.2.3.4/99\",\"remote\":\"any\"}]}]}", "99")]
    public void SpdThatMakesNoSense_SaysWhere(string json, string where) => Assert.That(
        Assert.Throws<FormatException>(() => ShimPolicyMessages.ReadSpd((JsonObject)JsonNode.Parse(json)!))!.Message, Does.Contain(where));

    // An independent validator checks what really travelled against the schema.
    [Test]
    public void LinesThatTravelled_FitTheSchema()
    {
        const string Validate = """
            import json, sys
            import jsonschema
            schema = json.load(open(sys.argv[1]))
            lines = [json.loads(line) for path in sys.argv[2:] for line in open(path)]
            for line in lines:
                jsonschema.validate(line, schema)
            print(len(lines))
            """;
        using Process probe = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", "import jsonschema"]) { RedirectStandardError = true })!;
        probe.WaitForExit();
        if (probe.ExitCode != 0)
        {
            Assert.Ignore("Unsupported: the schema is checked with Debian's python3-jsonschema");
        }

        string requests = Path.GetTempFileName();
        string answers = Path.GetTempFileName();
        string program = Path.Combine(AppContext.BaseDirectory, "ipsec-conformance.dll");
        using (ShimTarget target = ShimTarget.Open(new TargetSpec("shim", Command: $"sh -c \"tee {requests} | dotnet '{program}' serve | tee {answers}\"")))
        {
            using EspSession session = EspSession.Start(target, new EspScenario { UdpEncapsulated = true, InboundLifetime = new(HardPackets: 9) }, seed: 1);
            session.Expect(session.Peer.Seal(1), Disposition.Delivered);
            session.ExpectSent(session.Host.Next(32));
            target.ReadCounters();
            JudgePolicies(target);
            target.Send([new Stimulus.FromSocket(new Packet(session.Host.Next(32)), Mark: 7)]);
        }

        string schema = Path.Combine(Checkout.Root!, "harness", "Shim", "protocol.schema.json");
        using Process validator = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Validate, schema, requests, answers])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string output = validator.StandardOutput.ReadToEnd();
        string errors = validator.StandardError.ReadToEnd();
        validator.WaitForExit();
        File.Delete(requests);
        File.Delete(answers);
        Assert.That(validator.ExitCode, Is.Zero, errors);
        Assert.That(int.Parse(output), Is.GreaterThan(20));
    }

    private static JsonObject Travelled(JsonObject message) => (JsonObject)JsonNode.Parse(message.ToJsonString())!;

    private static void JudgePolicies(ShimTarget target)
    {
        SpdEntry Entry(string name, PolicyAction action, ushort port) => new()
        {
            Name = name,
            Action = action,
            Selectors = [new SelectorSet(AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Ports(IpProtocol.Tcp, FieldSelector.Any, FieldSelector.Only(port)))],
        };
        FlowSelectors To(ushort port) => new(AddressPlan.Ipv4.Protected, AddressPlan.Ipv4.Remote, IpProtocol.Tcp, 2000, port);
        SpdEntry secure = Entry("secure", PolicyAction.Protect.With(PolicyScenario.Tunnel(AddressPlan.Ipv4)), 80);
        using PolicySession session = PolicySession.Start(target, new PolicyScenario { Entries = [secure, Entry("open", new PolicyAction.Bypass(), 81)] }, seed: 1);
        session.ExpectOutbound(To(80), Crossing.Protected);
        session.ExpectOutbound(To(81), Crossing.InClear);
        session.ExpectOutbound(To(82), Crossing.Discarded);
        session.ExpectOn(session.PairOf(secure), To(80), Crossing.Protected);
        session.ExpectInbound(To(80), Crossing.Discarded);
    }

    private static ShimTarget Open(string script)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, script);
        try
        {
            return ShimTarget.Open(new TargetSpec("shim", Command: $"/bin/sh {file}"), Patience);
        }
        finally
        {
            Scripts.Add(file);
        }
    }

    private static List<string> Scripts { get; } = [];

    /// <summary>Removes the scripts.</summary>
    [OneTimeTearDown]
    public void RemoveScripts() => Scripts.ForEach(File.Delete);
}
