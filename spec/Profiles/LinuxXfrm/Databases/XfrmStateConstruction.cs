using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

public static partial class XfrmStateChecks
{
    private const ushort NonIkeMarker = 1;
    private const ushort EspInTcp = 7;

    // xfrm_state_construct: names first, then the mode for the families, then the transform itself.
    private static XfrmAnswer.Refused? Construct(XfrmState state, LinuxRelease release) =>
        FaultOfNames(state) ?? FaultOfFamilies(state, release) ?? Invalid(FaultOfTransform(state, release)) ?? Invalid(XfrmReplayChecks.FaultOfWindow(state, release));

    private static XfrmAnswer.Refused? FaultOfNames(XfrmState state)
    {
        if (state.Combined is { } combined && !XfrmAlgorithmTable.IsCombined(combined.Name, combined.IcvBits))
        {
            return new XfrmAnswer.Refused(Errno.Enosys, "Requested AEAD algorithm not found");
        }

        if (state.Integrity is { } integrity)
        {
            if (XfrmAlgorithmTable.Integrity(integrity.Name) is not { } bits)
            {
                return new XfrmAnswer.Refused(Errno.Enosys, "Requested AUTH algorithm not found");
            }

            if (integrity.IcvBits > bits.Full)
            {
                return new XfrmAnswer.Refused(Errno.Einval, "Invalid length requested for truncated ICV");
            }
        }

        return state.Encryption is { } cipher && !XfrmAlgorithmTable.IsCipher(cipher.Name)
            ? new XfrmAnswer.Refused(Errno.Enosys, "Requested CRYPT algorithm not found")
            : null;
    }

    private static XfrmAnswer.Refused? FaultOfFamilies(XfrmState state, LinuxRelease release)
    {
        XfrmFamily selector = Normalized(state, release, 0).Selector.Family;
        XfrmFamily inner = selector == XfrmFamily.Unspecified ? state.Family : selector;
        bool tunnel = state.Mode is XfrmMode.Tunnel or XfrmMode.Beet or XfrmMode.IpTfs;
        return state.Mode == XfrmMode.RouteOptimization && (inner == XfrmFamily.Ipv4 || state.Family == XfrmFamily.Ipv4)
            ? new XfrmAnswer.Refused(Errno.Eprotonosupport, "Requested mode not found")
            : !tunnel && inner != state.Family
            ? new XfrmAnswer.Refused(Errno.Eprotonosupport, "Only tunnel modes can accommodate a change of family")
            : null;
    }

    private static string? FaultOfTransform(XfrmState state, LinuxRelease release)
    {
        if (state.Protocol == IpProtocol.Ah)
        {
            return state.Encapsulation is not null ? "AH is not compatible with encapsulation"
                : state.Mode is not (XfrmMode.Transport or XfrmMode.Tunnel or XfrmMode.Beet) ? "Unsupported mode for AH"
                : XfrmAlgorithmTable.IntegrityTakesKey(state.Integrity!.Name, state.Integrity.Key.Length, release) ? null : "Key of the integrity algorithm";
        }

        if (state.Protocol != IpProtocol.Esp)
        {
            return state.Encapsulation is not null ? "IPComp is not compatible with encapsulation" : null;
        }

        return FaultOfKeys(state, release) ?? FaultOfEncapsulation(state.Encapsulation, release);
    }

    private static string? FaultOfKeys(XfrmState state, LinuxRelease release)
    {
        if (state.Combined is { } combined)
        {
            return XfrmAlgorithmTable.CombinedTakesKey(combined.Name, combined.Key.Length) ? null : "Key of the combined algorithm";
        }

        return state.Encryption is not { } cipher ? "Missing required attribute for ESP: CRYPT"
            : !XfrmAlgorithmTable.CipherTakesKey(cipher.Name, cipher.Key.Length) ? "Key of the cipher"
            : state.Integrity is { } integrity && !XfrmAlgorithmTable.IntegrityTakesKey(integrity.Name, integrity.Key.Length, release) ? "Key of the integrity algorithm"

            // The transform is given the length in whole bytes.
            : state.Integrity is { IcvBits: > 0 and < 8 } ? "ICV shorter than a byte"
            : null;
    }

    private static string? FaultOfEncapsulation(XfrmEncapsulation? encapsulation, LinuxRelease release) => encapsulation?.Type switch
    {
        null or XfrmEncapsulation.EspInUdp => null,
        NonIkeMarker when release.KnowsNonIkeMarker => null,
        EspInTcp when release.HasEspInTcp => null,
        _ => "Unsupported encapsulation type for ESP",
    };
}
