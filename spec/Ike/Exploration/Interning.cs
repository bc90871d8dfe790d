namespace Conformance.Spec.Ike.Exploration;

/// <summary>Numbers for values, so that a state of the whole is a few integers and equal values are met once.</summary>
/// <typeparam name="T">Something that compares by value.</typeparam>
internal sealed class Interning<T>
    where T : notnull
{
    private readonly Dictionary<T, int> _numbers = [];
    private readonly List<T> _values = [];

    public int Count => _values.Count;

    public T this[int number] => _values[number];

    public int Number(T value)
    {
        if (!_numbers.TryGetValue(value, out int number))
        {
            number = _values.Count;
            _numbers.Add(value, number);
            _values.Add(value);
        }

        return number;
    }
}
