using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Checksums that a later stage finishes: the field holds the sum of the pseudo header. virtio 1.2 §5.1.6.2.</summary>
public static class PartialChecksum
{
    /// <summary>Leaves the checksum of a whole TCP or UDP packet to a later stage; any other packet stays as it is.</summary>
    public static void Leave(Span<byte> datagram)
    {
        if (UpperLayer.TryFind(datagram, out UpperLayer layer, out _))
        {
            layer.LeaveChecksumPartial(datagram);
        }
    }
}
