using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;

namespace Conformance.Harness.Oracle;

/// <summary>Which requirement a target breaks that delivers what the model discards for a reason.</summary>
internal static class Clauses
{
    /// <summary>The requirement of an ICV that leaves out the high half of an extended sequence number.</summary>
    public static string HighHalfLeftOut(EspSuite suite) => suite.Encryption.IsCombinedMode ? "RFC4303-2.2.1-06" : "RFC4303-2.2.1-05";

    /// <summary>The requirement, or null when the model delivers too.</summary>
    public static string? BrokenByDelivery(ReceiveOutcome modelOutcome, EspSuite suite) => modelOutcome switch
    {
        ReceiveOutcome.Discarded discarded => discarded.Reason switch
        {
            DiscardReason.Fragment => "RFC4303-3.4.1-02",
            DiscardReason.NoSecurityAssociation => "RFC4303-3.4.2-02",
            DiscardReason.EncapsulationMismatch => "RFC3948-2.2-02",
            DiscardReason.Expired => "RFC4301-4.4.2.1-11",
            DiscardReason.Replayed => "RFC4303-3.4.3-08",
            DiscardReason.LeftOfWindow => "RFC4303-3.4.3-13",
            DiscardReason.IntegrityFailure => suite.Encryption.IsCombinedMode ? "RFC4303-3.4.4.2-02" : "RFC4303-3.4.4.1-03",
            DiscardReason.PadLengthInvalid => "RFC4303-2.5-03",
            DiscardReason.PaddingInvalid => "RFC4303-2.4-09",
            DiscardReason.Dummy => "RFC4303-2.6-05",
            DiscardReason.NextHeaderInvalid or DiscardReason.InnerMalformed or DiscardReason.SelectorMismatch => "RFC4303-2.6-02",
            DiscardReason.CongestionLost => "RFC6040-4.2-02",
            DiscardReason.HopLimitReached => "RFC4301-5.1.2.1-14",
            DiscardReason.KeepAlive => "RFC3948-2.3-05",
            _ => "RFC4303-2.8-02",
        },
        ReceiveOutcome.NotEsp => "RFC3948-2.2-02",
        _ => null,
    };
}
