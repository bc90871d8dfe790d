using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Harness.Contract;

/// <summary>What the owner of a stack can ask of its IKE, in names that a daemon knows too: children by configured name or by SPI, IKE SAs by their SPIs. RFC 7296 §2.</summary>
public abstract record IkeRequest
{
    private IkeRequest()
    {
    }

    /// <summary>Makes an IKE SA with the configured peer, and the first child in its IKE_AUTH. RFC 7296 §1.2.</summary>
    public sealed record Initiate : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => "initiate";
    }

    /// <summary>Makes one more Child SA over the IKE SA. RFC 7296 §1.3.1.</summary>
    /// <param name="Sa">The IKE SA.</param>
    /// <param name="Child">Configured name.</param>
    public sealed record CreateChild(IkeSaName Sa, string Child) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => $"create child {Child}";
    }

    /// <summary>Puts another Child SA in the place of one. RFC 7296 §1.3.3.</summary>
    /// <param name="Inbound">SPI by which the stack receives on it.</param>
    public sealed record RekeyChild(Spi Inbound) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => $"rekey child {Inbound}";
    }

    /// <summary>Closes a Child SA. RFC 7296 §1.4.1.</summary>
    /// <param name="Inbound">SPI by which the stack receives on it.</param>
    public sealed record DeleteChild(Spi Inbound) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => $"delete child {Inbound}";
    }

    /// <summary>Puts another IKE SA in the place of one. RFC 7296 §1.3.2.</summary>
    public sealed record RekeyIke(IkeSaName Sa) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => $"rekey IKE SA {Sa}";
    }

    /// <summary>Closes an IKE SA. RFC 7296 §1.4.1.</summary>
    public sealed record DeleteIke(IkeSaName Sa) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => $"delete IKE SA {Sa}";
    }

    /// <summary>Asks whether the peer is alive. RFC 7296 §2.4.</summary>
    public sealed record Probe(IkeSaName Sa) : IkeRequest
    {
        /// <summary>In words.</summary>
        public override string ToString() => "is the peer alive";
    }
}

/// <summary>An IKE SA by the SPIs in its header. RFC 7296 §2.6.</summary>
public readonly record struct IkeSaName(IkeSpi Initiator, IkeSpi Responder)
{
    /// <summary>Both SPIs.</summary>
    public override string ToString() => $"{Initiator}/{Responder}";
}
