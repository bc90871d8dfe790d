using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>Gives drawn policies, SAs and packets what the features of a world ask for; what is off draws nothing.</summary>
/// <param name="random">Local generator.</param>
/// <param name="features">What the world draws.</param>
internal sealed class XfrmTwists(Random random, XfrmFeatures features)
{
    private const ushort NatTraversalPort = 4500;
    private const uint OtherInterface = 3;
    private static readonly XfrmMark[] Marks = [new(1, 1), new(1, 3), new(2, 3), new(3, 3), new(0, 1), new(2, 2), new(5, 1)];
    private static readonly uint[] Windows = [32, 33, 64, 100];

    /// <summary>True when a feature is asked for.</summary>
    public bool Has(XfrmFeatures feature) => (features & feature) != 0;

    /// <summary>A policy with mark, if_id and type.</summary>
    public XfrmPolicy Of(XfrmPolicy policy) => policy with
    {
        Mark = Happens(XfrmFeatures.Marks, 3) ? Pick(Marks) : default,
        InterfaceId = Happens(XfrmFeatures.InterfaceIds, 8) ? OtherInterface : 0,
        Type = Happens(XfrmFeatures.SubPolicies, 3) ? XfrmPolicyType.Sub : XfrmPolicyType.Main,
    };

    /// <summary>A template, perhaps without a source.</summary>
    public XfrmTemplate Of(XfrmTemplate template) =>
        template.HasOwnAddresses && Happens(XfrmFeatures.Wildcards, 5) ? template with { Source = default } : template;

    /// <summary>An SA with marks, if_id, encapsulation, numbers, limits, direction and an SPI that others may have.</summary>
    /// <param name="state">The SA.</param>
    /// <param name="inbound">True when the stack is its destination.</param>
    /// <param name="others">SAs before it.</param>
    public XfrmState Of(XfrmState state, bool inbound, IReadOnlyList<XfrmState> others)
    {
        state = state with
        {
            Source = Happens(XfrmFeatures.Wildcards, 5) ? default : state.Source,
            Spi = others.Count > 0 && Happens(XfrmFeatures.SharedSpis, 2) ? others[random.Next(others.Count)].Spi : state.Spi,
            Mark = Happens(XfrmFeatures.Marks, 4) || Happens(XfrmFeatures.SharedSpis, 4) ? Pick(Marks) : default,
            OutputMark = Happens(XfrmFeatures.Marks, 3) ? Pick(Marks) : null,
            InterfaceId = Happens(XfrmFeatures.InterfaceIds, 4) ? OtherInterface : 0,
            Encapsulation = Happens(XfrmFeatures.UdpEncapsulation, 2) ? Encapsulation() : null,
            Limits = Limits(),
            Direction = Happens(XfrmFeatures.Directions, 2) ? Direction(inbound) : null,
        };
        return Happens(XfrmFeatures.Esn, 2) ? WithBitmap(state) : state;
    }

    /// <summary>Policies beside the drawn ones: one that lets ESP in UDP in.</summary>
    public IEnumerable<XfrmPolicy> More()
    {
        if (!Happens(XfrmFeatures.UdpEncapsulation, 2))
        {
            yield break;
        }

        foreach (bool ipv6 in new[] { false, true })
        {
            AddressPrefix any = new(new IpAddress(0, ipv6), 0);
            yield return new XfrmPolicy
            {
                Selector = XfrmSelector.Of(any, any) with { Protocol = IpProtocol.Udp, DestinationPort = NatTraversalPort, DestinationPortMask = ushort.MaxValue },
                Direction = XfrmDirection.In,
                Priority = 0,
            };
        }
    }

    /// <summary>A packet of a local program, with the mark of its socket, perhaps with its own header.</summary>
    public XfrmProbe.Local Of(XfrmProbe.Local probe) => probe with
    {
        Mark = Has(XfrmFeatures.Marks) ? (uint)random.Next(4) : 0,
        HeaderIncluded = Happens(XfrmFeatures.HeaderIncluded, 2),
    };

    /// <summary>A packet in transit, perhaps one of the fragments of a larger one.</summary>
    public ByteString InTransit(ByteString plain)
    {
        if (!Happens(XfrmFeatures.Fragments, 3))
        {
            return plain;
        }

        const int Unit = 8;
        bool ipv6 = plain[0] >> 4 == 6;
        int header = ipv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes;
        ImmutableArray<ByteString> pieces = [.. IpFragments.Cut(plain, header + (ipv6 ? Unit : 0) + (2 * Unit), (uint)random.Next(1, 1 << 16))];
        return pieces[random.Next(pieces.Length)];
    }

    private bool Happens(XfrmFeatures feature, int onceIn) => Has(feature) && random.Next(onceIn) == 0;

    private XfrmEncapsulation Encapsulation() => new(
        XfrmEncapsulation.EspInUdp, random.Next(4) == 0 ? (ushort)4501 : NatTraversalPort, NatTraversalPort, default);

    private XfrmLimits Limits() => !Has(XfrmFeatures.Limits) ? XfrmLimits.None : XfrmLimits.None with
    {
        SoftPackets = random.Next(4) == 0 ? (ulong)random.Next(1, 3) : XfrmLimits.Infinite,
        HardPackets = random.Next(3) == 0 ? (ulong)random.Next(1, 4) : XfrmLimits.Infinite,
        SoftBytes = random.Next(8) == 0 ? (ulong)random.Next(20, 70) : XfrmLimits.Infinite,
        HardBytes = random.Next(6) == 0 ? (ulong)random.Next(20, 120) : XfrmLimits.Infinite,
    };

    // Mostly the right one: an SA of the other direction is of no use.
    private XfrmDirection Direction(bool inbound) => random.Next(5) == 0 != inbound ? XfrmDirection.In : XfrmDirection.Out;

    private XfrmState WithBitmap(XfrmState state)
    {
        // A sender that is bound outwards has no window.
        uint window = state.Direction == XfrmDirection.Out ? 0 : Pick(Windows);
        int words = (int)((window + 31) / 32);
        return state with
        {
            Flags = random.Next(3) == 0 ? state.Flags : state.Flags | XfrmStateFlags.Esn,
            ReplayWindow = 0,
            ReplayEsn = new XfrmReplayEsn(0, 0, 0, 0, window, [.. new uint[words]]),
        };
    }

    private T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
