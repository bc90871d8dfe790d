using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults with postquantum keys, without a first child, and with additional key exchanges. RFC 8784, RFC 6023, RFC 9242, RFC 9370.</summary>
internal static class ExtensionFaults
{
    private static readonly IkeRules Trusting = new TrustsEverybody();

    public static ImmutableArray<IkeFault> All { get; } = [.. PostQuantum(), .. Childless(), .. Additional()];

    private static IkeFault[] PostQuantum() =>
    [
        Sends("ppk-not-announced-back", "RFC8784-3-02", "the responder has nothing to announce", m => m.Is(ExchangeType.IkeSaInit, true) ? m.OnNotify(NotifyType.UsePpk, (n, path) => n.With($"{path}/type", 40000)) : m),
        Sends("ppk-announced-unasked", "RFC8784-3-03", "what is configured is told", m => m.Is(ExchangeType.IkeSaInit, true) && m.Has("SecurityAssociation") && m.PathOf(NotifyType.UsePpk) is null ? m.With(new IkePayload.Notify(NotifyType.UsePpk)) : m),
        new("ike-ppk-not-demanded", "RFC8784-3-06", "the demand is that of an initiator") { Told = c => c with { NeedsPostQuantumKey = false } },
        KeyFaults.With("ppk-not-in-sk-d", "RFC8784-3-07", "the key is for authentication", c => new WrongCryptography(c) { Mixed = (plain, mixed) => mixed with { Derivation = plain.Derivation } }),
        new("ike-ppk-mixed-in-again", "RFC8784-3-19", "each derivation has the key") { Computes = c => new MixesAgain(c) },
        Sends("ppk-identity-echoed", "RFC8784-3-12", "the notification is sent back", m => m.Is(ExchangeType.IkeAuth, true) ? m.OnNotify(NotifyType.PpkIdentity, (n, path) => n.With($"{path}/data", ByteString.FromHex("02414243"))) : m),
        Takes("fixed-names-unknown", "RFC8784-5.1-01", "names are opaque", m => m.Is(ExchangeType.IkeAuth, false) ? m.OnNotify(NotifyType.PpkIdentity, (n, path) => n.With($"{path}/data", ByteString.FromHex("01")).Without(n.PathOf(NotifyType.NoPpkAuth) ?? "none")) : m),
        Sends("ppk-not-asked-for", "RFC8784-3-01", "the key is named later", m => m.Is(ExchangeType.IkeSaInit, false) && m.PathOf(NotifyType.UsePpk) is { } path ? m.Without(path) : m),
        Takes("no-ppk-auth-ignored", "RFC8784-3-13", "a key that is not there is an error", m => m.Is(ExchangeType.IkeAuth, false) && m.PathOf(NotifyType.NoPpkAuth) is { } path ? m.Without(path) : m),
        Takes("unknown-kind-of-ppk-refused", "RFC8784-5.1-03", "an unknown type is malformed", m => m.PathOf(NotifyType.PpkIdentity) is { } path && ((RawData)m.Tree[$"{path}/data"]).Bytes is { Length: > 0 } data && data[0] == 200 ? null : m),
        new("ike-any-ppk", "RFC8784-3-14", "AUTH is not verified") { Rules = Trusting, Takes = m => m.Is(ExchangeType.IkeAuth, false) && m.PathOf(NotifyType.NoPpkAuth) is null && m.PathOf(NotifyType.PpkIdentity) is { } path ? m.Without(path) : m },
        new("ike-wrong-ppk", "RFC8784-3-15", "AUTH is not verified") { Rules = Trusting },
        Takes("ppk-must-be-named", "RFC8784-3-20", "what was announced must come", m => m.Is(ExchangeType.IkeAuth, false) && m.PathOf(NotifyType.PpkIdentity) is null && m.Has("Authentication") ? null : m),
        Sends("ppk-not-named", "RFC8784-3-09", "there is only one key", m => m.Is(ExchangeType.IkeAuth, false) ? m.OnNotify(NotifyType.PpkIdentity, (n, path) => n.With($"{path}/data", ByteString.FromHex("02"))) : m),
        Sends("no-ppk-auth-always", "RFC8784-3-11", "both ways are always there", m => m.Is(ExchangeType.IkeAuth, false) && m.PathOf(NotifyType.PpkIdentity) is not null && m.PathOf(NotifyType.NoPpkAuth) is null ? m.With(new IkePayload.Notify(NotifyType.NoPpkAuth, ByteString.Adopt(new byte[32]))) : m),
        new("ike-goes-on-without-ppk", "RFC8784-3-04", "the response is not looked at") { Told = c => c with { NeedsPostQuantumKey = false } },
        new("ike-gives-up-without-ppk", "RFC8784-3-05", "every key is mandatory") { Told = c => c.PostQuantumKeys.IsEmpty ? c : c with { NeedsPostQuantumKey = true } },
        new("ike-ppk-not-confirmed", "RFC8784-3-17", "the confirmation is not looked at") { Rules = Trusting, Takes = m => m.Is(ExchangeType.IkeAuth, true) && m.PathOf(NotifyType.PpkIdentity) is null ? m.With(new IkePayload.Notify(NotifyType.PpkIdentity)) : m },
    ];

    private static IkeFault[] Childless() =>
    [
        Sends("childless-not-announced", "RFC6023-3-01", "who can is not told", m => m.Is(ExchangeType.IkeSaInit, true) && m.PathOf(NotifyType.ChildlessIkev2Supported) is { } path ? m.Without(path) : m),
        Sends("childless-with-data", "RFC6023-3-02", "a version stands in the data", m => m.OnNotify(NotifyType.ChildlessIkev2Supported, (n, path) => n.With($"{path}/data", ByteString.FromHex("01")))),
        Sends("selectors-without-a-child", "RFC6023-3-06", "selectors are always told", m => m.Is(ExchangeType.IkeAuth, true) && !m.Has("SecurityAssociation") && m.Has("Authentication") ? m.With(new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)])) : m),
        Takes("childless-only", "RFC6023-3-07", "an IKE SA is childless or not", m => m.Is(ExchangeType.IkeAuth, false) && m.Has("SecurityAssociation") ? null : m),
        Takes("no-child-later", "RFC6023-3-08", "the first child comes with IKE_AUTH", m => m.Is(ExchangeType.CreateChildSa, false) ? null : m),
        new("ike-childless-unasked", "RFC6023-3-03", "the response is not looked at") { Takes = m => m.Is(ExchangeType.IkeSaInit, true) ? m.With(new IkePayload.Notify(NotifyType.ChildlessIkev2Supported)) : m },
        new("ike-child-in-spite", "RFC6023-3-04", "the wish is forgotten") { Told = c => c with { IsChildless = false } },
    ];

    private static IkeFault[] Additional() =>
    [
        KeyFaults.With("additional-keys-as-first", "RFC9370-2.2.2-06", "an exchange is an exchange", c => new WrongCryptography(c) { Additional = (inner, suite, _, shared, f) => inner.FirstKeys(suite, shared, f) }),
        KeyFaults.With("additional-keys-with-spis-swapped", "RFC9370-2.2.2-07", "the own SPI stands first", c => new WrongCryptography(c) { Additional = (inner, suite, previous, shared, f) => inner.AdditionalKeys(suite, previous, shared, f with { InitiatorSpi = f.ResponderSpi, ResponderSpi = f.InitiatorSpi }) }),
        KeyFaults.With("follow-up-secret-in-front", "RFC9370-2.2.4-10", "secrets stand together", c => new WrongCryptography(c) { Rekeyed = (inner, suite, prf, root, shared, f) => inner.RekeyedKeys(suite, prf, root, [new IkeSecret([.. shared.SelectMany(s => s.Span.ToArray())])], f) }),
        KeyFaults.Proof("int-auth-left-out", "RFC9242-3.3.2-01", "AUTH covers the first exchange", (_, p) => (p with { Intermediate = default }).Octets, isOfBoth: false),
        new("ike-no-additional-exchange", "RFC9370-2.2.1-03", "unknown types are left out") { Told = c => c with { Offers = new([.. c.Offers.Select(o => new ValueList<Transform>([.. o.Where(t => t.Type < TransformType.AdditionalKeyExchange1)]))]) } },
        Sends("ke-of-another-method", "RFC9370-2.2.2-02", "the method is that of IKE_SA_INIT", m => m.Is(ExchangeType.IkeIntermediate, true) && m.Has("KeyExchange") ? m.With("KeyExchange/method", 31) : m),
        Sends("intermediate-not-announced", "RFC9370-2.2.1-02", "the transform says it", m => m.Is(ExchangeType.IkeSaInit, false) ? m.OnNotify(NotifyType.IntermediateExchangeSupported, (n, path) => n.With($"{path}/type", 40000)) : m),
        Sends("auth-before-all-exchanges", "RFC9370-2.2.2-08", "IKE_AUTH follows at once", m => m.Is(ExchangeType.IkeIntermediate, false) ? m.Without("KeyExchange").With("exchange type", (ulong)ExchangeType.IkeAuth) : m),
        Sends("number-left-out-after-intermediate", "RFC9242-3.2-04", "each phase counts for itself", m => m.Is(ExchangeType.IkeAuth, false) && m["message ID"] == 2 ? m.With("message ID", 3) : m),
        Sends("intermediate-announced-unasked", "RFC9242-3.1-02", "what is configured is told", m => m.Is(ExchangeType.IkeSaInit, true) && m.PathOf(NotifyType.IntermediateExchangeSupported) is null && m.Has("SecurityAssociation") ? m.With(new IkePayload.Notify(NotifyType.IntermediateExchangeSupported)) : m),
        Takes("any-method-taken", "RFC9370-2.2.2-03", "the method is that of the proposal", m => m.Is(ExchangeType.IkeIntermediate, false) && m.Has("KeyExchange") && m["KeyExchange/method"] == (ulong)KeyExchangeMethod.MlKem1024 ? m.With("KeyExchange/method", (ulong)KeyExchangeMethod.MlKem768) : m),
        Takes("short-key-padded", "RFC9370-2.2.2-05", "missing octets are read as zeros", m => m.Is(ExchangeType.IkeIntermediate, false) && m.Has("KeyExchange") && ((RawData)m.Tree["KeyExchange/data"]).Bytes is { Length: 1183 } data ? m.With("KeyExchange/data", ByteString.Adopt([.. data.Span, 0])) : m),
        new("ike-changed-intermediate-taken", "RFC9242-3.3.2-06", "AUTH is not verified") { Rules = Trusting },
        Sends("follow-up-is-bad-syntax", "RFC9370-2.2.4-05", "one error for all", m => m.Is(ExchangeType.IkeFollowupKe, true) ? m.Instead(NotifyType.StateNotFound, NotifyType.TemporaryFailure) : m),
    ];

    private sealed class MixesAgain(Spec.Ike.Cryptography.IIkeCryptography inner) : Spec.Ike.Cryptography.DecoratedCryptography(inner)
    {
        private IkeSecret _key;

        public override IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey)
        {
            _key = postQuantumPresharedKey;
            return base.MixPreshared(prf, keys, postQuantumPresharedKey);
        }

        public override IkeKeys RekeyedKeys(IkeSuite suite, IkePrf previousPrf, IkeSecret previousDerivation, ImmutableArray<IkeSecret> shared, Spec.Ike.Cryptography.Freshness freshness)
        {
            IkeKeys keys = base.RekeyedKeys(suite, previousPrf, previousDerivation, shared, freshness);
            return _key.Length == 0 ? keys : base.MixPreshared(suite.Prf, keys, _key);
        }
    }

    private sealed class TrustsEverybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }
}
