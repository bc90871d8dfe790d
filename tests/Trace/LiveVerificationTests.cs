using Conformance.Harness;
using Conformance.Harness.Contract;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Conformance.Harness.Tracing;
using Conformance.Harness.Tracing.Live;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Tracing;

/// <summary>What the trace says is what a live kernel does.</summary>
public class LiveVerificationTests
{
    private const int Examples = 200;
    private const int Seed = 6;

    [Test]
    public void GeneratedExamples_ModelAndKernelAgree()
    {
        using ITarget target = OpenLinux();
        LinuxRelease release = Release(target);
        Random random = new(Seed);
        List<string> disagreements = [];
        Dictionary<string, int> summaries = [];
        int traced = 0;
        while (traced < Examples)
        {
            TraceExample example = TraceExample.Draw(random);
            if (Trace(example, release) is not { } pair)
            {
                continue;
            }

            traced++;
            LiveReport report = LiveVerification.Run(pair.Request, pair.Trace, target);
            foreach (string line in report.Lines.Where(l => l.StartsWith("packet", StringComparison.Ordinal)))
            {
                string what = line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..];
                summaries[what] = summaries.GetValueOrDefault(what) + 1;
            }

            if (!report.Agrees)
            {
                disagreements.Add($"{example}\n{string.Join('\n', report.Lines)}\n");
            }
        }

        TestContext.Out.WriteLine($"{traced} examples against {target.Identity}: " + string.Join("; ", summaries.OrderByDescending(s => s.Value).Select(s => $"{s.Key} {s.Value}")));
        Assert.That(disagreements, Is.Empty, string.Join('\n', disagreements.Take(3)));
        Assert.That(summaries, Has.Count.GreaterThan(5), "examples that all end alike show little");
    }

    [TestCase("a", false, "udp 10.77.1.1:4000 > 10.77.2.1:5000 len 20", "udp 10.77.1.1:1 > 10.77.3.1:1", "udp [2001:db8:1::1]:4000 > [2001:db8:2::1]:5000")]
    [TestCase("b", true, "esp spi 0xc4cc2c0f seq 4 { udp 10.77.1.1:1 > 10.77.2.1:2 }", "esp spi 0xc29df230 seq 1 { tcp 10.77.0.1:5001 > 10.77.0.2:5001 }",
        "esp spi 0xc9dafd35 seq 1 { udp [2001:db8:9::1]:4000 > [2001:db8:2::1]:5000 }")]
    public void StrongSwanTunnel_ModelAndKernelAgree(string host, bool receives, params string[] packets)
    {
        using ITarget target = OpenLinux();
        string dump = Path.Combine(Checkout.Root ?? ".", "tests", "Model", "XfrmText", "Golden", $"6.12-strongswan-{host}.6.1.");
        TraceExample example = new(File.ReadAllText(dump + "policy"), File.ReadAllText(dump + "state"), packets, receives);
        TraceRequest request = example.Request(Release(target)) with { OwnAddresses = [IpAddress.Parse(host == "a" ? "10.77.0.1" : "10.77.0.2")] };
        LiveReport report = LiveVerification.Run(request, TraceRunner.Run(request), target);
        Assert.That(report.Agrees, string.Join('\n', report.Lines));
    }

    [Test]
    public void LocalTcpUnderAPolicyWithPorts_IsNotCompared()
    {
        using ITarget target = OpenLinux();
        string policies = "src 192.0.2.1/32 dst 192.0.2.2/32 proto tcp sport 1\n\tdir out action block priority 1\n";
        TraceExample example = new(policies, "", ["tcp 192.0.2.1:1 > 192.0.2.2:2"], false);
        TraceRequest request = example.Request(Release(target));
        LiveReport report = LiveVerification.Run(request, TraceRunner.Run(request), target);
        Assert.That(report.Agrees, Is.False);
        Assert.That(report.Lines[^1], Is.EqualTo("nothing was compared"));
    }

    [Test]
    public void TraceOfAnotherSad_IsNoticed()
    {
        using ITarget target = OpenLinux();
        TraceExample example = new("src 192.0.2.1/32 dst 192.0.2.2/32\n\tdir out priority 1\n", "", ["udp 192.0.2.1:1 > 192.0.2.2:2 len 4"], false);
        TraceRequest request = example.Request(Release(target));
        Trace trace = TraceRunner.Run(request);
        Assert.That(LiveVerification.Run(request, trace, target).Agrees);

        // The kernel gets a policy that blocks; the trace knows nothing of it.
        TraceRequest other = request with { Policies = PolicyText(example.Policies.Replace("priority", "action block priority", StringComparison.Ordinal))! };
        LiveReport report = LiveVerification.Run(other, trace, target);
        Assert.That(report.Agrees, Is.False);
        Assert.That(report.Lines, Has.Some.Contains("counters: model nothing; kernel XfrmOutPolBlock +1"));
        Assert.That(report.Lines, Has.Some.Contains("sender: model errno 0; kernel EPERM"));
    }

    private static Spec.Profiles.LinuxXfrm.Text.PolicyDump? PolicyText(string text) =>
        Spec.Profiles.LinuxXfrm.Text.PolicyDump.TryParse(text, out Spec.Profiles.LinuxXfrm.Text.PolicyDump? dump, out TextError _) ? dump : null;

    // An example whose packet no SA can seal is none.
    private static (TraceRequest Request, Trace Trace)? Trace(TraceExample example, LinuxRelease release)
    {
        TraceRequest request = example.Request(release);
        try
        {
            return (request, TraceRunner.Run(request));
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static LinuxRelease Release(ITarget target)
    {
        LinuxRelease? release = LinuxRelease.Of(target.Identity.Version);
        if (release is null)
        {
            Assert.Ignore($"Unsupported: the model does not know {target.Identity}");
        }

        return release!;
    }

    private static ITarget OpenLinux()
    {
        TargetSpec spec = new("linux", TargetSpec.FromEnvironment().Kernel);
        if (TargetCatalogue.Find(spec.Name).Availability(spec) is { } missing)
        {
            Assert.Ignore($"Unsupported: {missing}");
        }

        return TargetCatalogue.Open(spec);
    }
}
