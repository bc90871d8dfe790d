using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Tests.Infrastructure;

namespace Conformance.Tests.Model.Ike;

/// <summary>Two sides and a network of which each datagram is delivered by hand.</summary>
internal sealed class ManualPair
{
    private readonly IkePeer[] _peers = [IkePeer.Idle, IkePeer.Idle];

    public ManualPair(Func<IkeConfiguration, bool, IkeConfiguration> configure, IIkeCryptography? cryptography = null, int variant = 0)
    {
        Cryptography = cryptography ?? new RealCryptography();
        Machines =
        [
            new IkeMachine(configure(ExplorationPair.Configuration("first", "second", 1, 2, variant), true), Cryptography, PlantedRules.Current),
            new IkeMachine(configure(ExplorationPair.Configuration("second", "first", 2, 1, variant), false), Cryptography, PlantedRules.Current),
        ];
    }

    public IIkeCryptography Cryptography { get; }

    public IkeMachine[] Machines { get; }

    public IkePeer First => _peers[0];

    public IkePeer Second => _peers[1];

    /// <summary>What is on its way, oldest first.</summary>
    public List<(int To, IkeOutput.Send Send)> Network { get; } = [];

    /// <summary>All that was sent, as the RFC writes it.</summary>
    public List<string> Sent { get; } = [];

    public List<string> Reports { get; } = [];

    /// <summary>Two sides with an IKE SA and a Child SA.</summary>
    public static ManualPair Established(Func<IkeConfiguration, bool, IkeConfiguration> configure, IIkeCryptography? cryptography = null, int variant = 0)
    {
        ManualPair pair = new(configure, cryptography, variant);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        pair.Sent.Clear();
        return pair;
    }

    public void Ask(int side, IkeCommand command) => Do(side, new IkeEvent.Asked(command));

    public void Do(int side, IkeEvent happening)
    {
        IkeOutcome outcome = Machines[side].Run(_peers[side], happening);
        _peers[side] = outcome.Next;
        Reports.AddRange(outcome.Outputs.OfType<IkeOutput.Report>().Select(r => r.What));
        foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
        {
            Network.Add((1 - side, send));
            Sent.Add(send.Notation);
        }
    }

    /// <summary>Delivers one of the datagrams that are on their way.</summary>
    public void Deliver(int index = 0, bool stays = false)
    {
        (int to, IkeOutput.Send send) = Network[index];
        if (!stays)
        {
            Network.RemoveAt(index);
        }

        Do(to, new IkeEvent.Received(send.Datagram, send.From, send.To));
    }

    public void DeliverAll()
    {
        while (Network.Count > 0)
        {
            Deliver();
        }
    }
}
