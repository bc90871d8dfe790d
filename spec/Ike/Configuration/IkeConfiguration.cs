using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>What a peer is told before it starts: identities, suites, Child SAs, extensions. RFC 7296 §2.</summary>
public sealed record IkeConfiguration
{
    /// <summary>Own address and port.</summary>
    public required Endpoint Own { get; init; }

    /// <summary>Address and port of the other side.</summary>
    public required Endpoint Peer { get; init; }

    /// <summary>Own identity.</summary>
    public required Identity OwnIdentity { get; init; }

    /// <summary>The identity that the other side must prove.</summary>
    public required Identity PeerIdentity { get; init; }

    /// <summary>How this side proves its own.</summary>
    public required Credentials Credentials { get; init; }

    /// <summary>What proves the other side's; null where that is the counterpart of <see cref="Credentials"/>.</summary>
    public Trust? Trust { get; init; }

    /// <summary>Keys against quantum computers that this side knows; an initiator uses the first. RFC 8784 §3.</summary>
    public ValueList<PostQuantumKey> PostQuantumKeys { get; init; }

    /// <summary>No IKE SA without one of them. RFC 8784 §3.</summary>
    public bool NeedsPostQuantumKey { get; init; }

    /// <summary>Hashes of signatures that this side verifies; empty without signatures that name theirs. RFC 7427 §4.</summary>
    public ValueList<SignatureHash> SignatureHashes { get; init; }

    /// <summary>Suites of the IKE SA in order of preference, each a set of transforms to choose from; combined modes stand apart. RFC 7296 §3.3.</summary>
    /// <exception cref="ArgumentException">What no offer may have: NONE in place of a key exchange, a cipher without a form in the SK payload, attributes out of place.</exception>
    public required ValueList<ValueList<Transform>> Offers { get; init => field = ConfiguredSuites.ForIke(value); }

    /// <summary>Method of the first KE payload.</summary>
    public required WireMethod KeyExchange { get; init; }

    /// <summary>Method of the first KE payload that asks for a successor of the IKE SA; null for the one in use. RFC 7296 §2.18.</summary>
    public WireMethod? SuccessorKeyExchange { get; init; }

    /// <summary>Child SAs, the first of which IKE_AUTH makes.</summary>
    public required ValueList<ChildConfiguration> Children { get; init; }

    /// <summary>Whence all randomness comes: values drawn for different purposes differ.</summary>
    public required ByteString Seed { get; init; }

    /// <summary>A responder asks for a cookie first. RFC 7296 §2.6.</summary>
    public bool AsksForCookie { get; init; }

    /// <summary>It looks for NATs on the path. RFC 7296 §2.23.</summary>
    public bool DetectsNat { get; init; }

    /// <summary>It has no use for paths with a NAT, and breaks off where it finds one. RFC 7296 §2.23.</summary>
    public bool RefusesNat { get; init; }

    /// <summary>It can move to another address; null without the extension. RFC 4555.</summary>
    public MobikeConfiguration? Mobike { get; init; }

    /// <summary>Requests that it takes before the first is answered. RFC 7296 §2.3.</summary>
    public int WindowRequests { get; init; } = 1;

    /// <summary>It makes no SAs by CREATE_CHILD_SA when the other side asks: neither more, nor others in place of those that are there. RFC 7296 §1.3, §4.</summary>
    public bool RefusesMoreSas { get; init; }

    /// <summary>Where the other side rekeys nothing, a whole new IKE SA takes the place of the old one. RFC 7296 §2.8.3, §4.</summary>
    public bool BeginsAnew { get; init; }

    /// <summary>It tells that it knows of no other IKE SA with this peer. RFC 7296 §2.4.</summary>
    public bool SendsInitialContact { get; init; }

    /// <summary>An initiator names the identity that it wants to talk to. RFC 7296 §1.2.</summary>
    public bool AsksForIdentity { get; init; }

    /// <summary>An initiator follows every answer to its first message that may be genuine, until one proves to be. RFC 7296 §2.4.</summary>
    public bool FollowsEveryAnswer { get; init; }

    /// <summary>IKE_AUTH makes no Child SA. RFC 6023 §3.</summary>
    public bool IsChildless { get; init; }

    /// <summary>A remote client asks for inner addresses; null for who has its own. RFC 7296 §2.19.</summary>
    public AddressRequest? AddressRequest { get; init; }

    /// <summary>A gateway gives inner addresses; null for who has none to give. RFC 7296 §2.19.</summary>
    public AddressPool? AddressPool { get; init; }

    /// <summary>Attributes that the other side may set, of which the owner is told; none by default. RFC 7296 §3.15.1.</summary>
    public ValueList<ConfigurationAttributeType> TakesSettings { get; init; }

    /// <summary>What it tells of its version: printable ASCII, or nothing. RFC 7296 §2.20, §3.15.1.</summary>
    /// <exception cref="ArgumentException">Other characters.</exception>
    public string ApplicationVersion
    {
        get;
        init => field = value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? throw new ArgumentException("not printable", nameof(value)) : value;
    } = "";

    /// <summary>Largest IKE message in bytes that is not cut into fragments; null without the extension. RFC 7383 §2.5.</summary>
    public int? FragmentBytes { get; init; }
}
