using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Notifications of MOBIKE: their data, and who may ask for a move. RFC 4555 §3.5, §4.</summary>
internal static class MobikeRules
{
    public static IEnumerable<Violation> Judge(IkeContext context)
    {
        foreach (IkePayload.Notify notify in context.Payloads.OfType<IkePayload.Notify>())
        {
            string? clause = notify.Notification switch
            {
                NotifyType.UnacceptableAddresses when notify.Data.Length != 0 => "RFC4555-4.1.1-01",
                NotifyType.MobikeSupported when notify.Data.Length != 0 => "RFC4555-4.2.1-01",
                NotifyType.Cookie2 when notify.Data.Length is < 8 or > 64 => "RFC4555-4.2.5-01",
                _ => null,
            };
            if (clause is not null)
            {
                yield return new(clause, $"{Iana.NameOf(notify.Notification)} with {notify.Data.Length} octets");
            }
        }

        if (!context.Arrival.IsResponse && context.Arrival.Notify(NotifyType.UpdateSaAddresses) is not null && context.Sa is { IsOriginalInitiator: true })
        {
            yield return new("RFC4555-3.5-15", "UPDATE_SA_ADDRESSES from the side that did not make the first IKE SA");
        }
    }
}
