using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Packets that belong to no SA and notifications that nothing protects: they are told or looked into, one at a time, and believed by nobody. RFC 7296 §1.5, §2.4, §2.21.4.</summary>
internal static class Suspicion
{
    // Header and ports, as an ICMP error has them at least. RFC 7296 §3.10.1.
    private const int MostPacketBytes = 128;

    /// <summary>Tells of an ESP packet whose SPI is not known: over an IKE SA with its sender, else perhaps without protection.</summary>
    public static void OfPacket(Draft draft, IkeEvent.StrayPacket stray)
    {
        IkePayload.Notify notify = new(NotifyType.InvalidSpi, SpiBytes.Of(stray.Spi));
        if (draft.Peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established && s.Peer.Address == stray.From.Address) is { } sa)
        {
            if (MayAsk(draft.Peer, sa))
            {
                Exchanges.Request(draft, sa.Number, ExchangeType.Informational, [notify], new ExchangePurpose.Tell());
            }
        }
        else if (draft.Choose("unknown SPI of a stranger: silence, INVALID_SPI", 2) == 1)
        {
            IkeMessage message = new(new IkeHeader { InitiatorSpi = default, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = default }, [notify]);
            draft.Send([ByteString.Adopt(message.ToBytes())], stray.To, stray.From, $"{message}");
        }
    }

    /// <summary>Tells, perhaps, of a packet that was not for the Child SA on which it came; SPI and start of the packet say which (interpretation 0080). RFC 7296 §3.10.1.</summary>
    public static void OfTraffic(Draft draft, IkeEvent.MismatchedPacket mismatched)
    {
        ChildSa? child = draft.Peer.Children.FirstOrDefault(c => c.Inbound == mismatched.Inbound && c.Phase == ChildSaPhase.Installed);
        if (child is not null && draft.Peer.Sa(child.Owner) is { } sa && MayAsk(draft.Peer, sa) && draft.Choose("packet that is not for its SA: INVALID_SELECTORS, silence", 2) == 0)
        {
            ByteString start = mismatched.Packet.Slice(..Math.Min(mismatched.Packet.Length, MostPacketBytes));
            IkePayload.Notify notify = new(NotifyType.InvalidSelectors, ProtocolId.Esp, SpiBytes.Of(draft.Rules.SpiOfMismatch(child)), start);
            Exchanges.Request(draft, sa.Number, ExchangeType.Informational, [notify], new ExchangePurpose.Tell());
        }
    }

    /// <summary>Hands on what the other side says of packets: no SA changes for it. RFC 7296 §1.5, §2.21.4, §3.10.1.</summary>
    public static void Note(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        foreach (IkePayload.Notify notify in payloads.OfType<IkePayload.Notify>().Where(n => n.Notification is NotifyType.InvalidSpi or NotifyType.InvalidSelectors))
        {
            draft.Report($"the other side of IKE SA {number} dropped a packet: {notify}");
            ByteString spi = notify.Notification == NotifyType.InvalidSpi ? notify.Data : notify.Spi;
            if (draft.Rules.BelievesNotices && SpiBytes.Read(spi) is { } dropped && draft.Peer.ChildByOutbound(draft.Sa(number).Family, dropped) is { } child)
            {
                draft.Peer = draft.Peer.WithoutChild(child.Number);
            }
        }
    }

    /// <summary>True for INVALID_IKE_SPI and INVALID_SPI without protection.</summary>
    public static bool IsRaisedBy(IkeMessage message) => message.Header.ExchangeType != ExchangeType.IkeSaInit
        && message.Payloads is not [.., IkePayload.Encrypted or IkePayload.EncryptedFragment]
        && message.Payloads.Any(p => p is IkePayload.Notify { Notification: NotifyType.InvalidIkeSpi or NotifyType.InvalidSpi });

    /// <summary>Asks whether the other side still has the IKE SA, which a fresh message may have shown already; the notification itself is not answered.</summary>
    public static void OfNotification(Draft draft, IkeMessage message, Endpoint from)
    {
        draft.Report($"{from} says without protection: {message.Payloads[0]}");
        IkeSa? sa = draft.Peer.Find(message.Header.IsFromInitiator, message.Header.InitiatorSpi, message.Header.ResponderSpi)
            ?? draft.Peer.Sas.FirstOrDefault(s => s.Peer.Address == from.Address && s.Phase == IkeSaPhase.Established);
        if (sa is not null && MayAsk(draft.Peer, sa) && draft.Choose("notification without protection: probe, passed over", 2) == 0)
        {
            // With COOKIE2 it shows as well that who answers is at its address. RFC 4555 §5.3.
            Commands.Take(draft, Mobike.IsAgreed(draft, sa) ? new IkeCommand.CheckReturn(sa.Number) : new IkeCommand.Probe(sa.Number));
        }
    }

    // What is not yet answered shows the same.
    private static bool MayAsk(IkePeer peer, IkeSa sa) => sa.Pending.IsEmpty && Commands.MayTell(peer, sa);
}
