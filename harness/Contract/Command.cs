using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Contract;

/// <summary>A change of a target's databases.</summary>
public abstract record Command
{
    private Command()
    {
    }

    /// <summary>Adds an SA; inbound means that the target receives on it.</summary>
    public sealed record InstallSa(PolicyDirection Direction, SecurityAssociation Sa) : Command;

    /// <summary>Removes an SA.</summary>
    public sealed record DeleteSa(PolicyDirection Direction, SecurityAssociation Sa) : Command;

    /// <summary>Appends a PROTECT entry to the SPD.</summary>
    public sealed record InstallPolicy(ProtectPolicy Policy) : Command;

    /// <summary>Replaces the whole SPD by entries in order, behind which everything is discarded. RFC 4301 §4.4.1.</summary>
    /// <param name="Database">The entries.</param>
    /// <param name="KeyedByHand">True when SAs are put in for no entry in particular, and serve each whose mode, ends and transforms they have. RFC 4301 §4.4.2.</param>
    public sealed record InstallSpd(SecurityPolicyDatabase Database, bool KeyedByHand = false) : Command;

    /// <summary>Adds an SA with its selectors and the entry of the installed SPD that it serves. RFC 4301 §4.4.2.1.</summary>
    public sealed record InstallSadEntry(PolicyDirection Direction, SadEntry Entry) : Command;

    /// <summary>Sets the MTU of the link on the wire side, in bytes, until the next reset.</summary>
    public sealed record SetWireMtu(int Bytes) : Command;

    /// <summary>Puts the link to the peers into a VLAN, until the next reset; needs <see cref="Spec.Requirements.Capabilities.VlanTags"/>.</summary>
    /// <param name="VlanId">IEEE 802.1Q, 1 to 4094.</param>
    public sealed record SetWireVlan(ushort VlanId) : Command;

    /// <summary>A request to databases of Linux's form; needs <see cref="Spec.Requirements.Capabilities.XfrmDatabases"/>.</summary>
    public sealed record Xfrm(XfrmRequest Request) : Command;

    /// <summary>Gives the stack one more address of its own, for the life of the target.</summary>
    public sealed record AddAddress(IpAddress Address) : Command;

    /// <summary>Routes a prefix to one of the two sides, for the life of the target.</summary>
    /// <param name="Destination">Destinations.</param>
    /// <param name="TowardsWire">True for the unprotected side.</param>
    /// <param name="Source">Source of local packets that have none; null to let the stack choose.</param>
    public sealed record AddRoute(AddressPrefix Destination, bool TowardsWire, IpAddress? Source = null) : Command;

    /// <summary>Tells the stack's IKE of one peer, as the stack sees it; what it was told before is forgotten, with all IKE SAs. Needs <see cref="Spec.Requirements.Capabilities.Ike"/>.</summary>
    /// <remarks>A daemon draws its own random values: <see cref="IkeConfiguration.Seed"/> binds the embedded target only.</remarks>
    public sealed record ConfigureIke(IkeConfiguration Configuration) : Command;

    /// <summary>Asks the stack's IKE to do something; what comes of it shows on the wire.</summary>
    public sealed record AskIke(IkeRequest Request) : Command;
}

/// <summary>What became of a command.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>Carried out.</summary>
    public sealed record Done : CommandOutcome;

    /// <summary>What the databases answered to <see cref="Command.Xfrm"/>, refusals included.</summary>
    public sealed record Answered(XfrmAnswer Answer) : CommandOutcome;

    /// <summary>The stack knows the thing asked for and refuses it.</summary>
    public sealed record Refused(string Reason) : CommandOutcome;

    /// <summary>The stack or its adapter cannot do this at all.</summary>
    public sealed record Unsupported(string Reason) : CommandOutcome;
}
