using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>A datagram on its way.</summary>
/// <param name="ToFirst">True towards the first side.</param>
/// <param name="Bytes">IKE header and what follows.</param>
internal sealed record Flight(bool ToFirst, ByteString Bytes);

/// <summary>Datagrams on their way, in no order; a network is a number, and what happens to it a look-up.</summary>
internal sealed class Network
{
    private readonly Interning<Flight> _flights = new();
    private readonly Interning<ValueList<int>> _contents = new();
    private readonly List<string> _notations = [];
    private readonly List<IkeHeader?> _headers = [];
    private readonly Dictionary<(int, int), int> _with = [];
    private readonly Dictionary<(int, int), int> _without = [];

    /// <summary>The network without a datagram.</summary>
    public int Empty => _contents.Number([]);

    /// <summary>The datagrams of a network, by number, in rising order.</summary>
    public ValueList<int> this[int network] => _contents[network];

    public Flight Flight(int number) => _flights[number];

    public string Notation(int number) => _notations[number];

    public IkeHeader? Header(int number) => _headers[number];

    /// <summary>The number of what one side sends.</summary>
    public int Number(bool toFirst, IkeOutput.Send send)
    {
        int number = _flights.Number(new Flight(toFirst, send.Datagram));
        if (number == _notations.Count)
        {
            _notations.Add(send.Notation);
            _headers.Add(IkeMessage.TryParse(send.Datagram, out IkeMessage? message, out _) ? message!.Header : null);
        }

        return number;
    }

    public int With(int network, int flight)
    {
        if (!_with.TryGetValue((network, flight), out int next))
        {
            ValueList<int> flights = _contents[network];
            next = _contents.Number(flights.Insert(flights.Count(f => f < flight), flight));
            _with.Add((network, flight), next);
        }

        return next;
    }

    public int Without(int network, int flight)
    {
        if (!_without.TryGetValue((network, flight), out int next))
        {
            ValueList<int> flights = _contents[network];
            next = _contents.Number(flights.RemoveAt(flights.Items.IndexOf(flight)));
            _without.Add((network, flight), next);
        }

        return next;
    }
}
