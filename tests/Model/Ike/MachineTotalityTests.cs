using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Conformance.Generators.Ike;
using Conformance.Generators.Wire;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>No message makes a side throw, in whatever state it is, whether or not it is authentic; what is not changes nothing.</summary>
public class MachineTotalityTests
{
    private const string CountVariable = "IPSEC_PARSER_STRINGS";
    private const int DefaultMessages = 20_000;
    private const int Seed = 7296;

    // Parsing, one answer and one new state: a small multiple of what came, and no more.
    private const long AllocatedBytesForEachByte = 400;
    private const long AllocatedBytesAtLeast = 256 * 1024;

    private static readonly IIkeCryptography Symbolic = new SymbolicCryptography();

    // What honest sides say in this conversation; with a fault in it, it gets farther than what a generator makes up.
    private readonly List<(ExchangeType Exchange, PayloadType First, ByteString Content)> _genuine = [];

    private readonly List<ByteString> _initial = [];

    /// <summary>A side in one of its states.</summary>
    private sealed record Station(string Name, IkeMachine Machine, IkePeer Peer);

    [Honours("RFC7296-5-07")]
    [Test]
    public void MutatedMessages_NeverThrow_AndOnlyAuthenticOnesCount()
    {
        string? asked = Environment.GetEnvironmentVariable(CountVariable);
        int messages = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : DefaultMessages;
        Random random = new(Seed);
        IkeByteSource source = new(random);
        WireByteSource faults = new(random);
        Station[] stations = [.. Stations()];
        Dictionary<string, (int Changed, int Answered)> effects = stations.ToDictionary(s => s.Name, _ => (0, 0));
        long most = 0;
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < messages; i++)
        {
            Station station = stations[i % stations.Length];
            (ByteString datagram, bool isAuthentic) = Address(random, source.Next(), faults, station.Peer);
            IkeEvent.Received received = new(datagram, station.Machine.Configuration.Peer, station.Machine.Configuration.Own);
            long before = GC.GetAllocatedBytesForCurrentThread();
            IkeOutcome outcome = Run(station, received);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            Assert.That(allocated, Is.LessThan(AllocatedBytesAtLeast + (AllocatedBytesForEachByte * datagram.Length)), $"{station.Name}: {datagram}");
            bool changed = outcome.Next != station.Peer;
            bool isFirst = datagram.Length > ExchangeAt && datagram[ExchangeAt] == (byte)ExchangeType.IkeSaInit;
            bool isProbe = outcome.Choices.Contains("notification without protection: probe, passed over:0");
            Assert.That(!changed || isAuthentic || isFirst || isProbe, $"{station.Name}: a message that is not authentic changes something: {datagram}");
            (int c, int a) = effects[station.Name];
            effects[station.Name] = (c + (changed ? 1 : 0), a + (outcome.Outputs.IsEmpty ? 0 : 1));
        }

        TestContext.Out.WriteLine($"{messages} messages in {watch.Elapsed.TotalSeconds:f1} s, at most {most} bytes allocated for one");
        foreach ((string name, (int changed, int answered)) in effects)
        {
            TestContext.Out.WriteLine($"  {name}: {changed} changed it, {answered} were answered or reported");
        }

        Assert.That(effects.Values.Sum(e => e.Changed), Is.GreaterThan(messages / 100), "messages that change nothing show little");
    }

    private static readonly ExchangeType[] Exchanges = [ExchangeType.IkeAuth, ExchangeType.CreateChildSa, ExchangeType.Informational, ExchangeType.IkeFollowupKe];

    private const int InitiatorSpiBytes = 16;
    private const int NextPayloadAt = 16;
    private const int ExchangeAt = 18;
    private const int FlagsAt = 19;
    private const int MessageIdAt = 20;

    private static IkeOutcome Run(Station station, IkeEvent.Received received)
    {
        try
        {
            return station.Machine.Run(station.Peer, received);
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            throw new AssertionException($"{station.Name}: {exception} on {received.Datagram}", exception);
        }
    }

    // Half of the messages come under the keys of the IKE SA with a Message ID that is due, the others as they are but for the SPIs.
    private (ByteString Datagram, bool IsAuthentic) Address(Random random, WireBytes mutated, WireByteSource faults, IkePeer peer)
    {
        if (peer.Sas.All(s => s.Keys is null) && random.Next(2) == 0)
        {
            return (faults.Mutate(_initial[random.Next(_initial.Count)]), false);
        }

        if (peer.Sas.IsEmpty || mutated.Bytes.Length < IkeHeaderView.HeaderBytes)
        {
            return (mutated.Bytes, false);
        }

        IkeSa sa = peer.Sas[random.Next(peer.Sas.Count)];
        bool isResponse = !sa.Pending.IsEmpty && random.Next(2) == 0;
        uint id = isResponse ? sa.Pending[0].MessageId : sa.NextExpected - (uint)(random.Next(4) == 0 ? 1 : 0);
        ExchangeType exchange = random.Next(8) == 0 ? (ExchangeType)mutated.Bytes[ExchangeAt] : Exchanges[random.Next(Exchanges.Length)];
        if (sa.Keys is not null && random.Next(3) == 0)
        {
            (ExchangeType same, PayloadType first, ByteString content) = _genuine[random.Next(_genuine.Count)];
            return (SealedMessage.To(Symbolic, sa, same, isResponse, id, first, random.Next(8) == 0 ? content : faults.Mutate(content)), true);
        }

        if (sa.Keys is not null && random.Next(2) == 0 && mutated.Bytes.Length < ushort.MaxValue / 2)
        {
            PayloadType first = (PayloadType)mutated.Bytes[NextPayloadAt];
            return (SealedMessage.To(Symbolic, sa, exchange, isResponse, id, first, mutated.Bytes.Slice(IkeHeaderView.HeaderBytes..)), true);
        }

        byte[] bytes = mutated.Bytes.ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, sa.InitiatorSpi.Value);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(InitiatorSpiBytes / 2), sa.ResponderSpi.Value);
        bytes[FlagsAt] = (byte)((sa.IsInitiator ? 0 : 0x08) | (isResponse ? 0x20 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(MessageIdAt), id);
        return (ByteString.Adopt(bytes), false);
    }

    // Both sides at each moment of a life: before, between the exchanges, with each request on its way, and closed.
    private IEnumerable<Station> Stations() => [.. Lives(), .. InEap(ConversationOptions.None), .. InEap(ConversationOptions.EapTls | ConversationOptions.InnerAddresses)];

    // Both sides between the exchanges of EAP.
    private IEnumerable<Station> InEap(ConversationOptions options)
    {
        var (one, other) = new ConversationCase(2, options | ConversationOptions.Eap, []).Configure(isSymbolic: true);
        IkeMachine[] machines = [new(one, Symbolic), new(other, Symbolic)];
        IkePeer[] peers = [IkePeer.Idle, IkePeer.Idle];
        IkeOutcome sent = machines[0].Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate()));
        peers[0] = sent.Next;
        for (int to = 1, step = 1; !sent.Outputs.IsEmpty; to = 1 - to, step++)
        {
            sent = Pass(machines[to], peers[to], sent);
            peers[to] = sent.Next;
            yield return new($"{options} after message {step}", machines[to], sent.Next);
        }
    }

    private IEnumerable<Station> Lives()
    {
        (IkeMachine first, IkeMachine second) = ExplorationPair.Create(0, Symbolic);
        yield return new("idle", second, IkePeer.Idle);
        IkeOutcome asked = first.Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate()));
        yield return new("initiator of IKE_SA_INIT", first, asked.Next);
        IkeOutcome answered = Pass(second, IkePeer.Idle, asked);
        yield return new("responder before IKE_AUTH", second, answered.Next);
        IkeOutcome authenticating = Pass(first, asked.Next, answered);
        yield return new("initiator of IKE_AUTH", first, authenticating.Next);
        IkeOutcome established = Pass(second, answered.Next, authenticating);
        yield return new("established responder", second, established.Next);
        IkePeer up = Pass(first, authenticating.Next, established).Next;
        yield return new("established initiator", first, up);
        foreach (IkeCommand command in new IkeCommand[]
        {
            new IkeCommand.CreateChild(0, 1), new IkeCommand.RekeyChild(0), new IkeCommand.RekeyIke(0), new IkeCommand.DeleteChild(0), new IkeCommand.DeleteIke(0), new IkeCommand.Probe(0),
        })
        {
            IkeOutcome requested = first.Run(up, new IkeEvent.Asked(command));
            yield return new($"{command.GetType().Name} requested", first, requested.Next);
            IkeOutcome taken = Pass(second, established.Next, requested);
            yield return new($"{command.GetType().Name} answered", second, taken.Next);
            yield return new($"{command.GetType().Name} done", first, Pass(first, requested.Next, taken).Next);
        }

        // And between CREATE_CHILD_SA and the last IKE_FOLLOWUP_KE.
        (first, second) = ExplorationPair.Create(0, Symbolic, null, Scenario.Find("hybrid-child-rekey"));
        (IkePeer one, IkePeer other) = Conversation.Establish(first, second);
        foreach (IkeCommand command in new IkeCommand[] { new IkeCommand.RekeyChild(0), new IkeCommand.RekeyIke(0) })
        {
            IkeOutcome requested = first.Run(one, new IkeEvent.Asked(command));
            IkeOutcome begun = Pass(second, other, requested);
            yield return new($"{command.GetType().Name} begun", second, begun.Next);
            IkeOutcome followed = Pass(first, requested.Next, begun);
            yield return new($"{command.GetType().Name} goes on", first, followed.Next);
            yield return new($"{command.GetType().Name} with its last exchange answered", second, Pass(second, begun.Next, followed).Next);
        }
    }

    private IkeOutcome Pass(IkeMachine receiver, IkePeer peer, IkeOutcome sent)
    {
        IkeOutput.Send send = sent.Outputs.OfType<IkeOutput.Send>().First();
        if (send.Datagram[ExchangeAt] == (byte)ExchangeType.IkeSaInit)
        {
            _initial.Add(send.Datagram);
        }

        if (!peer.Sas.IsEmpty && SealedMessage.Open(Symbolic, peer.Sas[0], send.Datagram) is { } inside)
        {
            _genuine.Add(inside);
        }

        return receiver.Run(peer, new IkeEvent.Received(send.Datagram, send.From, send.To));
    }
}
