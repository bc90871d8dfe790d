using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Conformance.Spec.Crypto.Eap;

/// <summary>The calculations of MS-CHAPv2 and the keys that EAP-MSCHAPv2 takes from it. RFC 2759 §8, RFC 3079 §3.</summary>
/// <remarks>The user name is without a domain in front. RFC 2759 §4.</remarks>
public static class MsChapV2
{
    /// <summary>Length of either challenge in bytes.</summary>
    public const int ChallengeBytes = 16;

    /// <summary>Length of the NT-Response in bytes.</summary>
    public const int ResponseBytes = 24;

    /// <summary>Length of the master session key that IKEv2 takes, in bytes. RFC 3748 §7.10.</summary>
    public const int MasterSessionKeyBytes = 64;

    private const int SessionKeyBytes = 16;
    private const int PadBytes = 40;

    /// <summary>NtPasswordHash: MD4 of the password in UTF-16, little end first. RFC 2759 §8.3.</summary>
    public static byte[] PasswordHash(string password) => Md4(Encoding.Unicode.GetBytes(password));

    /// <summary>ChallengeHash: the challenge that is encrypted. RFC 2759 §8.2.</summary>
    public static byte[] ChallengeHash(ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> authenticatorChallenge, string userName) =>
        Sha1([.. peerChallenge, .. authenticatorChallenge, .. Encoding.UTF8.GetBytes(userName)])[..8];

    /// <summary>GenerateNTResponse: what the peer answers. RFC 2759 §8.1.</summary>
    public static byte[] Response(
        ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> peerChallenge, string userName, string password)
    {
        var challenge = ChallengeHash(peerChallenge, authenticatorChallenge, userName);

        // RFC 2759 §8.5: 16 bytes of hash and five zeros are three keys of 56 bits.
        byte[] keys = [.. PasswordHash(password), .. new byte[5]];
        return [.. Des(keys.AsSpan(0, 7), challenge), .. Des(keys.AsSpan(7, 7), challenge), .. Des(keys.AsSpan(14), challenge)];
    }

    /// <summary>GenerateAuthenticatorResponse: "S=" and 40 hex digits, by which the server proves itself. RFC 2759 §8.7.</summary>
    public static string AuthenticatorResponse(
        string password,
        ReadOnlySpan<byte> response,
        ReadOnlySpan<byte> peerChallenge,
        ReadOnlySpan<byte> authenticatorChallenge,
        string userName)
    {
        var digest = Sha1([.. Md4(PasswordHash(password)), .. response, .. "Magic server to client signing constant"u8]);
        var proof = Sha1(
        [
            .. digest,
            .. ChallengeHash(peerChallenge, authenticatorChallenge, userName),
            .. "Pad to make it do more than one iteration"u8,
        ]);
        return "S=" + Convert.ToHexString(proof);
    }

    /// <summary>
    /// The master session key: the server's receive key, its send key, 32 zeros, the same at both ends. RFC 3079 §3.3 and §3.4,
    /// draft-kamath-pppext-eap-mschapv2 §3; IKEv2 takes all of it as the shared secret of AUTH. RFC 7296 §2.16.
    /// </summary>
    public static byte[] MasterSessionKey(string password, ReadOnlySpan<byte> response)
    {
        var master = MasterKey(password, response);
        return
        [
            .. SessionKey(master, "On the client side, this is the send key; on the server side, it is the receive key."u8),
            .. SessionKey(master, "On the client side, this is the receive key; on the server side, it is the send key."u8),
            .. new byte[MasterSessionKeyBytes - 2 * SessionKeyBytes],
        ];
    }

    /// <summary>GetMasterKey. RFC 3079 §3.4.</summary>
    public static byte[] MasterKey(string password, ReadOnlySpan<byte> response) =>
        Sha1([.. Md4(PasswordHash(password)), .. response, .. "This is the MPPE Master Key"u8])[..SessionKeyBytes];

    private static byte[] SessionKey(byte[] master, ReadOnlySpan<byte> magic)
    {
        var pad = new byte[PadBytes];
        Array.Fill(pad, (byte)0xf2);
        return Sha1([.. master, .. new byte[PadBytes], .. magic, .. pad])[..SessionKeyBytes];
    }

    // .NET has no MD4.
    private static byte[] Md4(ReadOnlySpan<byte> data)
    {
        var digest = new MD4Digest();
        digest.BlockUpdate(data);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash);
        return hash;
    }

    private static byte[] Sha1(ReadOnlySpan<byte> data) => SHA1.HashData(data);

    // BouncyCastle, because .NET refuses weak keys, which a password may give. RFC 2759 §8.6: each 7 bits get a parity bit.
    private static byte[] Des(ReadOnlySpan<byte> key, byte[] block)
    {
        var expanded = new byte[8];
        for (var i = 0; i < expanded.Length; i++)
        {
            var before = i > 0 ? key[i - 1] << (8 - i) : 0;
            var after = i < 7 ? key[i] >> i : 0;
            expanded[i] = (byte)((before | after) & 0xfe);
        }

        var engine = new DesEngine();
        engine.Init(true, new KeyParameter(expanded));
        var encrypted = new byte[block.Length];
        engine.ProcessBlock(block, encrypted);
        return encrypted;
    }
}
