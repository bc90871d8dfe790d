using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Addresses beyond the one in use: told in IKE_AUTH, and anew when they change. RFC 4555 §3.4, §3.6.</summary>
internal static class FurtherAddresses
{
    /// <summary>The list of this side without the address in use.</summary>
    public static ValueList<IkePayload> List(IkeConfiguration configuration, IkeSa sa, IkeRules rules) =>
        new([.. (sa.OwnAddresses ?? configuration.Mobike?.Additional ?? []).Items.Where(a => rules.IsFurther(a == sa.Own.Address)).Select(Additional)]);

    /// <summary>The list of the other side; null where a message says nothing about it.</summary>
    public static ValueList<IpAddress>? Read(ValueList<IkePayload> payloads)
    {
        IkePayload.Notify[] told = [.. payloads.OfType<IkePayload.Notify>().Where(n =>
            n.Notification is NotifyType.AdditionalIp4Address or NotifyType.AdditionalIp6Address or NotifyType.NoAdditionalAddresses)];
        return told.Length == 0 ? null : new ValueList<IpAddress>(
            [.. told.Select(n => NotifyContent.TryRead(n, out NotifyContent? content, out _) ? content : null).OfType<NotifyContent.Address>().Select(a => a.Value)]);
    }

    /// <summary>Takes another list, and tells it over all IKE SAs of the family that the other side may know.</summary>
    public static void Change(Draft draft, int number, ValueList<IpAddress> additional)
    {
        IkeSa sa = draft.Sa(number);
        if (!Mobike.IsAgreed(draft, sa))
        {
            draft.Report("further addresses are told only with MOBIKE");
            return;
        }

        foreach (IkeSa relative in draft.Peer.Sas.Items.Where(s => s.Family == sa.Family))
        {
            draft.Put(relative with { OwnAddresses = additional });
            if (relative.Phase is IkeSaPhase.Established or IkeSaPhase.Replaced)
            {
                Commands.Take(draft, new IkeCommand.TellAddresses(relative.Number));
            }
        }
    }

    /// <summary>Sends the whole list, or that there is nothing on it.</summary>
    public static void Tell(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        ValueList<IkePayload> list = List(draft.Configuration, sa, draft.Rules);
        list = list.IsEmpty ? [new IkePayload.Notify(NotifyType.NoAdditionalAddresses)] : list;
        Exchanges.Request(draft, number, ExchangeType.Informational, new([.. list, .. Mobike.Forbid(draft.Configuration, sa)]), new ExchangePurpose.TellAddresses(sa.Own, 0));
    }

    /// <summary>Takes the response: what was sent from another address than the one in use is sent anew. RFC 4555 §3.6.</summary>
    public static void Told(Draft draft, int number, ExchangePurpose.TellAddresses purpose, ValueList<IkePayload> payloads)
    {
        if (payloads.FirstOrDefault(p => p is IkePayload.Notify { IsError: true }) is { } error)
        {
            draft.Report($"the other side does not take the further addresses: {error}");
        }
        else if (draft.Sa(number).Own != purpose.Own)
        {
            Commands.Take(draft, new IkeCommand.TellAddresses(number));
        }
    }

    /// <summary>Who decides on addresses follows the other side, where the address in use is none of it any more (interpretation 0081). RFC 4555 §3.5, §3.6.</summary>
    public static void Follow(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        if (draft.Peer.Sa(number) is { IsOriginalInitiator: true } sa && sa.LastUpdate == messageId && draft.AnswerPath is { } way
            && Read(payloads) is { } list && way.Peer.Address != sa.Peer.Address && !list.Contains(sa.Peer.Address)
            && (draft.Configuration.Mobike!.Acceptable is not { } acceptable || acceptable.Contains(way.Peer.Address)))
        {
            Mobike.Move(draft, number, sa.Own, way.Peer);
        }
    }

    private static IkePayload.Notify Additional(IpAddress address) =>
        new(address.IsIpv6 ? NotifyType.AdditionalIp6Address : NotifyType.AdditionalIp4Address, new NotifyContent.Address(address).ToByteString());
}
