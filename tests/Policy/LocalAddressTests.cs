using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>A stack with two addresses, each the end of a tunnel of its own. RFC 4301 §4.4.1.2.</summary>
public class LocalAddressTests : PolicyTest
{
    // The last one folds to nothing in a hash that mixes the two halves of an address.
    [Requirement("RFC4301-4.4.1-09")]
    [TestCase("10.1.10.2")]
    [TestCase("10.1.10.1")]
    public void OnlySaBeginsAtAnotherAddress_PacketDiscarded(string other)
    {
        (PolicySession session, SpdEntry first, SpdEntry second) = Start(AddressPlan.Ipv4, IpAddress.Parse(other));
        session.ExpectOutbound(Flow(remote: 11), Protected);
        session.ExpectOn(session.PairOf(second), Flow(remote: 11), Protected);
        session.ExpectOutbound(Flow(remote: 10), Discarded, "RFC4301-4.4.1-09");
        Assert.That(session.Pairs.Any(p => p.Entry == first), Is.False);
    }

    // Jenkins' hash of the last one and that of the unspecified address fold to the same number.
    [Requirement("RFC4301-4.4.1-09")]
    [Needs(Capabilities.Ipv6)]
    [TestCase("2001:db8:0:1::1f1c")]
    [TestCase("2001:db8:0:1::1f1d")]
    public void OnlySaBeginsAtAnotherAddressOfIpv6_PacketDiscarded(string other)
    {
        (PolicySession session, _, _) = Start(AddressPlan.Ipv6, IpAddress.Parse(other));
        session.ExpectOutbound(Flow(remote: 11), Protected);
        session.ExpectOutbound(Flow(remote: 10), Discarded, "RFC4301-4.4.1-09");
    }

    private (PolicySession Session, SpdEntry First, SpdEntry Second) Start(AddressSet ends, IpAddress other)
    {
        SpdEntry first = Protect("first address", PolicyScenario.Tunnel(ends), Set(remote: "203.0.113.10"));
        SpdEntry second = Protect("second address", PolicyScenario.Tunnel(ends with { Target = other }), Set(remote: "203.0.113.11"));
        PolicySession session = Start(new PolicyScenario
        {
            KeyedByHand = true,
            Entries = [first, second],
            Pairs = [new(first) { IsInstalled = false }],
            Addresses = [other],
        });
        return (session, first, second);
    }
}
