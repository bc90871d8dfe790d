using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>What becomes of one packet, in the words of a directed test.</summary>
/// <param name="Text">In words.</param>
public sealed record XfrmFate(string Text)
{
    /// <summary>It leaves on the unprotected side in clear.</summary>
    public static XfrmFate InClear { get; } = new("leaves in clear");

    /// <summary>A program of the host gets it.</summary>
    public static XfrmFate Delivered { get; } = new("delivered");

    /// <summary>It leaves on the protected side in clear.</summary>
    public static XfrmFate Forwarded { get; } = new("forwarded");

    /// <summary>Key management is asked for an SA, and the packet is gone.</summary>
    public static XfrmFate Acquires { get; } = new($"asks for an SA; {Dropped(XfrmCounter.OutNoStates).Text}");

    /// <summary>It leaves sealed; the outermost layer is that of this SA.</summary>
    public static XfrmFate Under(uint spi) => new($"leaves under SA {new Spi(spi)}");

    /// <summary>It is dropped, and a counter says why.</summary>
    /// <param name="counter">The counter, or null where none moves.</param>
    /// <param name="errno">What its sender is told.</param>
    public static XfrmFate Dropped(XfrmCounter? counter, int errno = 0) =>
        new($"dropped{(counter is null ? "" : $" by {counter}")}{(errno == 0 ? "" : $" with errno {errno}")}");

    /// <summary>The same, after key management was asked for an SA.</summary>
    public XfrmFate AndAsks() => new($"asks for an SA; {Text}");

    /// <summary>The same, with an SA that announces a limit.</summary>
    public XfrmFate AndExpires(uint spi, bool hard) => new($"{Expiry(new Spi(spi), hard)}; {Text}");

    /// <summary>What a model of the path says, in these words.</summary>
    public static XfrmFate Of(PathResult model) => new(string.Join("; ", model.Events.Select(Word).OfType<string>()));

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    private static string? Word(PathEvent happened) => happened switch
    {
        PathEvent.Sent { Device: XfrmHosts.Protected } => Forwarded.Text,
        PathEvent.Sent sent => Left(sent.Packet),
        PathEvent.Delivered => Delivered.Text,
        PathEvent.Dropped dropped => Dropped(dropped.Counter, dropped.Errno).Text,
        PathEvent.Notified { Notification: XfrmNotification.Acquired } => "asks for an SA",
        PathEvent.Notified { Notification: XfrmNotification.StateExpired expired } => Expiry(expired.State.Spi, expired.Hard),
        PathEvent.Counted => null,
        _ => happened.ToString(),
    };

    private static string Left(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && view.Protocol == IpProtocol.Esp
        ? Under(BinaryPrimitives.ReadUInt32BigEndian(view.Payload)).Text
        : InClear.Text;

    private static string Expiry(Spi spi, bool hard) => $"{(hard ? "hard" : "soft")} limit of SA {spi}";
}
