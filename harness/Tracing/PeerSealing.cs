using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Harness.Tracing;

/// <summary>Makes the ESP packet that a peer would send: the model of the transmit path with the SA turned to sending.</summary>
internal static class PeerSealing
{
    private const int WireDevice = 2;
    private const int AnyMtuBytes = 65_535;

    /// <summary>Seals the packet inside an expression with the keys of the SA in the host's own SAD.</summary>
    /// <exception cref="BadInputException">There is no such SA, or it cannot carry the packet.</exception>
    public static ByteString Seal(LinuxHost host, PacketExpression expression, UpperPart.Esp esp)
    {
        PacketExpression inside = esp.Inner!;
        XfrmStateEntry? entry = host.Databases.States.Entries.LastOrDefault(e =>
            e.IsValid && e.State.Spi == esp.Spi && e.State.Protocol == IpProtocol.Esp
            && (!expression.HasAddresses || (e.State.SourceAddress == expression.Source && e.State.DestinationAddress == expression.Destination)));
        if (entry is null)
        {
            throw new BadInputException($"--packet '{expression}': there is no SA {esp.Spi} to seal it with");
        }

        XfrmState state = Sending(entry.State, esp.Sequence);
        LinuxHost peer = Peer(state, inside);
        ByteString plain = ByteString.Adopt(inside.Upper is UpperPart.Esp { Inner: not null } nested
            ? Seal(host, inside, nested).ToArray()
            : inside.ToBytes());
        PathResult result = TransmitPath.Linux.Send(peer, plain, new PacketOrigin.Local(SocketKind.Ordinary));
        PathEvent.Sent[] sent = [.. result.Events.OfType<PathEvent.Sent>()];
        return sent.Length == 1 && result.Reports.Any(r => r.Stage == "type output")
            ? sent[0].Packet
            : throw new BadInputException($"--packet '{expression}': SA {esp.Spi} cannot carry it: {string.Join("; ", result.Events.Select(e => TraceEvents.Show(result.Next, e).Text))}");
    }

    // The next number is the one asked for; what keeps an SA from sending is taken off.
    private static XfrmState Sending(XfrmState state, SequenceNumber number)
    {
        SequenceNumber before = new(number.Value - 1);
        return state with
        {
            Selector = new XfrmSelector(),
            Flags = state.Flags | XfrmStateFlags.UnspecifiedFamily,
            Mark = default,
            OutputMark = null,
            InterfaceId = 0,
            Direction = null,
            Limits = XfrmLimits.None,
            Use = default,
            AcquireSequence = 0,
            Replay = state.ReplayEsn is null ? new XfrmReplay(before.Low, 0, 0) : null,
            ReplayEsn = state.ReplayEsn is { } esn
                ? esn with { OutSequence = before.Low, OutSequenceHigh = before.High, Sequence = 0, SequenceHigh = 0, Bitmap = [.. esn.Bitmap.Select(_ => 0u)] }
                : null,
        };
    }

    private static LinuxHost Peer(XfrmState state, PacketExpression inside)
    {
        AddressPrefix all = new(new IpAddress(0, inside.Source.IsIpv6), 0);
        XfrmTemplate template = new()
        {
            Family = state.Family,
            Source = state.Source,
            Destination = state.Destination,
            Mode = state.Mode,
            RequestId = state.RequestId,
        };
        XfrmPolicy policy = new() { Selector = XfrmSelector.Of(all, all), Direction = XfrmDirection.Out, Templates = [template] };
        XfrmDatabases databases = XfrmDatabases.Empty(LinuxRelease.Linux612).Apply(new XfrmRequest.AddPolicy(policy), 1).Next;
        return new LinuxHost
        {
            Databases = databases.Apply(new XfrmRequest.AddState(state), 1).Next,
            Devices = [LinuxDevice.Loopback, new LinuxDevice(WireDevice, "wire0", AnyMtuBytes) { Addresses = [state.SourceAddress, inside.Source] }],
            Routes =
            [
                new LinuxRoute(new AddressPrefix(new IpAddress(0, false), 0), WireDevice),
                new LinuxRoute(new AddressPrefix(new IpAddress(0, true), 0), WireDevice),
            ],
            Now = 1,
        };
    }
}
