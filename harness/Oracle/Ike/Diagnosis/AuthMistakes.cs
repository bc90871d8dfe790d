using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>All that goes into an AUTH payload of the target, and what could be taken for it. RFC 7296 §2.15.</summary>
internal sealed record AuthContent
{
    /// <summary>The function of the IKE SA.</summary>
    public required IkePrf Prf { get; init; }

    /// <summary>True where the target is the initiator.</summary>
    public required bool IsInitiator { get; init; }

    /// <summary>The target's IKE_SA_INIT message.</summary>
    public required ByteString Message { get; init; }

    /// <summary>Earlier ones of this attempt.</summary>
    public ImmutableArray<ByteString> Earlier { get; init; } = [];

    /// <summary>The tester's IKE_SA_INIT message.</summary>
    public required ByteString OtherMessage { get; init; }

    /// <summary>The target's nonce.</summary>
    public required ByteString OwnNonce { get; init; }

    /// <summary>The tester's nonce.</summary>
    public required ByteString PeerNonce { get; init; }

    /// <summary>Body of the target's ID payload as it came.</summary>
    public required ByteString Identification { get; init; }

    /// <summary>SK_p of the target.</summary>
    public required IkeSecret Own { get; init; }

    /// <summary>SK_p of the tester.</summary>
    public required IkeSecret Other { get; init; }

    /// <summary>SK_d.</summary>
    public required IkeSecret Derivation { get; init; }

    /// <summary>SK_p of the target without a post-quantum key, or with one; null where there is none.</summary>
    public IkeSecret? Unmixed { get; init; }

    /// <summary>IntAuth; empty without IKE_INTERMEDIATE.</summary>
    public ByteString Intermediate { get; init; }

    /// <summary>Secret that keys AUTH: preshared, or MSK; null for signatures.</summary>
    public IkeSecret? Secret { get; init; }

    /// <summary>True where that is a MSK.</summary>
    public bool IsAfterEap { get; init; }

    /// <summary>True if data are a signature of octets; null for shared secrets.</summary>
    public Func<ByteString, bool>? IsSignature { get; init; }

    /// <summary>The octets that are due.</summary>
    public byte[] Octets => Of(Message, PeerNonce, Identification, Own);

    /// <summary>Octets of other parts.</summary>
    public byte[] Of(ByteString message, ByteString nonce, ByteString identification, IkeSecret authentication) =>
        [.. message.Span, .. nonce.Span, .. Prf.Compute(authentication.Span, identification.Span), .. Intermediate.Span];

    /// <summary>AUTH data by a shared secret.</summary>
    public byte[] Shared(IkeSecret secret, byte[] octets, string pad = "Key Pad for IKEv2") => Prf.Compute(Prf.Compute(secret.Span, Encoding.ASCII.GetBytes(pad)), octets);

    /// <summary>The clause of what a target of this role signs.</summary>
    public string Covered => IsInitiator ? "RFC7296-2.15-02" : "RFC7296-2.15-01";
}

/// <summary>One way in which stacks are known to cover other octets.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Clause">The clause that it breaks.</param>
/// <param name="Octets">What was covered; null where that is no mistake here.</param>
internal sealed record OctetMistake(string What, Func<AuthContent, string> Clause, Func<AuthContent, byte[]?> Octets);

/// <summary>One way in which stacks are known to make another MAC over the right octets.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Clause">The clause that it breaks.</param>
/// <param name="Data">The data; null where that is no mistake here.</param>
internal sealed record SecretMistake(string What, string Clause, Func<AuthContent, IkeSecret, byte[]?> Data);

/// <summary>The known mistakes in AUTH payloads. RFC 7296 §2.15, §2.16, RFC 8784 §3, RFC 9242 §3.3.2.</summary>
internal static class AuthMistakes
{
    private const int GenericHeaderBytes = 4;
    private const int SecretBytes = 64;

    /// <summary>One line each.</summary>
    public static ImmutableArray<OctetMistake> OfOctets { get; } =
    [
        new("it covers the own nonce and not the peer's", a => a.Covered, a => a.Of(a.Message, a.OwnNonce, a.Identification, a.Own)),
        new("it covers no nonce", a => a.Covered, a => a.Of(a.Message, default, a.Identification, a.Own)),
        new("it covers both nonces", a => a.Covered, a => a.Of(a.Message, ByteString.Adopt([.. a.PeerNonce.Span, .. a.OwnNonce.Span]), a.Identification, a.Own)),
        new("it leaves out prf(SK_p, ID)", a => a.Covered, a => [.. a.Message.Span, .. a.PeerNonce.Span, .. a.Intermediate.Span]),
        new("it covers the ID payload itself and not its prf", a => a.Covered, a => [.. a.Message.Span, .. a.PeerNonce.Span, .. a.Identification.Span, .. a.Intermediate.Span]),
        new("it covers the ID payload with its generic header", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, WithHeader(a.Identification), a.Own)),
        new("it leaves out the reserved octets of the ID payload", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, ByteString.Adopt([a.Identification[0], .. a.Identification.Span[GenericHeaderBytes..]]), a.Own)),
        new("it takes the reserved octets of the ID payload for zeros", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, ByteString.Adopt([a.Identification[0], 0, 0, 0, .. a.Identification.Span[GenericHeaderBytes..]]), a.Own)),
        new("it covers the name in the ID payload only", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, a.Identification.Slice(GenericHeaderBytes..), a.Own)),
        new("its ID is bound by SK_p of the other side", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, a.Identification, a.Other)),
        new("its ID is bound by SK_d", a => a.Covered, a => a.Of(a.Message, a.PeerNonce, a.Identification, a.Derivation)),
        new("it covers the other side's IKE_SA_INIT message", a => a.Covered, a => a.Of(a.OtherMessage, a.PeerNonce, a.Identification, a.Own)),
        new("it covers the four zero octets of port 4500", _ => "RFC7296-2.15-04", a => a.Of(ByteString.Adopt([0, 0, 0, 0, .. a.Message.Span]), a.PeerNonce, a.Identification, a.Own)),
        new("the post-quantum key is not where it belongs in SK_p", _ => "RFC8784-3-07", a => a.Unmixed is { } other ? a.Of(a.Message, a.PeerNonce, a.Identification, other) : null),
        new("it leaves out IntAuth", _ => "RFC9242-3.3.2-01", a => a.Intermediate.Length == 0 ? null : (a with { Intermediate = default }).Octets),
        new("it leaves out the Message ID in IntAuth", _ => "RFC9242-3.3.2-01", a => a.Intermediate.Length == 0 ? null : (a with { Intermediate = a.Intermediate.Slice(..^sizeof(uint)) }).Octets),
    ];

    /// <summary>One line each.</summary>
    public static ImmutableArray<SecretMistake> OfSecrets { get; } =
    [
        new("«Key Pad for IKEv2» ends with a zero octet", "RFC7296-2.15-10", (a, secret) => a.Shared(secret, a.Octets, "Key Pad for IKEv2\0")),
        new("«Key Pad for IKEv2» is left out", "RFC7296-2.15-10", (a, secret) => a.Prf.Compute(secret.Span, a.Octets)),
        new("key and data are swapped where the secret is padded", "RFC7296-2.15-10", (a, secret) => a.Prf.Compute(a.Prf.Compute("Key Pad for IKEv2"u8, secret.Span), a.Octets)),
        new("the secret has a zero octet at its end", "RFC7296-2.15-13", (a, secret) => a.IsAfterEap ? null : a.Shared(new IkeSecret([.. secret.Span, 0]), a.Octets)),
        new($"the secret is cut off after {SecretBytes} octets", "RFC7296-2.15-11", (a, secret) => a.IsAfterEap || secret.Length <= SecretBytes ? null : a.Shared(new IkeSecret(secret.Span[..SecretBytes]), a.Octets)),
        new("the first half of the MSK is used only", "RFC7296-2.16-07", (a, secret) => !a.IsAfterEap ? null : a.Shared(new IkeSecret(secret.Span[..(secret.Length / 2)]), a.Octets)),
        new("SK_p is used although EAP made a key", "RFC7296-2.16-07", (a, secret) => !a.IsAfterEap || secret == a.Own ? null : a.Shared(a.Own, a.Octets)),
        new("SK_p of the other side is used", "RFC7296-2.16-10", (a, secret) => !a.IsAfterEap ? null : a.Shared(a.Other, a.Octets)),
    ];

    /// <summary>What is wrong with AUTH data; null where they are right, or no known mistake explains them.</summary>
    public static Violation? Explain(AuthContent content, ByteString data)
    {
        bool Fits(byte[] octets) => content.IsSignature?.Invoke(ByteString.Adopt(octets)) ?? (content.Secret is { } secret && data.Span.SequenceEqual(content.Shared(secret, octets)));
        if (Fits(content.Octets))
        {
            return null;
        }

        if (content.Earlier.FirstOrDefault(e => Fits(content.Of(e, content.PeerNonce, content.Identification, content.Own))) is { Length: > 0 })
        {
            return new Violation("RFC7296-2.15-05", "AUTH covers an earlier IKE_SA_INIT message and not the last one");
        }

        if (OfOctets.FirstOrDefault(m => m.Octets(content) is { } octets && Fits(octets)) is { } covered)
        {
            return new Violation(covered.Clause(content), $"AUTH is wrong: {covered.What}");
        }

        return content.Secret is { } known && OfSecrets.FirstOrDefault(m => m.Data(content, known) is { } due && data.Span.SequenceEqual(due)) is { } made
            ? new Violation(made.Clause, $"AUTH is wrong: {made.What}") : null;
    }

    private static ByteString WithHeader(ByteString body) =>
        ByteString.Adopt([(byte)Spec.Wire.Ike.Registries.PayloadType.Authentication, 0, (byte)((body.Length + GenericHeaderBytes) >> 8), (byte)(body.Length + GenericHeaderBytes), .. body.Span]);
}
