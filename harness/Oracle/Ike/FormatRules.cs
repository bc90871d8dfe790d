using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Form of payloads: critical and reserved bits, reserved octets, lengths and counts, encryption. RFC 7296 §2.5, §3.2 to §3.15.</summary>
internal static class FormatRules
{
    private const byte Critical = 0x80;

    public static IEnumerable<Violation> Judge(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (arrival.Payloads is null && (!arrival.IsSealed || arrival.Opened is not null))
        {
            yield return new(ClauseOf(arrival), $"no valid message: {arrival.Error}");
        }

        if (arrival is { Mistake: { } sealing, Opened: null })
        {
            yield return sealing;
        }
        else if (arrival.HasKeysOfTheOtherWay)
        {
            yield return new("RFC7296-1.2-05", "it opens by the keys of the other direction") { Also = ["RFC7296-2.14-07"] };
        }
        else if (arrival.IsSealed && arrival.Opened is null && context.Sa?.Keys is not null && arrival.Outermost == PayloadType.Encrypted)
        {
            yield return new("RFC7296-3.14-09", "it does not open by the keys of its IKE SA", IsPrecise: false) { Also = ["RFC7296-3.14-11"] };
        }

        if (!arrival.IsSealed && arrival.Exchange != ExchangeType.IkeSaInit && context.Sa?.Keys is not null && !IsAllowedInClear(arrival))
        {
            yield return new("RFC7296-1.2-04", "not encrypted") { Also = ["RFC7296-2.21.2-02", "RFC7383-2.6-01", "RFC7383-2.6-02", "RFC7383-2.6-03"] };
        }

        if (arrival.Suite is { } suite && arrival.PaddingBytes >= suite.BlockBytes)
        {
            yield return new("RFC7296-3.14-06", $"{arrival.PaddingBytes} octets of padding for blocks of {suite.BlockBytes}");
        }

        if (arrival.Opened is { } opened)
        {
            foreach (Violation violation in Bits(arrival, opened.SealFlags, PayloadType.Encrypted).Concat(opened.Tree.Parts.OfType<RawNode>().SelectMany(node => Judge(arrival, node))))
            {
                yield return violation;
            }
        }

        if (arrival is { Mistake: { } proof, Opened: not null })
        {
            yield return proof;
        }
    }

    // What concerns no IKE SA of the receiver is told in clear. RFC 7296 §1.5.
    private static bool IsAllowedInClear(IkeArrival arrival) =>
        arrival.Payloads is [IkePayload.Notify { Notification: NotifyType.InvalidIkeSpi or NotifyType.InvalidMajorVersion or NotifyType.InvalidSpi }];

    private static IEnumerable<Violation> Judge(IkeArrival arrival, RawNode payload)
    {
        byte bits = payload.Parts.OfType<RawField>().FirstOrDefault(f => f.Name == "flags") is { } flags ? (byte)flags.Value : (byte)0;
        foreach (Violation violation in Bits(arrival, bits, payload.Type ?? PayloadType.None))
        {
            yield return violation;
        }

        foreach ((string path, _, RawPart part) in payload.Walk())
        {
            if (part is RawField { Name: "reserved", Value: not 0 } field)
            {
                yield return new(ReservedClauseOf(payload.Type, path), $"{payload.Name}/{path} is {field.Value}, not 0") { Also = ["RFC7296-2.5-09"] };
            }

            if (payload.Type == PayloadType.Configuration && path is ['A', ..] && part is RawField { Name: "type", Value: >= 0x8000 })
            {
                yield return new("RFC7296-3.15.1-01", $"the reserved bit of {payload.Name}/{path} is set") { Also = ["RFC7296-2.5-09"] };
            }
        }
    }

    private static IEnumerable<Violation> Bits(IkeArrival arrival, byte bits, PayloadType type)
    {
        if ((bits & Critical) != 0)
        {
            yield return new(arrival.IsResponse ? "RFC7296-2.5-16" : "RFC7296-3.2-02", $"{Iana.NameOf(type)} has the critical bit") { Also = ["RFC7296-3.2-02"] };
        }

        if ((bits & ~Critical) != 0)
        {
            yield return new("RFC7296-3.2-07", $"{Iana.NameOf(type)} has reserved bits, 0x{bits:x2}") { Also = ["RFC7296-2.5-09"] };
        }
    }

    private static string ReservedClauseOf(PayloadType? type, string path) => type switch
    {
        PayloadType.SecurityAssociation => path.Contains("Transform", StringComparison.Ordinal) ? "RFC7296-3.3.2-02" : "RFC7296-3.3.1-02",
        PayloadType.KeyExchange => "RFC7296-3.4-09",
        PayloadType.IdentificationInitiator or PayloadType.IdentificationResponder => "RFC7296-3.5-01",
        PayloadType.Authentication => "RFC7296-3.8-06",
        PayloadType.TrafficSelectorInitiator or PayloadType.TrafficSelectorResponder => "RFC7296-3.13-01",
        PayloadType.Configuration => "RFC7296-3.15-01",
        _ => "RFC7296-2.5-09",
    };

    private static string ClauseOf(IkeArrival arrival) => arrival.Error.Field switch
    {
        "payload length" => "RFC7296-3.2-09",
        "length" => "RFC7296-3.1-23",
        "nonce data" => "RFC7296-3.9-01",
        "number of transforms" => "RFC7296-3.3.1-07",
        "proposal length" or "transform length" or "attribute length" => "RFC7296-3.3-05",
        "last substructure" => "RFC7296-3.3.1-01",
        "number of traffic selectors" => "RFC7296-3.13-03",
        "selector length" => "RFC7296-3.13.1-01",
        "number of SPIs" => "RFC7296-3.11-05",
        "fragment number" => "RFC7383-2.5-08",
        "last payload" => "RFC7296-3.1-03",
        "SPI size" => "RFC7296-3.3.1-06",
        "major version" => "RFC7296-3.1-11",
        _ => "RFC7296-3.1-05",
    };
}
