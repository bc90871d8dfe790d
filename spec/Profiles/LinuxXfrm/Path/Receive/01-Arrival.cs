using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>The packet comes from a driver, or out of the GRO cells: with GRO of ESP it is decrypted here already (napi_gro_receive, esp4_gro_receive).</summary>
/// <remarks>
/// GRO of ESP needs the offload code and a device that hands packets to GRO. A packet that comes out of a tunnel as ESP passes
/// GRO too, but there its security path, made without GRO, is taken for a mistake and forgotten: the outer SAs are lost to the
/// policy check, and the packet goes on the ordinary way.
/// </remarks>
public static class Arrival
{
    private const int MaxDepth = 6;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("arrival", "napi_gro_receive", Run) { OlderFunction = "gro_cell_receive" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString());
        }

        // Link padding and bytes behind the inner packet of a tunnel are cut off.
        packet = packet with { Bytes = new ByteString(view.Bytes) };
        Inbound way = packet.In;
        bool meetsGro = !way.IsRequeued && (way.Device.IsNapi || (way.AfterDecapsulation && way.Device.HasGro));
        bool plainEnough = view.IsIpv6 || (view.HeaderBytes == Ipv4HeaderView.FixedBytes && !view.Fragment.IsFragment);
        return !meetsGro ? packet.Decide("ordinary way", "not past GRO")
            : !packet.Host.Settings.OffloadsEsp(view.IsIpv6) ? packet.Decide("ordinary way", "GRO knows no ESP")
            : view.Protocol != IpProtocol.Esp || view.Payload.Length < EspHeaderView.FixedBytes || !plainEnough ? packet.Decide("ordinary way", "nothing for GRO of ESP")
            : Gro(packet, view);
    }

    private static PacketInFlight Gro(PacketInFlight packet, IpPacketView view)
    {
        if (packet.SecurityPath.Length == MaxDepth)
        {
            return Forget(packet, "six SAs opened it");
        }

        Spi spi = new EspHeaderView(view.Payload).Spi;
        XfrmStateEntry? entry = packet.Databases.States.LookupInbound(packet.Mark, view.Destination, spi);
        packet = packet.WithStates(packet.Databases.States.Remember(packet.Mark, view.Destination, spi));
        if (entry is null || entry.State.Direction is XfrmDirection.Out)
        {
            return Forget(packet, $"no inbound SA {spi}");
        }

        packet = packet with { Mark = OutputMark.Apply(entry.State.OutputMark, packet.Mark) };
        if (!packet.SecurityPath.IsEmpty)
        {
            return Forget(packet, "it was opened before");
        }

        return (packet with
        {
            SecurityPath = [entry.State],
            OnTheWayIn = packet.In with { TakenByGro = true, IsEsp = true, EspOffset = view.HeaderBytes, StateId = entry.Id },
        }).Decide($"GRO takes it: SA {spi}");
    }

    private static PacketInFlight Forget(PacketInFlight packet, string why)
    {
        string lost = packet.SecurityPath.IsEmpty ? "" : $"; SA {string.Join(", ", packet.SecurityPath.Select(s => s.Spi))} forgotten";
        return (packet with { SecurityPath = [], Verified = 0 }).Decide($"ordinary way{lost}", $"GRO: {why}");
    }
}
