using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

/// <summary>One check or transformation of the receive path.</summary>
/// <param name="Name">Name that profiles and mutants refer to.</param>
/// <param name="Clause">The clause it carries out.</param>
/// <param name="Run">Returns the context with what was found, or with an outcome.</param>
public sealed record ReceiveStage(string Name, string Clause, Func<ReceiveContext, ReceiveContext> Run);

/// <summary>The receive path as an ordered list of stages: the order is part of the model. RFC 4303 §3.4.</summary>
/// <param name="Stages">From the datagram to the delivered packet.</param>
public sealed record EspReceiver(ImmutableArray<ReceiveStage> Stages)
{
    /// <summary>
    /// The order of RFC 4303 §3.4: SA lookup, window, ICV, window again and update, trailer, decapsulation, selectors.
    /// </summary>
    public static EspReceiver Rfc { get; } = new(
    [
        ReceiveStages.Reassembly,
        ReceiveStages.UdpDecapsulation,
        ReceiveStages.Lookup,
        ReceiveStages.Encapsulation,
        ReceiveStages.HardLifetime,
        ReceiveStages.WindowCheck,
        ReceiveStages.Integrity,
        ReceiveStages.WindowUpdate,
        ReceiveStages.Trailer,
        ReceiveStages.Padding,
        ReceiveStages.Dummy,
        ReceiveStages.Decapsulation,
        ReceiveStages.Selectors,
    ]);

    /// <summary>Takes one datagram from the wire through the stages.</summary>
    public (ReceiverState State, ReceiveOutcome Outcome) Receive(ReceiverState state, ByteString datagram, IKeyring keyring)
    {
        ReceiveContext context = Run(state, datagram, keyring);
        return (context.State, context.Outcome ?? new ReceiveOutcome.Delivered(context.Inner));
    }

    /// <summary>The same with everything that the stages found out; an outcome of null means that the packet was delivered.</summary>
    public ReceiveContext Run(ReceiverState state, ByteString datagram, IKeyring keyring)
    {
        ReceiveContext context = new() { State = state, Datagram = datagram, Keyring = keyring };
        foreach (ReceiveStage stage in Stages)
        {
            context = stage.Run(context);
            if (context.Outcome is not null)
            {
                break;
            }
        }

        return context;
    }

    /// <summary>The same path with one stage replaced.</summary>
    /// <exception cref="ArgumentException">No stage has that name.</exception>
    public EspReceiver Replace(string name, Func<ReceiveContext, ReceiveContext> run)
    {
        ReceiveStage stage = Find(name);
        return new EspReceiver(Stages.Replace(stage, stage with { Run = run }));
    }

    /// <summary>The same path without one stage.</summary>
    /// <exception cref="ArgumentException">No stage has that name.</exception>
    public EspReceiver Without(string name) => new(Stages.Remove(Find(name)));

    /// <summary>The same path with one stage moved directly before another.</summary>
    /// <exception cref="ArgumentException">No stage has one of the names.</exception>
    public EspReceiver Move(string name, string before)
    {
        ReceiveStage stage = Find(name);
        ImmutableArray<ReceiveStage> rest = Stages.Remove(stage);
        return new EspReceiver(rest.Insert(rest.IndexOf(Find(before)), stage));
    }

    private ReceiveStage Find(string name) =>
        Stages.FirstOrDefault(s => s.Name == name) ?? throw new ArgumentException($"no receive stage is called {name}", nameof(name));
}
