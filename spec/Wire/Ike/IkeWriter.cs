using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

/// <summary>Writes messages in their one canonical form. RFC 7296 §3.1, §3.2.</summary>
internal static class IkeWriter
{
    /// <summary>A whole message.</summary>
    public static byte[] Write(IkeMessage message)
    {
        IkeHeader header = message.Header;
        byte[] bytes = new byte[message.LengthBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, header.InitiatorSpi.Value);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), header.ResponderSpi.Value);
        bytes[16] = message.Payloads.IsEmpty ? (byte)0 : (byte)message.Payloads[0].Type;
        bytes[17] = (byte)((IkeSyntax.MajorVersion << 4) | header.MinorVersion);
        bytes[18] = (byte)header.ExchangeType;
        bytes[19] = (byte)((header.IsFromInitiator ? IkeHeaderView.InitiatorFlag : 0) | (header.IsResponse ? IkeHeaderView.ResponseFlag : 0)
            | (header.KnowsHigherVersion ? IkeHeaderView.VersionFlag : 0));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), header.MessageId.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(24), (uint)bytes.Length);
        WriteChain(message.Payloads, bytes.AsSpan(IkeHeaderView.HeaderBytes));
        return bytes;
    }

    /// <summary>Payloads end to end.</summary>
    public static void WriteChain(ValueList<IkePayload> payloads, Span<byte> destination)
    {
        int at = 0;
        for (int i = 0; i < payloads.Count; i++)
        {
            IkePayload payload = payloads[i];
            int length = PayloadView.HeaderBytes + payload.BodyLengthBytes;
            PayloadType next = i + 1 < payloads.Count ? payloads[i + 1].Type : PayloadType.None;
            destination[at] = (byte)(payload.InnerType ?? next);
            destination[at + 1] = payload.IsCritical ? PayloadView.CriticalBit : (byte)0;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], (ushort)length);
            payload.WriteBody(destination[(at + PayloadView.HeaderBytes)..(at + length)]);
            at += length;
        }
    }
}
