using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>Breadth first through everything that two sides and a network between them can do in a scenario. RFC 7296 §2.8, §2.25.</summary>
/// <remarks>A state is five numbers: steps of a side are computed once for each of its states and events, and looked up ever after.</remarks>
public sealed class Explorer
{
    private readonly Scenario _scenario;
    private readonly ExploredSide _first;
    private readonly ExploredSide _second;
    private readonly Network _network = new();
    private readonly Interning<ValueList<Successor>> _successors = new();
    private readonly Dictionary<World, int> _numbers = [];
    private readonly List<World> _worlds = [];
    private readonly List<(int Parent, Move Move)> _origins = [];
    private readonly List<(int From, int To)> _edges = [];
    private readonly List<int> _restful = [];
    private readonly Dictionary<(int, int), string?> _always = [];
    private (int World, string What)? _violation;

    /// <summary>An exploration.</summary>
    /// <param name="scenario">Start and freedom.</param>
    /// <param name="first">The first side.</param>
    /// <param name="second">The second side.</param>
    public Explorer(Scenario scenario, IkeMachine first, IkeMachine second)
    {
        _scenario = scenario;
        _first = new ExploredSide(first, isFirst: true, _network);
        _second = new ExploredSide(second, isFirst: false, _network);
    }

    /// <summary>Explores until nothing is new, something is wrong, or a bound is reached.</summary>
    /// <param name="depth">Moves from the start.</param>
    /// <param name="mostStates">States.</param>
    public ExplorationReport Run(int depth = int.MaxValue, int mostStates = int.MaxValue)
    {
        (IkePeer first, IkePeer second) = _scenario.IsEstablished ? Conversation.Establish(_first.Machine, _second.Machine) : (IkePeer.Idle, IkePeer.Idle);
        Reach(new World(_first.Number(first), _second.Number(second), _network.Empty, Budget.Of(_scenario), _successors.Number([])), -1, default);
        int level = 0;
        int levelEnd = _worlds.Count;
        int at = 0;
        for (; at < _worlds.Count && _violation is null && level < depth && _worlds.Count < mostStates; at++)
        {
            if (at == levelEnd)
            {
                level++;
                levelEnd = _worlds.Count;
            }

            Expand(at);
        }

        bool isWhole = at == _worlds.Count;
        if (_violation is null && isWhole && Stuck() is { } stuck)
        {
            _violation = (stuck, "from here the sides never come to rest");
        }

        return new ExplorationReport(
            _scenario, _worlds.Count, _edges.Count, level, isWhole, _restful.Count, _violation?.What, _violation is { } bad ? Path(bad.World) : []);
    }

    private void Expand(int number)
    {
        World world = _worlds[number];
        int moves = _edges.Count;
        ValueList<int> flights = _network[world.Network];
        Budget budget = new(world.Budget);
        for (int i = 0; i < flights.Count; i++)
        {
            if (i > 0 && flights[i] == flights[i - 1])
            {
                continue;
            }

            int without = _network.Without(world.Network, flights[i]);
            Deliver(number, world with { Network = without }, new Move(MoveKind.Deliver, flights[i]));
            if (budget.Losses > 0)
            {
                Reach(world with { Network = without, Budget = budget.WithoutLoss.Value }, number, new Move(MoveKind.Lose, flights[i]));
            }

            if (budget.Duplicates > 0)
            {
                Deliver(number, world with { Budget = budget.WithoutDuplicate.Value }, new Move(MoveKind.Duplicate, flights[i]));
            }
        }

        bool isBusy = Internal(number, world, _first) | Internal(number, world, _second);
        bool isQuiet = flights.IsEmpty && !isBusy;
        bool isAtRest = isQuiet && !(Forget(number, world, _first) | Forget(number, world, _second));
        if (isAtRest)
        {
            _restful.Add(number);
            string? wrong = Invariants.AtRest(_scenario, _first[world.First], _second[world.Second], budget.HasClosed(_scenario), _successors[world.Successors]);
            if (wrong is not null)
            {
                _violation ??= (number, wrong);
            }
        }

        Deeds(number, world, budget, _first, _scenario.First);
        Deeds(number, world, budget, _second, _scenario.Second);
        if (!isAtRest && _edges.Count == moves)
        {
            _violation ??= (number, "deadlock: nothing can happen, and the sides are not at rest");
        }
    }

    // Retransmissions and traffic happen by themselves; true if something is still to happen.
    private bool Internal(int number, World world, ExploredSide side)
    {
        int own = side.IsFirst ? world.First : world.Second;
        ExploredSide other = side.IsFirst ? _second : _first;
        bool isBusy = side.IsBusy(own);
        foreach ((int sa, uint messageId) in side.Overdue(own, _network[world.Network]))
        {
            Step(number, world, side, new Move(side.IsFirst ? MoveKind.FirstRepeats : MoveKind.SecondRepeats, (sa << 16) | (int)messageId));
        }

        foreach (int child in side.Unheard(own, other[side.IsFirst ? world.Second : world.First]))
        {
            isBusy = true;
            Step(number, world, side, new Move(side.IsFirst ? MoveKind.FirstHears : MoveKind.SecondHears, child));
        }

        return isBusy;
    }

    // Timers that outlast every retransmission: they end what nobody will come back to. True if there was something.
    private bool Forget(int number, World world, ExploredSide side)
    {
        int[] stale = side.Stale(side.IsFirst ? world.First : world.Second);
        foreach (int sa in stale)
        {
            Step(number, world, side, new Move(side.IsFirst ? MoveKind.FirstForgets : MoveKind.SecondForgets, sa));
        }

        return stale.Length > 0;
    }

    private void Deeds(int number, World world, Budget budget, ExploredSide side, ValueList<Deed> deeds)
    {
        for (int i = 0; i < deeds.Count; i++)
        {
            if (budget.Has(side.IsFirst, i) && side.CanDo(side.IsFirst ? world.First : world.Second, deeds[i]))
            {
                World spent = world with { Budget = budget.Without(side.IsFirst, i).Value };
                Step(number, spent, side, new Move(side.IsFirst ? MoveKind.FirstDoes : MoveKind.SecondDoes, (int)deeds[i]));
            }
        }
    }

    private void Deliver(int from, World world, Move move) => Step(from, world, _network.Flight(move.Argument).ToFirst ? _first : _second, move);

    private void Step(int from, World world, ExploredSide side, Move move)
    {
        int own = side.IsFirst ? world.First : world.Second;
        StepResult result = side.Step(own, move, (side.IsFirst ? _second : _first).Machine.Configuration.Own);
        int network = world.Network;
        foreach (int sent in result.Sent)
        {
            network = _network.With(network, sent);
        }

        int successors = world.Successors;
        foreach (Successor successor in result.Successors)
        {
            successors = _successors.Number(_successors[successors].Add(successor));
        }

        World next = (side.IsFirst ? world with { First = result.Next } : world with { Second = result.Next }) with { Network = network, Successors = successors };
        Reach(next, from, move);
    }

    private void Reach(World world, int from, Move move)
    {
        if (!_numbers.TryGetValue(world, out int number))
        {
            number = _worlds.Count;
            _numbers.Add(world, number);
            _worlds.Add(world);
            _origins.Add((from, move));
            if (!_always.TryGetValue((world.First, world.Second), out string? wrong))
            {
                wrong = Invariants.Always(_first[world.First], _second[world.Second]);
                _always.Add((world.First, world.Second), wrong);
            }

            if (wrong is not null)
            {
                _violation ??= (number, wrong);
            }
        }

        if (from >= 0)
        {
            _edges.Add((from, number));
        }
    }

    // The first state from which no way leads to rest, or null.
    private int? Stuck()
    {
        int[] first = new int[_worlds.Count + 1];
        foreach ((int _, int to) in _edges)
        {
            first[to + 1]++;
        }

        for (int i = 0; i < _worlds.Count; i++)
        {
            first[i + 1] += first[i];
        }

        int[] sources = new int[_edges.Count];
        int[] fill = [.. first];
        foreach ((int from, int to) in _edges)
        {
            sources[fill[to]++] = from;
        }

        bool[] isGood = new bool[_worlds.Count];
        Stack<int> open = new(_restful);
        foreach (int restful in _restful)
        {
            isGood[restful] = true;
        }

        while (open.TryPop(out int number))
        {
            for (int i = first[number]; i < first[number + 1]; i++)
            {
                if (!isGood[sources[i]])
                {
                    isGood[sources[i]] = true;
                    open.Push(sources[i]);
                }
            }
        }

        int at = Array.IndexOf(isGood, false);
        return at < 0 ? null : at;
    }

    // From the start to a state, as the RFC writes exchanges.
    private ValueList<string> Path(int number)
    {
        List<string> lines = [];
        for (int at = number; at >= 0 && _origins[at].Parent >= 0; at = _origins[at].Parent)
        {
            lines.Add(_origins[at].Move.Print(_network, _first, _second));
        }

        lines.Reverse();
        return new([.. lines]);
    }
}

/// <summary>What an exploration found.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="States">Distinct states.</param>
/// <param name="Transitions">Moves between them.</param>
/// <param name="Depth">Moves from the start to the farthest.</param>
/// <param name="IsWhole">True if there is no further state.</param>
/// <param name="Restful">States in which nothing is left to happen.</param>
/// <param name="Violation">What is wrong, or null.</param>
/// <param name="Path">How it comes to that.</param>
public sealed record ExplorationReport(
    Scenario Scenario, int States, int Transitions, int Depth, bool IsWhole, int Restful, string? Violation, ValueList<string> Path);
