using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Writes reports as the kernel does (xfrm_send_state_notify, xfrm_send_policy_notify, build_acquire).</summary>
public static class XfrmReportWriter
{
    internal const int AcquireBytes = 280;
    internal const int StateExpireBytes = 232;
    internal const int PolicyExpireBytes = 176;
    internal const int MappingBytes = 64;

    /// <summary>The message of a report, without flags and numbers of the header.</summary>
    public static NetlinkMessage Write(XfrmReport report) => report switch
    {
        XfrmReport.State state => Of(
            state.Updated ? XfrmMessageType.UpdateSa : XfrmMessageType.NewSa, XfrmStructures.Bytes(state.Value.State), state.Value.Attributes(asKernel: true)),
        XfrmReport.StateDeleted deleted => WriteDeleted(deleted.Value),
        XfrmReport.StateExpired expired => Of(
            XfrmMessageType.Expire, Padded(XfrmStructures.Bytes(expired.Value.State), StateExpireBytes, expired.Hard), expired.Value.Attributes(asKernel: true)),
        XfrmReport.StatesFlushed flushed => Of(XfrmMessageType.FlushSa, [flushed.Protocol], []),
        XfrmReport.Policy policy => Of(
            policy.Updated ? XfrmMessageType.UpdatePolicy : XfrmMessageType.NewPolicy, XfrmStructures.Bytes(policy.Value.Policy), policy.Value.Attributes()),
        XfrmReport.PolicyDeleted deleted => Of(
            XfrmMessageType.DeletePolicy,
            XfrmStructures.Bytes(deleted.Key.Selector, deleted.Key.Index, deleted.Key.Direction),
            [new NetlinkAttribute((ushort)XfrmAttribute.Policy, ByteString.Adopt(XfrmStructures.Bytes(deleted.Value.Policy))), .. deleted.Value.Attributes()]),
        XfrmReport.PolicyExpired expired => Of(
            XfrmMessageType.PolicyExpire, Padded(XfrmStructures.Bytes(expired.Value.Policy), PolicyExpireBytes, expired.Hard), expired.Value.Attributes()),
        XfrmReport.PoliciesFlushed flushed => Of(XfrmMessageType.FlushPolicy, [], flushed.SaysType ? [XfrmPolicyReport.TypeAttribute(flushed.Type)] : []),
        XfrmReport.Acquire acquire => WriteAcquire(acquire),
        XfrmReport.Defaults defaults => Of(
            XfrmMessageType.GetDefault, [XfrmDefaultCodes.Of(defaults.In), XfrmDefaultCodes.Of(defaults.Forward), XfrmDefaultCodes.Of(defaults.Out)], []),
        XfrmReport.Mapping mapping => WriteMapping(mapping),
        _ => throw new ArgumentException($"a report of an unknown kind: {report}", nameof(report)),
    };

    private static NetlinkMessage Of(XfrmMessageType type, ReadOnlySpan<byte> head, IEnumerable<NetlinkAttribute> attributes) =>
        NetlinkMessage.Of((ushort)type, NetlinkFlags.None, head, attributes);

    private static byte[] Padded(byte[] head, int bytes, bool hard)
    {
        byte[] padded = new byte[bytes];
        head.CopyTo(padded, 0);
        padded[head.Length] = hard ? (byte)1 : (byte)0;
        return padded;
    }

    private static NetlinkMessage WriteDeleted(XfrmStateReport report)
    {
        XfrmState state = report.State;
        NetlinkAttribute whole = new((ushort)XfrmAttribute.Sa, ByteString.Adopt(XfrmStructures.Bytes(state)));
        return Of(
            XfrmMessageType.DeleteSa, XfrmStructures.Bytes(state.Destination, state.Spi, state.Family, state.Protocol),
            [whole, .. report.Attributes(asKernel: true)]);
    }

    private static NetlinkMessage WriteAcquire(XfrmReport.Acquire acquire)
    {
        byte[] head = new byte[AcquireBytes];
        acquire.Destination.Write(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(16), acquire.Template.Spi.Value);
        head[20] = acquire.Template.Protocol;
        acquire.Source.Write(head.AsSpan(24));
        XfrmStructures.Write(head.AsSpan(40), acquire.Flow);
        XfrmStructures.Write(head.AsSpan(96), acquire.Value.Policy);
        XfrmStructures.Words(
            acquire.Template.IntegrityAlgorithms, acquire.Template.EncryptionAlgorithms, acquire.Template.CompressionAlgorithms, acquire.Sequence)
            .CopyTo(head, 264);
        return Of(XfrmMessageType.Acquire, head, acquire.Value.Attributes());
    }

    private static NetlinkMessage WriteMapping(XfrmReport.Mapping mapping)
    {
        byte[] head = new byte[MappingBytes];
        XfrmStructures.Bytes(mapping.Key.Destination, mapping.Key.Spi, mapping.Key.Family, mapping.Key.Protocol).CopyTo(head, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(24), mapping.RequestId);
        mapping.OldSource.Write(head.AsSpan(28));
        mapping.NewSource.Write(head.AsSpan(44));
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(60), mapping.OldPort);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(62), mapping.NewPort);
        return Of(XfrmMessageType.Mapping, head, []);
    }
}

/// <summary>Bytes of struct xfrm_userpolicy_default: 0 says nothing, 1 blocks, 2 accepts.</summary>
internal static class XfrmDefaultCodes
{
    private const byte Unsaid = 0;
    private const byte Block = 1;
    private const byte Accept = 2;

    public static byte Of(XfrmAction? action) => action switch
    {
        null => Unsaid,
        XfrmAction.Block => Block,
        _ => Accept,
    };

    public static bool TryRead(byte code, int at, out XfrmAction? action, out ParseError error)
    {
        error = default;
        action = code switch
        {
            Block => XfrmAction.Block,
            Accept => XfrmAction.Allow,
            _ => null,
        };
        if (code > Accept)
        {
            error = new ParseError("default policy", at, $"{code} is no action");
            return false;
        }

        return true;
    }
}
