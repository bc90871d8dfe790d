using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>A packet on its way, with the host around it (struct sk_buff).</summary>
public sealed record PacketInFlight
{
    /// <summary>The host, as far as the stages before have changed it.</summary>
    public required LinuxHost Host { get; init; }

    /// <summary>The packet from its IP header on.</summary>
    public required ByteString Bytes { get; init; }

    /// <summary>The packet's mark.</summary>
    public uint Mark { get; init; }

    /// <summary>SAs that opened it, the outermost first (struct sec_path).</summary>
    public ImmutableArray<XfrmState> SecurityPath { get; init; } = [];

    /// <summary>How many of these an earlier check has accounted for (verified_cnt).</summary>
    public int Verified { get; init; }

    /// <summary>What the transmit path knows of it.</summary>
    public Outbound? OnTheWayOut { get; init; }

    /// <summary>What the receive path knows of it.</summary>
    public Inbound? OnTheWayIn { get; init; }

    /// <summary>Events so far.</summary>
    public ImmutableArray<PathEvent> Events { get; init; } = [];

    /// <summary>Reports so far.</summary>
    public ImmutableArray<StageReport> Reports { get; init; } = [];

    /// <summary>How many outcomes the SA lookups so far may have had together.</summary>
    public int HashOutcomes { get; init; } = 1;

    /// <summary>What the stage at work decided.</summary>
    public string Decision { get; init; } = "";

    /// <summary>Its reasons.</summary>
    public ImmutableArray<string> Why { get; init; } = [];

    /// <summary>True when no further stage sees this packet.</summary>
    public bool Ended { get; init; }

    /// <summary>Packets that go on in its place: forwarded, decapsulated, cut into pieces, errors about it.</summary>
    public ImmutableArray<NextPacket> Next { get; init; } = [];

    /// <summary>What the transmit path knows of it.</summary>
    public Outbound Out => OnTheWayOut ?? throw new InvalidOperationException("a stage of the transmit path met a packet of the receive path");

    /// <summary>What the receive path knows of it.</summary>
    public Inbound In => OnTheWayIn ?? throw new InvalidOperationException("a stage of the receive path met a packet of the transmit path");

    /// <summary>The databases of the host.</summary>
    public XfrmDatabases Databases => Host.Databases;

    /// <summary>Says what was decided and why.</summary>
    public PacketInFlight Decide(string decision, params string[] why) => this with { Decision = decision, Why = [.. Why, .. why] };

    /// <summary>Adds reasons that are made only when the host explains.</summary>
    public PacketInFlight Explain(Func<IEnumerable<string>> reasons) => Host.Explains ? this with { Why = [.. Why, .. reasons()] } : this;

    /// <summary>Adds an event.</summary>
    public PacketInFlight Raise(PathEvent happened) => this with { Events = Events.Add(happened) };

    /// <summary>Adds what the databases tell key management.</summary>
    public PacketInFlight Notify(IEnumerable<XfrmNotification> notifications) =>
        this with { Events = [.. Events, .. notifications.Select(n => new PathEvent.Notified(n))] };

    /// <summary>The same packet in a host with another SAD.</summary>
    public PacketInFlight WithStates(XfrmStateDatabase states) => this with { Host = Host with { Databases = Databases with { States = states } } };

    /// <summary>The same packet in a host with another SPD.</summary>
    public PacketInFlight WithPolicies(XfrmPolicyDatabase policies) => this with { Host = Host with { Databases = Databases with { Policies = policies } } };

    /// <summary>Runs the timers that are due: an SA that reached a hard limit goes at once.</summary>
    public PacketInFlight RunTimers()
    {
        (XfrmDatabases databases, ImmutableArray<XfrmNotification> told) = Databases.Advance(Host.Now);
        return (this with { Host = Host with { Databases = databases } }).Notify(told);
    }

    /// <summary>Moves a counter.</summary>
    public PacketInFlight Count(XfrmCounter counter) => Raise(new PathEvent.Counted(counter)).Increment(counter);

    /// <summary>Ends the packet.</summary>
    /// <param name="counter">The counter that moves, or null for a silent drop.</param>
    /// <param name="reason">One clause.</param>
    /// <param name="errno">What a local sender is told.</param>
    public PacketInFlight Drop(XfrmCounter? counter, string reason, int errno = 0)
    {
        PacketInFlight counted = counter is { } which ? Increment(which) : this;
        return counted.Raise(new PathEvent.Dropped(counter, errno, reason)).Decide($"drop{(counter is null ? "" : $" {counter}")}", reason) with { Ended = true };
    }

    /// <summary>Ends the packet with an event.</summary>
    public PacketInFlight End(PathEvent last) => Raise(last) with { Ended = true };

    /// <summary>Ends the packet; others go on in its place.</summary>
    public PacketInFlight GoOnAs(params NextPacket[] next) => this with { Ended = true, Next = [.. Next, .. next] };

    /// <summary>Addresses, protocol and length on one line.</summary>
    public override string ToString() => IpPacketView.TryParse(Bytes.Span, out IpPacketView view, out ParseError error)
        ? $"{view.Source} > {view.Destination} protocol {view.Protocol}, {view.Bytes.Length} bytes{(Mark == 0 ? "" : $", mark 0x{Mark:x}")}{(SecurityPath.IsEmpty ? "" : $", opened by {string.Join(" then ", SecurityPath.Select(s => s.Spi))}")}"
        : $"{Bytes.Length} bytes, {error}";

    private PacketInFlight Increment(XfrmCounter counter) =>
        this with { Host = Host with { Counters = Host.Counters.SetItem(counter, Host.Counters.GetValueOrDefault(counter) + 1) } };
}

/// <summary>A packet that goes on after another one ended.</summary>
public abstract record NextPacket(ByteString Bytes, uint Mark)
{
    /// <summary>It enters the transmit path.</summary>
    public sealed record Leaves(ByteString Bytes, PacketOrigin Origin, uint Mark = 0) : NextPacket(Bytes, Mark)
    {
        /// <summary>SAs that opened it.</summary>
        public ImmutableArray<XfrmState> SecurityPath { get; init; } = [];

        /// <summary>How many of these were accounted for.</summary>
        public int Verified { get; init; }
    }

    /// <summary>It enters the receive path, perhaps again.</summary>
    /// <param name="Bytes">The packet.</param>
    /// <param name="Device">The device that it is said to come from.</param>
    /// <param name="Mark">Mark.</param>
    /// <param name="AfterDecapsulation">True when it came out of an SA and passes the GRO cells.</param>
    public sealed record Arrives(ByteString Bytes, int Device, uint Mark = 0, bool AfterDecapsulation = false) : NextPacket(Bytes, Mark)
    {
        /// <summary>SAs that opened it.</summary>
        public ImmutableArray<XfrmState> SecurityPath { get; init; } = [];

        /// <summary>How many of these were accounted for.</summary>
        public int Verified { get; init; }

        /// <summary>True for a packet of transport mode that was opened and queued.</summary>
        public bool IsRequeued { get; init; }
    }

    /// <summary>One of several that go on at the next stage of the transmit path.</summary>
    public sealed record Piece(ByteString Bytes, Outbound Out, uint Mark, string AfterStage) : NextPacket(Bytes, Mark);
}
