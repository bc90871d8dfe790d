using BenchmarkDotNet.Attributes;
using Conformance.Spec.Profiles.LinuxXfrm.Windows;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Benchmarks;

/// <summary>Every form of the receive window: check and accept of the next number, and check of a replay in the middle.</summary>
[MemoryDiagnoser]
public class ReplayWindowBenchmarks
{
    private const uint RightEdge = 100_000;
    private AntiReplayWindow window = new SetWindow(0);
    private SequenceNumber inside;

    /// <summary>Form of the window.</summary>
    [Params("Set", "Bitmap", "Ring", "LinuxBitmap", "LinuxEsn")]
    public string Form { get; set; } = "";

    /// <summary>Size of the window.</summary>
    [Params(64, 4096)]
    public int WindowPackets { get; set; }

    /// <summary>A full window, as a flow without loss leaves it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        uint start = RightEdge - (uint)WindowPackets;
        window = Form switch
        {
            "Set" => SetWindow.At(WindowPackets, new(start)),
            "Bitmap" => BitmapWindow.At(WindowPackets, new(start)),
            "Ring" => RingWindow.At(WindowPackets, new(start)),
            "LinuxBitmap" => LinuxBitmapWindow.At(WindowPackets, start),
            _ => LinuxEsnWindow.At(WindowPackets, new(start)),
        };
        for (ulong number = start + 1; number <= RightEdge; number++)
        {
            window = window.Accept(new(number));
        }

        inside = new(RightEdge - ((ulong)WindowPackets / 2));
    }

    /// <summary>The next number in order.</summary>
    [Benchmark]
    public AntiReplayWindow AcceptNext()
    {
        SequenceNumber next = new(RightEdge + 1);
        return window.Check(next) == ReplayCheck.Fresh ? window.Accept(next) : window;
    }

    /// <summary>A replay in the middle of the window.</summary>
    [Benchmark]
    public ReplayCheck CheckReplay() => window.Check(inside);
}
