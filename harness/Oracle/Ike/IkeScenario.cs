using System.Globalization;
using System.Text;
using Conformance.Harness.Contract;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using EncryptionTransform = Conformance.Spec.Wire.Ike.Registries.EncryptionTransform;
using IntegrityTransform = Conformance.Spec.Wire.Ike.Registries.IntegrityTransform;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>Who talks to whom and about what; both sides are told the same unless a test changes one.</summary>
public sealed record IkeScenario
{
    /// <summary>Name of the first child.</summary>
    public const string FirstChild = "net";

    /// <summary>Name of the second child, for other ports than the first.</summary>
    public const string SecondChild = "other";

    // RFC 3692.
    private const byte Experiment254 = 254;

    private const string Secret = "a secret of the suite, longer than the block of no PRF";

    /// <summary>AES-GCM with curve25519: one round trip is cheap.</summary>
    public static ValueList<Transform> Gcm { get; } = [Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(KeyExchangeMethod.Curve25519)];

    /// <summary>AES-CBC with HMAC and ECP-256.</summary>
    public static ValueList<Transform> Cbc { get; } =
    [
        Transform.Of(EncryptionTransform.AesCbc, 256), Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(IntegrityTransform.HmacSha2x256x128), Transform.Of(KeyExchangeMethod.Ecp256),
    ];

    /// <summary>ESP by AES-GCM.</summary>
    public static ValueList<Transform> EspGcm { get; } = [Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(SequenceNumbersTransform.Sequential32)];

    /// <summary>Addresses of IPv6 outside.</summary>
    public bool IsIpv6 { get; init; }

    /// <summary>Suites of the IKE SA.</summary>
    public ValueList<ValueList<Transform>> Suites { get; init; } = [Gcm];

    /// <summary>Suites of children.</summary>
    public ValueList<ValueList<Transform>> ChildSuites { get; init; } = [EspGcm];

    /// <summary>Key exchange of CREATE_CHILD_SA; null for none.</summary>
    public KeyExchangeMethod? ForwardSecrecy { get; init; }

    /// <summary>Children in transport mode between the two ends.</summary>
    public bool IsTransport { get; init; }

    /// <summary>Both look for NATs.</summary>
    public bool DetectsNat { get; init; }

    /// <summary>The tester's side has an address of its own that a NAT hides; both look for NATs then.</summary>
    public bool IsBehindNat { get; init; }

    /// <summary>The address that the NAT hides.</summary>
    public IpAddress Hidden => IpAddress.Parse(IsIpv6 ? "fd00::2" : "10.1.1.2");

    /// <summary>The target asks for a cookie.</summary>
    public bool TargetAsksForCookie { get; init; }

    /// <summary>Requests that each side takes at a time.</summary>
    public int WindowRequests { get; init; } = 1;

    /// <summary>Largest IKE message that is not cut; null without fragments.</summary>
    public int? FragmentBytes { get; init; }

    /// <summary>The secret of both.</summary>
    public string SharedSecret { get; init; } = Secret;

    /// <summary>Shared secrets start with a zero octet wherever the tester is the second to choose its part.</summary>
    public bool WantsLeadingZero { get; init; }

    /// <summary>Changes what the target is told.</summary>
    public Func<IkeConfiguration, IkeConfiguration>? ForTarget { get; init; }

    /// <summary>Changes what the tester's side is told.</summary>
    public Func<IkeConfiguration, IkeConfiguration>? ForPeer { get; init; }

    /// <summary>What a target must be able to do for it.</summary>
    public Capabilities Needs => Capabilities.Ike | (IsIpv6 ? Capabilities.Ipv6 : Capabilities.None) | (IsTransport ? Capabilities.TransportMode : Capabilities.TunnelMode)
        | (FragmentBytes is null ? Capabilities.None : Capabilities.IkeFragmentation);

    /// <summary>Outer addresses.</summary>
    public AddressSet Ends => AddressPlan.Of(IsIpv6, sentinel: false);

    /// <summary>What the target is told.</summary>
    public IkeConfiguration Target(ulong seed)
    {
        IkeConfiguration plain = Side(isTarget: true, seed) with { AsksForCookie = TargetAsksForCookie };
        return ForTarget?.Invoke(plain) ?? plain;
    }

    /// <summary>What the tester's side is told.</summary>
    public IkeConfiguration Peer(ulong seed)
    {
        IkeConfiguration plain = Side(isTarget: false, seed);
        return ForPeer?.Invoke(plain) ?? plain;
    }

    /// <summary>What is special about it, on one line.</summary>
    public override string ToString() =>
        $"IKE over {(IsIpv6 ? "IPv6" : "IPv4")}, {string.Join(" | ", Suites.Select(s => string.Join(' ', s)))}{(IsTransport ? ", transport" : "")}{(ForwardSecrecy is null ? "" : $", {ForwardSecrecy}")}"
        + $"{(DetectsNat ? ", NAT detection" : "")}{(IsBehindNat ? ", tester behind a NAT" : "")}{(TargetAsksForCookie ? ", cookie" : "")}{(WindowRequests == 1 ? "" : $", window {WindowRequests}")}{(FragmentBytes is null ? "" : $", fragments of {FragmentBytes} bytes")}{(WantsLeadingZero ? ", secrets with a leading zero" : "")}";

    private IkeConfiguration Side(bool isTarget, ulong seed)
    {
        AddressSet ends = Ends;
        (Endpoint target, Endpoint peer) = (new Endpoint(ends.Target, Endpoint.IkePort), new Endpoint(ends.Peer, Endpoint.IkePort));
        (Identity ofTarget, Identity ofPeer) = (Identity.Fqdn("target.example"), Identity.Fqdn("peer.example"));
        return new IkeConfiguration
        {
            Own = isTarget ? target : IsBehindNat ? peer with { Address = Hidden } : peer,
            Peer = isTarget ? peer : target,
            OwnIdentity = isTarget ? ofTarget : ofPeer,
            PeerIdentity = isTarget ? ofPeer : ofTarget,
            Credentials = new Credentials.SharedSecret(new IkeSecret(Encoding.ASCII.GetBytes(SharedSecret))),
            Offers = Suites,
            KeyExchange = (KeyExchangeMethod)Spec.Ike.Negotiation.Suites.Find(Suites[0], TransformType.KeyExchange)!.Id,
            Children = [Child(FirstChild, isTarget, 0), Child(SecondChild, isTarget, 1)],
            Seed = ByteString.Adopt(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(isTarget ? "target" : "peer")} {seed}"))),
            DetectsNat = DetectsNat || IsBehindNat,
            WindowRequests = WindowRequests,
            FragmentBytes = FragmentBytes,
        };
    }

    // The second child has the experimental protocol 254, so that the two never share a packet.
    private ChildConfiguration Child(string name, bool isTarget, byte index)
    {
        byte protocol = index == 0 ? (byte)0 : Experiment254;
        AddressSet ends = Ends;
        TrafficSelector behindTarget = IsTransport ? Of(protocol, ends.Target, ends.Target) : Of(protocol, AddressPlan.ProtectedNetwork(IsIpv6));
        TrafficSelector behindPeer = IsTransport ? Of(protocol, ends.Peer, ends.Peer) : Of(protocol, AddressPlan.RemoteNetwork(IsIpv6));
        ValueList<ValueList<Transform>> offers = ForwardSecrecy is { } method ? new([.. ChildSuites.Select(s => s.Add(Transform.Of(method)))]) : ChildSuites;
        return new ChildConfiguration
        {
            Name = name,
            Offers = offers,
            Own = [isTarget ? behindTarget : behindPeer],
            Peer = [isTarget ? behindPeer : behindTarget],
            IsTransport = IsTransport,
            KeyExchange = ForwardSecrecy,
        };
    }

    private static TrafficSelector.Range Of(byte protocol, Spec.Policy.AddressPrefix prefix)
    {
        Spec.Policy.Selectors.AddressRange range = Spec.Policy.Selectors.AddressRange.Of(prefix);
        return Of(protocol, range.First, range.Last);
    }

    private static TrafficSelector.Range Of(byte protocol, IpAddress first, IpAddress last) => new(protocol, 0, ushort.MaxValue, first, last);
}
