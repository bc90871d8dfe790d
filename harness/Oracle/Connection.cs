using System.Buffers.Binary;
using System.Security.Cryptography;
using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>A pair of SAs with the policies that lead to them, all derived from a scenario and a seed.</summary>
/// <param name="Inbound">The target receives on it.</param>
/// <param name="Outbound">The target sends on it.</param>
/// <param name="Plain">Ends of the plain packets: local is behind the target.</param>
public sealed record Connection(SecurityAssociation Inbound, SecurityAssociation Outbound, (IpAddress Local, IpAddress Remote) Plain)
{
    private const uint SentinelSpiOffset = 0x4000;

    /// <summary>The PROTECT entries for the two directions.</summary>
    public IEnumerable<ProtectPolicy> Policies =>
    [
        new(PolicyDirection.Outbound, AddressPrefix.Host(Plain.Local), AddressPrefix.Host(Plain.Remote),
            Outbound.Mode, Outbound.Source, Outbound.Destination, Outbound.Encapsulation),
        new(PolicyDirection.Inbound, AddressPrefix.Host(Plain.Remote), AddressPrefix.Host(Plain.Local),
            Inbound.Mode, Inbound.Source, Inbound.Destination, Inbound.Encapsulation),
    ];

    /// <summary>The commands that install it: inbound SA, outbound SA, policies.</summary>
    public IEnumerable<Command> Commands =>
    [
        new Command.InstallSa(PolicyDirection.Inbound, Inbound),
        new Command.InstallSa(PolicyDirection.Outbound, Outbound),
        .. Policies.Select(p => new Command.InstallPolicy(p)),
    ];

    /// <summary>The connection under test.</summary>
    public static Connection UnderTest(EspScenario scenario, ulong seed) => Create(scenario, seed, false);

    /// <summary>The sentinel: same mode, families and transforms, nothing special, other addresses, SPIs and keys.</summary>
    public static Connection Sentinel(EspScenario scenario, ulong seed)
    {
        EspScenario plain = new()
        {
            Mode = scenario.Mode,
            OuterIpv6 = scenario.OuterIpv6,
            InnerIpv6 = scenario.InnerIpv6,
            Suite = scenario.Suite,
            UdpEncapsulated = scenario.UdpEncapsulated,
            ReplayWindowPackets = 32,
            InboundSpi = scenario.InboundSpi + SentinelSpiOffset,
            OutboundSpi = scenario.OutboundSpi + SentinelSpiOffset,
        };
        return Create(plain, seed, true);
    }

    private static Connection Create(EspScenario scenario, ulong seed, bool sentinel)
    {
        AddressSet outer = AddressPlan.Of(scenario.OuterIpv6, sentinel);
        AddressSet inner = AddressPlan.Of(scenario.InnerIpv6, sentinel);
        (IpAddress local, IpAddress remote) = AddressPlan.PlainEnds(scenario.Mode, inner);
        bool beet = scenario.Mode == EspMode.Beet;
        SecurityAssociation Sa(bool inbound) => new()
        {
            Spi = new Spi(inbound ? scenario.InboundSpi : scenario.OutboundSpi),
            Mode = scenario.Mode,
            Source = inbound ? outer.Peer : outer.Target,
            Destination = inbound ? outer.Target : outer.Peer,
            InnerSource = beet ? (inbound ? remote : local) : null,
            InnerDestination = beet ? (inbound ? local : remote) : null,
            Suite = scenario.Suite,
            EncryptionKey = Derive(seed, sentinel, inbound, "encryption", scenario.Suite.EncryptionKeyMaterialBytes),
            IntegrityKey = Derive(seed, sentinel, inbound, "integrity", scenario.Suite.IntegrityKeyBytes),
            ExtendedSequenceNumbers = scenario.ExtendedSequenceNumbers,
            ReplayWindowPackets = scenario.ReplayWindowPackets,
            LastSequence = new SequenceNumber(inbound ? scenario.InboundRightEdge : scenario.OutboundLastSequence),
            Encapsulation = scenario.UdpEncapsulated ? UdpEncapsulation.Default : null,
            Lifetime = inbound ? scenario.InboundLifetime : scenario.OutboundLifetime,
            TfcPayloadBytes = inbound ? null : scenario.TfcPayloadBytes,
            Headers = scenario.Headers,
            Aggregation = scenario.Aggregation,
        };
        return new Connection(Sa(true), Sa(false), (local, remote));
    }

    // Keys are a function of the seed, so that a run can be repeated byte for byte.
    private static ByteString Derive(ulong seed, bool sentinel, bool inbound, string use, int lengthBytes)
    {
        byte[] secret = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(secret, seed);
        byte[] info = System.Text.Encoding.ASCII.GetBytes($"{(sentinel ? "sentinel" : "under test")}/{(inbound ? "in" : "out")}/{use}");
        byte[] key = lengthBytes == 0 ? [] : HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, lengthBytes, info: info);
        if (use == "encryption" && lengthBytes == 24)
        {
            // A 3DES key with equal parts would be refused; derived parts differ, only the parity bits need setting.
            for (int i = 0; i < key.Length; i++)
            {
                int parity = System.Numerics.BitOperations.PopCount((uint)(key[i] >> 1)) & 1;
                key[i] = (byte)((key[i] & 0xfe) | (1 - parity));
            }
        }

        return ByteString.Adopt(key);
    }
}
