using System.Collections.Immutable;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>What the sides of a conversation are told beyond the least.</summary>
[Flags]
public enum ConversationOptions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A responder asks for a cookie. RFC 7296 §2.6.</summary>
    Cookie = 1,

    /// <summary>The initiator's first KE payload is not of the responder's method. RFC 7296 §1.2.</summary>
    WrongGuess = 2,

    /// <summary>CREATE_CHILD_SA has a KE payload for Child SAs. RFC 7296 §1.3.1.</summary>
    ForwardSecrecy = 4,

    /// <summary>Transport mode. RFC 7296 §1.3.1.</summary>
    Transport = 8,

    /// <summary>IKE_AUTH makes no Child SA. RFC 6023.</summary>
    Childless = 16,

    /// <summary>Messages are cut into small fragments. RFC 7383.</summary>
    Fragments = 32,

    /// <summary>INITIAL_CONTACT. RFC 7296 §2.4.</summary>
    InitialContact = 64,

    /// <summary>The second side takes half of the traffic that the first one offers. RFC 7296 §2.9.</summary>
    Narrowing = 128,

    /// <summary>The two sides have two suites each, in opposite order. RFC 7296 §2.7.</summary>
    TwoSuites = 256,

    /// <summary>The first side signs with a bare key and names the hash. RFC 7427.</summary>
    FirstSigns = 1 << 9,

    /// <summary>The second side signs and shows a certificate. RFC 7296 §3.6.</summary>
    SecondCertified = 1 << 10,

    /// <summary>The first side proves nothing, unless it signs. RFC 7619.</summary>
    FirstIsNobody = 1 << 11,

    /// <summary>IKE_INTERMEDIATE with ML-KEM-768. RFC 9370 §2.2.2.</summary>
    AdditionalKeyExchange = 1 << 12,

    /// <summary>A further IKE_INTERMEDIATE, on P-384, that may be left out. RFC 9370 §2.2.2.</summary>
    FurtherKeyExchange = 1 << 13,

    /// <summary>Both sides have a post-quantum key. RFC 8784.</summary>
    PostQuantumKey = 1 << 14,

    /// <summary>The second side lacks the post-quantum key that the first one names, and has another. RFC 8784 §3.</summary>
    OtherPostQuantumKey = 1 << 15,

    /// <summary>Both look for NATs. RFC 7296 §2.23.</summary>
    NatDetection = 1 << 16,

    /// <summary>The first side is behind a NAT. RFC 7296 §2.23.</summary>
    NatBeforeFirst = 1 << 17,

    /// <summary>Both may move. RFC 4555.</summary>
    Mobike = 1 << 18,

    /// <summary>The first side proves itself by EAP, with MSCHAPv2 unless another method is named. RFC 7296 §2.16.</summary>
    Eap = 1 << 19,

    /// <summary>With EAP the second side offers MD5-Challenge first, which makes no key. RFC 7296 §2.16.</summary>
    EapWithoutKey = 1 << 20,

    /// <summary>With EAP the first side wants EAP-TLS, in some variants with nothing else. RFC 5216, RFC 5998.</summary>
    EapTls = 1 << 21,

    /// <summary>The first side asks the second one for inner addresses. RFC 7296 §2.19.</summary>
    InnerAddresses = 1 << 22,

    /// <summary>CREATE_CHILD_SA for Child SAs has two additional key exchanges, the second one optional. RFC 9370 §2.2.4.</summary>
    FollowUp = 1 << 23,

    /// <summary>IPComp: the first side knows three algorithms, the second one two of them. RFC 7296 §2.22.</summary>
    Compression = 1 << 24,

    /// <summary>Four requests at a time. RFC 7296 §2.3.</summary>
    Window = 1 << 25,

    /// <summary>The first KE payload of CREATE_CHILD_SA is not of the second side's method. RFC 7296 §1.3.</summary>
    WrongGuessLater = 1 << 26,

    /// <summary>The second side makes no SAs by CREATE_CHILD_SA; in half of the variants the first one then makes a new IKE SA. RFC 7296 §1.3, §4.</summary>
    NoMoreSas = 1 << 27,

    /// <summary>The second side takes the traffic that the first one offers in two Child SAs. RFC 7296 §2.9.</summary>
    TwoPolicies = 1 << 28,
}

/// <summary>What two sides are told, and what happens between them: each number picks one of the moves that are possible then.</summary>
/// <param name="Variant">Which random values both draw.</param>
/// <param name="Options">What they are told.</param>
/// <param name="Moves">Picks; when they are used up, all that was sent arrives.</param>
public sealed record ConversationCase(int Variant, ConversationOptions Options, ImmutableArray<byte> Moves)
{
    private const int MostMoves = 80;
    private const int FragmentBytes = 180;
    private const int WindowRequests = 4;

    /// <summary>A case from a seeded generator.</summary>
    public static ConversationCase Draw(Random random)
    {
        byte[] moves = new byte[random.Next(MostMoves)];
        random.NextBytes(moves);

        // A third of the options at a time: each is met with and without the others.
        ConversationOptions options = ConversationOptions.None;
        foreach (ConversationOptions option in Enum.GetValues<ConversationOptions>())
        {
            options |= random.Next(3) == 0 ? option : ConversationOptions.None;
        }

        return new(random.Next(), options, [.. moves]);
    }

    /// <summary>Smaller cases: fewer moves, plainer moves, fewer options.</summary>
    public IEnumerable<ConversationCase> Shrink()
    {
        for (int length = Moves.Length; length >= 1; length /= 2)
        {
            for (int at = 0; at + length <= Moves.Length; at += length)
            {
                yield return this with { Moves = Moves.RemoveRange(at, length) };
            }
        }

        foreach (ConversationOptions option in Enum.GetValues<ConversationOptions>())
        {
            if (option != ConversationOptions.None && Options.HasFlag(option))
            {
                yield return this with { Options = Options & ~option };
            }
        }

        // Without an option there is an exchange less, and the moves that were for it are in the way: one or two go along.
        foreach (ConversationOptions option in Enum.GetValues<ConversationOptions>().Where(o => o != ConversationOptions.None && Options.HasFlag(o)))
        {
            foreach (ImmutableArray<byte> moves in Nearby())
            {
                yield return this with { Options = Options & ~option, Moves = moves };
            }
        }

        for (int i = 0; i < Moves.Length; i++)
        {
            if (Moves[i] != 0)
            {
                yield return this with { Moves = Moves.SetItem(i, 0) };
            }
        }
    }

    private IEnumerable<ImmutableArray<byte>> Nearby()
    {
        for (int i = 0; i < Moves.Length; i++)
        {
            yield return Moves.RemoveAt(i);
            for (int j = i; j < Moves.Length - 1; j++)
            {
                yield return Moves.RemoveAt(i).RemoveAt(j);
            }
        }

        for (int i = 0; i <= Moves.Length && Moves.Length < MostMoves; i++)
        {
            yield return Moves.Insert(i, 0);
        }
    }

    /// <summary>The configurations of both sides.</summary>
    /// <param name="isSymbolic">True for keys and certificates that are terms.</param>
    public (IkeConfiguration First, IkeConfiguration Second) Configure(bool isSymbolic)
    {
        IkeConfiguration first = Configure(ExplorationPair.Configuration("first", "second", 1, 2, Variant), isFirst: true);
        IkeConfiguration second = Configure(ExplorationPair.Configuration("second", "first", 2, 1, Variant), isFirst: false);
        return (ConversationCredentials.Give(first, this, isFirst: true, isSymbolic), ConversationCredentials.Give(second, this, isFirst: false, isSymbolic));
    }

    /// <inheritdoc/>
    public bool Equals(ConversationCase? other) =>
        other is not null && Variant == other.Variant && Options == other.Options && Moves.AsSpan().SequenceEqual(other.Moves.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Variant, Options, Moves.Length);

    /// <summary>Options and picks on one line.</summary>
    public override string ToString() => $"variant {Variant}, options {Options}, moves 0x{Convert.ToHexStringLower([.. Moves])}";

    private IkeConfiguration Configure(IkeConfiguration plain, bool isFirst)
    {
        Transform curve = Transform.Of(KeyExchangeMethod.Curve25519);
        Transform point = Transform.Of(KeyExchangeMethod.Ecp256);
        ValueList<Transform> gcm = [Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(PrfTransform.HmacSha2x256), curve];
        ValueList<Transform> cbc =
        [
            Transform.Of(EncryptionTransform.AesCbc, 256), Transform.Of(IntegrityTransform.HmacSha2x256x128), Transform.Of(PrfTransform.HmacSha2x256), curve,
        ];
        ValueList<Transform>[] suites = Has(ConversationOptions.TwoSuites) ? isFirst ? [gcm, cbc] : [cbc, gcm] : [gcm];
        if (Has(ConversationOptions.WrongGuess))
        {
            // The first side guesses curve25519 and would take the other; the second side takes only the other, and guesses so.
            suites = [.. suites.Select(s => isFirst ? s.Add(point) : s.SetItem(s.Count - 1, point))];
        }

        if (Has(ConversationOptions.AdditionalKeyExchange))
        {
            suites = [.. suites.Select(s => s.Add(AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768)))];
        }

        if (Has(ConversationOptions.FurtherKeyExchange))
        {
            suites = [.. suites.Select(s => new ValueList<Transform>([.. s, AdditionalKeyExchanges.At(3, KeyExchangeMethod.Ecp384), AdditionalKeyExchanges.At(3, null)]))];
        }

        if (Has(ConversationOptions.WrongGuessLater) && isFirst && !Has(ConversationOptions.WrongGuess))
        {
            suites = [.. suites.Select(s => s.Add(point))];
        }

        plain = Has(ConversationOptions.InnerAddresses) ? ConversationEap.WithAddresses(plain, isFirst) : plain;
        return plain with
        {
            Offers = new([.. suites]),
            KeyExchange = Has(ConversationOptions.WrongGuess) && !isFirst ? KeyExchangeMethod.Ecp256 : KeyExchangeMethod.Curve25519,
            SuccessorKeyExchange = !Has(ConversationOptions.WrongGuessLater) || !isFirst ? null : Has(ConversationOptions.WrongGuess) ? KeyExchangeMethod.Curve25519 : KeyExchangeMethod.Ecp256,
            RefusesMoreSas = Has(ConversationOptions.NoMoreSas) && !isFirst,
            BeginsAnew = Has(ConversationOptions.NoMoreSas) && isFirst && (Variant & 2) == 0,
            AsksForCookie = Has(ConversationOptions.Cookie),
            IsChildless = Has(ConversationOptions.Childless),
            FragmentBytes = Has(ConversationOptions.Fragments) ? FragmentBytes : null,
            PostQuantumKeys = Has(ConversationOptions.PostQuantumKey) ? [Key(isFirst || !Has(ConversationOptions.OtherPostQuantumKey))] : [],
            NeedsPostQuantumKey = Has(ConversationOptions.PostQuantumKey) && !Has(ConversationOptions.OtherPostQuantumKey) && (Variant & 1) == 0,
            Mobike = Has(ConversationOptions.Mobike) ? new MobikeConfiguration { ChecksReturn = true } : null,
            WindowRequests = Has(ConversationOptions.Window) ? WindowRequests : 1,
            DetectsNat = Has(ConversationOptions.NatDetection) || Has(ConversationOptions.NatBeforeFirst),
            Peer = !isFirst && Has(ConversationOptions.NatBeforeFirst) ? plain.Peer with { Address = Translation.Outside } : plain.Peer,
            SendsInitialContact = Has(ConversationOptions.InitialContact),
            Children = new([.. Policies(plain, isFirst).Select(c => Configure(c, isFirst, curve))]),
        };
    }

    private static PostQuantumKey Key(bool isCommon)
    {
        ByteString name = ByteString.Adopt([isCommon ? (byte)1 : (byte)2]);
        return new PostQuantumKey(new NotifyContent.Ppk(NotifyContent.Ppk.FixedKind, name), new IkeSecret(name.Span));
    }

    private ChildConfiguration Configure(ChildConfiguration plain, bool isFirst, Transform curve)
    {
        bool isWrong = Has(ConversationOptions.WrongGuessLater) && isFirst;
        bool hasKeyExchange = Has(ConversationOptions.ForwardSecrecy) || Has(ConversationOptions.FollowUp) || Has(ConversationOptions.WrongGuessLater);
        Transform[] exchanges =
        [
            .. hasKeyExchange ? [curve] : Array.Empty<Transform>(),
            .. isWrong ? [Transform.Of(KeyExchangeMethod.Ecp256)] : Array.Empty<Transform>(),
            .. Has(ConversationOptions.FollowUp)
                ? [AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768), AdditionalKeyExchanges.At(2, KeyExchangeMethod.Ecp384), AdditionalKeyExchanges.At(2, null)]
                : Array.Empty<Transform>(),
        ];
        return plain with
        {
            Offers = new([.. plain.Offers.Select(o => new ValueList<Transform>([.. o, .. exchanges]))]),
            KeyExchange = isWrong ? KeyExchangeMethod.Ecp256 : hasKeyExchange ? KeyExchangeMethod.Curve25519 : null,
            IsTransport = Has(ConversationOptions.Transport),
            Own = Has(ConversationOptions.Narrowing) && !isFirst ? Half(plain.Own) : plain.Own,
            Compressions = Has(ConversationOptions.Compression) ? isFirst ? [2, 3, 4] : [4, 3] : [],
        };
    }

    private ValueList<ChildConfiguration> Policies(IkeConfiguration plain, bool isFirst) => !Has(ConversationOptions.TwoPolicies) || isFirst
        ? plain.Children
        : [plain.Children[0] with { Own = Half(plain.Children[0].Own) }, plain.Children[1], plain.Children[0] with { Own = Half(plain.Children[0].Own, isUpper: true) }];

    private bool Has(ConversationOptions option) => Options.HasFlag(option);

    private static ValueList<TrafficSelector> Half(ValueList<TrafficSelector> whole, bool isUpper = false)
    {
        TrafficSelector.Range range = (TrafficSelector.Range)whole[0];
        IpAddress middle = range.LastAddress with { Value = range.FirstAddress.Value + ((range.LastAddress.Value - range.FirstAddress.Value) / 2) };
        return [isUpper
            ? new TrafficSelector.Range(range.Protocol, range.FirstPort, range.LastPort, middle with { Value = middle.Value + 1 }, range.LastAddress)
            : new TrafficSelector.Range(range.Protocol, range.FirstPort, range.LastPort, range.FirstAddress, middle)];
    }
}
