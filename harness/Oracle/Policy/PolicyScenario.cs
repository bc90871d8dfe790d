using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Harness.Contract;
using Conformance.Spec.Crypto;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Policy;

/// <summary>A pair of SAs that serves one PROTECT entry, as the target keeps it.</summary>
/// <param name="Entry">The entry that it is meant for.</param>
/// <param name="Inbound">The target receives on it.</param>
/// <param name="Outbound">The target sends on it.</param>
public sealed record SaPair(SpdEntry Entry, SadEntry Inbound, SadEntry Outbound)
{
    /// <summary>Word for reports.</summary>
    public string Name => Entry.Name;
}

/// <summary>How SAs for an entry are to be made.</summary>
/// <param name="Entry">The PROTECT entry.</param>
public sealed record SaPairPlan(SpdEntry Entry)
{
    /// <summary>Selectors of both SAs; null for those of the entry.</summary>
    public ImmutableArray<SelectorSet>? Selectors { get; init; }

    /// <summary>Transforms.</summary>
    public EspSuite Suite { get; init; } = EspSuites.Default;

    /// <summary>DSCP values that the outbound SA is for; empty for all. RFC 4301 §4.4.2.1.</summary>
    public ImmutableArray<byte> DscpValues { get; init; } = [];

    /// <summary>Ends of the SAs, local and remote; null for those of the entry.</summary>
    public (IpAddress Local, IpAddress Remote)? Ends { get; init; }

    /// <summary>False for an entry without an SA.</summary>
    public bool IsInstalled { get; init; } = true;
}

/// <summary>An ordered SPD with the SAs that serve its entries; in front of it stands the entry of the sentinel.</summary>
public sealed record PolicyScenario
{
    private const uint FirstSpi = 0x3001;
    private const uint SpiStep = 0x10;
    private const string SentinelName = "sentinel";

    /// <summary>The SPD under test, in order.</summary>
    public required ImmutableArray<SpdEntry> Entries { get; init; }

    /// <summary>SAs that are not the ordinary ones: an entry that is named here has these only.</summary>
    public ImmutableArray<SaPairPlan> Pairs { get; init; } = [];

    /// <summary>True when the SAs are put in by hand, for no entry in particular. RFC 4301 §4.4.2.</summary>
    public bool KeyedByHand { get; init; }

    /// <summary>Addresses of the stack beside those that every target has.</summary>
    public ImmutableArray<IpAddress> Addresses { get; init; } = [];

    /// <summary>The whole SPD: the sentinel's entry, then those under test.</summary>
    public SecurityPolicyDatabase Database => new([SentinelEntry, .. Entries]);

    /// <summary>The entry of the sentinel, whose addresses no other entry under test should name.</summary>
    public SpdEntry SentinelEntry => new()
    {
        Name = SentinelName,
        Selectors = [new SelectorSet(AddressSelector.Host(SentinelEnds.Local), AddressSelector.Host(SentinelEnds.Remote), new UpperLayerSelector.Any())],
        Action = PolicyAction.Protect.With(HasTransport ? new ProtectionStep { Mode = EspMode.Transport } : Tunnel(AddressPlan.Ipv4Sentinel)),
    };

    /// <summary>Where the sentinel's packets come from and go to.</summary>
    public (IpAddress Local, IpAddress Remote) SentinelEnds => AddressPlan.PlainEnds(HasTransport ? EspMode.Transport : EspMode.Tunnel, AddressPlan.Ipv4Sentinel);

    // What a stack delivers to itself may take longer than what it sends on: the sentinel must go the same way.
    private bool HasTransport => Entries.Any(e => e.Action is PolicyAction.Protect protect && protect.Steps.Any(s => s.Mode == EspMode.Transport));

    /// <summary>A tunnel between the two ends of an address set.</summary>
    public static ProtectionStep Tunnel(AddressSet ends) => new() { Mode = EspMode.Tunnel, TunnelLocal = ends.Target, TunnelRemote = ends.Peer };

    /// <summary>The pair of the sentinel and one for each PROTECT entry, or as <see cref="Pairs"/> says; all from a seed.</summary>
    public IEnumerable<SaPair> CreatePairs(ulong seed)
    {
        uint spi = FirstSpi;
        foreach (SpdEntry entry in Database.Entries.Where(e => e.Action is PolicyAction.Protect))
        {
            SaPairPlan[] plans = [.. Pairs.Where(p => p.Entry == entry)];
            foreach (SaPairPlan plan in plans.Length == 0 ? [new SaPairPlan(entry)] : plans.Where(p => p.IsInstalled))
            {
                yield return Create(plan, seed, spi, KeyedByHand);
                spi += SpiStep;
            }
        }
    }

    /// <summary>The entries in order on one line.</summary>
    public override string ToString() => new SecurityPolicyDatabase(Entries).ToString();

    private static SaPair Create(SaPairPlan plan, ulong seed, uint spi, bool keyedByHand)
    {
        ProtectionStep step = ((PolicyAction.Protect)plan.Entry.Action).Steps[0];
        bool isIpv6 = (step.TunnelLocal ?? plan.Entry.Selectors[0].Local.In(false).Ranges.Select(_ => AddressPlan.Ipv4.Target).FirstOrDefault(AddressPlan.Ipv6.Target)).IsIpv6;
        AddressSet ends = AddressPlan.Of(isIpv6, plan.Entry.Name == SentinelName);
        (IpAddress local, IpAddress remote) = plan.Ends ?? (step.TunnelLocal ?? ends.Target, step.TunnelRemote ?? ends.Peer);
        SadEntry Entry(bool inbound) => new()
        {
            Sa = new SecurityAssociation
            {
                Spi = new Spi(inbound ? spi : spi + (SpiStep / 2)),
                Mode = step.Mode,
                Source = inbound ? remote : local,
                Destination = inbound ? local : remote,
                Suite = plan.Suite,
                EncryptionKey = Derive(seed, spi, inbound, "encryption", plan.Suite.EncryptionKeyMaterialBytes),
                IntegrityKey = Derive(seed, spi, inbound, "integrity", plan.Suite.IntegrityKeyBytes),
                ExtendedSequenceNumbers = step.ExtendedSequenceNumbers,
            },
            Selectors = plan.Selectors ?? [SelectorSet.Any],
            Origin = keyedByHand ? null : plan.Entry,
            DscpValues = plan.DscpValues,
        };
        return new SaPair(plan.Entry, Entry(true), Entry(false));
    }

    private static ByteString Derive(ulong seed, uint spi, bool inbound, string use, int lengthBytes)
    {
        byte[] secret = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(secret, seed);
        byte[] info = System.Text.Encoding.ASCII.GetBytes($"policy/{spi:x}/{(inbound ? "in" : "out")}/{use}");
        return ByteString.Adopt(lengthBytes == 0 ? [] : HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, lengthBytes, info: info));
    }
}
