using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Harness.Netlink;

/// <summary>Requests to the databases as netlink messages (xfrm_user_rcv_msg).</summary>
internal static class XfrmRequests
{
    /// <summary>Netlink protocol number.</summary>
    public const byte Protocol = 6;

    private const ushort Dump = 0x301;
    private const byte DefaultUnchanged = 0;
    private const byte DefaultBlock = 1;
    private const byte DefaultAccept = 2;

    /// <summary>The bytes of a request.</summary>
    public static byte[] Write(XfrmRequest request)
    {
        switch (request)
        {
            case XfrmRequest.AddPolicy add:
                return XfrmPolicyCodec.Append(add.Replace ? Replacing(XfrmMessageType.UpdatePolicy) : Creating(XfrmMessageType.NewPolicy), add.Policy).ToBytes();
            case XfrmRequest.DeletePolicy delete:
                byte[] key = new byte[XfrmLength.PolicyKey];
                XfrmStructures.Write(key, delete.Key.Selector);
                BinaryPrimitives.WriteUInt32LittleEndian(key.AsSpan(56), delete.Key.Index);
                key[60] = (byte)delete.Key.Direction;
                return XfrmPolicyCodec.AppendKind(
                    Plain(XfrmMessageType.DeletePolicy).Fixed(key), delete.Key.Type, delete.Key.Mark, delete.Key.InterfaceId).ToBytes();
            case XfrmRequest.FlushPolicies flush:
                return XfrmPolicyCodec.AppendKind(Plain(XfrmMessageType.FlushPolicies), flush.Type, default, 0).ToBytes();
            case XfrmRequest.SetDefault set:
                return Plain(XfrmMessageType.SetDefault).Fixed([Default(set.In), Default(set.Forward), Default(set.Out), 0]).ToBytes();
            case XfrmRequest.AddState add:
                return XfrmStateCodec.Append(add.Replace ? Replacing(XfrmMessageType.UpdateState) : Creating(XfrmMessageType.NewState), add.State).ToBytes();
            case XfrmRequest.DeleteState delete:
                return WithMark(Plain(XfrmMessageType.DeleteState).Fixed(XfrmStructures.Write(delete.Key)), delete.Key.Mark).ToBytes();
            case XfrmRequest.FlushStates flush:
                return Plain(XfrmMessageType.FlushStates).Fixed([flush.Protocol, 0, 0, 0]).ToBytes();
            case XfrmRequest.AllocateSpi allocate:
                return Allocate(allocate).ToBytes();
            case XfrmRequest.ExpireState expire:
                return Expire(expire).ToBytes();
            case XfrmRequest.DumpPolicies:
                return new NetlinkMessage(XfrmMessageType.GetPolicy, Dump).Fixed(new byte[XfrmLength.PolicyKey]).ToBytes();
            case XfrmRequest.DumpStates:
                return new NetlinkMessage(XfrmMessageType.GetState, Dump).Fixed(new byte[XfrmLength.StateKey]).ToBytes();
            default:
                throw new ArgumentException($"a request of an unknown kind: {request}", nameof(request));
        }
    }

    private static NetlinkMessage Plain(ushort type) => new(type, NetlinkMessage.RequestWithAcknowledgement);

    private static NetlinkMessage Creating(ushort type) => new(type, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive);

    private static NetlinkMessage Replacing(ushort type) => new(type, NetlinkMessage.RequestWithAcknowledgement | 0x100);

    private static NetlinkMessage WithMark(NetlinkMessage message, XfrmMark mark) =>
        mark == default ? message : message.Attribute(XfrmAttribute.Mark, XfrmStructures.Write(mark));

    private static byte Default(XfrmAction? action) => action switch
    {
        null => DefaultUnchanged,
        XfrmAction.Block => DefaultBlock,
        _ => DefaultAccept,
    };

    private static NetlinkMessage Allocate(XfrmRequest.AllocateSpi allocate)
    {
        byte[] range = new byte[XfrmLength.SpiRange];
        XfrmStateCodec.WriteInfo(range, allocate.State);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(224), allocate.Least);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(228), allocate.Largest);
        NetlinkMessage message = WithMark(Plain(XfrmMessageType.AllocateSpi).Fixed(range), allocate.State.Mark);
        return allocate.State.InterfaceId == 0 ? message : message.Attribute(XfrmAttribute.InterfaceId, allocate.State.InterfaceId);
    }

    private static NetlinkMessage Expire(XfrmRequest.ExpireState expire)
    {
        byte[] body = new byte[XfrmLength.StateExpire];
        XfrmStateCodec.WriteInfo(body, new XfrmState
        {
            Destination = expire.Key.Destination,
            Source = default,
            Spi = expire.Key.Spi,
            Family = expire.Key.Family,
            Protocol = expire.Key.Protocol,
            Mode = XfrmMode.Transport,
        });
        body[XfrmLength.State] = expire.Hard ? (byte)1 : (byte)0;
        return WithMark(Plain(XfrmMessageType.Expire).Fixed(body), expire.Key.Mark);
    }
}
