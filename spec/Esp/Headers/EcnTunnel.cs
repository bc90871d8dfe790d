namespace Conformance.Spec.Esp.Headers;

/// <summary>How a sender writes the outer ECN field. RFC 6040 §4.1.</summary>
public enum EcnMode
{
    /// <summary>The outer field is the inner one.</summary>
    Normal,

    /// <summary>The outer field is Not-ECT, for a far end that would lose congestion marks.</summary>
    Compatibility,
}

/// <summary>The ECN field on its way through a tunnel. RFC 6040 §4.</summary>
public static class EcnTunnel
{
    /// <summary>The outer field for an inner one. RFC 6040 §4.1.</summary>
    public static Ecn Encapsulate(EcnMode mode, Ecn inner) => mode == EcnMode.Compatibility ? Ecn.NotCapable : inner;

    /// <summary>The field of the packet that goes on, or null where it is dropped. RFC 6040 §4.2, figure 4.</summary>
    /// <remarks>A transport that does not understand ECN notices congestion by losses only, so a mark becomes one.</remarks>
    public static Ecn? Decapsulate(Ecn inner, Ecn outer) => inner == Ecn.NotCapable
        ? outer == Ecn.CongestionExperienced ? null : Ecn.NotCapable
        : Severity(outer) > Severity(inner) ? outer : inner;

    /// <summary>True for the pairs that no sender makes and no router should, which are worth a record. RFC 6040 §4.2, «(!)» and «(!!!)».</summary>
    public static bool IsUnused(Ecn inner, Ecn outer) => (inner, outer) switch
    {
        (Ecn.NotCapable, not Ecn.NotCapable) => true,
        (Ecn.Capable1, Ecn.Capable0) => true,
        (Ecn.CongestionExperienced, Ecn.Capable1) => true,
        _ => false,
    };

    // The order of RFC 6040 §4.2: ECT(1) can say more than ECT(0), CE says most.
    private static int Severity(Ecn ecn) => ecn switch
    {
        Ecn.NotCapable => 0,
        Ecn.Capable0 => 1,
        Ecn.Capable1 => 2,
        _ => 3,
    };
}
