using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Harness.Tracing;

/// <summary>Takes packets through the model one after the other.</summary>
public static class TraceRunner
{
    /// <summary>Traces all packets of a request.</summary>
    /// <exception cref="BadInputException">An entry of the databases is refused, or a packet cannot be made.</exception>
    public static Trace Run(TraceRequest request)
    {
        List<string> remarks = [];
        ImmutableArray<IpAddress> own = OwnAddresses(request);
        LinuxHost start = TraceHost.Create(request, own, remarks);
        LinuxHost host = start;
        List<PacketTrace> traces = [];
        foreach (TracedPacket packet in request.Packets)
        {
            List<string> before = [];
            if (traces.Count == 1 && request.LaterStates is { } later)
            {
                host = host with { Databases = DatabaseLoader.WithStates(host.Databases, later, "--sad-later", host.Now, before) };
                before.Insert(0, $"key management adds {string.Join(", ", later.Entries.Reverse().Select(e => $"SA {e.State.Spi}"))}");
            }

            PacketTrace trace = Trace(request, host, packet, traces, before);
            traces.Add(trace);
            host = trace.Result.Next;
        }

        return new Trace(start, [.. TraceHeader.Lines(request, start, own), .. remarks], [.. traces]);
    }

    private static PacketTrace Trace(TraceRequest request, LinuxHost host, TracedPacket packet, List<PacketTrace> before, List<string> remarks)
    {
        ByteString bytes = Bytes(host, packet, before);
        string title = packet.IsLastSent ? "the packet that left last" : packet.Text;
        uint mark = packet.Expression?.Mark ?? 0;
        if (request.Receives)
        {
            LinuxDevice wire = TraceHost.Wire(host);
            return new PacketTrace(
                before.Count + 1, title, $"arrives on {wire.Name}", [.. remarks], host, bytes, ReceivePath.Linux.Receive(host, bytes, wire.Index, mark: mark));
        }

        if (!IpPacketView.TryParse(bytes.Span, out IpPacketView view, out ParseError error))
        {
            throw new BadInputException($"--packet '{packet.Text}': {error}");
        }

        LinuxDevice inner = TraceHost.Inner(host);
        bool local = host.IsLocal(view.Source);
        PacketOrigin origin = local ? new PacketOrigin.Local(SocketKind.Ordinary, mark) : new PacketOrigin.Forwarded(inner.Index);

        // A packet in transit comes in first: it is checked against the policies for forwarding.
        PathResult result = local
            ? TransmitPath.Linux.Send(host, bytes, origin)
            : ReceivePath.Linux.Receive(host, bytes, inner.Index, mark: mark);
        return new PacketTrace(
            before.Count + 1, title, local ? "sent by a program of the host" : $"to be forwarded: arrives on {inner.Name}", [.. remarks], host, bytes, result);
    }

    private static ByteString Bytes(LinuxHost host, TracedPacket packet, List<PacketTrace> before)
    {
        if (packet.Bytes is { } captured)
        {
            return captured;
        }

        if (packet.Expression is { } expression)
        {
            return expression.Upper is UpperPart.Esp { Inner: not null } esp ? PeerSealing.Seal(host, expression, esp) : ByteString.Adopt(expression.ToBytes());
        }

        return before.SelectMany(t => t.Result.Events).OfType<PathEvent.Sent>().LastOrDefault()?.Packet
            ?? throw new BadInputException($"--packet {TracedPacket.LastSent}: no packet has left yet");
    }

    private static ImmutableArray<IpAddress> OwnAddresses(TraceRequest request)
    {
        if (!request.OwnAddresses.IsEmpty)
        {
            return request.OwnAddresses;
        }

        ImmutableArray<IpAddress> read = TraceHost.OwnAddresses(request.Policies);
        if (!read.IsEmpty)
        {
            return read;
        }

        // No policy tells; then the packet does, and for a sealed one its SA.
        TracedPacket first = request.Packets[0];
        if (first.Expression is { Upper: UpperPart.Esp { Inner: not null } esp })
        {
            return [.. request.States.Entries.Where(e => e.State.Spi == esp.Spi).Select(e => e.State.DestinationAddress).Distinct()];
        }

        ReadOnlySpan<byte> bytes = first.Bytes is { } captured ? captured.Span : first.Expression is { } expression ? expression.ToBytes() : [];
        return IpPacketView.TryParse(bytes, out IpPacketView view, out _) ? [request.Receives ? view.Destination : view.Source] : [];
    }
}
