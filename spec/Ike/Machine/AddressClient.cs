using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Inner addresses at who asks for them, and what they do to selectors. RFC 7296 §2.19, §3.15.</summary>
internal static class AddressClient
{
    /// <summary>CFG_REQUEST for a message that asks for a Child SA; it goes before the SA payload. RFC 7296 §2.19.</summary>
    public static ValueList<IkePayload> Request(IkeConfiguration configuration) =>
        configuration.AddressRequest is { } request ? [new IkePayload.Configuration(ConfigurationType.Request, request.Attributes)] : [];

    /// <summary>Asks in an exchange of its own: for the version, and for the addresses that are missing. RFC 7296 §2.20, §3.15.4.</summary>
    public static void Ask(Draft draft, int number)
    {
        ConfigurationAttribute version = new(ConfigurationAttributeType.ApplicationVersion);
        bool isMissing = draft.Peer.LeaseOf(draft.Sa(number).Family) is null && draft.Sa(number).IsOriginalInitiator;
        ValueList<ConfigurationAttribute> attributes = isMissing && draft.Configuration.AddressRequest is { } request
            ? new([.. request.Attributes.Where(a => a.Type != version.Type), version])
            : [version];
        Exchanges.Request(
            draft, number, ExchangeType.Informational, [new IkePayload.Configuration(ConfigurationType.Request, attributes)], new ExchangePurpose.AskConfiguration());
    }

    /// <summary>Takes an answer: what is no address, or more than was asked for, is not taken; unknown attributes are passed over. RFC 7296 §3.15.1.</summary>
    /// <returns>False if it needs an address and has none.</returns>
    public static bool Take(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        if (draft.Configuration.AddressRequest is not { } request || !draft.Sa(number).IsOriginalInitiator)
        {
            return true;
        }

        int family = draft.Sa(number).Family;
        ValueList<ConfigurationAttribute> told =
            payloads.OfType<IkePayload.Configuration>().FirstOrDefault(c => c.Kind == ConfigurationType.Reply) is { } reply ? reply.Attributes : [];
        ConfigurationAttribute[] addresses =
        [
            .. OfType(ConfigurationAttributeType.InternalIp4Address), .. OfType(ConfigurationAttributeType.InternalIp6Address),
        ];
        if (addresses.Length > 0)
        {
            ValueList<ConfigurationAttribute> settings = new([.. told.Where(a => !AddressRequest.IsInnerAddress(a.Type) && a.HasRightLength && a.Type != ConfigurationAttributeType.ApplicationVersion)]);
            draft.Peer = draft.Peer.With(new AddressLease(
                family, IsOwn: true, draft.Configuration.OwnIdentity.Data, new([.. addresses.Select(a => a.Address!.Value).Distinct()]), settings));
        }

        return !request.IsNeeded || draft.Peer.LeaseOf(family) is not null;

        IEnumerable<ConfigurationAttribute> OfType(ConfigurationAttributeType type) =>
            told.Where(a => a.Type == type && a.Address is not null).Take(request.Attributes.Count(a => a.Type == type));
    }

    /// <summary>What a side wants of a Child SA under an IKE SA: a client's traffic is that of its inner addresses. RFC 7296 §1.1.3, §2.19.</summary>
    public static ChildConfiguration Narrowed(Draft draft, int number, ChildConfiguration wanted)
    {
        if (draft.Peer.LeaseOf(draft.Sa(number).Family) is not { } lease)
        {
            return wanted;
        }

        return lease.IsOwn
            ? wanted with { Own = SelectorNarrowing.Intersect(wanted.Own, lease.Selectors) is { IsEmpty: false } own ? own : wanted.Own }
            : !draft.Rules.NarrowsToInnerAddresses ? wanted
            : wanted with { Peer = SelectorNarrowing.Intersect(wanted.Peer, lease.Selectors) };
    }
}
