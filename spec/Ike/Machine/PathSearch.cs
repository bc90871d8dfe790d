using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Which way a request goes when it is sent again. RFC 4555 §3.1, §3.5, §3.6, §3.10.</summary>
internal static class PathSearch
{
    /// <summary>The way of the next copy.</summary>
    public static Route Next(Draft draft, IkeSa sa, PendingRequest pending)
    {
        Route now = new(sa.Own, sa.Peer);
        switch (pending.Purpose)
        {
            case ExchangePurpose.Initialize when draft.Configuration.Mobike is { } mobike:
                Route next = After(now, Ways(draft.Configuration, mobike));
                draft.Put(sa with { Own = next.Own, Peer = next.Peer });
                return next;
            case ExchangePurpose.TellAddresses tell when !sa.IsOriginalInitiator:
                // The source stays: from another one a new request goes. RFC 4555 §3.6.
                IpAddress[] known = [sa.Peer.Address, .. sa.PeerAddresses.Items.Where(a => a.IsIpv6 == sa.Own.Address.IsIpv6)];
                Change(draft, sa, pending, tell with { Times = tell.Times + 1 });
                return now with { Peer = sa.Peer with { Address = known[(tell.Times + 1) % known.Length] } };
            case ExchangePurpose.TestPath:
                // It needs an answer, whichever way. RFC 4555 §3.7.
                Change(draft, sa, pending, new ExchangePurpose.TestPath(null));
                return now;
            default:
                return now;
        }
    }

    /// <summary>Own addresses for which the first request must tell that they may be its source. RFC 7296 §2.23.</summary>
    public static ValueList<IpAddress> Sources(IkeConfiguration configuration) =>
        [configuration.Own.Address, .. configuration.Mobike is { } mobike ? mobike.Additional.Items.Where(a => a.IsIpv6 == configuration.Peer.Address.IsIpv6) : []];

    // All pairs of one family. Another destination would look like a NAT: only who does not look for any tries it with the same octets. RFC 4555 §3.1.
    private static Route[] Ways(IkeConfiguration configuration, MobikeConfiguration mobike)
    {
        IpAddress[] destinations = configuration.DetectsNat ? [configuration.Peer.Address] : [configuration.Peer.Address, .. mobike.Known];
        return
        [
            .. from destination in destinations
               from source in ValueList.Of<IpAddress>([configuration.Own.Address, .. mobike.Additional]).Items
               where source.IsIpv6 == destination.IsIpv6
               select new Route(configuration.Own with { Address = source }, configuration.Peer with { Address = destination }),
        ];
    }

    private static Route After(Route now, Route[] ways) => ways.Length == 0 ? now : ways[(Array.IndexOf(ways, now) + 1) % ways.Length];

    private static void Change(Draft draft, IkeSa sa, PendingRequest pending, ExchangePurpose purpose) =>
        draft.Put(sa with { Pending = new([.. sa.Pending.Select(p => p.MessageId == pending.MessageId ? p with { Purpose = purpose } : p)]) });
}
