using System.CommandLine;
using System.Text;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Linux;
using Conformance.Harness.Tracing;
using Conformance.Harness.Tracing.Live;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Harness.CommandLine;

/// <summary>The verb that follows packets through the model of Linux IPsec.</summary>
internal sealed class TraceVerb
{
    private const string LinuxName = "linux";
    private const int LeastMtuBytes = 68;
    private const int MostMtuBytes = 65_535;

    private readonly Option<string?> _policies = new("--spd") { Description = "What «ip xfrm policy» prints; with -s it says more" };
    private readonly Option<string?> _states = new("--sad") { Description = "What «ip xfrm state» prints; with -s it says more" };
    private readonly Option<string?> _later = new("--sad-later") { Description = "SAs that key management adds after the first packet" };
    private readonly Option<string[]> _packets = new("--packet")
    {
        Description = "A packet in words, FILE.pcap or FILE.pcap:NUMBER, or «wire» for the one that left last; several meet the host one after the other",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _receives = new("--receive") { Description = "The packets arrive from the wire" };
    private readonly Option<string[]> _local = new("--local") { Description = "An own address of the host", DefaultValueFactory = _ => [] };
    private readonly Option<int> _mtu = new("--mtu") { Description = "MTU towards the wire, in bytes", DefaultValueFactory = _ => 1500 };
    private readonly Option<string> _release = new("--kernel-release") { Description = "6.1, 6.12 or 7.3", DefaultValueFactory = _ => LinuxRelease.Linux612.Name };
    private readonly Option<bool> _offload = new("--esp-offload") { Description = "esp4_offload and esp6_offload are loaded" };
    private readonly Option<string?> _verify = new("--verify") { Description = "linux: do the same in a live kernel, and compare" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "The kernel of --verify: a User-mode Linux executable" };
    private readonly Option<string?> _html = new("--html") { Description = "Draw the trace as one page" };

    /// <summary>The verb.</summary>
    public System.CommandLine.Command Create()
    {
        System.CommandLine.Command verb = new("trace", "Follow packets through the model of Linux IPsec, step by step")
        {
            _policies, _states, _later, _packets, _receives, _local, _mtu, _release, _offload, _verify, _kernel, _html,
        };
        verb.SetAction(Run);
        return verb;
    }

    private int Run(ParseResult parsed)
    {
        using ITarget? live = Live(parsed);
        TraceRequest request = Request(parsed);
        if (live is not null)
        {
            RequireMtuOfLive(parsed);
            request = LiveVerification.Around(request, LiveRelease(parsed, request, live));
        }

        Trace trace = TraceRunner.Run(request);
        Console.Out.Write(TraceText.Print(trace));
        LiveReport? report = live is null ? null : LiveVerification.Run(request, trace, live);
        foreach (string line in report?.Lines ?? [])
        {
            Console.Out.WriteLine(line);
        }

        if (parsed.GetValue(_html) is { } page)
        {
            Write(page, TraceHtml.Draw(trace, report?.Lines));
            Console.Error.WriteLine($"{page} is written");
        }

        return report is { Agrees: false } ? Cli.ExitFailed : Cli.ExitGood;
    }

    private ITarget? Live(ParseResult parsed)
    {
        string? kernel = parsed.GetValue(_kernel);
        switch (parsed.GetValue(_verify))
        {
            case null when kernel is null:
                return null;
            case null:
                throw new BadInputException("--kernel is for --verify linux");
            case LinuxName:
                TargetSpec spec = new(LinuxName, kernel);
                return TargetCatalogue.Find(LinuxName).Availability(spec) is { } missing
                    ? throw new TargetUnavailableException(missing)
                    : TargetCatalogue.Open(spec);
            case var other:
                throw new BadInputException($"--verify {other}: only {LinuxName} has these databases");
        }
    }

    // The devices of the live kernel are what they are.
    private void RequireMtuOfLive(ParseResult parsed)
    {
        if (parsed.GetResult(_mtu) is { Implicit: false } && parsed.GetValue(_mtu) != LinuxNetwork.MtuBytes)
        {
            throw new BadInputException($"--mtu {parsed.GetValue(_mtu)}: with --verify the MTU is {LinuxNetwork.MtuBytes}");
        }
    }

    private LinuxRelease LiveRelease(ParseResult parsed, TraceRequest request, ITarget live)
    {
        LinuxRelease release = LinuxRelease.Of(live.Identity.Version)
            ?? throw new TargetUnavailableException($"{live.Identity}: the model knows {string.Join(", ", LinuxRelease.All.Select(r => r.Name))}");
        return parsed.GetResult(_release) is { Implicit: false } && request.Release != release
            ? throw new BadInputException($"--kernel-release {request.Release.Name}: the kernel of --verify is {live.Identity.Version}")
            : release;
    }

    private TraceRequest Request(ParseResult parsed)
    {
        string[] packets = parsed.GetValue(_packets)!;
        if (packets.Length == 0)
        {
            throw new BadInputException("trace: --packet is missing, for example --packet 'udp 13.0.0.8:5000 > 13.0.0.9:53 len 20'");
        }

        int mtu = parsed.GetValue(_mtu);
        if (mtu is < LeastMtuBytes or > MostMtuBytes)
        {
            throw new BadInputException($"--mtu {mtu}: an MTU has {LeastMtuBytes} to {MostMtuBytes} bytes");
        }

        string release = parsed.GetValue(_release)!;
        PolicyDump policies = parsed.GetValue(_policies) is { } spd ? TraceInputs.Policies(spd) : PolicyDump.Of([]);
        StateDump states = parsed.GetValue(_states) is { } sad ? TraceInputs.States(sad, policies.Style.Devices) : StateDump.Of([], policies.Style);
        return new TraceRequest
        {
            Policies = policies,
            States = states,
            LaterStates = parsed.GetValue(_later) is { } later ? TraceInputs.States(later, states.Style.Devices) : null,
            Packets = [.. packets.Select(TraceInputs.Packet)],
            Receives = parsed.GetValue(_receives),
            OwnAddresses = [.. parsed.GetValue(_local)!.Select(Address)],
            MtuBytes = mtu,
            Release = LinuxRelease.Of(release)
                ?? throw new BadInputException($"--kernel-release {release}: the model knows {string.Join(", ", LinuxRelease.All.Select(r => r.Name))}"),
            EspOffload = parsed.GetValue(_offload),
        };
    }

    private static IpAddress Address(string text) =>
        TokenReader.TryAddress(text, out IpAddress address) ? address : throw new BadInputException($"--local {text}: no address");

    private static void Write(string path, string page)
    {
        try
        {
            File.WriteAllText(path, page, new UTF8Encoding(false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
