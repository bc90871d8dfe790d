using System.Buffers.Binary;
using System.Text;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>NETLINK_XFRM requests for the SAs and policies of the ESP suite (linux/xfrm.h).</summary>
internal static class XfrmMessages
{
    /// <summary>Netlink protocol number.</summary>
    public const byte Protocol = 6;

    private const ushort NewSa = 0x10;
    private const ushort DeleteSaType = 0x11;
    private const ushort NewPolicy = 0x13;
    private const ushort FlushSa = 0x1c;
    private const ushort FlushPolicy = 0x1d;
    private const ushort AlgorithmCipher = 2;
    private const ushort AlgorithmIntegrity = 20;
    private const ushort AlgorithmCombined = 18;
    private const ushort Encapsulation = 4;
    private const ushort Template = 5;
    private const ushort ReplayValue = 10;
    private const ushort TfcPadding = 22;
    private const ushort ReplayExtendedValue = 23;
    private const ushort ExtraFlags = 24;
    private const uint FlagSequenceMayWrap = 2;
    private const byte FlagUnspecifiedFamily = 32;
    private const byte FlagExtendedSequenceNumbers = 128;
    private const byte AfInet = 2;
    private const byte AfInet6 = 10;
    private const ushort EspInUdp = 2;

    /// <summary>XFRM_MSG_NEWSA; null where XFRM has no name for a transform.</summary>
    public static byte[]? InstallSa(PolicyDirection direction, SecurityAssociation sa)
    {
        if (XfrmAlgorithms.Of(sa.Suite) is not { } algorithms)
        {
            return null;
        }

        byte family = Family(sa.Source);
        bool legacyWindow = !sa.ExtendedSequenceNumbers && sa.ReplayWindowPackets <= 32;
        byte[] info = new byte[224];
        // In tunnel mode the SA carries both inner families; the other modes have the one of their selector.
        bool anyFamily = sa.Mode == EspMode.Tunnel;
        if (sa.InnerSource is { } innerSource && sa.InnerDestination is { } innerDestination)
        {
            WriteSelector(info, AddressPrefix.Host(innerSource), AddressPrefix.Host(innerDestination));
        }
        else if (!anyFamily)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(40), family);
        }

        sa.Destination.WriteTo(info.AsSpan(56));
        BinaryPrimitives.WriteUInt32BigEndian(info.AsSpan(72), sa.Spi.Value);
        info[76] = IpProtocol.Esp;
        sa.Source.WriteTo(info.AsSpan(80));
        WriteLifetime(info.AsSpan(96), sa.Lifetime);
        BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(212), family);
        info[214] = ModeNumber(sa.Mode);
        info[215] = (byte)(legacyWindow ? sa.ReplayWindowPackets : 0);
        info[216] = (byte)((anyFamily ? FlagUnspecifiedFamily : 0) | (sa.ExtendedSequenceNumbers ? FlagExtendedSequenceNumbers : 0)
            | XfrmHeaderFlags.Of(direction, sa.Headers));

        NetlinkMessage message = new NetlinkMessage(NewSa, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive).Fixed(info);
        WriteAlgorithms(message, sa, algorithms);
        if (sa.Encapsulation is { } udp)
        {
            byte[] encapsulation = new byte[24];
            BinaryPrimitives.WriteUInt16LittleEndian(encapsulation, EspInUdp);
            BinaryPrimitives.WriteUInt16BigEndian(encapsulation.AsSpan(2), udp.SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(encapsulation.AsSpan(4), udp.DestinationPort);
            message.Attribute(Encapsulation, encapsulation);
        }

        if (sa.TfcPayloadBytes is { } tfc)
        {
            message.Attribute(TfcPadding, (uint)tfc);
        }

        // A sender that knows its receiver to check no replays lets the number roll over. RFC 4303 §3.3.3.
        bool wraps = direction == PolicyDirection.Outbound && sa is { ReplayWindowPackets: 0, ExtendedSequenceNumbers: false };
        uint extra = (wraps ? FlagSequenceMayWrap : 0) | XfrmHeaderFlags.ExtraOf(direction, sa.Headers);
        if (extra != 0)
        {
            message.Attribute(ExtraFlags, extra);
        }

        WriteReplayState(message, direction, sa, legacyWindow);
        return message.ToBytes();
    }

    /// <summary>XFRM_MSG_DELSA.</summary>
    public static byte[] DeleteSa(SecurityAssociation sa)
    {
        byte[] id = new byte[24];
        sa.Destination.WriteTo(id);
        BinaryPrimitives.WriteUInt32BigEndian(id.AsSpan(16), sa.Spi.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(id.AsSpan(20), Family(sa.Destination));
        id[22] = IpProtocol.Esp;
        return new NetlinkMessage(DeleteSaType, NetlinkMessage.RequestWithAcknowledgement).Fixed(id).ToBytes();
    }

    /// <summary>XFRM_MSG_NEWPOLICY with one ESP template.</summary>
    /// <param name="policy">The entry.</param>
    /// <param name="linuxDirection">0 in, 1 out, 2 fwd.</param>
    public static byte[] InstallPolicy(ProtectPolicy policy, byte linuxDirection)
    {
        byte[] info = PolicyInfo(policy.Source, policy.Destination, linuxDirection, priority: 1000);
        byte[] template = new byte[64];
        if (policy.Mode != EspMode.Transport)
        {
            policy.TunnelDestination.WriteTo(template);
            policy.TunnelSource.WriteTo(template.AsSpan(28));
        }

        template[20] = IpProtocol.Esp;
        BinaryPrimitives.WriteUInt16LittleEndian(template.AsSpan(24), Family(policy.TunnelSource));
        template[48] = ModeNumber(policy.Mode);
        template.AsSpan(52, 12).Fill(0xff);
        return new NetlinkMessage(NewPolicy, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive)
            .Fixed(info).Attribute(Template, template).ToBytes();
    }

    /// <summary>XFRM_MSG_NEWPOLICY that lets UDP to a port in without protection: the outer packets of ESP in UDP.</summary>
    public static byte[] InstallUdpBypass(bool ipv6, ushort port)
    {
        AddressPrefix any = new(new IpAddress(0, ipv6), 0);
        byte[] info = PolicyInfo(any, any, 0, priority: 1);
        BinaryPrimitives.WriteUInt16BigEndian(info.AsSpan(32), port);
        BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(34), ushort.MaxValue);
        info[44] = IpProtocol.Udp;
        return new NetlinkMessage(NewPolicy, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive).Fixed(info).ToBytes();
    }

    /// <summary>XFRM_MSG_FLUSHSA for all protocols.</summary>
    public static byte[] FlushSas() => new NetlinkMessage(FlushSa, NetlinkMessage.RequestWithAcknowledgement).Fixed(new byte[1]).ToBytes();

    /// <summary>XFRM_MSG_FLUSHPOLICY for the main policies.</summary>
    public static byte[] FlushPolicies() => new NetlinkMessage(FlushPolicy, NetlinkMessage.RequestWithAcknowledgement).ToBytes();

    private static byte Family(IpAddress address) => address.IsIpv6 ? AfInet6 : AfInet;

    private static byte ModeNumber(EspMode mode) => mode switch
    {
        EspMode.Transport => 0,
        EspMode.Tunnel => 1,
        _ => 4,
    };

    private static byte[] PolicyInfo(AddressPrefix source, AddressPrefix destination, byte linuxDirection, uint priority)
    {
        byte[] info = new byte[168];
        WriteSelector(info, source, destination);
        WriteLifetime(info.AsSpan(56), Lifetime.Unlimited);
        BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(152), priority);
        info[160] = linuxDirection;
        return info;
    }

    private static void WriteSelector(Span<byte> selector, AddressPrefix source, AddressPrefix destination)
    {
        destination.Address.WriteTo(selector);
        source.Address.WriteTo(selector[16..]);
        BinaryPrimitives.WriteUInt16LittleEndian(selector[40..], Family(source.Address));
        selector[42] = (byte)destination.LengthBits;
        selector[43] = (byte)source.LengthBits;
    }

    private static void WriteLifetime(Span<byte> config, Lifetime lifetime)
    {
        ReadOnlySpan<ulong> limits =
        [
            lifetime.SoftBytes ?? ulong.MaxValue, lifetime.HardBytes ?? ulong.MaxValue,
            lifetime.SoftPackets ?? ulong.MaxValue, lifetime.HardPackets ?? ulong.MaxValue,
            (ulong)(lifetime.SoftTime ?? TimeSpan.Zero).TotalSeconds, (ulong)(lifetime.HardTime ?? TimeSpan.Zero).TotalSeconds,
        ];
        for (int i = 0; i < limits.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(config[(8 * i)..], limits[i]);
        }
    }

    private static void WriteAlgorithms(NetlinkMessage message, SecurityAssociation sa, XfrmAlgorithms algorithms)
    {
        if (algorithms.Combined is { } combined)
        {
            message.Attribute(AlgorithmCombined, Algorithm(combined, sa.EncryptionKey, sa.Suite.IcvBytes * 8));
            return;
        }

        message.Attribute(AlgorithmCipher, Algorithm(algorithms.Cipher!, sa.EncryptionKey, null));
        if (algorithms.Integrity is { } integrity)
        {
            message.Attribute(AlgorithmIntegrity, Algorithm(integrity, sa.IntegrityKey, sa.Suite.IcvBytes * 8));
        }
    }

    private static byte[] Algorithm(string name, ByteString key, int? icvBits)
    {
        int head = icvBits is null ? 68 : 72;
        byte[] bytes = new byte[head + key.Length];
        Encoding.ASCII.GetBytes(name, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(64), key.Length * 8);
        if (icvBits is { } bits)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(68), bits);
        }

        key.Span.CopyTo(bytes.AsSpan(head));
        return bytes;
    }

    private static void WriteReplayState(NetlinkMessage message, PolicyDirection direction, SecurityAssociation sa, bool legacyWindow)
    {
        bool inbound = direction == PolicyDirection.Inbound;
        SequenceNumber last = sa.LastSequence;
        if (legacyWindow)
        {
            if (last.Value != 0)
            {
                byte[] state = new byte[12];
                BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(inbound ? 4 : 0), last.Low);
                BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(8), inbound ? 1u : 0);
                message.Attribute(ReplayValue, state);
            }

            return;
        }

        // xfrm_replay_state_esn; an ESN SA needs a window also where it only sends.
        uint window = (uint)Math.Max(1, sa.ReplayWindowPackets);
        int words = (int)((window + 31) / 32);
        byte[] extended = new byte[24 + (4 * words)];
        BinaryPrimitives.WriteInt32LittleEndian(extended, words);
        BinaryPrimitives.WriteUInt32LittleEndian(extended.AsSpan(inbound ? 8 : 4), last.Low);
        BinaryPrimitives.WriteUInt32LittleEndian(extended.AsSpan(inbound ? 16 : 12), last.High);
        BinaryPrimitives.WriteUInt32LittleEndian(extended.AsSpan(20), window);
        if (inbound && last.Value != 0)
        {
            // The right edge counts as seen: number n lives at bit (n - 1) mod W.
            uint bit = unchecked(last.Low - 1) % window;
            BinaryPrimitives.WriteUInt32LittleEndian(extended.AsSpan(24 + (4 * (int)(bit / 32))), 1u << (int)(bit % 32));
        }

        message.Attribute(ReplayExtendedValue, extended);
    }
}
