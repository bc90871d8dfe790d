using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Machine;

/// <summary>What happens to one side. RFC 7296 §2.</summary>
public abstract record IkeEvent
{
    private IkeEvent()
    {
    }

    /// <summary>A datagram came in, without a non-ESP marker.</summary>
    /// <param name="Datagram">IKE header and what follows.</param>
    /// <param name="From">The sender's address and port, as seen here.</param>
    /// <param name="To">The address and port at which it came.</param>
    public sealed record Received(ByteString Datagram, Endpoint From, Endpoint To) : IkeEvent;

    /// <summary>The owner asks for something.</summary>
    public sealed record Asked(IkeCommand Command) : IkeEvent;

    /// <summary>The time to send a request again has come. RFC 7296 §2.1.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    /// <param name="MessageId">Message ID.</param>
    public sealed record RetransmissionDue(int Sa, uint MessageId) : IkeEvent;

    /// <summary>A request was sent often enough without an answer: the other side is gone. RFC 7296 §2.4.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record GaveUp(int Sa) : IkeEvent;

    /// <summary>A packet with a good ICV came in on a Child SA. RFC 7296 §2.8.</summary>
    /// <param name="Inbound">Its SPI.</param>
    public sealed record TrafficReceived(Spi Inbound) : IkeEvent
    {
        /// <summary>The address that it came from; null where that is not known. RFC 4555 §3.12.</summary>
        public IpAddress? From { get; init; }
    }

    /// <summary>A packet came in whose SPI belongs to no Child SA. RFC 7296 §1.5, §2.21.4.</summary>
    /// <param name="Spi">Its SPI.</param>
    /// <param name="From">Where it came from.</param>
    /// <param name="To">Where it came in.</param>
    public sealed record StrayPacket(Spi Spi, Endpoint From, Endpoint To) : IkeEvent;

    /// <summary>A packet with a good ICV came in on a Child SA, and its addresses or ports are none of that SA: it was dropped. RFC 7296 §3.10.1.</summary>
    /// <param name="Inbound">SPI of the Child SA.</param>
    /// <param name="Packet">The packet that came out of it.</param>
    public sealed record MismatchedPacket(Spi Inbound, ByteString Packet) : IkeEvent;

    /// <summary>It is time for another secret of the cookies. RFC 7296 §2.6.</summary>
    public sealed record CookieSecretDue : IkeEvent;

    /// <summary>What is closed or half open is forgotten, and else the exchanges that the other side has not finished. RFC 7296 §2.1, §2.6, RFC 9370 §2.2.4.</summary>
    /// <param name="Sa">Number of the IKE SA.</param>
    public sealed record Forgotten(int Sa) : IkeEvent;
}

/// <summary>What a side does to the world.</summary>
public abstract record IkeOutput
{
    private IkeOutput()
    {
    }

    /// <summary>A datagram to send, without a non-ESP marker.</summary>
    /// <param name="Datagram">IKE header and what follows.</param>
    /// <param name="From">Own address and port.</param>
    /// <param name="To">Where to.</param>
    /// <param name="Notation">The message as the RFC writes exchanges.</param>
    public sealed record Send(ByteString Datagram, Endpoint From, Endpoint To, string Notation) : IkeOutput;

    /// <summary>Something that the owner should know.</summary>
    /// <param name="What">One clause.</param>
    public sealed record Report(string What) : IkeOutput;
}

/// <summary>One way in which a side may go on.</summary>
/// <param name="Next">The side afterwards.</param>
/// <param name="Outputs">What it does, in order.</param>
/// <param name="Choices">What it chose where the RFC leaves it free, in order.</param>
public sealed record IkeOutcome(IkePeer Next, ValueList<IkeOutput> Outputs, ValueList<string> Choices);
