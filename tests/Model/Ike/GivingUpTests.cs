using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Requests that are never answered. RFC 7296 §2.1, §2.4.</summary>
public class GivingUpTests
{
    [Test]
    public void GivingUp_DropsTheIkeSaWithItsChildren()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Do(0, new IkeEvent.GaveUp(0));
        Assert.That(pair.First.Sas, Is.Empty);
        Assert.That(pair.First.Children, Is.Empty);
    }

    [Test]
    public void GivingUpWhileBothRekey_DropsTheSuccessorThatHasNotTakenOver()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(1, new IkeCommand.RekeyIke(0));
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        Assert.That(pair.Second.Sas, Has.Count.EqualTo(2), "the other side's successor is there, and not settled");
        pair.Do(1, new IkeEvent.GaveUp(0));
        Assert.That(pair.Second.Sas, Is.Empty);
        Assert.That(pair.Second.Children, Is.Empty);
    }

    [Test]
    public void GivingUpOnTheDeletionOfTheOldIkeSa_KeepsTheSuccessor()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        pair.Deliver();
        Assert.That(pair.First.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Deleting));
        pair.Do(0, new IkeEvent.GaveUp(0));
        Assert.That(pair.First.Sas.Single().Number, Is.EqualTo(1));
        Assert.That(pair.First.Children.Single().Owner, Is.EqualTo(1));
    }
}
