using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Reads what the kernel says; any bytes give a report, or an error that names field and offset in the message's body.</summary>
public static class XfrmReportParser
{
    private const int DefaultBytes = 3;

    /// <summary>Reads one message.</summary>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        ReadOnlySpan<byte> body = message.Body.Span;
        XfrmMessageType type = (XfrmMessageType)message.Type;
        if (HeadBytes(type) is not { } headBytes)
        {
            error = new ParseError("message type", 0, $"{message.Type} is no report");
            return false;
        }

        if (!TryAttributes(message.Body, headBytes, type, out ImmutableArray<NetlinkAttribute> attributes, out error))
        {
            return false;
        }

        int at = NetlinkMessage.Aligned(headBytes);
        switch (type)
        {
            case XfrmMessageType.NewSa or XfrmMessageType.UpdateSa or XfrmMessageType.Expire:
                if (!XfrmStateReport.TryRead(XfrmStructures.ReadState(body), attributes, at, out XfrmStateReport state, out error))
                {
                    return false;
                }

                report = type == XfrmMessageType.Expire
                    ? new XfrmReport.StateExpired(state, body[XfrmStructures.StateBytes] != 0)
                    : new XfrmReport.State(state, type == XfrmMessageType.UpdateSa);
                return true;
            case XfrmMessageType.NewPolicy or XfrmMessageType.UpdatePolicy or XfrmMessageType.PolicyExpire:
                if (!XfrmPolicyReport.TryRead(XfrmStructures.ReadPolicy(body), attributes, at, out XfrmPolicyReport policy, out error))
                {
                    return false;
                }

                report = type == XfrmMessageType.PolicyExpire
                    ? new XfrmReport.PolicyExpired(policy, body[XfrmStructures.PolicyBytes] != 0)
                    : new XfrmReport.Policy(policy, type == XfrmMessageType.UpdatePolicy);
                return true;
            case XfrmMessageType.DeleteSa:
                return TryReadDeletedState(attributes, at, out report, out error);
            case XfrmMessageType.DeletePolicy:
                return TryReadDeletedPolicy(XfrmStructures.ReadPolicyKey(body), attributes, at, out report, out error);
            case XfrmMessageType.Acquire:
                return TryReadAcquire(body, attributes, at, out report, out error);
            case XfrmMessageType.FlushSa:
                report = new XfrmReport.StatesFlushed(body[0]);
                return true;
            case XfrmMessageType.FlushPolicy:
                return TryReadFlushedPolicies(attributes, at, out report, out error);
            case XfrmMessageType.GetDefault:
                return TryReadDefaults(body, out report, out error);
            default:
                report = new XfrmReport.Mapping(
                    XfrmStructures.ReadStateKey(body), BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
                    XfrmAddress.Read(body[28..44]), XfrmAddress.Read(body[44..60]),
                    BinaryPrimitives.ReadUInt16BigEndian(body[60..]), BinaryPrimitives.ReadUInt16BigEndian(body[62..]));
                return true;
        }
    }

    /// <summary>Splits a body into its fixed part and its attributes.</summary>
    internal static bool TryAttributes(
        ByteString body, int headBytes, XfrmMessageType type, out ImmutableArray<NetlinkAttribute> attributes, out ParseError error)
    {
        attributes = [];
        error = default;
        if (body.Length < headBytes)
        {
            error = new ParseError($"{type}", 0, $"{body.Length} bytes, the fixed part has {headBytes}");
            return false;
        }

        int start = Math.Min(body.Length, NetlinkMessage.Aligned(headBytes));
        return NetlinkAttribute.TryParseAll(body.Slice(start..), start, out attributes, out error);
    }

    private static int? HeadBytes(XfrmMessageType type) => type switch
    {
        XfrmMessageType.NewSa or XfrmMessageType.UpdateSa => XfrmStructures.StateBytes,
        XfrmMessageType.NewPolicy or XfrmMessageType.UpdatePolicy => XfrmStructures.PolicyBytes,
        XfrmMessageType.DeleteSa => XfrmStructures.StateKeyBytes,
        XfrmMessageType.DeletePolicy => XfrmStructures.PolicyKeyBytes,
        XfrmMessageType.Expire => XfrmReportWriter.StateExpireBytes,
        XfrmMessageType.PolicyExpire => XfrmReportWriter.PolicyExpireBytes,
        XfrmMessageType.Acquire => XfrmReportWriter.AcquireBytes,
        XfrmMessageType.FlushSa => 1,
        XfrmMessageType.FlushPolicy => 0,
        XfrmMessageType.GetDefault => DefaultBytes,
        XfrmMessageType.Mapping => XfrmReportWriter.MappingBytes,
        _ => null,
    };

    private static bool TryReadDeletedState(ImmutableArray<NetlinkAttribute> attributes, int at, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        if (!TryWhole(attributes, at, XfrmAttribute.Sa, XfrmStructures.StateBytes, "XFRMA_SA", out NetlinkAttribute whole, out error)
            || !XfrmStateReport.TryRead(
                XfrmStructures.ReadState(whole.Value.Span), attributes.RemoveAt(0), at + whole.PaddedBytes, out XfrmStateReport state, out error))
        {
            return false;
        }

        report = new XfrmReport.StateDeleted(state);
        return true;
    }

    private static bool TryReadDeletedPolicy(
        XfrmPolicyKey key, ImmutableArray<NetlinkAttribute> attributes, int at, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        if (!TryWhole(attributes, at, XfrmAttribute.Policy, XfrmStructures.PolicyBytes, "XFRMA_POLICY", out NetlinkAttribute whole, out error)
            || !XfrmPolicyReport.TryRead(
                XfrmStructures.ReadPolicy(whole.Value.Span), attributes.RemoveAt(0), at + whole.PaddedBytes, out XfrmPolicyReport policy, out error))
        {
            return false;
        }

        report = new XfrmReport.PolicyDeleted(policy, key);
        return true;
    }

    // News of a deletion carries the whole entry in its first attribute.
    private static bool TryWhole(
        ImmutableArray<NetlinkAttribute> attributes, int at, XfrmAttribute type, int bytes, string name, out NetlinkAttribute whole, out ParseError error)
    {
        error = default;
        whole = attributes.IsEmpty ? default : attributes[0];
        if (whole.Type != (ushort)type || whole.Value.Length != bytes)
        {
            error = new ParseError(name, at, $"it does not come first with {bytes} bytes");
            return false;
        }

        return true;
    }

    private static bool TryReadAcquire(
        ReadOnlySpan<byte> body, ImmutableArray<NetlinkAttribute> attributes, int at, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        if (!XfrmPolicyReport.TryRead(XfrmStructures.ReadPolicy(body[96..]), attributes, at, out XfrmPolicyReport policy, out error))
        {
            return false;
        }

        XfrmTemplate template = new()
        {
            Spi = new Spi(BinaryPrimitives.ReadUInt32BigEndian(body[16..])),
            Protocol = body[20],
            IntegrityAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(body[264..]),
            EncryptionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(body[268..]),
            CompressionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(body[272..]),
        };
        report = new XfrmReport.Acquire(
            XfrmAddress.Read(body[..16]), XfrmAddress.Read(body[24..40]), template, XfrmStructures.ReadSelector(body[40..]), policy,
            BinaryPrimitives.ReadUInt32LittleEndian(body[276..]));
        return true;
    }

    private static bool TryReadFlushedPolicies(ImmutableArray<NetlinkAttribute> attributes, int at, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        error = default;
        XfrmPolicyType type = XfrmPolicyType.Main;
        bool saysType = false;
        foreach (NetlinkAttribute attribute in attributes)
        {
            if (!XfrmCommonAttributes.HasLength(attribute, at + NetlinkAttribute.HeaderBytes, out error))
            {
                return false;
            }

            if (attribute.Type == (ushort)XfrmAttribute.PolicyType)
            {
                (type, saysType) = ((XfrmPolicyType)attribute.Value[0], true);
            }

            at += attribute.PaddedBytes;
        }

        report = new XfrmReport.PoliciesFlushed(type, saysType);
        return true;
    }

    private static bool TryReadDefaults(ReadOnlySpan<byte> body, [NotNullWhen(true)] out XfrmReport? report, out ParseError error)
    {
        report = null;
        if (!XfrmDefaultCodes.TryRead(body[0], 0, out XfrmAction? inbound, out error)
            || !XfrmDefaultCodes.TryRead(body[1], 1, out XfrmAction? forward, out error)
            || !XfrmDefaultCodes.TryRead(body[2], 2, out XfrmAction? outbound, out error))
        {
            return false;
        }

        report = new XfrmReport.Defaults(inbound, forward, outbound);
        return true;
    }
}
