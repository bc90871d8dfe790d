using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

/// <summary>One packet on its way through the stages; a stage returns the context with what it found out.</summary>
public readonly record struct ReceiveContext()
{
    /// <summary>The state, as far as the stages before have changed it.</summary>
    public required ReceiverState State { get; init; }

    /// <summary>The datagram from the wire.</summary>
    public required ByteString Datagram { get; init; }

    /// <summary>Keyed transforms.</summary>
    public required IKeyring Keyring { get; init; }

    /// <summary>Offset and length of the ESP packet inside the datagram, in bytes.</summary>
    public Range EspRange { get; init; }

    /// <summary>True when ESP came inside UDP.</summary>
    public bool UdpEncapsulated { get; init; }

    /// <summary>The SA that was found.</summary>
    public InboundAssociation? Association { get; init; }

    /// <summary>The full sequence number.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>Decrypted payload, padding and trailer.</summary>
    public ByteString Plaintext { get; init; }

    /// <summary>Payload without padding, TFC included.</summary>
    public ByteString Payload { get; init; }

    /// <summary>Next header of the trailer.</summary>
    public byte NextHeader { get; init; }

    /// <summary>The packet as the protected side would get it.</summary>
    public ByteString Inner { get; init; }

    /// <summary>Set by the stage that ends the journey.</summary>
    public ReceiveOutcome? Outcome { get; init; }

    /// <summary>The ESP packet.</summary>
    public ReadOnlySpan<byte> Esp => Datagram.Span[EspRange];

    /// <summary>Ends the journey.</summary>
    public ReceiveContext Discard(DiscardReason reason) => this with { Outcome = new ReceiveOutcome.Discarded(reason) };

    /// <summary>Writes the SA back into the state.</summary>
    public ReceiveContext Remember(InboundAssociation association) =>
        this with { Association = association, State = State.With(association) };
}
