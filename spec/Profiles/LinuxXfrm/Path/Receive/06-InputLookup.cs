using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Finds the SA by mark, destination and SPI; the source does not count (xfrm_input_state_lookup).</summary>
public static class InputLookup
{
    private const int MaxDepth = 6;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("input lookup", "xfrm_input_state_lookup", Run) { OlderFunction = "xfrm_state_lookup" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Inbound way = packet.In;
        if (way.TakenByGro && way.Rounds == 0)
        {
            return packet.Decide("found by GRO");
        }

        if (packet.SecurityPath.Length == MaxDepth)
        {
            return (packet with { SecurityPath = [] }).Drop(XfrmCounter.InBufferError, "six SAs opened it already");
        }

        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(XfrmCounter.InHdrError, error.ToString());
        }

        // A further ESP header is looked up under the destination of the SA before.
        IpAddress destination = way.Rounds == 0 ? view.Destination : packet.SecurityPath[^1].DestinationAddress;
        Spi spi = new EspHeaderView(packet.Bytes.Span[way.EspOffset..]).Spi;
        XfrmStateDatabase states = packet.Databases.States;
        packet = packet.Explain(() => states.Entries.Reverse().Select(entry => $"SA {entry.State.Spi} to {entry.State.DestinationAddress}: {Mismatch(entry, packet.Mark, destination, spi)}"));
        if (states.LookupInbound(packet.Mark, destination, spi) is not { } entry)
        {
            return packet.Drop(XfrmCounter.InNoStates, $"no SA {spi} to {destination}");
        }

        packet = packet.WithStates(states.Remember(packet.Mark, destination, spi));
        if (entry.State.Direction is XfrmDirection.Out && packet.Host.Release.BindsDirections)
        {
            return packet.Drop(XfrmCounter.InStateDirError, $"SA {spi} is bound to direction out");
        }

        return (packet with
        {
            Mark = OutputMark.Apply(entry.State.OutputMark, packet.Mark),
            SecurityPath = packet.SecurityPath.Add(entry.State),
            OnTheWayIn = way with { StateId = entry.Id },
        }).Decide($"SA {spi} {entry.State.SourceAddress} > {entry.State.DestinationAddress} {entry.State.Mode}");
    }

    private static string Mismatch(XfrmStateEntry entry, uint mark, IpAddress destination, Spi spi) =>
        entry.State.Spi != spi ? $"SPI is not {spi}"
        : entry.State.Family != XfrmFamilies.Of(destination) || entry.State.DestinationAddress != destination ? $"destination is not {destination}"
        : entry.State.Protocol != IpProtocol.Esp ? $"protocol {entry.State.Protocol}"
        : !entry.State.Mark.Accepts(mark) ? $"mark 0x{mark:x} under 0x{entry.State.Mark.Mask:x} is not 0x{entry.State.Mark.Value:x}"
        : "a candidate";
}
