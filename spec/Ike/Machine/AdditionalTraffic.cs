using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Traffic that a responder would take as well, only not over the same Child SA. RFC 7296 §2.9.</summary>
internal static class AdditionalTraffic
{
    /// <summary>True if an offer has such traffic beyond what was chosen.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="asked">What the initiator asks for.</param>
    /// <param name="chosen">What it gets.</param>
    /// <param name="isUsable">True for a configuration that has mode and suites in common with the offer.</param>
    public static bool IsPossible(
        Draft draft, int number, (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer) asked, (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer) chosen,
        Func<ChildConfiguration, bool> isUsable)
    {
        foreach (ChildConfiguration child in draft.Configuration.Children.Where(isUsable))
        {
            ChildConfiguration wanted = AddressClient.Narrowed(draft, number, child);
            ValueList<TrafficSelector> own = SelectorNarrowing.Intersect(asked.Own, wanted.Own);
            ValueList<TrafficSelector> peer = SelectorNarrowing.Intersect(asked.Peer, wanted.Peer);
            if (SelectorNarrowing.ShareFamily(own, peer) && !(SelectorNarrowing.IsWithin(own, chosen.Own) && SelectorNarrowing.IsWithin(peer, chosen.Peer)))
            {
                return true;
            }
        }

        return false;
    }
}
