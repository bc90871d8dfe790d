using System.Buffers.Binary;
using System.Security.Cryptography;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Whether a NAT is on the path, and on whose side. RFC 7296 §2.23.</summary>
public static class NatDetection
{
    private const int HashedBytesWithoutAddress = (2 * IkeSpi.LengthBytes) + sizeof(ushort);

    /// <summary>SHA-1 over the SPIs as the header of the message has them, the address and the port. RFC 7296 §3.10.1.</summary>
    public static ByteString Hash(IkeSpi initiator, IkeSpi responder, Endpoint endpoint)
    {
        byte[] address = endpoint.Address.ToBytes();
        byte[] input = new byte[HashedBytesWithoutAddress + address.Length];
        BinaryPrimitives.WriteUInt64BigEndian(input, initiator.Value);
        BinaryPrimitives.WriteUInt64BigEndian(input.AsSpan(IkeSpi.LengthBytes), responder.Value);
        address.CopyTo(input, 2 * IkeSpi.LengthBytes);
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(input.Length - sizeof(ushort)), endpoint.Port);
        return ByteString.Adopt(SHA1.HashData(input));
    }

    /// <summary>Both notifications of a message, for the way that its sender believes it takes.</summary>
    /// <param name="initiator">SPI of the initiator in its header.</param>
    /// <param name="responder">SPI of the responder in its header.</param>
    /// <param name="from">Where it is sent from.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="others">Further addresses from which it may be repeated.</param>
    public static ValueList<IkePayload> Announce(IkeSpi initiator, IkeSpi responder, Endpoint from, Endpoint to, ValueList<IpAddress> others = default) =>
    [
        new IkePayload.Notify(NotifyType.NatDetectionSourceIp, Hash(initiator, responder, from)),
        .. others.Select(o => new IkePayload.Notify(NotifyType.NatDetectionSourceIp, Hash(initiator, responder, new Endpoint(o, from.Port)))),
        new IkePayload.Notify(NotifyType.NatDetectionDestinationIp, Hash(initiator, responder, to)),
    ];

    /// <summary>What the notifications of a message say about the way that it took; null where they are missing.</summary>
    /// <param name="payloads">Payloads of the message.</param>
    /// <param name="initiator">SPI of the initiator in its header.</param>
    /// <param name="responder">SPI of the responder in its header.</param>
    /// <param name="from">Where it came from, as seen here.</param>
    /// <param name="to">Where it came in.</param>
    public static NatPresence? Judge(ValueList<IkePayload> payloads, IkeSpi initiator, IkeSpi responder, Endpoint from, Endpoint to)
    {
        // A sender with several addresses may list a source for each; one that fits is enough.
        IkePayload.Notify[] sources = [.. payloads.OfType<IkePayload.Notify>().Where(n => n.Notification == NotifyType.NatDetectionSourceIp)];
        IkePayload.Notify? destination = IkePayloads.FindNotify(payloads, NotifyType.NatDetectionDestinationIp);
        if (sources.Length == 0 || destination is null)
        {
            return null;
        }

        ByteString source = Hash(initiator, responder, from);
        NatPresence found = sources.Any(s => s.Data == source) ? NatPresence.None : NatPresence.BeforePeer;
        return destination.Data == Hash(initiator, responder, to) ? found : found | NatPresence.BeforeOwn;
    }

    /// <summary>The same address at the port where ESP in UDP and IKE are told apart. RFC 7296 §2.23, RFC 3948 §2.2.</summary>
    public static Endpoint AtTraversalPort(Endpoint endpoint) =>
        endpoint.Port == Endpoint.IkePort ? endpoint with { Port = Endpoint.NatTraversalPort } : endpoint;
}
