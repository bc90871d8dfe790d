using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What a new SA must satisfy (verify_newsa_info, xfrm_state_construct, __xfrm_init_state).</summary>
/// <remarks>IPComp is checked as far as the request goes, not whether the kernel has the compression.</remarks>
public static partial class XfrmStateChecks
{
    private const uint LargestCompressionIndex = 0xffff;

    /// <summary>The first thing wrong with an SA, or null.</summary>
    public static XfrmAnswer.Refused? Check(XfrmState state, LinuxRelease release) =>
        Invalid(FaultOfAddresses(state) ?? FaultOfAlgorithms(state) ?? XfrmReplayChecks.Fault(state, release) ?? FaultOfMode(state, release))
        ?? FaultOfDirection(state, release)
        ?? Construct(state, release);

    /// <summary>An SA as it is stored: selector family, mark, ICV lengths and replay state filled in.</summary>
    public static XfrmState Normalized(XfrmState state, LinuxRelease release, ulong now)
    {
        XfrmFamily family = state.Selector.Family == XfrmFamily.Unspecified && !state.Flags.HasFlag(XfrmStateFlags.UnspecifiedFamily) ? state.Family : state.Selector.Family;
        return state with
        {
            Selector = state.Selector with { Family = family },
            Mark = state.Mark with { Value = state.Mark.Value & state.Mark.Mask },
            ReplayWindow = Math.Min(state.ReplayWindow, XfrmReplayChecks.LegacyBits),
            Replay = state.ReplayEsn is null ? state.Replay ?? default(XfrmReplay) : null,
            Integrity = state.Integrity is { } integrity ? Stored(integrity) : null,
            Encryption = state.Encryption is { } cipher ? cipher with { Name = XfrmAlgorithmTable.Canonical(cipher.Name) } : null,
            Use = state.Use == default ? new XfrmUse(0, 0, now, 0) : state.Use,
            Direction = release.BindsDirections ? state.Direction : null,
            Statistics = default,
        };
    }

    private static XfrmAlgorithm Stored(XfrmAlgorithm integrity) => integrity with
    {
        Name = XfrmAlgorithmTable.Canonical(integrity.Name),
        IcvBits = integrity.IcvBits != 0 ? integrity.IcvBits : XfrmAlgorithmTable.Integrity(integrity.Name)?.Default ?? 0,
    };

    private static XfrmAnswer.Refused? Invalid(string? fault) => fault is null ? null : new XfrmAnswer.Refused(Errno.Einval, fault);

    private static string? FaultOfAddresses(XfrmState state)
    {
        if (state.Family is not (XfrmFamily.Ipv4 or XfrmFamily.Ipv6))
        {
            return "Invalid address family";
        }

        XfrmFamily family = state.Selector.Family == XfrmFamily.Unspecified && !state.Flags.HasFlag(XfrmStateFlags.UnspecifiedFamily) ? state.Family : state.Selector.Family;
        int bits = XfrmFamilies.AddressBits(family);
        return family is not (XfrmFamily.Unspecified or XfrmFamily.Ipv4 or XfrmFamily.Ipv6) ? "Invalid address family in selector"
            : family != XfrmFamily.Unspecified && (state.Selector.DestinationBits > bits || state.Selector.SourceBits > bits) ? "Invalid prefix length in selector"
            : null;
    }

    private static string? FaultOfAlgorithms(XfrmState state) => state.Protocol switch
    {
        IpProtocol.Ah =>
            state.Integrity is null ? "Missing required attribute for AH: AUTH or AUTH_TRUNC"
            : state.Combined is not null || state.Encryption is not null || state.Compression is not null || state.TfcPadBytes != 0 ? "Invalid attributes for AH"
            : null,
        IpProtocol.Esp =>
            state.Compression is not null ? "Invalid attribute for ESP: COMP"
            : state.Integrity is null && state.Encryption is null && state.Combined is null ? "Missing required attribute for ESP"
            : state.Combined is not null && (state.Integrity is not null || state.Encryption is not null) ? "Invalid attribute combination for ESP: AEAD can't be used with AUTH, CRYPT"
            : state.TfcPadBytes != 0 && state.Mode != XfrmMode.Tunnel ? "TFC padding can only be used in tunnel mode"
            : null,
        IpProtocol.IpComp =>
            state.Compression is null ? "Missing required attribute for COMP: COMP"
            : state.Combined is not null || state.Integrity is not null || state.Encryption is not null || state.TfcPadBytes != 0 ? "Invalid attributes for COMP"
            : state.Spi.Value > LargestCompressionIndex ? "SPI is too large for COMP (must be < 0x10000)"
            : null,

        // Routing and destination options need a care-of address, which this vocabulary has not.
        IpProtocol.Routing or IpProtocol.DestinationOptions => "Missing required attribute: COADDR",
        _ => "Unsupported protocol",
    };

    private static string? FaultOfMode(XfrmState state, LinuxRelease release) => state.Mode switch
    {
        XfrmMode.Transport or XfrmMode.Tunnel or XfrmMode.RouteOptimization or XfrmMode.Beet => null,
        XfrmMode.IpTfs when release.KnowsIpTfs => state.Direction is null ? "IP-TFS mode requires in or out direction attribute" : null,
        _ => "Unsupported mode",
    };

    private static XfrmAnswer.Refused? FaultOfDirection(XfrmState state, LinuxRelease release)
    {
        if (state.Direction is not { } direction || !release.BindsDirections)
        {
            return null;
        }

        const XfrmStateFlags InboundOnly = XfrmStateFlags.DecapDscp | XfrmStateFlags.Icmp | XfrmStateFlags.WildReceive;
        return direction switch
        {
            XfrmDirection.Out => Invalid(
                (state.Flags & InboundOnly) != 0 ? "Flag is only for SAs of direction in"
                : state.ReplayWindow != 0 ? "Replay window should be 0 for output SA"
                : state.Replay is { } replay && (replay.Sequence != 0 || replay.Bitmap != 0) ? "Replay seq and bitmap should be 0 for output SA"
                : null),
            XfrmDirection.In => Invalid(
                state.Flags.HasFlag(XfrmStateFlags.NoPmtuDiscovery) ? "Flag NOPMTUDISC should not be set for input SA"
                : state.ExtraFlags != 0 ? "Extra flags should not be set for input SA"
                : null),
            _ => new XfrmAnswer.Refused(Errno.Erange),
        };
    }
}
