using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.State;

/// <summary>Inner addresses that go with an IKE SA and its successors. RFC 7296 §2.19.</summary>
/// <param name="Family">Number of the first of these IKE SAs.</param>
/// <param name="IsOwn">True if this side has them; else it gave them.</param>
/// <param name="Client">Who has them.</param>
/// <param name="Addresses">Addresses.</param>
/// <param name="Settings">What came along: prefixes, name servers, networks.</param>
public sealed record AddressLease(int Family, bool IsOwn, ByteString Client, ValueList<IpAddress> Addresses, ValueList<ConfigurationAttribute> Settings)
{
    /// <summary>The addresses as selectors of all their traffic. RFC 7296 §2.19.</summary>
    public ValueList<TrafficSelector> Selectors => new([.. Addresses.Select(a => new TrafficSelector.Range(0, 0, ushort.MaxValue, a, a))]);
}
