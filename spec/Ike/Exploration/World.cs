using System.Numerics;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>Both sides, what is on its way, what may still happen, and what replaced what: all as numbers.</summary>
internal readonly record struct World(int First, int Second, int Network, int Budget, int Successors);

/// <summary>What the network and the owners may still do: losses, duplicates, and one bit for each deed.</summary>
internal readonly record struct Budget(int Value)
{
    private const int LossesAt = 0;
    private const int DuplicatesAt = 4;
    private const int FirstAt = 8;
    private const int SecondAt = 16;
    private const int CountMask = 0xf;
    private const int DeedsMask = 0xff;

    public int Losses => (Value >> LossesAt) & CountMask;

    public int Duplicates => (Value >> DuplicatesAt) & CountMask;

    public Budget WithoutLoss => new(Value - (1 << LossesAt));

    public Budget WithoutDuplicate => new(Value - (1 << DuplicatesAt));

    public static int Of(Scenario scenario) =>
        (scenario.Losses << LossesAt) | (scenario.Duplicates << DuplicatesAt)
        | (((1 << scenario.First.Count) - 1) << FirstAt) | (((1 << scenario.Second.Count) - 1) << SecondAt);

    public bool Has(bool first, int deed) => (Value >> (At(first) + deed) & 1) != 0;

    public Budget Without(bool first, int deed) => new(Value & ~(1 << (At(first) + deed)));

    /// <summary>True if somebody was asked to close something.</summary>
    public bool HasClosed(Scenario scenario) => HasClosed(true, scenario.First) || HasClosed(false, scenario.Second) || (!scenario.IsEstablished && !HasBegun);

    private bool HasBegun => BitOperations.PopCount((uint)(Value >> FirstAt) & DeedsMask) + BitOperations.PopCount((uint)(Value >> SecondAt) & DeedsMask) == 0;

    private static int At(bool first) => first ? FirstAt : SecondAt;

    private bool HasClosed(bool first, ValueList<Deed> deeds)
    {
        for (int i = 0; i < deeds.Count; i++)
        {
            if (deeds[i] is Deed.DeleteChild or Deed.DeleteIke && !Has(first, i))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Kinds of moves.</summary>
internal enum MoveKind
{
    Start,
    Deliver,
    Lose,
    Duplicate,
    FirstDoes,
    SecondDoes,
    FirstRepeats,
    SecondRepeats,
    FirstHears,
    SecondHears,
    FirstForgets,
    SecondForgets,
}

/// <summary>One move.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Argument">Datagram, deed, IKE SA with Message ID, or Child SA.</param>
internal readonly record struct Move(MoveKind Kind, int Argument)
{
    /// <summary>The move as the RFC writes exchanges.</summary>
    public string Print(Network network, ExploredSide first, ExploredSide second) => Kind switch
    {
        MoveKind.Deliver => Arrow("", network),
        MoveKind.Lose => Arrow("lost: ", network),
        MoveKind.Duplicate => Arrow("and again later: ", network),
        MoveKind.FirstDoes => $"first   does {(Deed)Argument}",
        MoveKind.SecondDoes => $"second  does {(Deed)Argument}",
        MoveKind.FirstRepeats => $"first   sends request {Argument & 0xffff} of IKE SA {Argument >> 16} again",
        MoveKind.SecondRepeats => $"second  sends request {Argument & 0xffff} of IKE SA {Argument >> 16} again",
        MoveKind.FirstHears => $"first   gets traffic on Child SA {first.ChildName(Argument)}",
        MoveKind.SecondHears => $"second  gets traffic on Child SA {second.ChildName(Argument)}",
        MoveKind.FirstForgets => $"first   forgets IKE SA {Argument}",
        MoveKind.SecondForgets => $"second  forgets IKE SA {Argument}",
        _ => "",
    };

    private string Arrow(string how, Network network) =>
        $"{(network.Flight(Argument).ToFirst ? "first <-- second" : "first --> second")}  {how}{network.Notation(Argument)}";
}
