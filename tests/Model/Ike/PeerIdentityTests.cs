using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Whom an IKE SA is with: what AUTH covers, and whose other IKE SAs INITIAL_CONTACT speaks of. RFC 7296 §2.4, §2.15.</summary>
public class PeerIdentityTests
{
    private const uint Reserved = 0xabcdef;

    [Honours("RFC7296-2.5-11", "RFC7296-2.15-03", "RFC7296-3.5-02")]
    [Test]
    public void ReservedOctetsOfAnIdentity_AreCoveredAsTheyWereSent()
    {
        TamperedConversation plain = TamperedConversation.Play(First(), Second());
        IkeSa sa = plain.First.Sas.Single();
        IkePayload.Identification identification = new(OfInitiator: true, First().OwnIdentity) { Reserved = Reserved };
        RealCryptography real = new();
        ByteString octets = real.SignedOctets(sa.Suite!.Prf, sa.Initial!.Request, sa.Initial.ResponderNonce, identification.BodyToBytes(), sa.Keys!.InitiatorAuthentication, ByteString.Empty);
        ByteString auth = real.SharedKeyAuth(sa.Suite.Prf, ((Credentials.SharedSecret)First().Credentials).Secret, octets);
        Assert.That(Play(a => a with { Data = auth }).IsUp);
        Assert.That(Play(a => a).Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed), "an AUTH over zeros does not fit");

        static TamperedConversation Play(Func<IkePayload.Authentication, IkePayload.Authentication> change)
        {
            bool isRequest = true;
            return TamperedConversation.Play(First(), Second(), change: p =>
            {
                bool ofInitiator = isRequest;
                isRequest &= p is not IkePayload.Identification { OfInitiator: false };
                return p is IkePayload.Identification { OfInitiator: true } i ? i with { Reserved = Reserved } : p is IkePayload.Authentication a && ofInitiator ? change(a) : p;
            });
        }
    }

    [Honours("RFC7296-2.4-03", "RFC7296-2.4-04")]
    [TestCase(true, 1, TestName = "InitialContact_DropsOlderIkeSasOfTheSameIdentity")]
    [TestCase(false, 2, TestName = "InitialContact_LeavesOtherIdentitiesAlone")]
    public void InitialContact(bool isSame, int count)
    {
        RealCryptography real = new();
        IkeMachine second = new(Second(), real);
        (_, IkePeer known) = Conversation.Establish(new IkeMachine(First(), real), second);
        known = isSame ? known : known.With(known.Sas[0] with { PeerName = ByteString.Adopt([1]) });
        IkeMachine again = new(ExplorationPair.Configuration("first", "second", 1, 2, 5) with { SendsInitialContact = true }, real);
        (_, IkePeer after) = Conversation.Play(again, second, IkePeer.Idle, known, new IkeCommand.Initiate());
        Assert.That(after.Sas.Count(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(count));
    }

    private static IkeConfiguration First() => ExplorationPair.Configuration("first", "second", 1, 2, 0);

    private static IkeConfiguration Second() => ExplorationPair.Configuration("second", "first", 2, 1, 0);
}
