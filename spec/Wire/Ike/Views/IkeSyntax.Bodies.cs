using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

public static partial class IkeSyntax
{
    // ID_NULL has no data, and what is there all the same is ignored. RFC 7619 §2.2.
    private static bool CheckIdentification(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "identification payload", out error))
        {
            return false;
        }

        NumberedView view = new(body);
        int? due = (IdentityType)view.Number switch
        {
            IdentityType.Ipv4Address => 4,
            IdentityType.Ipv6Address => 16,
            _ => null,
        };
        return due is null || view.Data.Length == due ? Right(out error) : Wrong("identification data", at + 4, $"{view.Data.Length} bytes, the address has {due}", out error);
    }

    // Without an SPI the protocol means nothing. RFC 7296 §3.10.
    private static bool CheckNotify(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "notify payload", out error))
        {
            return false;
        }

        NotifyView view = new(body);
        if (4 + view.SpiSizeBytes > body.Length)
        {
            return Wrong("SPI size", at + 1, $"{view.SpiSizeBytes} bytes, {body.Length - 4} are there", out error);
        }

        return view.SpiSizeBytes == 0 || IsSpiSizeOfNotification(view.Protocol, view.SpiSizeBytes)
            ? Right(out error)
            : Wrong("SPI size", at + 1, $"{view.SpiSizeBytes} bytes for {Iana.NameOf(view.Protocol)}", out error);
    }

    internal static bool IsSpiSizeOfNotification(ProtocolId protocol, int sizeBytes) => protocol switch
    {
        ProtocolId.None or ProtocolId.Ike => false,
        ProtocolId.Ah or ProtocolId.Esp => sizeBytes == 4,
        _ => true,
    };

    private static bool CheckDelete(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "delete payload", out error))
        {
            return false;
        }

        DeleteView view = new(body);
        if (view.Protocol is not (ProtocolId.Ike or ProtocolId.Ah or ProtocolId.Esp))
        {
            return Wrong("protocol ID", at, $"{(int)view.Protocol}", out error);
        }

        int due = view.Protocol == ProtocolId.Ike ? 0 : 4;
        if (view.SpiSizeBytes != due)
        {
            return Wrong("SPI size", at + 1, $"{view.SpiSizeBytes} bytes for {Iana.NameOf(view.Protocol)}", out error);
        }

        bool fits = due == 0 ? view.SpiCount == 0 && view.Spis.IsEmpty : view.SpiCount * due == view.Spis.Length;
        return fits ? Right(out error) : Wrong("number of SPIs", at + 2, $"{view.SpiCount} in {view.Spis.Length} bytes", out error);
    }

    private static bool CheckTrafficSelectors(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "traffic selector payload", out error))
        {
            return false;
        }

        TrafficSelectorsView view = new(body, at);
        int count = 0;
        foreach (StructureView structure in view.Selectors)
        {
            TrafficSelectorView selector = new(structure.Bytes);
            int? due = selector.Type switch
            {
                TrafficSelectorType.Ipv4AddressRange => TrafficSelectorView.Ipv4Bytes,
                TrafficSelectorType.Ipv6AddressRange => TrafficSelectorView.Ipv6Bytes,
                _ => null,
            };
            if (!structure.IsWhole || (due is not null && due != structure.LengthBytes))
            {
                return Wrong("selector length", structure.OffsetBytes + 2, $"{structure.LengthBytes} of {structure.Bytes.Length} bytes", out error);
            }

            if (due is not null && selector.FirstPort > selector.LastPort && !(selector.FirstPort == ushort.MaxValue && selector.LastPort == 0))
            {
                return Wrong("port range", structure.OffsetBytes + 4, $"{selector.FirstPort} to {selector.LastPort}", out error);
            }

            if (due is not null && selector.FirstAddress.Value > selector.LastAddress.Value)
            {
                return Wrong("address range", structure.OffsetBytes + 8, $"{selector.FirstAddress} to {selector.LastAddress}", out error);
            }

            count++;
        }

        return count == view.Count && count > 0
            ? Right(out error)
            : Wrong("number of traffic selectors", at, $"{view.Count}, {count} are there", out error);
    }

    private static bool CheckFragment(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "fragment number", out error))
        {
            return false;
        }

        EncryptedFragmentView view = new(body);
        return view.Number > 0 && view.Number <= view.Total ? Right(out error) : Wrong("fragment number", at, $"{view.Number} of {view.Total}", out error);
    }

    private static bool CheckConfiguration(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, 4, at, "configuration payload", out error))
        {
            return false;
        }

        foreach (AttributeView attribute in new ConfigurationView(body, at).Attributes)
        {
            if (!attribute.IsWhole)
            {
                return Wrong("attribute length", attribute.OffsetBytes + 2, $"{attribute.LengthOrValue} bytes, {attribute.Value.Length} are there", out error);
            }
        }

        return Right(out error);
    }

    private static bool CheckEap(ReadOnlySpan<byte> body, int at, out ParseError error)
    {
        if (!HasFixedPart(body, EapMessage.HeaderBytes, at, "EAP message", out error))
        {
            return false;
        }

        EapView view = new(body);
        if (!EapMessage.IsCode(view.Code))
        {
            return Wrong("EAP code", at, $"{(int)view.Code}", out error);
        }

        bool hasRightLength = EapMessage.HasType(view.Code) ? body.Length > EapMessage.HeaderBytes : body.Length == EapMessage.HeaderBytes;
        return view.LengthBytes == body.Length && hasRightLength
            ? Right(out error)
            : Wrong("EAP length", at + 2, $"{view.LengthBytes} of {body.Length} bytes", out error);
    }
}
