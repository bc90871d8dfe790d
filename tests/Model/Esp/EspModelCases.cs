using Conformance.Generators.Sa;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Esp;

/// <summary>Fixed cases with NULL encryption and HMAC-SHA2-256.</summary>
internal static class EspModelCases
{
    public static SealingCase Ipv4(EspMode mode, int payloadBytes)
    {
        var source = IpAddress.Parse("192.0.2.1");
        var destination = IpAddress.Parse("192.0.2.2");
        var suite = EspSuite.TryParse("ENCR_NULL/AUTH_HMAC_SHA2_256_128", out var parsed, out var error) ? parsed : throw new InvalidOperationException(error);
        var sa = new SecurityAssociation
        {
            Spi = new Spi(0x1001),
            Mode = mode,
            Source = source,
            Destination = destination,
            Suite = suite,
            EncryptionKey = ByteString.Empty,
            IntegrityKey = ByteString.Adopt(new byte[32]),
        };
        var plain = IpPackets.Raw(source, destination, IpProtocol.Experiment253, new byte[payloadBytes]);
        return new SealingCase(sa, ByteString.Adopt(plain), ByteString.Empty);
    }
}
