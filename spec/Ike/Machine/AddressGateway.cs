using System.Buffers.Binary;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Inner addresses at who gives them, and other questions about its configuration. RFC 7296 §2.19, §2.20, §3.15.</summary>
internal static class AddressGateway
{
    // A client could else empty the pool with one request.
    private const int MostAddresses = 8;

    private static readonly ConfigurationAttributeType[] Known =
    [
        ConfigurationAttributeType.InternalIp4Address, ConfigurationAttributeType.InternalIp4Netmask, ConfigurationAttributeType.InternalIp4Dns,
        ConfigurationAttributeType.InternalIp4Nbns, ConfigurationAttributeType.InternalIp4Dhcp, ConfigurationAttributeType.ApplicationVersion,
        ConfigurationAttributeType.InternalIp6Address, ConfigurationAttributeType.InternalIp6Dns, ConfigurationAttributeType.InternalIp6Dhcp,
        ConfigurationAttributeType.InternalIp4Subnet, ConfigurationAttributeType.SupportedAttributes, ConfigurationAttributeType.InternalIp6Subnet,
    ];

    /// <summary>What answers CFG_REQUEST in IKE_AUTH, and whether that forbids the Child SA.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="payloads">The request that has the SA payload.</param>
    /// <param name="client">Who was authenticated.</param>
    public static (ValueList<IkePayload> Payloads, bool IsRefused) InAuthentication(Draft draft, int number, ValueList<IkePayload> payloads, ByteString client)
    {
        if (draft.Configuration.AddressPool is not { } pool)
        {
            return ([], false);
        }

        bool wantsChild = IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not null;
        if (Asked(payloads) is not { } request || !request.Attributes.Any(a => AddressRequest.IsInnerAddress(a.Type)))
        {
            // Policy may want an address to be asked for: that ends the Child SA, not the IKE SA. RFC 7296 §2.19.
            bool isMissing = pool.IsRequired && wantsChild && draft.Peer.LeaseOf(draft.Sa(number).Family) is null;
            return isMissing ? ([new IkePayload.Notify(NotifyType.FailedCpRequired)], true)
                : Asked(payloads) is { } other ? (Reply(draft, other, null), false)
                : ([], false);
        }

        return Assign(draft, number, pool, request, client) is { } lease ? (Reply(draft, request, lease), false)
            : pool.IsRequired || HasFamily(pool, request) || draft.Choose("inner addresses of a family that it has not: passed over, INTERNAL_ADDRESS_FAILURE", 2) == 1
                ? ([new IkePayload.Notify(NotifyType.InternalAddressFailure)], true)
            : (Reply(draft, request, null), false);
    }

    /// <summary>The same in CREATE_CHILD_SA of a side that made the first IKE SA. RFC 7296 §2.19.</summary>
    public static (ValueList<IkePayload> Payloads, bool IsRefused) InCreation(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        return sa.IsOriginalInitiator ? ([], false) : InAuthentication(draft, number, payloads, draft.Peer.LeaseOf(sa.Family)?.Client ?? draft.Configuration.PeerIdentity.Data);
    }

    /// <summary>What answers CFG_REQUEST and CFG_SET in INFORMATIONAL. RFC 7296 §2.20, §3.15.1, §3.15.4.</summary>
    public static ValueList<IkePayload> InInformational(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        if (payloads.OfType<IkePayload.Configuration>().FirstOrDefault(c => c.Kind == ConfigurationType.Set) is { } set)
        {
            // What is accepted comes back without its value, and is for the owner to see to; by default that is nothing. RFC 7296 §3.15.1.
            ConfigurationAttribute[] accepted = [.. set.Attributes.Where(a => draft.Configuration.TakesSettings.Contains(a.Type) && a.HasRightLength)];
            foreach (ConfigurationAttribute attribute in accepted)
            {
                draft.Report($"set by the other side: {attribute}");
            }

            return accepted.Length > 0 || draft.Choose("CFG_SET: an empty CFG_ACK, passed over", 2) == 0
                ? [new IkePayload.Configuration(ConfigurationType.Acknowledge, new([.. accepted.Select(a => new ConfigurationAttribute(a.Type))]))]
                : [];
        }

        if (Asked(payloads) is not { } request)
        {
            return [];
        }

        IkeSa sa = draft.Sa(number);
        bool wantsAddress = draft.Configuration.AddressPool is not null && !sa.IsOriginalInitiator && request.Attributes.Any(a => AddressRequest.IsInnerAddress(a.Type));
        return wantsAddress ? InCreation(draft, number, payloads).Payloads
            : draft.Choose("CFG_REQUEST: answered, passed over", 2) == 0 ? Reply(draft, request, null)
            : [];
    }

    private static IkePayload.Configuration? Asked(ValueList<IkePayload> payloads) =>
        payloads.OfType<IkePayload.Configuration>().FirstOrDefault(c => c.Kind == ConfigurationType.Request);

    private static bool HasFamily(AddressPool pool, IkePayload.Configuration request) => request.Attributes.Any(a => IsAsked(pool, a));

    private static bool IsAsked(AddressPool pool, ConfigurationAttribute attribute) =>
        AddressRequest.IsInnerAddress(attribute.Type) && attribute.HasRightLength && pool.Ranges.Any(r => r.First.IsIpv6 == IsIpv6(attribute));

    private static bool IsIpv6(ConfigurationAttribute attribute) => attribute.Type == ConfigurationAttributeType.InternalIp6Address;

    // One address for each attribute, as far as there are any: those that it has already first. RFC 7296 §3.15.1, §3.15.4.
    private static AddressLease? Assign(Draft draft, int number, AddressPool pool, IkePayload.Configuration request, ByteString client)
    {
        int family = draft.Sa(number).Family;
        AddressLease? held = draft.Peer.LeaseOf(family);
        HashSet<IpAddress> taken = draft.Rules.KeepsInnerAddressesApart ? [.. draft.Peer.Leases.Where(l => l.Family != family).SelectMany(l => l.Addresses.Items)] : [];
        List<IpAddress> given = [];
        foreach (ConfigurationAttribute asked in request.Attributes.Where(a => IsAsked(pool, a)).Take(MostAddresses))
        {
            IpAddress? kept = held?.Addresses.Items.Where(a => a.IsIpv6 == IsIpv6(asked) && !given.Contains(a)).Select(a => (IpAddress?)a).FirstOrDefault();
            if ((kept ?? Pick(pool, asked, taken)) is { } address)
            {
                given.Add(address);
                taken.Add(address);
            }
        }

        if (given.Count == 0)
        {
            return held is null ? null : held with { Addresses = [] };
        }

        AddressLease lease = new(family, IsOwn: false, client, new([.. given.Union(held is null ? [] : held.Addresses.Items)]), []);
        draft.Peer = draft.Peer.With(lease);
        return lease with { Addresses = new([.. given]) };
    }

    // The one that is asked for, then one with its interface identifier, then the lowest that is free. RFC 7296 §3.15.3.
    private static IpAddress? Pick(AddressPool pool, ConfigurationAttribute asked, HashSet<IpAddress> taken)
    {
        const int InterfaceBits = 64;
        UInt128 low = (UInt128.One << InterfaceBits) - 1;
        AddressRange[] ranges = [.. pool.Ranges.Where(r => r.First.IsIpv6 == IsIpv6(asked))];
        foreach (AddressRange range in ranges)
        {
            if (asked.Address is { } wanted && range.Contains(wanted) && !taken.Contains(wanted))
            {
                return wanted;
            }
        }

        foreach (AddressRange range in ranges)
        {
            if (asked.Address is { IsIpv6: true } wanted && new IpAddress((range.First.Value & ~low) | (wanted.Value & low), true) is var mixed && range.Contains(mixed) && !taken.Contains(mixed))
            {
                return mixed;
            }
        }

        foreach (AddressRange range in ranges)
        {
            for (IpAddress next = range.First; range.Contains(next); next = next with { Value = next.Value + 1 })
            {
                if (!taken.Contains(next))
                {
                    return next;
                }
            }
        }

        return null;
    }

    private static ValueList<IkePayload> Reply(Draft draft, IkePayload.Configuration request, AddressLease? lease)
    {
        List<ConfigurationAttribute> attributes = [];
        AddressPool? pool = draft.Configuration.AddressPool;
        foreach (IpAddress address in lease is null ? [] : lease.Addresses)
        {
            attributes.Add(address.IsIpv6
                ? ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp6Address, address, PrefixOf(pool!, address))
                : ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Address, address));
        }

        if (Wants(ConfigurationAttributeType.InternalIp4Netmask) && lease?.Addresses.Items.Where(a => !a.IsIpv6).Select(a => (IpAddress?)a).FirstOrDefault() is { } first)
        {
            const int AddressBits = 32;
            byte[] mask = new byte[AddressBits / 8];
            BinaryPrimitives.WriteUInt32BigEndian(mask, (uint)(ulong.MaxValue << (AddressBits - PrefixOf(pool!, first))));
            attributes.Add(new ConfigurationAttribute(ConfigurationAttributeType.InternalIp4Netmask, ByteString.Adopt(mask)));
        }

        attributes.AddRange(pool is null ? [] : pool.Settings.Where(s => Wants(s.Type)));
        if (Wants(ConfigurationAttributeType.ApplicationVersion))
        {
            attributes.Add(ConfigurationAttribute.Of(ConfigurationAttributeType.ApplicationVersion, draft.Configuration.ApplicationVersion));
        }

        if (Wants(ConfigurationAttributeType.SupportedAttributes))
        {
            byte[] list = new byte[2 * Known.Length];
            for (int i = 0; i < Known.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(2 * i), (ushort)Known[i]);
            }

            attributes.Add(new ConfigurationAttribute(ConfigurationAttributeType.SupportedAttributes, ByteString.Adopt(list)));
        }

        return [new IkePayload.Configuration(ConfigurationType.Reply, new([.. attributes]))];

        bool Wants(ConfigurationAttributeType type) => request.Attributes.Any(a => a.Type == type);
    }

    private static byte PrefixOf(AddressPool pool, IpAddress address) => pool.Ranges.First(r => r.Contains(address)).PrefixLength;
}
