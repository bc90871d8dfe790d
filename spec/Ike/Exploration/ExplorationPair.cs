using System.Text;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>Two sides that agree, for explorations and conversations of the model with itself.</summary>
public static class ExplorationPair
{
    /// <summary>Two machines with one secret between them.</summary>
    /// <param name="variant">Another variant draws other nonces, and collisions end the other way.</param>
    /// <param name="cryptography">What computes.</param>
    /// <param name="rules">Decisions of both.</param>
    /// <param name="scenario">What they are told besides; null for nothing.</param>
    public static (IkeMachine First, IkeMachine Second) Create(int variant, IIkeCryptography cryptography, IkeRules? rules = null, Scenario? scenario = null)
    {
        IkeConfiguration first = Configuration("first", "second", 1, 2, variant);
        IkeConfiguration second = Configuration("second", "first", 2, 1, variant);
        first = scenario?.Configure(first) ?? first;
        second = scenario?.Configure(second) ?? second;
        return (new IkeMachine(first, cryptography, rules), new IkeMachine(second, cryptography, rules));
    }

    /// <summary>What one of two such sides is told.</summary>
    public static IkeConfiguration Configuration(string own, string peer, byte ownHost, byte peerHost, int variant) => new()
    {
        Own = new Endpoint(Host(192, ownHost), Endpoint.IkePort),
        Peer = new Endpoint(Host(192, peerHost), Endpoint.IkePort),
        OwnIdentity = Identity.Fqdn($"{own}.example"),
        PeerIdentity = Identity.Fqdn($"{peer}.example"),
        Credentials = new Credentials.SharedSecret(new IkeSecret("a secret of two"u8)),
        Offers = [[Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(KeyExchangeMethod.Curve25519)]],
        KeyExchange = KeyExchangeMethod.Curve25519,
        Children = [Child("net", ownHost, peerHost, 0), Child("other", ownHost, peerHost, 64)],
        Seed = new ByteString(Encoding.ASCII.GetBytes($"{own} {variant}")),
    };

    private static ChildConfiguration Child(string name, byte own, byte peer, byte third) => new()
    {
        Name = name,
        Offers = [[Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(SequenceNumbersTransform.Sequential32)]],
        Own = [Net(own, third)],
        Peer = [Net(peer, third)],
    };

    private static TrafficSelector.Range Net(byte second, byte third) =>
        new TrafficSelector.Range(0, 0, ushort.MaxValue, IpAddress.Parse($"10.{second}.{third}.0"), IpAddress.Parse($"10.{second}.{third}.255"));

    private static IpAddress Host(byte first, byte last) => IpAddress.Parse($"{first}.0.2.{last}");
}
