using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>CREATE_CHILD_SA that is refused: another method of key exchange, or a whole new IKE SA. RFC 7296 §1.3, §2.7, §4.</summary>
public class CreationRefusedTests
{
    private static readonly Transform Curve = Transform.Of(KeyExchangeMethod.Curve25519);
    private static readonly Transform Point = Transform.Of(KeyExchangeMethod.Ecp256);

    private static IEnumerable<IkeCommand> Commands => [new IkeCommand.CreateChild(0, 1), new IkeCommand.RekeyChild(0), new IkeCommand.RekeyIke(0)];

    [Honours("RFC7296-1.3-07", "RFC7296-1.3-06")]
    [TestCaseSource(nameof(Commands))]
    public void MethodThatTheOtherSideNames_IsTriedInANewExchange(IkeCommand command)
    {
        ManualPair pair = Guessing();
        pair.Ask(0, command);
        pair.DeliverAll();
        Assert.That(pair.Sent[0], Does.StartWith("CREATE_CHILD_SA request 2:").And.Contain("KE(256-bit"));
        Assert.That(pair.Sent[1], Is.EqualTo("CREATE_CHILD_SA response 2: SK {N(INVALID_KE_PAYLOAD, 0x001f)}"));
        Assert.That(pair.Sent[2], Does.StartWith("CREATE_CHILD_SA request 3:").And.Contain("KE(Curve25519"));
        Assert.That(pair.Sent[3], Does.StartWith("CREATE_CHILD_SA response 3: SK {SA(").And.Contain("KE(Curve25519"));
        Assert.That(pair.First.ChildrenMade + pair.First.SasMade, Is.EqualTo(3));
        Assert.That(pair.Second.ChildrenMade + pair.Second.SasMade, Is.EqualTo(3));
    }

    [Honours("RFC7296-1.3-07")]
    [TestCaseSource(nameof(Commands))]
    public void SecondTry_IsFree(IkeCommand command)
    {
        ManualPair pair = Guessing();
        pair.Ask(0, command);
        pair.Deliver();
        IkeOutput.Send refusal = pair.Network[0].Send;
        IkeOutcome[] outcomes = [.. pair.Machines[0].Step(pair.First, new IkeEvent.Received(refusal.Datagram, refusal.From, refusal.To))];
        Assert.That(outcomes.Select(o => o.Outputs.OfType<IkeOutput.Send>().Count()), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(outcomes[1].Next.Sas.Single().Pending, Is.Empty);
    }

    [Honours("RFC7296-1.3-04")]
    [TestCase(19, Description = "the one that was tried")]
    [TestCase(21, Description = "not offered")]
    [TestCase(0, Description = "NONE")]
    public void OtherMethods_AreNotTried(int named)
    {
        foreach (IkeCommand command in Commands)
        {
            ManualPair pair = Guessing();
            CraftedMessage.Answer(pair, command, new IkePayload.Notify(NotifyType.InvalidKePayload, new NotifyContent.WantedMethod((KeyExchangeMethod)named).ToByteString()));
            Assert.That(pair.Network, Is.Empty);
            Assert.That(pair.First.Sas.Single().Pending, Is.Empty);
            Assert.That(pair.First.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed));
        }
    }

    [Honours("RFC7296-1.3-07")]
    [TestCaseSource(nameof(Commands))]
    public void ResponderThatNamesOneAfterTheOther_IsNotFollowedFurther(IkeCommand command)
    {
        ManualPair pair = Guessing();
        CraftedMessage.Answer(pair, command, new IkePayload.Notify(NotifyType.InvalidKePayload, ByteString.FromHex("001f")));
        Assert.That(pair.Network, Has.Count.EqualTo(1), "baseline: the second try");
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Notify(NotifyType.InvalidKePayload, ByteString.FromHex("0013"))]);
        pair.Network.Clear();
        CraftedMessage.AnswerOnly(pair, first, ByteString.Adopt(content));
        Assert.That(pair.Network, Is.Empty);
        Assert.That(pair.First.Sas.Single().Pending, Is.Empty);
    }

    [Honours("RFC7296-1.3.1-02", "RFC7296-2.7-05")]
    [Test]
    public void NoneBesideAMethod_MayBeChosen_AndTheKeyExchangeIsInVain()
    {
        Transform none = new(TransformType.KeyExchange, 0, []);
        ManualPair pair = ManualPair.Established((c, isFirst) => Children(c, x => isFirst ? With(x, KeyExchangeMethod.Curve25519, Curve, none) : x));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        Assert.That(pair.Sent[0], Does.Contain("KE(Curve25519"));
        pair.DeliverAll();
        Assert.That(pair.Sent[1], Does.Not.Contain("KE("));
        Assert.That(pair.First.Children[1].InboundKeys, Is.EqualTo(pair.Second.Children[1].OutboundKeys));
    }

    [Honours("RFC7296-1.3-02", "RFC7296-1.3-08", "RFC7296-4-03")]
    [TestCaseSource(nameof(Commands))]
    public void ResponderThatMakesNoMoreSas_SaysSo(IkeCommand command)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => c with { RefusesMoreSas = !isFirst });
        pair.Ask(0, command);
        pair.DeliverAll();
        Assert.That(pair.Sent.Skip(1), Is.EqualTo(new[] { "CREATE_CHILD_SA response 2: SK {N(NO_ADDITIONAL_SAS)}" }));
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
        Assert.That(pair.Second.ChildrenMade + pair.Second.SasMade, Is.EqualTo(2));
        pair.Ask(1, command);
        pair.DeliverAll();
        Assert.That(pair.Second.ChildrenMade + pair.Second.SasMade, Is.EqualTo(3), "what it asks for itself it makes");
    }

    [Honours("RFC7296-4-06", "RFC7296-2.8.3-02", "RFC7296-2.8.3-03")]
    [Test]
    public void WhereNothingIsRekeyed_ANewIkeSaTakesThePlace([Values] bool ofIke)
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => c with { RefusesMoreSas = !isFirst, BeginsAnew = true });
        pair.Ask(0, ofIke ? new IkeCommand.RekeyIke(0) : new IkeCommand.RekeyChild(0));
        pair.Deliver();
        pair.Deliver();
        Assert.That(pair.Sent[^1], Does.StartWith("IKE_SA_INIT request"));
        pair.Deliver();
        pair.Deliver();
        pair.Deliver();
        Assert.That(pair.First.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established), "it stays until the new one is there");
        pair.DeliverAll();
        Assert.That(pair.Sent.Skip(2), Has.None.Contains("REKEY_SA").And.Some.Contains("D(IKE"));
        Assert.That(pair.First.Sas.Single().Number, Is.EqualTo(1));
        Assert.That(pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number, Is.EqualTo(1));
        Assert.That(pair.First.Children.Single().Owner, Is.EqualTo(1));
        Assert.That(pair.Second.Children.Single().Outbound, Is.EqualTo(pair.First.Children.Single().Inbound));
    }

    [Honours("RFC7296-4-06")]
    [Test]
    public void NewIkeSaWithoutItsChild_LeavesTheOldOne()
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => c with { RefusesMoreSas = !isFirst, BeginsAnew = true });
        IkeConfiguration before = pair.Machines[1].Configuration;
        pair.Machines[1] = new IkeMachine(before with { Children = [before.Children[1]] }, pair.Cryptography);
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Select(s => s.Phase), Is.EqualTo(new[] { IkeSaPhase.Established, IkeSaPhase.Established }));
        Assert.That(pair.First.Children.Single().Owner, Is.Zero);
    }

    // The first side tries P-256 and offers curve25519 as well, which is all that the second one takes.
    private static ManualPair Guessing() => ManualPair.Established((c, isFirst) => Children(c, x => isFirst ? With(x, KeyExchangeMethod.Ecp256, Curve, Point) : With(x, KeyExchangeMethod.Curve25519, Curve)) with
    {
        Offers = isFirst ? [c.Offers[0].Add(Point)] : c.Offers,
        SuccessorKeyExchange = isFirst ? KeyExchangeMethod.Ecp256 : null,
    });

    private static ChildConfiguration With(ChildConfiguration child, KeyExchangeMethod method, params Transform[] methods) =>
        child with { KeyExchange = method, Offers = new([.. child.Offers.Select(o => new ValueList<Transform>([.. o, .. methods]))]) };

    private static IkeConfiguration Children(IkeConfiguration configuration, Func<ChildConfiguration, ChildConfiguration> change) =>
        configuration with { Children = new([.. configuration.Children.Select(change)]) };
}
