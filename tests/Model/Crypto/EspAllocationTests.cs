using Conformance.Spec.Crypto;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto;

public class EspAllocationTests
{
    private const int Packets = 200;

    [TestCase("ENCR_AES_GCM_16-128")]
    [TestCase("ENCR_AES_GCM_16-256")]
    [TestCase("ENCR_AES_GCM_12-128")]
    [TestCase("ENCR_AES_GCM_16_IIV-128")]
    [TestCase("ENCR_NULL_AUTH_AES_GMAC-128")]
    [TestCase("ENCR_CHACHA20_POLY1305")]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA1_96")]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128")]
    [TestCase("ENCR_AES_CBC-256/AUTH_HMAC_SHA2_512_256")]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_256_128")]
    public void SteadyState_AllocatesNothingPerPacket(string text)
    {
        Assert.That(EspSuite.TryParse(text, out var suite, out var error), Is.True, error);
        var one = new SealedCase(suite!, 1, 1400, true);
        using var protection = one.Key();
        var packet = one.Plain;
        var warmUp = SealAndOpen(protection, packet);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var opened = SealAndOpen(protection, packet);
        var allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That((warmUp, opened), Is.EqualTo((Packets, Packets)));
        Assert.That(allocatedBytes, Is.Zero);
    }

    private static int SealAndOpen(EspProtection protection, byte[] packet)
    {
        var opened = 0;
        for (var i = 0; i < Packets; i++)
        {
            protection.Seal(packet, 7, true);
            opened += protection.TryOpen(packet, 7, true) ? 1 : 0;
        }

        return opened;
    }
}
