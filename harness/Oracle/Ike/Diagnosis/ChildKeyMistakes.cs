using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>One way in which stacks are known to come to other keys of a Child SA.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Clause">The clause that it breaks.</param>
/// <param name="Recipe">How the wrong keys are made; null where that is no mistake with these keys.</param>
internal sealed record ChildKeyMistake(string What, Func<ChildDerivation, string> Clause, Func<ChildDerivation, DerivationLog, KeyRecipe?> Recipe)
{
    /// <summary>The two directions are exchanged.</summary>
    public bool TurnsRound { get; init; }
}

/// <summary>The known mistakes in KEYMAT and what is cut out of it. RFC 7296 §2.17, RFC 8784 §3, RFC 9370 §2.2.4.</summary>
internal static class ChildKeyMistakes
{
    private static readonly int[] KeyBits = [128, 192, 256];
    private static readonly int[] KeyBytes = [16, 20, 32, 48, 64];

    /// <summary>One line each.</summary>
    public static ImmutableArray<ChildKeyMistake> All { get; } = [.. OfSeed(), .. OfRoot(), .. OfCut()];

    /// <summary>The keys that a mistake makes, with the suite in which they serve; null where it changes nothing.</summary>
    public static (EspSuite Suite, ChildKeys Keys)? Make(ChildKeyMistake mistake, ChildDerivation made, DerivationLog log)
    {
        if (mistake.Recipe(made, log) is not { } recipe)
        {
            return null;
        }

        ImmutableDictionary<char, IkeSecret> cut = recipe.Cut();
        int integrity = made.Suite.IntegrityKeyBytes;
        ChildKeys keys = mistake.TurnsRound
            ? new ChildKeys(cut['E'], Fitted(cut['A'], integrity), cut['e'], Fitted(cut['a'], integrity))
            : new ChildKeys(cut['e'], Fitted(cut['a'], integrity), cut['E'], Fitted(cut['A'], integrity));
        return keys == made.Keys ? null : (new EspSuite(made.Suite.Encryption, 8 * recipe.CipherKeyBytes, made.Suite.Integrity), keys);
    }

    private static ChildKeyMistake[] OfSeed() =>
    [
        new("Ni and Nr are swapped in the seed of KEYMAT", Base, (m, _) => KeyRecipe.Of(m with { InitiatorNonce = m.ResponderNonce, ResponderNonce = m.InitiatorNonce })),
        new("Ni and Nr of the IKE SA stand in the seed of KEYMAT", Base, (m, log) => log.OfRoot(m.Root) is { } ike ? KeyRecipe.Of(m with { InitiatorNonce = ike.Freshness.InitiatorNonce, ResponderNonce = ike.Freshness.ResponderNonce }) : null),
        new("the shared secret of the own key exchange is left out of KEYMAT", Base, (m, _) => m.Shared.IsEmpty ? null : KeyRecipe.Of(m with { Shared = m.Shared[1..] })),
        new("the shared secret stands behind the nonces in the seed of KEYMAT", Base, (m, _) => m.Shared.IsEmpty ? null : KeyRecipe.Of(m) with { Expanded = [.. m.InitiatorNonce.Span, .. m.ResponderNonce.Span, .. m.Shared[0].Span] }),
        new("leading zeros of the shared secret are left out of KEYMAT", Base, (m, _) => m.Shared.IsEmpty || m.Shared[0].Span[0] != 0 ? null : KeyRecipe.Of(m with { Shared = [new IkeSecret(m.Shared[0].Span.TrimStart((byte)0)), .. m.Shared[1..]] })),
        new("the shared secret of the IKE SA stands in the seed of KEYMAT", Base, (m, log) => log.OfRoot(m.Root) is { } ike ? KeyRecipe.Of(m with { Shared = [ike.Shared[0], .. m.Shared.Skip(1)] }) : null),
        new("further shared secrets stand in front of the nonces in the seed of KEYMAT", _ => "RFC9370-2.2.4-09", (m, _) => m.Shared.Length < 2 ? null : KeyRecipe.Of(m) with { Expanded = [.. m.Shared.SelectMany(s => s.Span.ToArray()), .. m.InitiatorNonce.Span, .. m.ResponderNonce.Span] }),
        new("further shared secrets are left out of KEYMAT", _ => "RFC9370-2.2.4-09", (m, _) => m.Shared.Length < 2 ? null : KeyRecipe.Of(m with { Shared = m.Shared[..1] })),
        new("the SPIs of the IKE SA stand behind the nonces in the seed of KEYMAT", Base, (m, log) => log.OfRoot(m.Root) is { } ike ? KeyRecipe.Of(m) with { Expanded = [.. KeyRecipe.Of(m).Expanded, .. KeyRecipe.Spis(ike.Freshness)] } : null),
    ];

    private static ChildKeyMistake[] OfRoot() =>
    [
        new("SK_d is that of the old IKE SA", _ => "RFC7296-2.17-08", (m, log) => log.OfRoot(m.Root)?.Previous is { IsAdditional: false } old && !log.OfRoot(m.Root)!.IsAdditional ? KeyRecipe.Of(m with { Root = old.Keys.Derivation }) : null),
        new("SK_d is that from before IKE_INTERMEDIATE", _ => "RFC9370-2.2.2-06", (m, log) => log.OfRoot(m.Root) is { IsAdditional: true, Previous: { } old } ? KeyRecipe.Of(m with { Root = old.Keys.Derivation }) : null),
        new("the post-quantum key is not mixed into SK_d", _ => "RFC8784-3-07", (m, log) => log.BeforeMixing(m.Root) is { } plain ? KeyRecipe.Of(m with { Root = plain.Derivation }) : null),
        new("KEYMAT is made by SK_pi", Base, (m, log) => log.OfRoot(m.Root) is { } ike ? KeyRecipe.Of(m with { Root = ike.Keys.InitiatorAuthentication }) : null),
    ];

    private static ChildKeyMistake[] OfCut() =>
    [
        new("the keys of the responder of the exchange are taken first", _ => "RFC7296-2.17-04", (m, _) => KeyRecipe.Of(m)) { TurnsRound = true },
        new("integrity keys are taken before those of encryption", _ => "RFC7296-2.17-06", (m, _) => KeyRecipe.Of(m) with { Order = "aeAE" }),
        new("both encryption keys are taken before the integrity keys", _ => "RFC7296-2.17-04", (m, _) => KeyRecipe.Of(m) with { Order = "eEaA" }),
        new("the keys have no salt", _ => "RFC7296-2.17-07", (m, _) => m.Suite.Encryption.SaltBytes > 0 ? KeyRecipe.Of(m) with { SaltBytes = 0 } : null),
        new("the salt stands in front of its key", _ => "RFC7296-2.17-07", (m, _) => m.Suite.Encryption.SaltBytes > 0 ? KeyRecipe.Of(m) with { SaltFirst = true } : null),
        .. KeyBits.Select(bits => new ChildKeyMistake($"the cipher key has {bits} bits", _ => "RFC7296-2.13-01", (m, _) => m.Suite.Encryption.KeyBits.Contains(bits) && bits != m.Suite.EncryptionKeyBits ? KeyRecipe.Of(m) with { CipherKeyBytes = bits / 8 } : null)),
        .. KeyBytes.Select(bytes => new ChildKeyMistake($"an integrity key has {bytes} octets", _ => "RFC7296-2.13-03", (m, _) => m.Suite.Integrity is not null && bytes != m.Suite.IntegrityKeyBytes ? KeyRecipe.Of(m) with { IntegrityBytes = bytes } : null)),
        new("the counter of prf+ starts from 0", _ => "RFC7296-2.13-07", (m, _) => KeyRecipe.Of(m) with { FirstCounter = 0 }),
        new("the blocks of prf+ are not chained", _ => "RFC7296-2.13-07", (m, _) => KeyRecipe.Of(m) with { IsChained = false }),
        new("each key starts at a block of prf+", _ => "RFC7296-2.13-08", (m, _) => KeyRecipe.Of(m) with { CutsAtBlocks = true }),
    ];

    // Which clause the keys of this child come from: with a key exchange, of CREATE_CHILD_SA, or of IKE_AUTH.
    private static string Base(ChildDerivation made) => !made.Shared.IsEmpty ? "RFC7296-2.17-03" : made.IsFirst ? "RFC7296-2.17-01" : "RFC7296-2.17-02";

    private static IkeSecret Fitted(IkeSecret key, int bytes) => new([.. key.Span[..Math.Min(key.Length, bytes)], .. new byte[Math.Max(0, bytes - key.Length)]]);
}
