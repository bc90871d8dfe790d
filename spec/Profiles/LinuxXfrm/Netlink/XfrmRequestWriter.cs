using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>Writes requests to the databases (xfrm_user_rcv_msg).</summary>
public static class XfrmRequestWriter
{
    /// <summary>NETLINK_XFRM.</summary>
    public const byte Protocol = 6;

    private const int SpiRangeBytes = 232;
    private const NetlinkFlags Change = NetlinkFlags.Request | NetlinkFlags.Acknowledge;
    private const NetlinkFlags New = Change | NetlinkFlags.Create | NetlinkFlags.AttributesOrExclusive;
    private const NetlinkFlags Replace = Change | NetlinkFlags.CappedOrReplace;

    /// <summary>The message of a request; changes ask for an acknowledgement.</summary>
    public static NetlinkMessage Write(XfrmRequest request) => request switch
    {
        XfrmRequest.AddPolicy add => Of(
            add.Replace ? XfrmMessageType.UpdatePolicy : XfrmMessageType.NewPolicy, add.Replace ? Replace : New,
            XfrmStructures.Bytes(add.Policy), XfrmPolicyReport.Request(add.Policy).Attributes()),
        XfrmRequest.DeletePolicy { Key: var key } => Of(
            XfrmMessageType.DeletePolicy, Change, XfrmStructures.Bytes(key.Selector, key.Index, key.Direction),
            [.. TypeOf(key.Type), .. XfrmCommonAttributes.Of(key.Mark, key.InterfaceId)]),
        XfrmRequest.FlushPolicies flush => Of(XfrmMessageType.FlushPolicy, Change, [], TypeOf(flush.Type)),
        XfrmRequest.SetDefault set => Of(
            XfrmMessageType.SetDefault, Change, [XfrmDefaultCodes.Of(set.In), XfrmDefaultCodes.Of(set.Forward), XfrmDefaultCodes.Of(set.Out)], []),
        XfrmRequest.AddState add => Of(
            add.Replace ? XfrmMessageType.UpdateSa : XfrmMessageType.NewSa, add.Replace ? Replace : New, XfrmStructures.Bytes(add.State), Attributes(add.State)),
        XfrmRequest.DeleteState { Key: var key } => Of(
            XfrmMessageType.DeleteSa, Change, XfrmStructures.Bytes(key.Destination, key.Spi, key.Family, key.Protocol), XfrmCommonAttributes.Of(key.Mark, 0)),
        XfrmRequest.FlushStates flush => Of(XfrmMessageType.FlushSa, Change, [flush.Protocol], []),
        XfrmRequest.AllocateSpi allocate => Of(XfrmMessageType.AllocateSpi, Change, Range(allocate), Attributes(allocate.State)),
        XfrmRequest.ExpireState expire => Of(XfrmMessageType.Expire, Change, Expiring(expire), XfrmCommonAttributes.Of(expire.Key.Mark, 0)),
        XfrmRequest.DumpPolicies => Of(XfrmMessageType.GetPolicy, NetlinkFlags.Request | NetlinkFlags.Dump, [], []),
        XfrmRequest.DumpStates => Of(XfrmMessageType.GetSa, NetlinkFlags.Request | NetlinkFlags.Dump, [], []),
        _ => throw new ArgumentException($"a request of an unknown kind: {request}", nameof(request)),
    };

    private static NetlinkMessage Of(XfrmMessageType type, NetlinkFlags flags, ReadOnlySpan<byte> head, IEnumerable<NetlinkAttribute> attributes) =>
        NetlinkMessage.Of((ushort)type, flags, head, attributes);

    private static ImmutableArray<NetlinkAttribute> TypeOf(XfrmPolicyType type) => type == XfrmPolicyType.Main ? [] : [XfrmPolicyReport.TypeAttribute(type)];

    private static IEnumerable<NetlinkAttribute> Attributes(XfrmState state) => new XfrmStateReport(state, []).Attributes(asKernel: false);

    private static byte[] Range(XfrmRequest.AllocateSpi allocate)
    {
        byte[] bytes = new byte[SpiRangeBytes];
        XfrmStructures.Write(bytes, allocate.State);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(224), allocate.Least);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(228), allocate.Largest);
        return bytes;
    }

    private static byte[] Expiring(XfrmRequest.ExpireState expire)
    {
        byte[] bytes = new byte[XfrmReportWriter.StateExpireBytes];
        XfrmStructures.Write(bytes, new XfrmState
        {
            Destination = expire.Key.Destination,
            Source = default,
            Spi = expire.Key.Spi,
            Family = expire.Key.Family,
            Protocol = expire.Key.Protocol,
            Mode = XfrmMode.Transport,
        });
        bytes[XfrmStructures.StateBytes] = expire.Hard ? (byte)1 : (byte)0;
        return bytes;
    }
}
