using Conformance.Spec.Requirements;

namespace Conformance.Harness.Targets.Reference;

/// <summary>What the embedded target can do.</summary>
internal static class ReferenceCapabilities
{
    /// <summary>What it can do more where it cuts and merges.</summary>
    public const Capabilities Offload = Capabilities.Segmentation | Capabilities.UdpSegmentation | Capabilities.Coalescing | Capabilities.VlanTags;

    public const Capabilities All = Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.TransportMode | Capabilities.TunnelMode
        | Capabilities.BeetMode | Capabilities.Ipv6 | Capabilities.Esn | Capabilities.AntiReplay | Capabilities.UdpEncap
        | Capabilities.SequenceSeed | Capabilities.Tfc | Capabilities.Counters | Capabilities.VirtualClock
        | Capabilities.LifetimePackets | Capabilities.LifetimeBytes | Capabilities.LifetimeTime | Capabilities.SaInstall | Capabilities.AnyReplayWindow
        | Capabilities.XfrmDatabases | Capabilities.Spd | Capabilities.Acquire
        | Capabilities.Gateway | Capabilities.Fragmentation | Capabilities.Pmtu | Capabilities.Icmp | Capabilities.LinkMtu
        | Capabilities.TunnelHeaderOptions | Capabilities.HeaderProcessing | Capabilities.Iptfs
        | Capabilities.Ike | Capabilities.IkeInitiator | Capabilities.IkeResponder | Capabilities.CreateChildSa | Capabilities.IkeRekey | Capabilities.Nat
        | Capabilities.IkeFragmentation | Capabilities.IkeCertificates | Capabilities.MultipleKeyExchanges | Capabilities.PostquantumPresharedKey
        | Capabilities.ChildlessIke | Capabilities.Mobike | Capabilities.IkeEap | Capabilities.IkeConfiguration;
}
