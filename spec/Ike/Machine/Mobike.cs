using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Moving an IKE SA and its Child SAs to another address. RFC 4555 §3.</summary>
internal static class Mobike
{
    private const int CookieBytes = 16;
    private const int LeastCookieBytes = 8;
    private const int MostCookieBytes = 64;

    /// <summary>Tries in all when a NAT is in the way that must not be there. RFC 4555 §3.9.</summary>
    public const int MostTries = 3;

    /// <summary>What a side tells in IKE_AUTH. RFC 4555 §3.2, §3.4.</summary>
    public static ValueList<IkePayload> Announce(IkeConfiguration configuration, IkeSa sa, IkeRules rules) => configuration.Mobike is null
        ? []
        : [new IkePayload.Notify(NotifyType.MobikeSupported), .. FurtherAddresses.List(configuration, sa, rules)];

    /// <summary>Who does without NAT traversal says so in its first IKE_AUTH request. RFC 4555 §3.9.</summary>
    public static ValueList<IkePayload> Forbid(IkeConfiguration configuration, IkeSa sa) =>
        configuration.Mobike is { ForbidsNat: true } ? [new IkePayload.Notify(NotifyType.NoNatsAllowed, Way(sa.Own, sa.Peer))] : [];

    /// <summary>True if an IKE_AUTH request that forbids NATs went through one. RFC 4555 §3.9.</summary>
    public static bool HasUnexpectedNat(Draft draft, ValueList<IkePayload> payloads) =>
        draft is { Configuration.Mobike: not null, AnswerPath: { } way }
        && IkePayloads.FindNotify(payloads, NotifyType.NoNatsAllowed) is { } allowed && draft.Rules.IsNatInTheWay(allowed.Data != Way(way.Peer, way.Own));

    /// <summary>The IKE SA after what the other side told in IKE_AUTH.</summary>
    public static IkeSa Read(IkeSa sa, ValueList<IkePayload> payloads) => IkePayloads.FindNotify(payloads, NotifyType.MobikeSupported) is null
        ? sa
        : sa with { Abilities = sa.Abilities | PeerAbilities.Mobike, PeerAddresses = FurtherAddresses.Read(payloads) ?? [] };

    /// <summary>Takes another own address at once, and tells the other side when the window allows. RFC 4555 §3.5.</summary>
    public static void Move(Draft draft, int number, IkeCommand.MoveTo command)
    {
        IkeSa sa = draft.Sa(number);
        if (!IsAgreed(draft, sa) || (!draft.Rules.MayMove(sa.IsOriginalInitiator) && !command.IsLost))
        {
            draft.Report("only who made the first IKE SA, and with MOBIKE, moves it");
        }
        else if (draft.Rules.MayMove(sa.IsOriginalInitiator))
        {
            Move(draft, number, command.Own, sa.Peer);
        }
        else
        {
            // It sends from another address and says which it has; the initiator decides. RFC 4555 §3.5, §3.6.
            Path.Move(draft, sa.Family, command.Own, sa.Peer);
            FurtherAddresses.Change(draft, number, new([.. (sa.OwnAddresses ?? draft.Configuration.Mobike!.Additional).Items.Where(a => a != sa.Own.Address && a != command.Own.Address)]));
        }
    }

    /// <summary>Goes over to another path, and tells the other side.</summary>
    public static void Move(Draft draft, int number, Endpoint own, Endpoint peer)
    {
        IkeSa sa = draft.Sa(number);
        Path.Move(draft, sa.Family, own, peer);
        // The other side may know only one of predecessor and successor (interpretation 0060).
        foreach (IkeSa relative in draft.Peer.Sas.Items.Where(s => s.Family == sa.Family && s.Phase is IkeSaPhase.Established or IkeSaPhase.Replaced))
        {
            Commands.Take(draft, new IkeCommand.UpdateAddresses(relative.Number));
        }
    }

    /// <summary>Asks the other side to send to where this message comes from.</summary>
    public static void Update(Draft draft, int number, int failures)
    {
        IkeSa sa = draft.Sa(number);
        ByteString cookie = Cookie(draft, sa);
        ImmutableArray<IkePayload>.Builder payloads = ImmutableArray.CreateBuilder<IkePayload>();
        payloads.Add(new IkePayload.Notify(NotifyType.UpdateSaAddresses));
        if (draft.Configuration.DetectsNat)
        {
            payloads.AddRange(NatDetection.Announce(sa.InitiatorSpi, sa.ResponderSpi, sa.Own, sa.Peer).Items);
        }

        ValueList<IkePayload> list = FurtherAddresses.List(draft.Configuration, sa, draft.Rules);
        if (!list.IsEmpty && draft.Choose("further addresses go along: no, yes", 2) == 1)
        {
            payloads.AddRange(list.Items);
        }

        payloads.AddRange(Forbid(draft.Configuration, sa).Items);
        payloads.Add(new IkePayload.Notify(NotifyType.Cookie2, cookie));
        Exchanges.Request(draft, number, ExchangeType.Informational, new(payloads.ToImmutable()), new ExchangePurpose.UpdateAddresses(new Route(sa.Own, sa.Peer), cookie, failures));
    }

    /// <summary>Asks whether the other side receives at its new address. RFC 4555 §3.7.</summary>
    public static void CheckReturn(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        ByteString cookie = Cookie(draft, sa);
        Exchanges.Request(
            draft, number, ExchangeType.Informational, [new IkePayload.Notify(NotifyType.Cookie2, cookie)], new ExchangePurpose.CheckReturn(sa.Peer, cookie));
    }

    /// <summary>Does what a request asks for, and gives what its answer must hold. RFC 4555 §3.5, §3.7, §3.8.</summary>
    public static ValueList<IkePayload> Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (!IsAgreed(draft, sa) || draft.AnswerPath is not { } way)
        {
            return [];
        }

        ValueList<IkePayload> cookie = [.. payloads.OfType<IkePayload.Notify>()
            .Where(n => n.Notification == NotifyType.Cookie2 && n.Data.Length is >= LeastCookieBytes and <= MostCookieBytes).Take(1)];
        bool moves = IkePayloads.FindNotify(payloads, NotifyType.UpdateSaAddresses) is not null && !sa.IsOriginalInitiator;
        bool isNewest = draft.Rules.UsesAddresses(sa.LastUpdate is not { } last || last < messageId);
        bool tells = FurtherAddresses.Read(payloads) is not null;
        if ((moves || tells) && isNewest && IkePayloads.FindNotify(payloads, NotifyType.NoNatsAllowed) is { } allowed && draft.Rules.IsNatInTheWay(allowed.Data != Way(way.Peer, way.Own)))
        {
            return new([new IkePayload.Notify(NotifyType.UnexpectedNatDetected), .. cookie]);
        }

        // What came to an address that this side has given up came late. RFC 4555 §3.5.
        bool isGivenUp = sa.OwnAddresses is { } own && way.Own.Address != sa.Own.Address && !own.Contains(way.Own.Address);
        bool isRefused = isGivenUp || (draft.Configuration.Mobike!.Acceptable is { } acceptable && !acceptable.Contains(way.Peer.Address));
        if (moves && isNewest && isRefused)
        {
            return new([new IkePayload.Notify(NotifyType.UnacceptableAddresses), .. cookie]);
        }

        NatPresence? nat = draft.Configuration.DetectsNat ? NatDetection.Judge(payloads, sa.InitiatorSpi, sa.ResponderSpi, way.Peer, way.Own) : null;
        if ((moves || tells) && isNewest)
        {
            draft.Put(sa with { LastUpdate = messageId, PeerAddresses = FurtherAddresses.Read(payloads) ?? sa.PeerAddresses });
        }

        if (moves && isNewest)
        {
            Path.Move(draft, sa.Family, way.Own, way.Peer, isProven: !draft.Rules.ChecksBeforeTraffic || draft.Configuration.Mobike is not { ChecksReturn: true, MovesBeforeCheck: false });
            Path.Judge(draft, sa.Family, nat ?? sa.Nat);
        }

        return new([.. nat is null ? [] : NatDetection.Announce(sa.InitiatorSpi, sa.ResponderSpi, way.Own, way.Peer), .. cookie]);
    }

    /// <summary>Checks the new path once the request to move is answered.</summary>
    public static void Follow(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        FurtherAddresses.Follow(draft, number, messageId, payloads);
        if (draft.Configuration.Mobike is { ChecksReturn: true } && IkePayloads.FindNotify(payloads, NotifyType.UpdateSaAddresses) is not null && draft.Peer.Sa(number) is { } sa
            && IsAgreed(draft, sa))
        {
            // Over one that is replaced nothing is asked any more.
            IkeSa? asked = sa.Phase == IkeSaPhase.Established ? sa : draft.Peer.Sas.LastOrDefault(s => s.Family == sa.Family && s.Phase == IkeSaPhase.Established);
            Commands.Take(draft, new IkeCommand.CheckReturn(asked?.Number ?? number));
        }
    }

    /// <summary>Takes the response to a request to move. RFC 4555 §3.5, §3.9.</summary>
    public static void Updated(Draft draft, int number, ExchangePurpose.UpdateAddresses purpose, (Endpoint Own, Endpoint Peer) way, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (!HasCookie(draft, number, purpose.Cookie, payloads) || new Route(sa.Own, sa.Peer) != purpose.Way)
        {
            // Where either has moved on, a newer request goes out. RFC 4555 §3.5.
            return;
        }

        draft.Put(sa with { SeenAt = Seen(payloads) ?? sa.SeenAt });
        if (payloads.FirstOrDefault(p => p is IkePayload.Notify { IsError: true }) is { } error)
        {
            draft.Report($"the other side does not follow to {purpose.Way.Own}: {error}");
            if (IkePayloads.FindNotify(payloads, NotifyType.UnexpectedNatDetected) is not null && purpose.Failures + 1 < MostTries)
            {
                // Somebody may have changed the packet; a new request may come through. RFC 4555 §3.9.
                Commands.Take(draft, new IkeCommand.UpdateAddresses(number) { Failures = purpose.Failures + 1 });
            }
        }
        else if (draft.Configuration.DetectsNat && NatDetection.Judge(payloads, sa.InitiatorSpi, sa.ResponderSpi, way.Peer, way.Own) is { } nat)
        {
            Path.Judge(draft, sa.Family, nat);
        }
    }

    /// <summary>Takes the response to a check. RFC 4555 §3.7.</summary>
    public static void Checked(Draft draft, int number, ExchangePurpose.CheckReturn purpose, ValueList<IkePayload> payloads)
    {
        if (!HasCookie(draft, number, purpose.Cookie, payloads))
        {
            return;
        }

        IkeSa sa = draft.Sa(number);
        if (sa.Peer != purpose.Peer)
        {
            // It went to two addresses: which of them works is not known.
            Commands.Take(draft, new IkeCommand.CheckReturn(number));
        }
        else
        {
            Path.Prove(draft, sa.Family);
        }
    }

    /// <summary>Asks whether the other side is alive, and who is behind a NAT whether that has changed its ports. RFC 7296 §2.4, RFC 4555 §3.8.</summary>
    public static void Probe(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        bool looks = IsAgreed(draft, sa) && sa.IsOriginalInitiator && sa.Nat.HasFlag(NatPresence.BeforeOwn) && draft.Configuration.DetectsNat;
        Exchanges.Request(
            draft, number, ExchangeType.Informational, looks ? NatDetection.Announce(sa.InitiatorSpi, sa.ResponderSpi, sa.Own, sa.Peer) : [], new ExchangePurpose.Probe());
    }

    /// <summary>Takes the response to such a question. RFC 4555 §3.8.</summary>
    public static void Probed(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (IsAgreed(draft, sa) && sa.IsOriginalInitiator && Seen(payloads) is { } seen && seen != sa.SeenAt)
        {
            draft.Report($"the other side sees IKE SA {number} elsewhere");
            Commands.Take(draft, new IkeCommand.UpdateAddresses(number));
        }
    }

    /// <summary>Asks over another path, of which nothing else comes. RFC 4555 §3.10.</summary>
    public static void Test(Draft draft, int number, Route way)
    {
        IkeSa sa = draft.Sa(number);
        draft.Put(sa with { Own = way.Own, Peer = way.Peer });
        Exchanges.Request(draft, number, ExchangeType.Informational, [], new ExchangePurpose.TestPath(way));
        draft.Put(draft.Sa(number) with { Own = sa.Own, Peer = sa.Peer });
    }

    /// <summary>What the other side says of where it sees this one, or null.</summary>
    public static ByteString? Seen(ValueList<IkePayload> payloads) => IkePayloads.FindNotify(payloads, NotifyType.NatDetectionDestinationIp)?.Data;

    /// <summary>The addresses and ports of a message, as NO_NATS_ALLOWED has them. RFC 4555 §4.2.6.</summary>
    public static ByteString Way(Endpoint from, Endpoint to)
    {
        byte[] ports = new byte[2 * sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(ports, from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports.AsSpan(sizeof(ushort)), to.Port);
        return ByteString.Adopt([.. from.Address.ToBytes(), .. to.Address.ToBytes(), .. ports]);
    }

    /// <summary>True if both sides know MOBIKE. RFC 4555 §3.2.</summary>
    public static bool IsAgreed(Draft draft, IkeSa sa) => draft.Configuration.Mobike is not null && sa.Abilities.HasFlag(PeerAbilities.Mobike);

    /// <summary>True if both know it, or the response to IKE_AUTH has yet to tell.</summary>
    public static bool MayBeAgreed(Draft draft, IkeSa sa) => IsAgreed(draft, sa) || (draft.Configuration.Mobike is not null && sa.Phase == IkeSaPhase.AuthRequested);

    // Who gives back another cookie is not who it claims to be. RFC 4555 §3.7.
    private static bool HasCookie(Draft draft, int number, ByteString cookie, ValueList<IkePayload> payloads)
    {
        bool isSame = IkePayloads.FindNotify(payloads, NotifyType.Cookie2)?.Data == cookie;
        if (!isSame && draft.Rules.EndsWithOtherCookie)
        {
            Closing.Forget(draft, number, "another COOKIE2 came back");
        }

        return isSame;
    }

    private static ByteString Cookie(Draft draft, IkeSa sa) => draft.Fresh("COOKIE2", sa, sa.NextRequest, CookieBytes);
}
