using Conformance.Harness.Oracle;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Wire;

/// <summary>A receiver with SAs of all modes and kinds of suites, so that mutated bytes reach every stage.</summary>
internal static class ParsedEsp
{
    private static readonly Keyring Keys = new();
    private static readonly SecurityAssociation[] Associations = [.. Create()];
    private static readonly SecurityAssociation[] WithoutIv = [.. Associations.Where(sa => sa.Suite.IvBytes == 0)];
    private static readonly ReceiverState State =
        Associations.Aggregate(ReceiverState.Empty, (state, sa) => state.With(InboundAssociation.Create(sa)));

    /// <summary>The bytes as a datagram from the wire.</summary>
    public static bool Receive(ByteString bytes) =>
        EspReceiver.Rfc.Receive(State, bytes, Keys).Outcome is ReceiveOutcome.Delivered;

    /// <summary>The bytes behind SPI and sequence number of an SA, so that lengths and ICVs of any kind are met.</summary>
    public static bool ReceiveOnKnownSa(ByteString bytes)
    {
        SecurityAssociation sa = Associations[bytes.Length % Associations.Length];
        byte[] esp = [.. new EspHeader(sa.Spi, 1).ToBytes(), .. bytes.Span];
        return Receive(ByteString.Adopt(IpPackets.Raw(sa.Source, sa.Destination, IpProtocol.Esp, esp)));
    }

    /// <summary>The bytes as the plain packet of every mode.</summary>
    public static bool Enclose(ByteString bytes) => ModeEnclosure.Enclose(Associations[bytes.Length % Associations.Length], bytes) is not null;

    /// <summary>The bytes as the plaintext, so that trailer, decapsulation and selectors see them.</summary>
    public static bool SealAndReceive(ByteString bytes)
    {
        SecurityAssociation sa = WithoutIv[bytes.Length % WithoutIv.Length];
        byte nextHeader = bytes.Length == 0 ? (byte)0 : (bytes[0] >> 4) switch
        {
            4 when sa.Mode == EspMode.Tunnel => IpProtocol.Ipv4,
            6 when sa.Mode == EspMode.Tunnel => IpProtocol.Ipv6,
            _ when sa.Mode == EspMode.AggFrag => IpProtocol.AggFrag,
            _ => sa.Mode == EspMode.Beet && bytes.Length % 2 == 0 ? IpProtocol.BeetPseudoHeader : bytes[0],
        };
        byte[] esp = EspPacket.Seal(Keys.ProtectionOf(sa), sa.Spi, new SequenceNumber(1), false, [], bytes.Span, nextHeader, SealOptions.Default);
        byte[] datagram = IpPackets.Raw(sa.Source, sa.Destination, IpProtocol.Esp, esp);
        return EspReceiver.Rfc.Receive(State, ByteString.Adopt(datagram), Keys).Outcome is ReceiveOutcome.Delivered;
    }

    private static IEnumerable<SecurityAssociation> Create()
    {
        uint spi = 0x1000;
        foreach (string name in new[] { "ENCR_NULL/AUTH_HMAC_SHA2_256_128", "ENCR_AES_GCM_16-128", "ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128" })
        {
            EspSuite suite = EspSuite.TryParse(name, out EspSuite? parsed, out string? error) ? parsed : throw new InvalidOperationException(error);
            foreach ((EspMode mode, bool isIpv6) in Enum.GetValues<EspMode>().SelectMany(mode => new[] { (mode, false), (mode, true) }))
            {
                IpAddress source = IpAddress.Parse(isIpv6 ? "2001:db8::1" : "192.0.2.1");
                IpAddress destination = IpAddress.Parse(isIpv6 ? "2001:db8::2" : "192.0.2.2");
                yield return new SecurityAssociation
                {
                    Spi = new Spi(spi++),
                    Mode = mode,
                    Source = source,
                    Destination = destination,
                    InnerSource = mode == EspMode.Beet ? source : null,
                    InnerDestination = mode == EspMode.Beet ? destination : null,
                    Suite = suite,
                    EncryptionKey = ByteString.Adopt(new byte[suite.EncryptionKeyMaterialBytes]),
                    IntegrityKey = ByteString.Adopt(new byte[suite.IntegrityKeyBytes]),
                };
            }
        }
    }
}
