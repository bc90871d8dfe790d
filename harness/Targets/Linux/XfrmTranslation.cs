using System.Collections.Immutable;
using Conformance.Harness.Netlink;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>SAs and policies of the RFCs' form as XFRM has them.</summary>
internal static class XfrmTranslation
{
    private const uint PriorityOfProtect = 1000;

    /// <summary>The SA, or null where XFRM has no name for a transform.</summary>
    public static XfrmState? Of(PolicyDirection direction, SecurityAssociation sa)
    {
        if (XfrmTransforms.NamesOf(sa.Suite) is not { } names)
        {
            return null;
        }

        // In tunnel mode the SA carries both inner families; the other modes have the one of their selector.
        XfrmFamily family = XfrmFamilies.Of(sa.Source);
        bool anyFamily = sa.Mode is EspMode.Tunnel or EspMode.AggFrag;
        bool hasDirection = sa.Mode == EspMode.AggFrag;

        // With a direction the kernel takes no window where it only sends.
        int windowPackets = hasDirection && direction == PolicyDirection.Outbound ? 0 : sa.ReplayWindowPackets;
        bool legacyWindow = !sa.ExtendedSequenceNumbers && windowPackets <= 32;
        uint icvBits = (uint)sa.Suite.IcvBytes * 8;

        // A sender that knows its receiver to check no replays lets the number roll over. RFC 4303 §3.3.3.
        bool mayWrap = direction == PolicyDirection.Outbound && sa is { ReplayWindowPackets: 0, ExtendedSequenceNumbers: false };
        return new XfrmState
        {
            Selector = sa is { InnerSource: { } source, InnerDestination: { } destination }
                ? XfrmSelector.Of(AddressPrefix.Host(source), AddressPrefix.Host(destination))
                : new XfrmSelector { Family = anyFamily ? XfrmFamily.Unspecified : family },
            Destination = XfrmAddress.Of(sa.Destination),
            Source = XfrmAddress.Of(sa.Source),
            Spi = sa.Spi,
            Family = family,
            Mode = Mode(sa.Mode),
            ReplayWindow = (byte)(legacyWindow ? windowPackets : 0),
            Flags = (anyFamily ? XfrmStateFlags.UnspecifiedFamily : 0) | (sa.ExtendedSequenceNumbers ? XfrmStateFlags.Esn : 0)
                | XfrmHeaderFlags.Of(direction, sa.Headers),
            ExtraFlags = (mayWrap ? XfrmExtraFlags.SequenceMayWrap : XfrmExtraFlags.None) | XfrmHeaderFlags.ExtraOf(direction, sa.Headers),
            Combined = names.Combined is { } combined ? new XfrmAlgorithm(combined, sa.EncryptionKey, icvBits) : null,
            Encryption = names.Cipher is { } cipher ? new XfrmAlgorithm(cipher, sa.EncryptionKey) : null,
            Integrity = names.Integrity is { } integrity ? new XfrmAlgorithm(integrity, sa.IntegrityKey, icvBits) : null,
            Encapsulation = sa.Encapsulation is { } udp
                ? new XfrmEncapsulation(XfrmEncapsulation.EspInUdp, udp.SourcePort, udp.DestinationPort, default)
                : null,
            TfcPadBytes = (uint)(sa.TfcPayloadBytes ?? 0),
            Limits = Limits(sa.Lifetime),
            Replay = legacyWindow && sa.LastSequence.Value != 0 ? Legacy(direction, sa.LastSequence) : null,
            ReplayEsn = legacyWindow ? null : Extended(direction, sa),
            Direction = hasDirection ? direction == PolicyDirection.Outbound ? XfrmDirection.Out : XfrmDirection.In : null,
            Iptfs = hasDirection ? Iptfs(direction, sa.Aggregation) : null,
        };
    }

    /// <summary>A policy with one ESP template.</summary>
    public static XfrmPolicy Of(ProtectPolicy policy, XfrmDirection direction) => new()
    {
        Selector = XfrmSelector.Of(policy.Source, policy.Destination),
        Direction = direction,
        Priority = PriorityOfProtect,
        Templates =
        [
            new XfrmTemplate
            {
                Source = policy.Mode == EspMode.Transport ? default : XfrmAddress.Of(policy.TunnelSource),
                Destination = policy.Mode == EspMode.Transport ? default : XfrmAddress.Of(policy.TunnelDestination),
                Family = XfrmFamilies.Of(policy.TunnelSource),
                Mode = Mode(policy.Mode),
            },
        ],
    };

    /// <summary>The outbound flow that a larval SA stands for: single addresses, whole ports.</summary>
    public static FlowSelectors FlowOf(XfrmSelector selector)
    {
        bool icmp = FlowSelectors.IsIcmp(selector.Protocol);
        ushort? local = selector.SourcePortMask == 0 ? null : icmp ? (ushort)((selector.SourcePort << 8) | selector.DestinationPort) : selector.SourcePort;
        ushort? remote = selector.DestinationPortMask == 0 || icmp ? null : selector.DestinationPort;
        return new FlowSelectors(selector.Source.In(selector.Family), selector.Destination.In(selector.Family), selector.Protocol, local, remote);
    }

    /// <summary>Lets UDP to a port in without protection: the outer packets of ESP in UDP.</summary>
    public static XfrmPolicy UdpBypass(bool ipv6, ushort port)
    {
        AddressPrefix any = new(new IpAddress(0, ipv6), 0);
        return new XfrmPolicy
        {
            Selector = XfrmSelector.Of(any, any) with { Protocol = IpProtocol.Udp, DestinationPort = port, DestinationPortMask = ushort.MaxValue },
            Direction = XfrmDirection.In,
            Priority = 1,
        };
    }

    private static XfrmMode Mode(EspMode mode) => mode switch
    {
        EspMode.Transport => XfrmMode.Transport,
        EspMode.Tunnel => XfrmMode.Tunnel,
        EspMode.AggFrag => XfrmMode.IpTfs,
        _ => XfrmMode.Beet,
    };

    // The kernel refuses what is for the other direction.
    private static XfrmIptfs Iptfs(PolicyDirection direction, AggregationOptions options) => direction == PolicyDirection.Inbound
        ? new XfrmIptfs((uint)options.LostPacketTimer.TotalMicroseconds, (ushort)options.ReorderWindowPackets)
        : new XfrmIptfs(
            DontFragment: options.DontFragment, InitialDelayMicroseconds: (uint)options.SendDelay.TotalMicroseconds, PacketBytes: (uint?)options.OuterBytes);

    private static XfrmLimits Limits(Lifetime lifetime) => XfrmLimits.None with
    {
        SoftBytes = lifetime.SoftBytes ?? XfrmLimits.Infinite,
        HardBytes = lifetime.HardBytes ?? XfrmLimits.Infinite,
        SoftPackets = lifetime.SoftPackets ?? XfrmLimits.Infinite,
        HardPackets = lifetime.HardPackets ?? XfrmLimits.Infinite,
        SoftAddSeconds = (ulong)(lifetime.SoftTime ?? TimeSpan.Zero).TotalSeconds,
        HardAddSeconds = (ulong)(lifetime.HardTime ?? TimeSpan.Zero).TotalSeconds,
    };

    private static XfrmReplay Legacy(PolicyDirection direction, SequenceNumber last) => direction == PolicyDirection.Inbound
        ? new XfrmReplay(0, last.Low, 1)
        : new XfrmReplay(last.Low, 0, 0);

    // An ESN SA needs a window also where it only sends.
    private static XfrmReplayEsn Extended(PolicyDirection direction, SecurityAssociation sa)
    {
        uint window = (uint)Math.Max(1, sa.ReplayWindowPackets);
        uint[] bitmap = new uint[(window + 31) / 32];
        SequenceNumber last = sa.LastSequence;
        if (direction == PolicyDirection.Outbound)
        {
            return new XfrmReplayEsn(last.Low, 0, last.High, 0, window, [.. bitmap]);
        }

        if (last.Value != 0)
        {
            // The right edge counts as seen: number n lives at bit (n - 1) mod W.
            uint bit = unchecked(last.Low - 1) % window;
            bitmap[bit / 32] = 1u << (int)(bit % 32);
        }

        return new XfrmReplayEsn(0, last.Low, 0, last.High, window, [.. bitmap]);
    }
}
