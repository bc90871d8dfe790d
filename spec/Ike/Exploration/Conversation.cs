using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>Two sides that talk without a loss.</summary>
public static class Conversation
{
    /// <summary>An IKE SA and its first Child SA, made by the first side. RFC 7296 §1.2.</summary>
    public static (IkePeer First, IkePeer Second) Establish(IkeMachine first, IkeMachine second) => Play(first, second, IkePeer.Idle, IkePeer.Idle, new IkeCommand.Initiate());

    /// <summary>A command of the first side, one of the second at the same time, and all that follows until both are silent.</summary>
    /// <exception cref="InvalidOperationException">They never are.</exception>
    public static (IkePeer First, IkePeer Second) Play(
        IkeMachine firstMachine, IkeMachine secondMachine, IkePeer first, IkePeer second, IkeCommand? ofFirst, IkeCommand? ofSecond = null)
    {
        const int MostDatagrams = 10_000;
        Queue<(bool ToFirst, IkeOutput.Send Send)> network = new();
        first = ofFirst is null ? first : Take(firstMachine.Run(first, new IkeEvent.Asked(ofFirst)), toFirst: false);
        second = ofSecond is null ? second : Take(secondMachine.Run(second, new IkeEvent.Asked(ofSecond)), toFirst: true);
        for (int i = 0; network.TryDequeue(out (bool ToFirst, IkeOutput.Send Send) flight); i++)
        {
            if (i == MostDatagrams)
            {
                throw new InvalidOperationException("the sides never fall silent");
            }

            IkeEvent received = new IkeEvent.Received(flight.Send.Datagram, flight.Send.From, flight.Send.To);
            if (flight.ToFirst)
            {
                first = Take(firstMachine.Run(first, received), toFirst: false);
            }
            else
            {
                second = Take(secondMachine.Run(second, received), toFirst: true);
            }
        }

        return (first, second);

        IkePeer Take(IkeOutcome outcome, bool toFirst)
        {
            foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
            {
                network.Enqueue((toFirst, send));
            }

            return outcome.Next;
        }
    }
}
