using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>DER AlgorithmIdentifiers, those preferred and those to be understood. RFC 7427 §3 and appendix A, RFC 4055 §3.1.</summary>
internal static class AlgorithmIdentifier
{
    private const string PssIdentifier = "1.2.840.113549.1.1.10";
    private const string MaskFunctionIdentifier = "1.2.840.113549.1.1.8";
    private const int DefaultSaltBytes = 20;

    private static readonly Asn1Tag HashTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag MaskTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SaltTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag TrailerTag = new(TagClass.ContextSpecific, 3);

    private static readonly ImmutableArray<(HashAlgorithmName Hash, string Identifier)> Hashes =
    [
        (HashAlgorithmName.SHA1, "1.3.14.3.2.26"),
        (HashAlgorithmName.SHA256, "2.16.840.1.101.3.4.2.1"),
        (HashAlgorithmName.SHA384, "2.16.840.1.101.3.4.2.2"),
        (HashAlgorithmName.SHA512, "2.16.840.1.101.3.4.2.3"),
    ];

    /// <summary>NULL parameters are preferred, none are understood.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Rsa(string identifier) => [Simple(identifier, true), Simple(identifier, false)];

    /// <summary>No parameters are preferred, NULL is understood.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Ecdsa(string identifier) => [Simple(identifier, false), Simple(identifier, true)];

    /// <summary>No parameters, and nothing else. RFC 8410 §3.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Bare(string identifier) => [Simple(identifier, false)];

    /// <summary>The parameters that are not the defaults; what else is understood, <see cref="TryReadPss"/> tells.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Pss(HashAlgorithmName hash, int saltBytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(PssIdentifier);
            using (writer.PushSequence())
            {
                if (hash != HashAlgorithmName.SHA1)
                    WritePssHash(writer, hash);
                if (saltBytes != DefaultSaltBytes)
                {
                    using (writer.PushSequence(SaltTag))
                        writer.WriteInteger(saltBytes);
                }
            }
        }

        return [[.. writer.Encode()]];
    }

    /// <summary>The scheme that the bytes mean.</summary>
    public static bool TryRead(ReadOnlySpan<byte> identifier, [NotNullWhen(true)] out SignatureScheme? scheme)
    {
        foreach (var candidate in SignatureSchemes.All)
        {
            foreach (var known in candidate.AlgorithmIdentifiers)
            {
                if (known.AsSpan().SequenceEqual(identifier))
                {
                    scheme = candidate;
                    return true;
                }
            }
        }

        try
        {
            return TryReadPss(identifier.ToArray(), out scheme);
        }
        catch (AsnContentException)
        {
            scheme = null;
            return false;
        }
    }

    // Salts of any length, hashes with and without NULL; the mask function must be MGF1 over the same hash.
    private static bool TryReadPss(byte[] identifier, [NotNullWhen(true)] out SignatureScheme? scheme)
    {
        scheme = null;
        var whole = new AsnReader(identifier, AsnEncodingRules.DER);
        var sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        if (sequence.ReadObjectIdentifier() != PssIdentifier)
            return false;
        var parameters = sequence.ReadSequence();
        sequence.ThrowIfNotEmpty();

        var hash = ReadTagged(parameters, HashTag, ReadHash) ?? HashAlgorithmName.SHA1;
        var maskHash = ReadTagged(parameters, MaskTag, ReadMaskHash) ?? HashAlgorithmName.SHA1;
        var saltBytes = ReadTagged(parameters, SaltTag, ReadSmallInteger) ?? DefaultSaltBytes;
        var trailer = ReadTagged(parameters, TrailerTag, ReadSmallInteger) ?? 1;
        parameters.ThrowIfNotEmpty();
        if (hash.Name is null || hash != maskHash || saltBytes < 0 || trailer != 1)
            return false;
        scheme = SignatureSchemes.All.Single(candidate => candidate.Kind == SignatureKind.RsaPss && candidate.Hash == hash) with
        {
            SaltBytes = saltBytes,
        };
        return true;
    }

    private static T? ReadTagged<T>(AsnReader parameters, Asn1Tag tag, Func<AsnReader, T> read)
        where T : struct
    {
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(tag))
            return null;
        var tagged = parameters.ReadSequence(tag);
        var value = read(tagged);
        tagged.ThrowIfNotEmpty();
        return value;
    }

    private static HashAlgorithmName ReadHash(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var identifier = sequence.ReadObjectIdentifier();
        if (sequence.HasData)
            sequence.ReadNull();
        sequence.ThrowIfNotEmpty();
        return Hashes.FirstOrDefault(known => known.Identifier == identifier).Hash;
    }

    private static HashAlgorithmName ReadMaskHash(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var identifier = sequence.ReadObjectIdentifier();
        var hash = ReadHash(sequence);
        sequence.ThrowIfNotEmpty();
        return identifier == MaskFunctionIdentifier ? hash : default;
    }

    private static int ReadSmallInteger(AsnReader reader) => reader.TryReadInt32(out var value) ? value : -1;

    private static void WritePssHash(AsnWriter writer, HashAlgorithmName hash)
    {
        using (writer.PushSequence(HashTag))
            WriteHash(writer, hash);
        using (writer.PushSequence(MaskTag))
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(MaskFunctionIdentifier);
                WriteHash(writer, hash);
            }
        }
    }

    private static void WriteHash(AsnWriter writer, HashAlgorithmName hash)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Hashes.Single(known => known.Hash == hash).Identifier);
            writer.WriteNull();
        }
    }

    private static ImmutableArray<byte> Simple(string identifier, bool hasNull)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(identifier);
            if (hasNull)
                writer.WriteNull();
        }

        return [.. writer.Encode()];
    }
}
