using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>What the IKE header and the UDP datagram around it must say. RFC 7296 §2.11, §2.23, §3.1.</summary>
internal static class HeaderRules
{
    private const byte ReservedFlags = 0xc7;

    public static IEnumerable<Violation> Judge(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        IkeHeaderView header = arrival.Header;
        (int major, int minor, byte flags, uint length) = (header.MajorVersion, header.MinorVersion, header.Flags, header.LengthBytes);
        if (!arrival.Datagram.IsMarkedAsDue)
        {
            yield return new("RFC7296-2-06", "four zero octets stand in front of a message at port 500");
        }

        if (major != 2)
        {
            yield return new("RFC7296-3.1-11", $"major version {major}");
        }

        if (minor != 0)
        {
            yield return new("RFC7296-3.1-13", $"minor version {minor}") { Also = ["RFC7296-2.5-06"] };
        }

        if ((flags & ReservedFlags) != 0)
        {
            yield return new("RFC7296-3.1-15", $"flags 0x{flags:x2}: reserved ones are set") { Also = ["RFC7296-2.5-09"] };
        }

        if ((flags & IkeHeaderView.VersionFlag) != 0)
        {
            yield return new("RFC7296-3.1-19", "the V flag is set");
        }

        if (length != arrival.Bytes.Length)
        {
            yield return new("RFC7296-3.1-23", $"length {length} in a datagram of {arrival.Bytes.Length} octets");
        }

        if (arrival.InitiatorSpi.IsZero && arrival.Exchange != ExchangeType.Informational)
        {
            yield return new("RFC7296-3.1-07", "the initiator's SPI is 0") { Also = ["RFC7296-3.1-08"] };
        }

        foreach (Violation violation in Flags(context).Concat(Way(context)).Concat(Initial(context)))
        {
            yield return violation;
        }
    }

    private static IEnumerable<Violation> Flags(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (context.Sa is { } sa && arrival.IsFromInitiator == sa.IsInitiator)
        {
            string who = sa.IsInitiator ? "the flag I is set, though the tester made the IKE SA" : "the flag I is clear, though the target made the IKE SA";
            yield return new(sa.Replaces is null ? "RFC7296-3.1-21" : "RFC7296-3.1-22", who) { Also = sa.Replaces is null ? [] : ["RFC7296-1.3.2-07"] };
        }
    }

    private static IEnumerable<Violation> Way(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (arrival.Datagram.From.Port is not (Endpoint.IkePort or Endpoint.NatTraversalPort))
        {
            yield return new("RFC7296-2.23-01", $"sent from {arrival.Datagram.From}") { Also = ["RFC7296-2.11-03"] };
        }
        else if (context.Request is { } request && arrival.Datagram.From != request.Datagram.To)
        {
            yield return new("RFC7296-2.11-03", $"sent from {arrival.Datagram.From}, asked at {request.Datagram.To}") { Also = ["RFC7296-3.1-02"] };
        }

        if (context.Request is { } asked && arrival.Datagram.To != asked.Datagram.From)
        {
            yield return new("RFC7296-2.11-02", $"sent to {arrival.Datagram.To}, asked from {asked.Datagram.From}") { Also = ["RFC7296-3.1-02", "RFC4555-3.5-11"] };
        }
    }

    private static IEnumerable<Violation> Initial(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (arrival.Exchange != ExchangeType.IkeSaInit)
        {
            yield break;
        }

        if (arrival.MessageId != 0)
        {
            yield return new("RFC7296-2.2-02", $"IKE_SA_INIT with Message ID {arrival.MessageId}") { Also = ["RFC7296-2.2-03", "RFC7296-1.5-06"] };
        }

        if (!arrival.IsResponse && !arrival.ResponderSpi.IsZero)
        {
            yield return new("RFC7296-3.1-09", "the first message has a responder's SPI");
        }

        if (arrival.IsResponse && context.IsSuccess && arrival.ResponderSpi.IsZero)
        {
            yield return new("RFC7296-1.2-02", "the responder's SPI is 0");
        }

        // Of other errors the RFC does not say so.
        bool isKnownFailure = arrival.Notify(NotifyType.Cookie) is not null || arrival.Notify(NotifyType.InvalidKePayload) is not null || arrival.Notify(NotifyType.NoProposalChosen) is not null;
        if (arrival.IsResponse && isKnownFailure && !context.IsSuccess && !arrival.ResponderSpi.IsZero)
        {
            yield return new("RFC7296-2.6-04", "an answer that makes no IKE SA has a responder's SPI");
        }
    }
}
