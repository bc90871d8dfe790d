using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Tests.Infrastructure;

namespace Conformance.Tests.Model.Ike;

/// <summary>Two sides with real keys that talk without a loss, with or without a NAT before the first.</summary>
internal sealed class PathPair
{
    private readonly IkePeer[] _peers = [IkePeer.Idle, IkePeer.Idle];

    public PathPair(Func<IkeConfiguration, IkeConfiguration> configure, bool isTranslated)
    {
        IkeConfiguration first = configure(ExplorationPair.Configuration("first", "second", 1, 2, 0));
        IkeConfiguration second = configure(ExplorationPair.Configuration("second", "first", 2, 1, 0));
        Nat = isTranslated ? new Translation(first.Own.Address) : null;
        second = isTranslated ? second with { Peer = second.Peer with { Address = Translation.Outside } } : second;
        Machines = [new IkeMachine(first, new RealCryptography(), PlantedRules.Current), new IkeMachine(second, new RealCryptography(), PlantedRules.Current)];
    }

    public IkeMachine[] Machines { get; }

    public Translation? Nat { get; set; }

    public IkePeer First => _peers[0];

    public IkePeer Second => _peers[1];

    /// <summary>All that was sent, as its sender sent it.</summary>
    public List<IkeOutput.Send> Sent { get; } = [];

    /// <summary>All that was reported.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>A command and all that follows from it.</summary>
    public void Ask(int side, IkeCommand command)
    {
        Queue<(int To, IkeOutput.Send Send)> network = new();
        Do(side, new IkeEvent.Asked(command));
        while (network.TryDequeue(out (int To, IkeOutput.Send Send) flight))
        {
            Endpoint? to = flight.To == 0 && Nat is not null ? Nat.In(flight.Send.To) : flight.Send.To;
            if (to is { } at)
            {
                Do(flight.To, new IkeEvent.Received(flight.Send.Datagram, flight.Send.From, at));
            }
        }

        void Do(int who, IkeEvent happening)
        {
            IkeOutcome outcome = Machines[who].Run(_peers[who], happening);
            _peers[who] = outcome.Next;
            Reports.AddRange(outcome.Outputs.OfType<IkeOutput.Report>().Select(r => r.What));
            foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
            {
                Sent.Add(send);
                network.Enqueue((1 - who, who == 0 && Nat is not null ? send with { From = Nat.Out(send.From) } : send));
            }
        }
    }
}
