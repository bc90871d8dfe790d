using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Wire;
using Conformance.Tests.Model.Crypto.Ike;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Eap;

public class MsChapV2Tests
{
    private const string User = "User";
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

    private static IEnumerable<TestCaseData> Vectors() =>
        from file in VectorFolder.Read<MsChapV2VectorFile>("eap-mschapv2")
        from vector in file.Cases
        select new TestCaseData(vector).SetArgDisplayNames(vector.Name);

    [TestCaseSource(nameof(Vectors))]
    public void KnownPassword_GivesTheKnownResponsesAndKeys(MsChapV2Vector vector)
    {
        byte[] challenge = Convert.FromHexString(vector.AuthenticatorChallenge);
        byte[] own = Convert.FromHexString(vector.PeerChallenge);
        byte[] response = MsChapV2.Response(challenge, own, vector.User, vector.Password);

        Assert.That(Convert.ToHexStringLower(MsChapV2.PasswordHash(vector.Password)), Is.EqualTo(vector.PasswordHash));
        Assert.That(Convert.ToHexStringLower(MsChapV2.ChallengeHash(own, challenge, vector.User)), Is.EqualTo(vector.ChallengeHash));
        Assert.That(Convert.ToHexStringLower(response), Is.EqualTo(vector.Response));
        Assert.That(MsChapV2.AuthenticatorResponse(vector.Password, response, own, challenge, vector.User), Is.EqualTo(vector.AuthenticatorResponse));
        Assert.That(Convert.ToHexStringLower(MsChapV2.MasterKey(vector.Password, response)), Is.EqualTo(vector.MasterKey));
        Assert.That(Convert.ToHexStringLower(MsChapV2.MasterSessionKey(vector.Password, response)), Is.EqualTo(vector.MasterSessionKey));
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
