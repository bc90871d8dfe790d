using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults of one whose peer moves. RFC 4555.</summary>
internal static class MobikeFaults
{
    public static ImmutableArray<IkeFault> All { get; } =
    [
        Sends("mobike-not-announced", "RFC4555-3.2-01", "the responder has nothing to announce", m => m.Is(ExchangeType.IkeAuth, true) && m.PathOf(NotifyType.MobikeSupported) is { } path ? m.Without(path) : m),
        new("ike-move-not-followed", "RFC4555-3.5-07", "the answer is all that is done") { Takes = m => m.OnNotify(NotifyType.UpdateSaAddresses, (n, path) => n.With($"{path}/type", 40000)) },
        new("ike-move-answered-to-the-old-address", "RFC4555-3.5-11", "answers go to the known address") { Steps = AnswersToOld },
        Sends("move-without-nat-detection", "RFC4555-3.5-10", "NATs are looked for once", m => m.Is(ExchangeType.Informational, true) ? Without(m, NotifyType.NatDetectionSourceIp, NotifyType.NatDetectionDestinationIp) : m) with { Also = ["RFC4555-3.8-02"] },
        Sends("cookie2-not-copied", "RFC4555-4.2.5-04", "COOKIE2 is read only by itself", m => m.Is(ExchangeType.Informational, true) ? Without(m, NotifyType.Cookie2) : m) with { Also = ["RFC4555-3.7-06"] },
        Sends("mobike-with-data", "RFC4555-4.2.1-01", "a version stands in the data", m => m.OnNotify(NotifyType.MobikeSupported, (n, path) => n.With($"{path}/data", ByteString.FromHex("01")))),
        new("ike-moves-anywhere", "RFC4555-3.5-09", "addresses are not compared with policy") { Told = c => c.Mobike is { } mobike ? c with { Mobike = mobike with { Acceptable = null } } : c },
        Sends("unacceptable-with-data", "RFC4555-4.1.1-01", "the address stands in the data", m => m.OnNotify(NotifyType.UnacceptableAddresses, (n, path) => n.With($"{path}/data", ByteString.FromHex("c0000282")))),
        new("ike-follows-every-message", "RFC4555-3.8-07", "the last address is the address") { Steps = FollowsAll },
        new("ike-follows-forged-moves", "RFC4555-3.5-17", "the address is noted before the checksum is looked at") { Steps = FollowsForged },
        Sends("additional-addresses-refused", "RFC4555-3.6-05", "one address is enough", m => m) with { Steps = RefusesLists },
        new("ike-no-nats-ignored", "RFC4555-3.9-04", "NO_NATS_ALLOWED is an unknown notification") { Takes = m => m.OnNotify(NotifyType.NoNatsAllowed, (n, path) => n.With($"{path}/type", 40000)) },
        new("ike-nats-seen-everywhere", "RFC4555-3.9-03", "ports are compared in the wrong order") { Takes = m => m.OnNotify(NotifyType.NoNatsAllowed, (n, path) => n.With($"{path}/data", ByteString.Adopt(new byte[12]))) },
        Takes("mobike-with-data-ignored", "RFC4555-4.2.1-02", "data make it another notification", m => m.PathOf(NotifyType.MobikeSupported) is { } path && ((Spec.Wire.Ike.Raw.RawData)m.Tree[$"{path}/data"]).LengthBytes > 0 ? m.Without(path) : m),
        new("ike-any-cookie2", "RFC4555-3.7-08", "the cookie is not compared") { Steps = TakesAnyCookie },
        Sends("cookie2-of-4-octets", "RFC4555-4.2.5-01", "a cookie is a number", m => m.Is(ExchangeType.Informational, false) ? m.OnNotify(NotifyType.Cookie2, (n, path) => n.With($"{path}/data", ByteString.FromHex("01020304"))) : m),
        Sends("responder-moves", "RFC4555-3.5-15", "both sides are equal", m => m.Is(ExchangeType.Informational, false) ? m.With(new IkePayload.Notify(NotifyType.UpdateSaAddresses)) : m),
    ];

    private static EditableMessage Without(EditableMessage message, params NotifyType[] types)
    {
        foreach (NotifyType type in types)
        {
            message = message.PathOf(type) is { } path ? message.Without(path) : message;
        }

        return message;
    }

    private static IkeOutcome AnswersToOld(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        Endpoint? before = BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false }, { } sa) ? sa.Peer : null;
        return before is not { } known ? outcome
            : outcome with { Outputs = new([.. outcome.Outputs.Select(o => o is IkeOutput.Send send ? send with { To = known } : o)]) };
    }

    private static IkeOutcome FollowsAll(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return BehaviourFaults.Read(machine, peer, happening) is (_, { } sa) && outcome.Next.Sa(sa.Number) is { } now ? outcome with { Next = outcome.Next.With(now with { Peer = ((IkeEvent.Received)happening).From }) } : outcome;
    }

    private static IkeOutcome FollowsForged(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return happening is IkeEvent.Received received && outcome.Outputs.IsEmpty && outcome.Next.Sas is [{ Phase: IkeSaPhase.Established } sa] ? outcome with { Next = outcome.Next.With(sa with { Peer = received.From }) } : outcome;
    }

    private static IkeOutcome RefusesLists(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        bool isList = BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } message, _)
            && (message.PathOf(NotifyType.AdditionalIp4Address) is not null || message.PathOf(NotifyType.NoAdditionalAddresses) is not null) && message.Is(ExchangeType.Informational);
        IkeOutcome outcome = machine.Run(peer, happening);
        return !isList ? outcome
            : new IkeFault("", "", "") { Sends = (m, _) => m.IsResponse ? m.With(new IkePayload.Notify(NotifyType.UnacceptableAddresses)) : m, Steps = (_, _, _) => outcome }.Ike(machine, peer, happening);
    }

    private static IkeOutcome TakesAnyCookie(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        bool isCookie = BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: true } message, _) && message.PathOf(NotifyType.Cookie2) is not null;
        return isCookie ? new IkeOutcome(peer with { Sas = new([.. peer.Sas.Select(s => s with { Pending = [] })]) }, [], []) : machine.Run(peer, happening);
    }
}
