using Conformance.Harness.Contract;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>A message of the tester, with what came back.</summary>
internal sealed class SentMessage(IkeDatagram datagram, ValueList<IkePayload>? payloads)
{
    /// <summary>How it went.</summary>
    public IkeDatagram Datagram { get; } = datagram;

    /// <summary>What it says; null where it says nothing.</summary>
    public ValueList<IkePayload>? Payloads { get; } = payloads;

    /// <summary>The header as it stands.</summary>
    public IkeHeaderView Header => new(Datagram.Message.Span);

    /// <summary>How often it went.</summary>
    public int Times { get; set; } = 1;

    /// <summary>Datagrams of the answer, in order.</summary>
    public List<ByteString> Answers { get; } = [];

    /// <summary>The first payload of a kind, or null.</summary>
    public T? Find<T>()
        where T : IkePayload => Payloads is { } known ? IkePayloads.Find<T>(known) : null;
}
