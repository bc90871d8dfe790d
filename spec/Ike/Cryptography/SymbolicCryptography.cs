using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Cryptography;

/// <summary>Perfect cryptography on terms, for exploration: everything is a constructor applied to its arguments.</summary>
/// <remarks>
/// The equations: the two sides of a key exchange get the same secret; what was sealed opens under the same keys and associated
/// data; what was signed verifies under the key's public term; equal arguments give equal terms. Nothing else is equal. A sealed
/// body shows its plaintext, with a term behind it instead of an ICV: nobody in an exploration reads what is not his.
/// </remarks>
public sealed partial record SymbolicCryptography : IIkeCryptography
{
    /// <summary>The public key of a private one, as <see cref="Verify"/> takes it.</summary>
    public static ByteString PublicKey(IkeSecret privateKey) => new SymbolicTerm("public key"u8).With(privateKey).ToByteString();

    /// <summary>A term of one's own making, for example the octets of a message that is never written down.</summary>
    public static ByteString Term(string constructor, params ReadOnlySpan<ByteString> arguments)
    {
        var term = new SymbolicTerm(System.Text.Encoding.UTF8.GetBytes(constructor));
        foreach (var argument in arguments)
            term = term.With(argument);
        return term.ToByteString();
    }

    /// <inheritdoc/>
    public bool TryStartKeyExchange(
        KeyExchangeMethod method, ByteString randomness, out KeyExchangeStart start, out KeyExchangeError error)
    {
        var privateValue = new IkeSecret(randomness.Span);
        start = new(privateValue, PublicValue(method, privateValue));
        error = KeyExchangeError.None;
        return true;
    }

    /// <inheritdoc/>
    public bool TryAnswerKeyExchange(
        KeyExchangeMethod method,
        ByteString randomness,
        ByteString initiatorPublic,
        out KeyExchangeAnswer answer,
        out KeyExchangeError error)
    {
        answer = default;
        if (!HasLength(initiatorPublic, out error))
            return false;
        var privateValue = new IkeSecret(randomness.Span);
        var publicValue = method.IsKem
            ? Start("ciphertext"u8, method).With(privateValue).With(initiatorPublic).ToByteString()
            : PublicValue(method, privateValue);
        answer = new(publicValue, Shared(method, initiatorPublic, publicValue));
        return true;
    }

    /// <inheritdoc/>
    public bool TryFinishKeyExchange(
        KeyExchangeMethod method,
        IkeSecret privateValue,
        ByteString responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error)
    {
        shared = default;
        if (!HasLength(responderPublic, out error))
            return false;
        shared = Shared(method, PublicValue(method, privateValue), responderPublic);
        return true;
    }

    /// <inheritdoc/>
    public IkeKeys FirstKeys(IkeSuite suite, IkeSecret shared, Freshness freshness) =>
        Keys(suite, Fresh(new SymbolicTerm("first"u8).With(suite.Prf.TransformId).With(shared), freshness));

    /// <inheritdoc/>
    public IkeKeys AdditionalKeys(IkeSuite suite, IkeKeys previous, IkeSecret shared, Freshness freshness) =>
        RekeyedKeys(suite, suite.Prf, previous.Derivation, [shared], freshness);

    /// <inheritdoc/>
    public IkeKeys RekeyedKeys(
        IkeSuite suite,
        IkePrf previousPrf,
        IkeSecret previousDerivation,
        ImmutableArray<IkeSecret> shared,
        Freshness freshness)
    {
        var seed = new SymbolicTerm("next"u8).With(previousPrf.TransformId).With(previousDerivation);
        return Keys(suite, Fresh(WithAll(seed, shared), freshness));
    }

    /// <inheritdoc/>
    public IkeKeys MixPreshared(IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey)
    {
        return keys with
        {
            Derivation = Mix(keys.Derivation),
            InitiatorAuthentication = Mix(keys.InitiatorAuthentication),
            ResponderAuthentication = Mix(keys.ResponderAuthentication),
        };

        IkeSecret Mix(IkeSecret key) =>
            new SymbolicTerm("mixed"u8).With(prf.TransformId).With(postQuantumPresharedKey).With(key).ToSecret();
    }

    /// <inheritdoc/>
    public ChildKeys ChildKeys(
        IkePrf prf,
        IkeSecret derivation,
        ImmutableArray<IkeSecret> shared,
        ByteString initiatorNonce,
        ByteString responderNonce,
        EspSuite suite)
    {
        var seed = WithAll(
            new SymbolicTerm("child"u8)
                .With(prf.TransformId)
                .With(derivation)
                .With(initiatorNonce)
                .With(responderNonce)
                .With(suite.Encryption.TransformId)
                .With((ulong)suite.EncryptionKeyBits)
                .With(suite.Integrity?.TransformId ?? 0UL),
            shared);
        return new ChildKeys(
            seed.With("initiator encryption"u8).ToSecret(),
            suite.Integrity is null ? IkeSecret.None : seed.With("initiator integrity"u8).ToSecret(),
            seed.With("responder encryption"u8).ToSecret(),
            suite.Integrity is null ? IkeSecret.None : seed.With("responder integrity"u8).ToSecret());
    }

    /// <inheritdoc/>
    public int SealedBytes(IkeSuite suite, int plaintextBytes, int paddingBytes) =>
        plaintextBytes + paddingBytes + 1 + SymbolicTerm.LengthBytes;

    /// <inheritdoc/>
    public int LeastPaddingBytes(IkeSuite suite, int plaintextBytes) => 0;

    /// <inheritdoc/>
    public ByteString Seal(
        IkeSuite suite, SealingKeys keys, ByteString associatedData, ByteString plaintext, ByteString iv, ByteString padding)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding.Length, byte.MaxValue, nameof(padding));
        var body = new byte[SealedBytes(suite, plaintext.Length, padding.Length)];
        plaintext.Span.CopyTo(body);
        padding.Span.CopyTo(body.AsSpan(plaintext.Length));
        var content = body.AsSpan(0, body.Length - SymbolicTerm.LengthBytes);
        content[^1] = (byte)padding.Length;
        Seal(keys, associatedData.Span, content).CopyTo(body, content.Length);
        return ByteString.Adopt(body);
    }

    /// <inheritdoc/>
    public bool TryOpen(
        IkeSuite suite,
        SealingKeys keys,
        ByteString associatedData,
        ByteString sealedBody,
        out ByteString plaintext,
        out OpeningError error)
    {
        plaintext = default;
        var contentBytes = sealedBody.Length - SymbolicTerm.LengthBytes;
        if (contentBytes < 1)
        {
            error = OpeningError.TooShort;
            return false;
        }

        var content = sealedBody.Span[..contentBytes];
        if (!sealedBody.Span[contentBytes..].SequenceEqual(Seal(keys, associatedData.Span, content)))
        {
            error = OpeningError.WrongIcv;
            return false;
        }

        var plaintextBytes = contentBytes - 1 - content[^1];
        error = plaintextBytes < 0 ? OpeningError.PadLengthTooLarge : OpeningError.None;
        if (plaintextBytes < 0)
            return false;
        plaintext = sealedBody.Slice(..plaintextBytes);
        return true;
    }

    /// <inheritdoc/>
    public ByteString IntermediateAuth(
        IkePrf prf, IkeSecret authentication, ByteString previous, ByteString headers, ByteString plaintext) =>
        new SymbolicTerm("intermediate"u8)
            .With(prf.TransformId)
            .With(authentication)
            .With(previous)
            .With(headers)
            .With(plaintext)
            .ToByteString();

    /// <inheritdoc/>
    public ByteString SignedOctets(
        IkePrf prf,
        ByteString message,
        ByteString peerNonce,
        ByteString identification,
        IkeSecret authentication,
        ByteString intermediateAuth) =>
        new SymbolicTerm("signed octets"u8)
            .With(prf.TransformId)
            .With(message)
            .With(peerNonce)
            .With(identification)
            .With(authentication)
            .With(intermediateAuth)
            .ToByteString();

    /// <inheritdoc/>
    public ByteString SharedKeyAuth(IkePrf prf, IkeSecret sharedSecret, ByteString signedOctets) =>
        new SymbolicTerm("shared key"u8).With(prf.TransformId).With(sharedSecret).With(signedOctets).ToByteString();

    /// <inheritdoc/>
    public bool TrySign(
        SignatureScheme scheme,
        IkeSecret privateKey,
        ByteString signedOctets,
        ByteString randomness,
        out ByteString authenticationData,
        out SignatureError error)
    {
        authenticationData = Signature(scheme, PublicKey(privateKey), signedOctets);
        error = SignatureError.None;
        return true;
    }

    /// <inheritdoc/>
    public SignatureError Verify(
        byte authenticationMethod,
        ByteString publicKey,
        ByteString signedOctets,
        ByteString authenticationData,
        out SignatureScheme? scheme)
    {
        scheme = SignatureSchemes.All.FirstOrDefault(candidate =>
            candidate.AuthenticationMethod == authenticationMethod
            && Signature(candidate, publicKey, signedOctets) == authenticationData);
        return scheme is null ? SignatureError.WrongSignature : SignatureError.None;
    }

    private static ByteString Signature(SignatureScheme scheme, ByteString publicKey, ByteString signedOctets) =>
        new SymbolicTerm("signature"u8)
            .With(scheme.AuthenticationMethod)
            .With((ulong)scheme.Kind)
            .With(scheme.HashId)
            .With(publicKey)
            .With(signedOctets)
            .ToByteString();

    private static SymbolicTerm Start(ReadOnlySpan<byte> constructor, KeyExchangeMethod method) =>
        new SymbolicTerm(constructor).With(method.TransformId);

    private static ByteString PublicValue(KeyExchangeMethod method, IkeSecret privateValue) =>
        Start("public value"u8, method).With(privateValue).ToByteString();

    // Of the two public values, whichever is whose: for a KEM the initiator's comes first.
    private static IkeSecret Shared(KeyExchangeMethod method, ByteString initiatorPublic, ByteString responderPublic)
    {
        var term = Start("shared"u8, method);
        return !method.IsKem && initiatorPublic.Span.SequenceCompareTo(responderPublic.Span) > 0
            ? term.With(responderPublic).With(initiatorPublic).ToSecret()
            : term.With(initiatorPublic).With(responderPublic).ToSecret();
    }

    private static bool HasLength(ByteString publicValue, out KeyExchangeError error)
    {
        error = publicValue.Length == SymbolicTerm.LengthBytes ? KeyExchangeError.None : KeyExchangeError.WrongLength;
        return error == KeyExchangeError.None;
    }

    private static SymbolicTerm WithAll(SymbolicTerm term, ImmutableArray<IkeSecret> shared)
    {
        foreach (var secret in shared)
            term = term.With(secret);
        return term;
    }

    private static SymbolicTerm Fresh(SymbolicTerm term, Freshness freshness) => term
        .With(freshness.InitiatorNonce)
        .With(freshness.ResponderNonce)
        .With(freshness.InitiatorSpi)
        .With(freshness.ResponderSpi);

    private static IkeKeys Keys(IkeSuite suite, SymbolicTerm seed)
    {
        seed = seed
            .With(suite.Prf.TransformId)
            .With(suite.Encryption.TransformId)
            .With((ulong)suite.EncryptionKeyBits)
            .With(suite.Integrity?.TransformId ?? 0UL);
        return new IkeKeys(
            seed.With("SK_d"u8).ToSecret(),
            suite.Integrity is null ? IkeSecret.None : seed.With("SK_ai"u8).ToSecret(),
            suite.Integrity is null ? IkeSecret.None : seed.With("SK_ar"u8).ToSecret(),
            seed.With("SK_ei"u8).ToSecret(),
            seed.With("SK_er"u8).ToSecret(),
            seed.With("SK_pi"u8).ToSecret(),
            seed.With("SK_pr"u8).ToSecret());
    }

    private static byte[] Seal(SealingKeys keys, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> content) =>
        new SymbolicTerm("sealed"u8).With(keys.Encryption).With(keys.Integrity).With(associatedData).With(content).ToArray();
}
