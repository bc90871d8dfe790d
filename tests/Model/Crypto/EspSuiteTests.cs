using Conformance.Spec.Crypto;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto;

public class EspSuiteTests
{
    private static IEnumerable<EspSuite> EverySuite() => EspSuites.All.Concat(EspSuites.EncryptionOnly);

    [TestCaseSource(nameof(EverySuite))]
    public void PrintedSuite_ParsesToItself(EspSuite suite)
    {
        var parsed = EspSuite.TryParse(suite.ToString(), out var again, out var error);

        Assert.That(parsed, Is.True, error);
        Assert.That(again, Is.EqualTo(suite));
    }

    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128", 16, 32, 16, 16, 16)]
    [TestCase("ENCR_AES_CBC-256/AUTH_NONE", 32, 0, 16, 0, 16)]
    [TestCase("ENCR_AES_CTR-192/AUTH_AES_XCBC_96", 28, 16, 8, 12, 4)]
    [TestCase("ENCR_AES_GCM_16-128", 20, 0, 8, 16, 4)]
    [TestCase("ENCR_AES_CCM_8_IIV-256", 35, 0, 0, 8, 4)]
    [TestCase("ENCR_CHACHA20_POLY1305", 36, 0, 8, 16, 4)]
    [TestCase("ENCR_3DES/AUTH_HMAC_MD5_96", 24, 16, 8, 12, 8)]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_512_256", 0, 64, 0, 32, 4)]
    [TestCase("ENCR_NULL/AUTH_NONE", 0, 0, 0, 0, 4)]
    public void KnownSuite_HasTheLengthsOfItsRfcs(
        string text, int encryptionKeyBytes, int integrityKeyBytes, int ivBytes, int icvBytes, int alignmentBytes)
    {
        Assert.That(EspSuite.TryParse(text, out var suite, out var error), Is.True, error);

        Assert.That(
            (suite!.EncryptionKeyMaterialBytes, suite.IntegrityKeyBytes, suite.IvBytes, suite.IcvBytes, suite.AlignmentBytes),
            Is.EqualTo((encryptionKeyBytes, integrityKeyBytes, ivBytes, icvBytes, alignmentBytes)));
        using var protection = suite.Key(new byte[encryptionKeyBytes], new byte[integrityKeyBytes]);
        Assert.That(
            (protection.IvBytes, protection.IcvBytes, protection.AlignmentBytes), Is.EqualTo((ivBytes, icvBytes, alignmentBytes)));
    }

    [TestCase("", "'' is not a known encryption transform")]
    [TestCase("ENCR_DES/AUTH_HMAC_MD5_96", "'ENCR_DES' is not a known encryption transform")]
    [TestCase("ENCR_AES_CBC/AUTH_NONE", "'ENCR_AES_CBC' needs one of the key sizes 128, 192, 256 behind a hyphen")]
    [TestCase("ENCR_AES_CBC-big/AUTH_NONE", "'ENCR_AES_CBC-big' needs one of the key sizes 128, 192, 256 behind a hyphen")]
    [TestCase("ENCR_AES_CBC-+128/AUTH_NONE", "'ENCR_AES_CBC-+128' needs one of the key sizes 128, 192, 256 behind a hyphen")]
    [TestCase(
        "ENCR_AES_CBC-64/AUTH_NONE",
        "'ENCR_AES_CBC' has no key of 64 bits; it needs one of the key sizes 128, 192, 256 behind a hyphen")]
    [TestCase("ENCR_3DES-192/AUTH_NONE", "'ENCR_3DES-192' needs no key size")]
    [TestCase("ENCR_AES_CBC-128", "'ENCR_AES_CBC' needs an integrity transform or AUTH_NONE behind a slash")]
    [TestCase("ENCR_AES_CBC-128/AUTH_SHA3", "'AUTH_SHA3' is not a known integrity transform")]
    [TestCase("ENCR_AES_GCM_16-128/AUTH_NONE", "'ENCR_AES_GCM_16' is a combined mode and takes no integrity transform")]
    public void UnknownText_IsRefusedWithItsReason(string text, string reason)
    {
        Assert.That(EspSuite.TryParse(text, out var suite, out var error), Is.False);
        Assert.That((suite, error), Is.EqualTo(((EspSuite?)null, reason)));
    }

    [TestCaseSource(nameof(EverySuite))]
    public void WrongKeyLength_IsRefusedWithBothLengths(EspSuite suite)
    {
        var right = suite.EncryptionKeyMaterialBytes;
        var rightIntegrity = suite.IntegrityKeyBytes;

        Assert.That(() => suite.Key(new byte[right], new byte[rightIntegrity]).Dispose(), Throws.Nothing);
        Assert.That(
            () => suite.Key(new byte[right + 1], new byte[rightIntegrity]),
            Throws.ArgumentException.With.Message.Contains($"takes {right} bytes here, not {right + 1}"));
        Assert.That(
            () => suite.Key(new byte[right], new byte[rightIntegrity + 1]),
            Throws.ArgumentException.With.Message.Contains($"takes {rightIntegrity} bytes here, not {rightIntegrity + 1}"));
    }

    [Test]
    public void PrimitiveAbsentFromDotNet_IsRefusedByThatProviderOnly()
    {
        Assert.That(EspSuite.TryParse("ENCR_CAMELLIA_CBC-128/AUTH_NONE", out var suite, out _), Is.True);

        Assert.That(() => suite!.Key(new byte[16], [], CryptoProvider.BouncyCastle).Dispose(), Throws.Nothing);
        Assert.That(() => suite!.Key(new byte[16], [], CryptoProvider.Bcl), Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void CombinedModeWithIntegrityTransform_CannotBeMade()
    {
        var combined = EspSuites.Encryption.First(transform => transform.IsCombinedMode);

        Assert.That(() => new EspSuite(combined, combined.KeyBits[0], null), Throws.Nothing);
        Assert.That(() => new EspSuite(combined, combined.KeyBits[0], EspSuites.Integrity[0]), Throws.ArgumentException);
    }

    [Test]
    public void Registry_HoldsEachSuiteNameAndTransformIdOnce()
    {
        Assert.That(EverySuite().Select(suite => suite.ToString()), Is.Unique);
        Assert.That(EspSuites.Encryption.Select(transform => transform.TransformId), Is.Unique);
        Assert.That(EspSuites.Integrity.Select(transform => transform.TransformId), Is.Unique);
        Assert.That(EspSuites.All.Select(suite => suite.Encryption).Distinct(), Is.EquivalentTo(EspSuites.Encryption));
        Assert.That(EspSuites.All.Select(suite => suite.Integrity).OfType<IntegrityTransform>().Distinct(), Is.EquivalentTo(EspSuites.Integrity));
    }
}
