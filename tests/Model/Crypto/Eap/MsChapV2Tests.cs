using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Eap;
using Conformance.Spec.Wire;
using Conformance.Tests.Model.Crypto.Ike;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Eap;

public class MsChapV2Tests
{
    private const string User = "User";
    private const string Password = "clientPass";
    private static readonly byte[] AuthenticatorChallenge = Convert.FromHexString("5b5d7c7d7b3f2f3e3c2c602132262628");
    private static readonly byte[] PeerChallenge = Convert.FromHexString("21402324255e262a28295f2b3a337c7e");

    private static IEnumerable<MsChapV2Packet> Packets() =>
    [
        new MsChapV2Packet.Challenge(7, new ByteString(AuthenticatorChallenge), "server"),
        new MsChapV2Packet.Response(7, new ByteString(PeerChallenge), ByteString.Adopt(Draw.Bytes(1, 1, 24)), User),
        new MsChapV2Packet.Success(7, "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=OK"),
        new MsChapV2Packet.Failure(7, "E=691 R=0 C=00000000000000000000000000000000 V=3 M="),
        new MsChapV2Packet.Acknowledgement(true),
        new MsChapV2Packet.Acknowledgement(false),
    ];

    // RFC 2759 §9.2.
    [Test]
    public void KnownPassword_GivesTheKnownResponses()
    {
        var response = MsChapV2.Response(AuthenticatorChallenge, PeerChallenge, User, Password);

        Assert.That(Convert.ToHexString(MsChapV2.PasswordHash(Password)), Is.EqualTo("44EBBA8D5312B8D611474411F56989AE"));
        Assert.That(
            Convert.ToHexString(MsChapV2.ChallengeHash(PeerChallenge, AuthenticatorChallenge, User)), Is.EqualTo("D02E4386BCE91226"));
        Assert.That(Convert.ToHexString(response), Is.EqualTo("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF"));
        Assert.That(
            MsChapV2.AuthenticatorResponse(Password, response, PeerChallenge, AuthenticatorChallenge, User),
            Is.EqualTo("S=407A5589115FD0D6209F510FE9C04566932CDA56"));
    }

    // RFC 3079 §3.5.3 prints the master key and the server's send key; the other half is that of AOSP's EapMsChapV2 tests.
    [Test]
    public void KnownPassword_GivesTheKnownMasterSessionKey()
    {
        var response = MsChapV2.Response(AuthenticatorChallenge, PeerChallenge, User, Password);

        Assert.That(Convert.ToHexString(MsChapV2.MasterKey(Password, response)), Is.EqualTo("FDECE3717A8C838CB388E527AE3CDD31"));
        Assert.That(
            Convert.ToHexString(MsChapV2.MasterSessionKey(Password, response)),
            Is.EqualTo("D5F0E9521E3EA9589645E86051C82226" + "8B7CDC149B993A1BA118CB153F56DCCB" + new string('0', 64)));
    }

    [TestCaseSource(nameof(Packets))]
    public void WrittenPacket_ReadsAsItself(MsChapV2Packet packet)
    {
        Assert.That(MsChapV2Packet.TryParse(packet.ToBytes(), out var again, out var error), Is.True, error.ToString());
        Assert.That(again, Is.EqualTo(packet));
    }

    [TestCase("", "OpCode at byte 0: missing")]
    [TestCase("01", "OpCode at byte 0: nothing follows, and it is no acknowledgement")]
    [TestCase("0107", "MS-Length at byte 2: cut off")]
    [TestCase("01070005", "MS-Length at byte 2: says 5, but there are 4 bytes")]
    [TestCase("01070004", "Value-Size at byte 4: cut off")]
    [TestCase("0107000511", "Value-Size at byte 4: is 17, not 16")]
    [TestCase("0107000610ff", "Value at byte 5: cut off")]
    [TestCase("0207000531", "Value at byte 5: cut off")]
    [TestCase("0907000531", "OpCode at byte 0: 9 is unknown")]
    public void MalformedPacket_IsRefusedWithItsField(string hex, string reason)
    {
        Assert.That(MsChapV2Packet.TryParse(Convert.FromHexString(hex), out _, out var error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo(reason));
    }
}
