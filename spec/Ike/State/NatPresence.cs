namespace Conformance.Spec.Ike.State;

/// <summary>On whose side of the path addresses are translated. RFC 7296 §2.23.</summary>
[Flags]
public enum NatPresence
{
    /// <summary>No NAT, or none that was looked for.</summary>
    None = 0,

    /// <summary>This side is behind a NAT.</summary>
    BeforeOwn = 1,

    /// <summary>The other side is behind a NAT.</summary>
    BeforePeer = 2,
}
