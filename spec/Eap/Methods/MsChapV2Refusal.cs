using System.Globalization;
using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Eap.Methods;

/// <summary>What the message of a failure says. RFC 2759 §6.</summary>
/// <param name="Error">E=, 691 for a wrong name or password.</param>
/// <param name="MayRetry">R=1.</param>
/// <param name="Challenge">C=, for the next attempt; null where it is missing.</param>
public sealed record MsChapV2Refusal(int Error, bool MayRetry, ByteString? Challenge)
{
    /// <summary>Wrong name or password.</summary>
    public const int AuthenticationFailure = 691;

    /// <summary>Reads a message; null if it has no error number.</summary>
    public static MsChapV2Refusal? Read(string message)
    {
        int? error = null;
        bool mayRetry = false;
        ByteString? challenge = null;
        foreach (string field in message.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            // The text for people is the last field, whatever is in it.
            if (field.StartsWith("M=", StringComparison.Ordinal))
            {
                break;
            }

            if (field.StartsWith("E=", StringComparison.Ordinal) && int.TryParse(field.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                error = number;
            }

            mayRetry |= field == "R=1";
            if (field.StartsWith("C=", StringComparison.Ordinal) && field.Length == 2 + (2 * MsChapV2.ChallengeBytes) && field.AsSpan(2).ContainsAnyExcept(HexDigits) == false)
            {
                challenge = ByteString.FromHex(field[2..]);
            }
        }

        return error is { } told ? new MsChapV2Refusal(told, mayRetry, challenge) : null;
    }

    /// <summary>The message.</summary>
    public override string ToString() => $"E={Error} R={(MayRetry ? 1 : 0)} C={Convert.ToHexString((Challenge ?? default).Span)} V=3 M=refused";

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
