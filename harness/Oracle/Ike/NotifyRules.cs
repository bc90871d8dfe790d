using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Notify and Delete payloads: what each type carries and where it may stand. RFC 7296 §1.5, §3.10, §3.11.</summary>
internal static class NotifyRules
{
    private const int MostCookieBytes = 64;

    public static IEnumerable<Violation> Judge(IkeContext context) =>
        Fields(context).Concat(context.Payloads.OfType<IkePayload.Notify>().SelectMany(n => Judge(context, n))).Concat(Deletes(context));

    // The fields as they stand: a protocol without an SPI has no place in the meaning.
    private static IEnumerable<Violation> Fields(IkeContext context)
    {
        foreach (RawNode node in context.Arrival.Opened?.Tree.Parts.OfType<RawNode>().Where(n => n.Type == PayloadType.Notify) ?? [])
        {
            ulong protocol = ((RawField)node["protocol"]).Value;
            ulong size = ((RawField)node["SPI size"]).Value;
            NotifyType type = (NotifyType)((RawField)node["type"]).Value;
            if (size == 0 && protocol != 0)
            {
                yield return new("RFC7296-3.10-03", $"{Iana.NameOf(type)} has protocol {protocol} and no SPI");
            }

            // What other documents and vendors put there is theirs.
            if (size != 0 && Iana.IsKnown(type) && type is not (NotifyType.RekeySa or NotifyType.ChildSaNotFound or NotifyType.InvalidSelectors))
            {
                yield return new("RFC7296-3.10-02", $"{Iana.NameOf(type)} has an SPI") { Also = ["RFC7296-3.10-05"] };
            }
        }
    }

    private static IEnumerable<Violation> Judge(IkeContext context, IkePayload.Notify notify)
    {
        int length = notify.Data.Length;
        string name = Iana.NameOf(notify.Notification);
        switch (notify.Notification)
        {
            case NotifyType.Cookie when length is 0 or > MostCookieBytes:
                yield return new("RFC7296-2.6-07", $"a cookie of {length} octets");
                break;
            case NotifyType.Cookie when !context.Arrival.IsResponse && context.Payloads[0] != notify:
                yield return new("RFC7296-2.6-09", "the cookie is not the first payload");
                break;
            case NotifyType.InvalidIkeSpi when length != 0:
                yield return new("RFC7296-1.5-07", $"{name} with {length} octets");
                break;
            case NotifyType.UnsupportedCriticalPayload when length != 1:
                yield return new("RFC7296-2.5-15", $"{name} with {length} octets");
                break;
            case NotifyType.AuthenticationFailed when length != 0:
                yield return new("RFC7296-3.10.1-08", $"{name} with {length} octets");
                break;
            case NotifyType.SetWindowSize when length != 4:
                yield return new("RFC7296-2.3-01", $"{name} with {length} octets");
                break;
            case NotifyType.RekeySa when length != 0:
                yield return new("RFC7296-1.3.3-03", $"{name} with {length} octets of data");
                break;
            case NotifyType.RekeySa when notify.Spi.Length != SpiBytes.LengthBytes:
                yield return new("RFC7296-1.3.3-02", $"{name} with an SPI of {notify.Spi.Length} octets");
                break;
            case NotifyType.InvalidMessageId when context.Arrival.IsResponse:
                yield return new("RFC7296-2.3-11", $"{name} in a response");
                break;
            case NotifyType.NatDetectionSourceIp when context.Payloads.OfType<IkePayload.Notify>().Where(n => n.Notification == notify.Notification).All(n => n.Data != Due(context, source: true)):
                yield return new("RFC7296-2.23-09", $"{name} is not the hash of SPIs and {context.Arrival.Datagram.From}");
                break;
            case NotifyType.NatDetectionDestinationIp when notify.Data != Due(context, source: false):
                yield return new("RFC7296-2.23-11", $"{name} is not the hash of SPIs and {context.Arrival.Datagram.To}");
                break;
        }

        if (notify.IsError && !context.Arrival.IsResponse && context.Arrival.IsSealed && notify.Notification is NotifyType.InvalidSyntax)
        {
            yield return new("RFC7296-2.21.3-02", $"{name} in a request") { Also = ["RFC7296-2.21-01"] };
        }
    }

    private static ByteString Due(IkeContext context, bool source) => NatDetection.Hash(
        context.Arrival.InitiatorSpi, context.Arrival.ResponderSpi, source ? context.Arrival.Datagram.From : context.Arrival.Datagram.To);

    private static IEnumerable<Violation> Deletes(IkeContext context)
    {
        IkePayload.Delete[] deletes = [.. context.Payloads.OfType<IkePayload.Delete>()];
        foreach (IkePayload.Identification id in context.Payloads.OfType<IkePayload.Identification>().Where(i => i.Identity.Data is { Length: > 0 } data && data[^1] == 0))
        {
            if (id.Identity.Type is IdentityType.Fqdn or IdentityType.Rfc822Address)
            {
                yield return new(id.Identity.Type == IdentityType.Fqdn ? "RFC7296-3.5-04" : "RFC7296-3.5-05", $"{Iana.NameOf(id.Identity.Type)} ends with a terminator");
            }
        }

        if (deletes.Any(d => d.Protocol == ProtocolId.Ike) && context.Arrival.IsResponse)
        {
            yield return new("RFC7296-1.4.1-10", "the answer to a deletion of the IKE SA has a payload");
        }
    }
}
