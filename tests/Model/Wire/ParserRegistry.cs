using Conformance.Harness.Oracle;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Model.Wire;

/// <summary>A parser by name; true means that the bytes had a meaning.</summary>
public sealed record RegisteredParser(string Name, Func<ByteString, bool> Accepts)
{
    public override string ToString() => Name;
}

/// <summary>Every parser of the model, one line each.</summary>
public static class ParserRegistry
{
    private static readonly PseudoHeader NoAddresses = new(new IpAddress(0, false), new IpAddress(0, false));
    private static readonly PseudoHeader NoIpv6Addresses = new(new IpAddress(0, true), new IpAddress(0, true));

    public static IReadOnlyList<RegisteredParser> All { get; } =
    [
        new(nameof(IpPacketView), bytes => IpPacketView.TryParse(bytes.Span, out _, out _)),
        new(nameof(Ipv4Packet), bytes => Ipv4Packet.TryParse(bytes.Span, out _, out _)),
        new(nameof(Ipv6Packet), bytes => Ipv6Packet.TryParse(bytes.Span, out _, out _)),
        new(nameof(UdpDatagram), bytes => UdpDatagram.TryParse(NoAddresses, bytes.Span, out _, out _)),
        new(nameof(TcpSegment), bytes => TcpSegment.TryParse(NoAddresses, bytes.Span, out _, out _)),
        new(nameof(IcmpMessage), bytes => IcmpMessage.TryParse(bytes.Span, out _, out _)),
        new(nameof(IcmpV6Message), bytes => IcmpV6Message.TryParse(NoIpv6Addresses, bytes.Span, out _, out _)),
        new(nameof(EspHeader), bytes => EspHeader.TryParse(bytes.Span, out _, out _)),
        new(nameof(OptionList), bytes => OptionList.TryParse(bytes.Span, 0, out _, out _)),
        new(nameof(OptionList) + " of IPv6", bytes => OptionList.TryParseIpv6(bytes.Span, 0, out _, out _)),
        new(nameof(UdpEncapsulatedContents), bytes => UdpEncapsulatedContents.Classify(bytes.Span) == UdpEncapsulatedContent.Esp),
        new(nameof(BeetPseudoHeader), bytes => BeetPseudoHeader.TryRead(bytes.Span, out _, out _, out _, out _)),
        new("views", ReadsEveryField),
        new(nameof(EspReceiver), EspTarget.Receive),
        new(nameof(EspReceiver) + " with a right ICV", EspTarget.SealAndReceive),
    ];

    private static bool ReadsEveryField(ByteString bytes)
    {
        Ipv4HeaderView ipv4 = new(bytes.Span);
        Ipv6HeaderView ipv6 = new(bytes.Span);
        Ipv6ExtensionHeaderView extension = new(bytes.Span);
        UdpView udp = new(bytes.Span);
        TcpView tcp = new(bytes.Span);
        IcmpView icmp = new(bytes.Span);
        EspHeaderView esp = new(bytes.Span);
        int lengths = ipv4.Options.Length + ipv4.Payload.Length + ipv6.Payload.Length + extension.Options.Length + extension.RoutingData.Length
            + udp.Data.Length + tcp.Options.Length + tcp.Data.Length + icmp.Body.Length + esp.Rest.Length;
        _ = (ipv4.Version, ipv4.ChecksumIsRight, ipv4.Source, ipv4.Destination, ipv4.FragmentOffsetBytes, ipv4.HeaderChecksum);
        _ = (ipv6.Source, ipv6.Destination, ipv6.FlowLabel, ipv6.TrafficClass, extension.Identification, extension.FragmentOffsetBytes);
        _ = (udp.Checksum, tcp.UrgentPointer, tcp.Control, icmp.Parameter, icmp.NextHopMtuBytes, esp.SequenceLow, esp.Spi);
        return lengths > 0;
    }

    /// <summary>A receiver with SAs of all modes under NULL and HMAC, so that mutated bytes reach every stage.</summary>
    private static class EspTarget
    {
        private static readonly Keyring Keys = new();
        private static readonly SecurityAssociation[] Associations = [.. Create()];
        private static readonly ReceiverState State =
            Associations.Aggregate(ReceiverState.Empty, (state, sa) => state.With(InboundAssociation.Create(sa)));

        public static bool Receive(ByteString bytes) =>
            EspReceiver.Rfc.Receive(State, bytes, Keys).Outcome is ReceiveOutcome.Delivered;

        // The bytes are the plaintext, so trailer, decapsulation and selectors see them.
        public static bool SealAndReceive(ByteString bytes)
        {
            SecurityAssociation sa = Associations[bytes.Length % Associations.Length];
            byte nextHeader = bytes.Length == 0 ? (byte)0 : (bytes[0] >> 4) switch
            {
                4 when sa.Mode == EspMode.Tunnel => IpProtocol.Ipv4,
                6 when sa.Mode == EspMode.Tunnel => IpProtocol.Ipv6,
                _ => sa.Mode == EspMode.Beet && bytes.Length % 2 == 0 ? IpProtocol.BeetPseudoHeader : bytes[0],
            };
            byte[] esp = EspPacket.Seal(Keys.ProtectionOf(sa), sa.Spi, new SequenceNumber(1), false, [], bytes.Span, nextHeader, SealOptions.Default);
            byte[] datagram = IpPackets.Raw(sa.Source, sa.Destination, IpProtocol.Esp, esp);
            return EspReceiver.Rfc.Receive(State, ByteString.Adopt(datagram), Keys).Outcome is ReceiveOutcome.Delivered;
        }

        private static IEnumerable<SecurityAssociation> Create()
        {
            EspSuite suite = EspSuite.TryParse("ENCR_NULL/AUTH_HMAC_SHA2_256_128", out EspSuite? parsed, out string? error)
                ? parsed : throw new InvalidOperationException(error);
            uint spi = 0x1000;
            foreach (EspMode mode in Enum.GetValues<EspMode>())
            {
                foreach (bool isIpv6 in new[] { false, true })
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
                        EncryptionKey = ByteString.Empty,
                        IntegrityKey = ByteString.Adopt(new byte[32]),
                    };
                }
            }
        }
    }
}
