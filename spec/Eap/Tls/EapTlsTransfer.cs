using Conformance.Spec.Wire;

namespace Conformance.Spec.Eap.Tls;

/// <summary>Fragments on their way in and out; compares by value. RFC 5216 §2.1.5.</summary>
public sealed record EapTlsTransfer
{
    /// <summary>Longest message that is put together, in bytes; certificates are shorter.</summary>
    public const int MostMessageBytes = 1 << 16;

    /// <summary>Nothing on its way.</summary>
    public static EapTlsTransfer Idle { get; } = new();

    /// <summary>What has not been sent of the own message.</summary>
    public ByteString Outgoing { get; init; }

    /// <summary>What has come of the other end's message.</summary>
    public ByteString Incoming { get; init; }

    /// <summary>Length that the other end announced for it; null for none.</summary>
    public uint? Announced { get; init; }

    /// <summary>The first fragment of a message, or the next one of it.</summary>
    /// <param name="message">A new message; null to go on with the last.</param>
    /// <param name="fragmentBytes">Most data in one packet.</param>
    public (EapTlsTransfer Next, EapTlsPacket Packet) Send(ByteString? message, int fragmentBytes)
    {
        ByteString rest = message ?? Outgoing;
        bool hasMore = rest.Length > fragmentBytes;
        uint? length = message is not null && hasMore ? (uint)rest.Length : null;
        ByteString fragment = hasMore ? rest.Slice(..fragmentBytes) : rest;
        return (this with { Outgoing = hasMore ? rest.Slice(fragmentBytes..) : ByteString.Empty }, new EapTlsPacket(IsStart: false, hasMore, length, fragment));
    }

    /// <summary>Takes a fragment: the whole message with the last one, null before, or why the fragment does not fit.</summary>
    public (EapTlsTransfer Next, ByteString? Message, string? Fault) Receive(EapTlsPacket packet)
    {
        uint? announced = Announced ?? packet.MessageBytes;
        long total = (long)Incoming.Length + packet.Data.Length;
        string? fault =
            packet.Data.Length == 0 ? "a fragment without data"
            : packet.MessageBytes is { } again && again != announced ? "fragments that disagree on the length"
            : announced > MostMessageBytes || total > MostMessageBytes ? $"a message longer than {MostMessageBytes} bytes"
            : total > announced ? "more data than was announced"
            : !packet.HasMore && announced is { } due && total != due ? "less data than was announced"
            : null;
        if (fault is not null)
        {
            return (this, null, fault);
        }

        ByteString joined = Incoming.Length == 0 ? packet.Data : ByteString.Adopt([.. Incoming.Span, .. packet.Data.Span]);
        return packet.HasMore
            ? (this with { Incoming = joined, Announced = announced }, null, null)
            : (this with { Incoming = ByteString.Empty, Announced = null }, joined, null);
    }
}
