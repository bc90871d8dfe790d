using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>Keys of an IKE SA with all that they were made of. RFC 7296 §2.14, §2.18, RFC 9370 §2.2.2.</summary>
/// <param name="Suite">The suite that they serve.</param>
/// <param name="SeedPrf">The function that made SKEYSEED.</param>
/// <param name="Previous">The keys before, whose SK_d went in; null for the first.</param>
/// <param name="Shared">What the key exchanges gave.</param>
/// <param name="Freshness">Nonces and SPIs.</param>
/// <param name="Keys">The keys.</param>
internal sealed record IkeDerivation(IkeSuite Suite, IkePrf SeedPrf, IkeDerivation? Previous, ImmutableArray<IkeSecret> Shared, Freshness Freshness, IkeKeys Keys)
{
    /// <summary>True for keys after IKE_INTERMEDIATE.</summary>
    public bool IsAdditional { get; init; }

    /// <summary>SK_d that went in; none for the first.</summary>
    public IkeSecret Root { get; init; }
}

/// <summary>Keys of a Child SA with all that they were made of. RFC 7296 §2.17.</summary>
/// <param name="Prf">The pseudorandom function of the IKE SA.</param>
/// <param name="Root">SK_d.</param>
/// <param name="Shared">What key exchanges of the Child SA's own gave; empty without.</param>
/// <param name="InitiatorNonce">Ni.</param>
/// <param name="ResponderNonce">Nr.</param>
/// <param name="Suite">The suite.</param>
/// <param name="Keys">The keys.</param>
internal sealed record ChildDerivation(IkePrf Prf, IkeSecret Root, ImmutableArray<IkeSecret> Shared, ByteString InitiatorNonce, ByteString ResponderNonce, EspSuite Suite, ChildKeys Keys)
{
    /// <summary>True for the child of IKE_AUTH, which has no nonces of its own.</summary>
    public bool IsFirst { get; init; }
}

/// <summary>Cryptography of the tester's side that takes note of every derivation of keys.</summary>
internal sealed class DerivationLog(IIkeCryptography inner) : DecoratedCryptography(inner)
{
    private readonly List<IkeDerivation> _ike = [];
    private readonly List<ChildDerivation> _children = [];
    private readonly List<(IkeDerivation Plain, IkeKeys Mixed)> _mixed = [];

    /// <summary>True where a shared secret that the tester can bend is to start with a zero octet: it is the second to choose its part.</summary>
    public bool WantsLeadingZero { get; set; }

    /// <summary>The scheme by which the tester signs whatever was agreed; null for that.</summary>
    public SignatureScheme? SignsBy { get; set; }

    /// <summary>What keys of an IKE SA were made of; null where they are not of this side.</summary>
    public IkeDerivation? Of(IkeKeys keys) => _ike.LastOrDefault(d => d.Keys.InitiatorSealing == keys.InitiatorSealing && d.Keys.ResponderSealing == keys.ResponderSealing);

    /// <summary>What keys of a Child SA were made of; null where they are not of this side.</summary>
    public ChildDerivation? Of(IkeSecret one, IkeSecret other) => _children.LastOrDefault(d =>
        (d.Keys.InitiatorEncryption == one && d.Keys.ResponderEncryption == other) || (d.Keys.InitiatorEncryption == other && d.Keys.ResponderEncryption == one));

    /// <summary>The keys of the IKE SA to which an SK_d belongs; null where a post-quantum key is mixed in.</summary>
    public IkeDerivation? OfRoot(IkeSecret root) => _ike.LastOrDefault(d => d.Keys.Derivation == root);

    /// <inheritdoc/>
    public override bool TryAnswerKeyExchange(KeyExchangeMethod method, ByteString randomness, ByteString initiatorPublic, out KeyExchangeAnswer answer, out KeyExchangeError error)
    {
        ByteString chosen = WantsLeadingZero ? LeadingZeros.Choose(Inner, method, randomness, initiatorPublic) : randomness;
        return base.TryAnswerKeyExchange(method, chosen, initiatorPublic, out answer, out error);
    }

    /// <inheritdoc/>
    public override bool TrySign(SignatureScheme scheme, IkeSecret privateKey, ByteString signedOctets, ByteString randomness, out ByteString authenticationData, out SignatureError error) =>
        base.TrySign(SignsBy ?? scheme, privateKey, signedOctets, randomness, out authenticationData, out error);

    /// <inheritdoc/>
    public override IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness)
    {
        IkeKeys keys = base.FirstKeys(suite, shared, freshness);
        _ike.Add(new IkeDerivation(suite, suite.Prf, null, [shared], freshness, keys));
        return keys;
    }

    /// <inheritdoc/>
    public override IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness)
    {
        IkeKeys keys = base.AdditionalKeys(suite, previous, shared, freshness);
        _ike.Add(new IkeDerivation(suite, suite.Prf, Of(previous), [shared], freshness, keys) { IsAdditional = true, Root = previous.Derivation });
        return keys;
    }

    /// <inheritdoc/>
    public override IkeKeys RekeyedKeys(IkeSuite suite, IkePrf previousPrf, IkeSecret previousDerivation, ImmutableArray<IkeSecret> shared, Freshness freshness)
    {
        IkeKeys keys = base.RekeyedKeys(suite, previousPrf, previousDerivation, shared, freshness);
        _ike.Add(new IkeDerivation(suite, previousPrf, OfRoot(previousDerivation), shared, freshness, keys) { Root = previousDerivation });
        return keys;
    }

    /// <inheritdoc/>
    public override IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey)
    {
        IkeKeys mixed = base.MixPreshared(prf, keys, postQuantumPresharedKey);
        if (Of(keys) is { } plain)
        {
            _mixed.Add((plain, mixed));
        }

        return mixed;
    }

    /// <summary>The keys before a post-quantum key was mixed in, or null. RFC 8784 §3.</summary>
    public IkeKeys? BeforeMixing(IkeSecret mixedRoot) => _mixed.LastOrDefault(m => m.Mixed.Derivation == mixedRoot).Plain?.Keys;

    /// <summary>The keys with a post-quantum key mixed in, where one was ever, or null. RFC 8784 §3.</summary>
    public IkeKeys? AfterMixing(IkeKeys plain) => _mixed.LastOrDefault(m => m.Plain.Keys.Derivation == plain.Derivation).Mixed;

    /// <inheritdoc/>
    public override ChildKeys ChildKeys(IkePrf prf, IkeSecret derivation, ImmutableArray<IkeSecret> shared, ByteString initiatorNonce, ByteString responderNonce, EspSuite suite)
    {
        ChildKeys keys = base.ChildKeys(prf, derivation, shared, initiatorNonce, responderNonce, suite);
        _children.Add(new ChildDerivation(prf, derivation, shared, initiatorNonce, responderNonce, suite, keys)
        {
            IsFirst = _ike.Any(d => d.Root.Length == 0 && d.Freshness.InitiatorNonce == initiatorNonce && d.Freshness.ResponderNonce == responderNonce),
        });
        return keys;
    }
}
