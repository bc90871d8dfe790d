namespace Conformance.Harness.Oracle;

/// <summary>The steps of a session; those of bursts that went well are put into words only when somebody reads them.</summary>
internal sealed class StepLog
{
    private readonly List<(int Count, Func<int, int, Step> Describe)> _groups = [];
    private readonly List<Step> _steps = [];

    /// <summary>Number of steps.</summary>
    public int Count { get; private set; }

    /// <summary>Appends one step, given its number.</summary>
    public void Add(Func<int, Step> describe) => AddBurst(1, (_, number) => describe(number));

    /// <summary>Appends the steps of a burst: a function of the index in it and the number of the step.</summary>
    public void AddBurst(int count, Func<int, int, Step> describe)
    {
        _groups.Add((count, describe));
        Count += count;
    }

    /// <summary>All steps in words.</summary>
    public IReadOnlyList<Step> Read()
    {
        foreach ((int count, Func<int, int, Step> describe) in _groups)
        {
            for (int i = 0; i < count; i++)
            {
                _steps.Add(describe(i, _steps.Count + 1));
            }
        }

        _groups.Clear();
        return _steps;
    }
}
