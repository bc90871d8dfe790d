using Conformance.Spec.Crypto;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>How large a packet may be so that it fits when an SA was applied (xfrm_state_mtu; in 4.16 esp4_get_mtu, esp6_get_mtu).</summary>
public static class StateMtu
{
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HeaderBytes = 40;
    private const int UdpHeaderBytes = 8;
    private const int BeetPseudoHeaderBytes = 8;
    private const int TrailerFieldBytes = 2;

    /// <summary>Bytes before the SA is applied.</summary>
    /// <param name="state">SA.</param>
    /// <param name="mtuBytes">Bytes that fit behind it.</param>
    public static int Of(XfrmState state, int mtuBytes)
    {
        if (state.Protocol != IpProtocol.Esp || XfrmTransforms.Of(state) is not { } keys)
        {
            return Math.Max(1, mtuBytes);
        }

        int outer = state.Family == XfrmFamily.Ipv6 ? Ipv6HeaderBytes : Ipv4HeaderBytes;
        int kept = state.Mode == XfrmMode.Tunnel ? 0 : outer;
        int room = mtuBytes - HeaderBytes(state, keys.Suite) - keys.Suite.IcvBytes - kept;
        int aligned = (int)Math.Floor((double)room / keys.Suite.AlignmentBytes) * keys.Suite.AlignmentBytes;
        return Math.Max(1, aligned + kept - TrailerFieldBytes);
    }

    /// <summary>Bytes that the SA puts in front (props.header_len).</summary>
    public static int HeaderBytes(XfrmState state, EspSuite suite)
    {
        bool ipv6 = state.Family == XfrmFamily.Ipv6;
        int mode = state.Mode switch
        {
            XfrmMode.Tunnel => ipv6 ? Ipv6HeaderBytes : Ipv4HeaderBytes,
            XfrmMode.Beet when state.Selector.Family != XfrmFamily.Ipv6 => BeetPseudoHeaderBytes + (ipv6 ? Ipv6HeaderBytes - Ipv4HeaderBytes : 0),
            _ => 0,
        };
        return EspProtection.HeaderBytes + suite.IvBytes + mode + (state.Encapsulation is null ? 0 : UdpHeaderBytes);
    }
}
