using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>What the data of a notification mean, for each type that has a form of its own. RFC 7296 §3.10.1 and the RFCs of the types.</summary>
public abstract record NotifyContent
{
    private const int LeastTokenBytes = 16;
    private const int MostTokenBytes = 128;

    private NotifyContent()
    {
    }

    /// <summary>Reads the data of a notification; false if they have not the form of their type.</summary>
    public static bool TryRead(IkePayload.Notify notify, out NotifyContent? content, out ParseError error)
    {
        ByteString data = notify.Data;
        content = notify.Notification switch
        {
            NotifyType.UnsupportedCriticalPayload => data.Length == 1 ? new CriticalPayload((PayloadType)data[0]) : null,
            NotifyType.InvalidKePayload => data.Length == 2 ? new WantedMethod((KeyExchangeMethod)Word(data, 0)) : null,
            NotifyType.InvalidMessageId => data.Length == 4 ? new Number(Long(data, 0)) : null,
            NotifyType.InvalidSpi => SpiBytes.Read(data) is { } spi ? new OffendingSpi(spi) : null,
            NotifyType.SetWindowSize or NotifyType.AuthLifetime => data.Length == 4 ? new Number(Long(data, 0)) : null,
            NotifyType.IpcompSupported => data.Length == 3 ? new Compression(Word(data, 0), data[2]) : null,
            NotifyType.NatDetectionSourceIp or NotifyType.NatDetectionDestinationIp => WithLength(data, 20, 20),
            NotifyType.Cookie => WithLength(data, 1, 64),
            NotifyType.Cookie2 => WithLength(data, 8, 64),
            NotifyType.AdditionalIp4Address => data.Length == 4 ? new Address(IpAddress.FromBytes(data.Span)) : null,
            NotifyType.AdditionalIp6Address => data.Length == 16 ? new Address(IpAddress.FromBytes(data.Span)) : null,
            NotifyType.Redirect => ReadGateway(data, hasNonce: true),
            NotifyType.RedirectedFrom => ReadGateway(data, hasNonce: false),
            NotifyType.TicketLtOpaque => data.Length > 4 ? new Ticket(Long(data, 0), data.Slice(4..)) : null,
            NotifyType.TicketOpaque or NotifyType.AdditionalKeyExchange or NotifyType.NoPpkAuth or NotifyType.Puzzle => WithLength(data, 1, int.MaxValue),
            NotifyType.QuickCrashDetection => WithLength(data, LeastTokenBytes, MostTokenBytes),
            NotifyType.SignatureHashAlgorithms => data.Length is > 0 && data.Length % 2 == 0 ? new Hashes(Words(data)) : null,
            NotifyType.PpkIdentity => data.Length > 1 ? new Ppk(data[0], data.Slice(1..)) : null,
            NotifyType type when HasNoData(type) => data.Length == 0 ? new Nothing() : null,
            _ => new Opaque(data),
        };
        error = content is null ? new ParseError("notification data", 4 + notify.Spi.Length, $"{data.Length} bytes for {Iana.NameOf(notify.Notification)}") : default;
        return content is not null;
    }

    /// <summary>True for types for which no RFC defines data.</summary>
    public static bool HasNoData(NotifyType type) => type is
        NotifyType.InvalidIkeSpi or NotifyType.InvalidSyntax or NotifyType.NoProposalChosen or NotifyType.AuthenticationFailed or NotifyType.SinglePairRequired
        or NotifyType.NoAdditionalSas or NotifyType.InternalAddressFailure or NotifyType.FailedCpRequired or NotifyType.TsUnacceptable
        or NotifyType.UnacceptableAddresses or NotifyType.UnexpectedNatDetected or NotifyType.TemporaryFailure or NotifyType.ChildSaNotFound or NotifyType.StateNotFound
        or NotifyType.InitialContact or NotifyType.AdditionalTsPossible or NotifyType.UseTransportMode or NotifyType.HttpCertLookupSupported or NotifyType.RekeySa
        or NotifyType.EspTfcPaddingNotSupported or NotifyType.NonFirstFragmentsAlso or NotifyType.NoAdditionalAddresses
        or NotifyType.UpdateSaAddresses or NotifyType.MultipleAuthSupported or NotifyType.AnotherAuthFollows or NotifyType.RedirectSupported or NotifyType.TicketRequest
        or NotifyType.TicketAck or NotifyType.TicketNack or NotifyType.EapOnlyAuthentication or NotifyType.ChildlessIkev2Supported
        or NotifyType.FragmentationSupported or NotifyType.CloneIkeSaSupported or NotifyType.CloneIkeSa or NotifyType.UsePpk or NotifyType.IntermediateExchangeSupported
        or NotifyType.Ip4Allowed or NotifyType.Ip6Allowed;

    /// <summary>The data of a notification.</summary>
    public abstract ByteString ToByteString();

    private static Opaque? WithLength(ByteString data, int least, int most) => data.Length >= least && data.Length <= most ? new Opaque(data) : null;

    private static Gateway? ReadGateway(ByteString data, bool hasNonce)
    {
        if (data.Length < 2 || data.Length < 2 + data[1])
        {
            return null;
        }

        ByteString identity = data.Slice(2..(2 + data[1]));
        ByteString nonce = data.Slice((2 + data[1])..);
        int? due = data[0] switch
        {
            Gateway.Ipv4 => 4,
            Gateway.Ipv6 => 16,
            _ => null,
        };
        return (due is not null && identity.Length != due) || (!hasNonce && nonce.Length > 0) ? null : new Gateway(data[0], identity, nonce);
    }

    private static ushort Word(ByteString data, int at) => LooseFields.Word(data.Span, at);

    private static uint Long(ByteString data, int at) => LooseFields.Long(data.Span, at);

    private static ValueList<SignatureHash> Words(ByteString data)
    {
        ImmutableArray<SignatureHash>.Builder all = ImmutableArray.CreateBuilder<SignatureHash>(data.Length / 2);
        for (int at = 0; at < data.Length; at += 2)
        {
            all.Add((SignatureHash)Word(data, at));
        }

        return new(all.MoveToImmutable());
    }

    private static ByteString Bytes(uint value, int lengthBytes)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return ByteString.Adopt(bytes[(4 - lengthBytes)..]);
    }

    /// <summary>No data.</summary>
    public sealed record Nothing : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Empty;
    }

    /// <summary>Bytes without an inner form that this model reads: cookies, hashes, tokens, tickets, links.</summary>
    public sealed record Opaque(ByteString Data) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => Data;
    }

    /// <summary>UNSUPPORTED_CRITICAL_PAYLOAD: its type. RFC 7296 §2.5.</summary>
    public sealed record CriticalPayload(PayloadType Type) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => Bytes((byte)Type, 1);
    }

    /// <summary>INVALID_KE_PAYLOAD: the key exchange method that is wanted. RFC 7296 §1.3, §2.7.</summary>
    public sealed record WantedMethod(KeyExchangeMethod Method) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => Bytes((ushort)Method, 2);
    }

    /// <summary>INVALID_SPI: the SPI of the packet. RFC 7296 §1.5.</summary>
    public sealed record OffendingSpi(Spi Spi) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => SpiBytes.Of(Spi);
    }

    /// <summary>SET_WINDOW_SIZE: requests; INVALID_MESSAGE_ID: the ID; AUTH_LIFETIME: seconds. RFC 7296 §2.3, RFC 4478 §3.</summary>
    public sealed record Number(uint Value) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => Bytes(Value, 4);
    }

    /// <summary>IPCOMP_SUPPORTED: the sender's CPI and a transform. RFC 7296 §2.22.</summary>
    public sealed record Compression(ushort ParameterIndex, byte Transform) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt([(byte)(ParameterIndex >> 8), (byte)ParameterIndex, Transform]);
    }

    /// <summary>ADDITIONAL_IP4_ADDRESS and ADDITIONAL_IP6_ADDRESS. RFC 4555 §4.2.2.</summary>
    public sealed record Address(IpAddress Value) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt(Value.ToBytes());
    }

    /// <summary>REDIRECT and REDIRECTED_FROM: a gateway, and in the first exchange the initiator's nonce. RFC 5685 §9.</summary>
    public sealed record Gateway(byte Kind, ByteString Identity, ByteString Nonce) : NotifyContent
    {
        /// <summary>The identity is an IPv4 address.</summary>
        public const byte Ipv4 = 1;

        /// <summary>The identity is an IPv6 address.</summary>
        public const byte Ipv6 = 2;

        /// <summary>The identity is a domain name.</summary>
        public const byte Fqdn = 3;

        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt([Kind, checked((byte)Identity.Length), .. Identity.Span, .. Nonce.Span]);
    }

    /// <summary>TICKET_LT_OPAQUE: lifetime and ticket. RFC 5723 §7.2.</summary>
    public sealed record Ticket(uint LifetimeSeconds, ByteString Value) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt([.. Bytes(LifetimeSeconds, 4).Span, .. Value.Span]);
    }

    /// <summary>SIGNATURE_HASH_ALGORITHMS: hashes that the sender verifies. RFC 7427 §4.</summary>
    public sealed record Hashes(ValueList<SignatureHash> Algorithms) : NotifyContent
    {
        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt([.. Algorithms.SelectMany(a => new[] { (byte)((ushort)a >> 8), (byte)a })]);
    }

    /// <summary>PPK_IDENTITY: the kind of the identity and its data. RFC 8784 §5.1.</summary>
    public sealed record Ppk(byte Kind, ByteString Identity) : NotifyContent
    {
        /// <summary>PPK_ID_OPAQUE.</summary>
        public const byte OpaqueKind = 1;

        /// <summary>PPK_ID_FIXED.</summary>
        public const byte FixedKind = 2;

        /// <inheritdoc/>
        public override ByteString ToByteString() => ByteString.Adopt([Kind, .. Identity.Span]);
    }
}
