using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Packets that belong to no SA and notifications that nothing protects: they are told or looked into, one at a time, and believed by nobody. RFC 7296 §1.5, §2.4, §2.21.4.</summary>
internal static class Suspicion
{
    /// <summary>Tells of an ESP packet whose SPI is not known: over an IKE SA with its sender, else perhaps without protection.</summary>
    public static void OfPacket(Draft draft, IkeEvent.StrayPacket stray)
    {
        IkePayload.Notify notify = new(NotifyType.InvalidSpi, SpiBytes.Of(stray.Spi));
        if (draft.Peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established && s.Peer.Address == stray.From.Address) is { } sa)
        {
            if (MayAsk(sa))
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

    /// <summary>True for INVALID_IKE_SPI and INVALID_SPI without protection.</summary>
    public static bool IsRaisedBy(IkeMessage message) => message.Header.ExchangeType != ExchangeType.IkeSaInit
        && message.Payloads is not [.., IkePayload.Encrypted or IkePayload.EncryptedFragment]
        && message.Payloads.Any(p => p is IkePayload.Notify { Notification: NotifyType.InvalidIkeSpi or NotifyType.InvalidSpi });

    /// <summary>Asks whether the other side still has the IKE SA, which a fresh message may have shown already; the notification itself is not answered.</summary>
    public static void OfNotification(Draft draft, IkeMessage message, Endpoint from)
    {
        IkeSa? sa = draft.Peer.Find(message.Header.IsFromInitiator, message.Header.InitiatorSpi, message.Header.ResponderSpi)
            ?? draft.Peer.Sas.FirstOrDefault(s => s.Peer.Address == from.Address && s.Phase == IkeSaPhase.Established);
        if (sa is { Phase: IkeSaPhase.Established } && MayAsk(sa) && draft.Choose("notification without protection: probe, passed over", 2) == 0)
        {
            Exchanges.Request(draft, sa.Number, ExchangeType.Informational, [], new ExchangePurpose.Probe());
        }
    }

    // What is not yet answered shows the same.
    private static bool MayAsk(IkeSa sa) => sa.Pending.IsEmpty && sa.RekeyAttempt is null;
}
