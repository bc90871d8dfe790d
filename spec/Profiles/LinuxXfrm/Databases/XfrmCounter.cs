namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Counters of /proc/net/xfrm_stat, in the order of the file; the name in the file is Xfrm with this behind it.</summary>
public enum XfrmCounter
{
    /// <summary>xfrm_input: no security path, or the route was lost; ESP in TCP: bad buffer, no device, IKE queue full.</summary>
    InError,

    /// <summary>xfrm_input: seventh nested transform. __xfrm_policy_check: six templates or more.</summary>
    InBufferError,

    /// <summary>xfrm_input: too short for SPI and sequence number. __xfrm_policy_check: flow not decoded.</summary>
    InHdrError,

    /// <summary>xfrm_input: no SA for mark, destination, SPI, protocol and family.</summary>
    InNoStates,

    /// <summary>xfrm_input: the transform refused: ICV, length, pad length, dummy packet.</summary>
    InStateProtoError,

    /// <summary>xfrm_input: the mode refused: next header of no tunnel, inner header cut short.</summary>
    InStateModeError,

    /// <summary>xfrm_input: replay check, before or after decryption.</summary>
    InStateSeqError,

    /// <summary>xfrm_state_check_expire on input: hard limit of bytes or packets.</summary>
    InStateExpired,

    /// <summary>xfrm_input: encapsulation differs. __xfrm_policy_check: an SA's selector does not match the packet.</summary>
    InStateMismatch,

    /// <summary>xfrm_input: SA neither valid nor larval.</summary>
    InStateInvalid,

    /// <summary>__xfrm_policy_check: templates not satisfied, or a tunnel SA left over.</summary>
    InTmplMismatch,

    /// <summary>__xfrm_policy_check: no policy, and the default blocks or a tunnel SA was used.</summary>
    InNoPols,

    /// <summary>__xfrm_policy_check: a policy blocks.</summary>
    InPolBlock,

    /// <summary>__xfrm_policy_check: lookup failed.</summary>
    InPolError,

    /// <summary>xfrm_output: no room, checksum, or route lost.</summary>
    OutError,

    /// <summary>xfrm_bundle_create failed: no route to the endpoint, inner mode missing.</summary>
    OutBundleGenError,

    /// <summary>Never counted.</summary>
    OutBundleCheckError,

    /// <summary>xfrm_lookup_with_ifid: a required template found no usable SA.</summary>
    OutNoStates,

    /// <summary>xfrm_output_one, validate_xmit_xfrm: the transform failed.</summary>
    OutStateProtoError,

    /// <summary>xfrm_output_one: the mode's header cannot be added, or the packet is too big.</summary>
    OutStateModeError,

    /// <summary>xfrm_output_one: sequence numbers are exhausted.</summary>
    OutStateSeqError,

    /// <summary>xfrm_state_check_expire on output: hard limit of bytes or packets.</summary>
    OutStateExpired,

    /// <summary>xfrm_lookup_with_ifid: a policy blocks.</summary>
    OutPolBlock,

    /// <summary>Never counted.</summary>
    OutPolDead,

    /// <summary>xfrm_lookup_with_ifid: lookup failed, or templates were not resolved for another reason than waiting.</summary>
    OutPolError,

    /// <summary>__xfrm_route_forward: flow not decoded, or route lost.</summary>
    FwdHdrError,

    /// <summary>xfrm_output_one: the SA stopped being valid after the lookup.</summary>
    OutStateInvalid,

    /// <summary>xfrm_input: a larval SA that has an SPI.</summary>
    AcquireError,

    /// <summary>xfrm_tmpl_resolve_one: an SA bound to direction in (6.10 and later).</summary>
    OutStateDirError,

    /// <summary>xfrm_input: an SA bound to direction out (6.10 and later).</summary>
    InStateDirError,
}
