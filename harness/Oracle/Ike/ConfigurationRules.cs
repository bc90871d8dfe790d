using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Configuration payloads: where they stand and what attributes they may have. RFC 7296 §2.19, §3.15.</summary>
internal static class ConfigurationRules
{
    public static IEnumerable<Violation> Judge(IkeContext context)
    {
        foreach (IkePayload.Configuration configuration in context.Payloads.OfType<IkePayload.Configuration>())
        {
            foreach (Violation violation in Judge(context, configuration))
            {
                yield return violation;
            }
        }
    }

    private static IEnumerable<Violation> Judge(IkeContext context, IkePayload.Configuration configuration)
    {
        IkePayload[] payloads = [.. context.Payloads];
        if (Array.FindIndex(payloads, p => p is IkePayload.SecurityAssociation) is >= 0 and var sa && Array.IndexOf(payloads, configuration) > sa)
        {
            yield return new("RFC7296-2.19-03", "CP stands behind SA");
        }

        IkePayload.Configuration? asked = (context.Request?.Payloads ?? []).OfType<IkePayload.Configuration>().FirstOrDefault(c => c.Kind == ConfigurationType.Request);
        int addresses = Count(configuration, ConfigurationAttributeType.InternalIp4Address);
        int masks = Count(configuration, ConfigurationAttributeType.InternalIp4Netmask);
        if (configuration.Kind == ConfigurationType.Reply)
        {
            // With EAP the request stands in an earlier message of the exchange.
            if (context.Request is not null && asked is null && context.Sa?.Eap is null)
            {
                yield return new("RFC7296-2.19-09", "CFG_REPLY without a CFG_REQUEST");
            }
            else if (asked is not null && (addresses > Count(asked, ConfigurationAttributeType.InternalIp4Address) || Count(configuration, ConfigurationAttributeType.InternalIp6Address) > Count(asked, ConfigurationAttributeType.InternalIp6Address)))
            {
                yield return new("RFC7296-3.15.1-07", $"more addresses than were asked for: {configuration}");
            }

            if (masks > 1 || (masks > 0 && addresses == 0))
            {
                yield return new("RFC7296-3.15.1-08", $"{masks} netmasks beside {addresses} addresses");
            }
        }
        else if (configuration.Kind == ConfigurationType.Request)
        {
            if (context.Arrival.Exchange == ExchangeType.IkeAuth && !configuration.Attributes.Any(a => AddressRequest.IsInnerAddress(a.Type)))
            {
                yield return new("RFC7296-2.19-05", "CFG_REQUEST asks for no inner address");
            }

            if (configuration.Attributes.Any(a => a is { Type: ConfigurationAttributeType.InternalIp4Netmask, Value.Length: > 0 }))
            {
                yield return new("RFC7296-3.15.1-09", "a netmask is asked for by its value");
            }

            if (configuration.Attributes.Any(a => a is { Type: ConfigurationAttributeType.SupportedAttributes, Value.Length: > 0 }))
            {
                yield return new("RFC7296-3.15.1-19", "SUPPORTED_ATTRIBUTES has a value in a request");
            }
        }

        if (configuration.Attributes.Any(a => a.Type == ConfigurationAttributeType.ApplicationVersion && a.Value.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~')))
        {
            yield return new("RFC7296-3.15.1-16", "APPLICATION_VERSION is not printable ASCII");
        }
    }

    private static int Count(IkePayload.Configuration configuration, ConfigurationAttributeType type) => configuration.Attributes.Count(a => a.Type == type);
}
