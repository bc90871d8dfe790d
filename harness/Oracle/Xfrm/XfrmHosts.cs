using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>The host that random databases are put into: the same for the model and, by commands, for a target.</summary>
internal static class XfrmHosts
{
    /// <summary>Device of the unprotected side.</summary>
    public const int Wire = 2;

    /// <summary>Device of the protected side.</summary>
    public const int Protected = 3;

    private const int MtuBytes = 65000;

    // Limits of time play no part, so any moment will do.
    private const ulong Moment = 1_700_000_000;
    private static readonly XfrmAddresses[] Spaces = [XfrmAddresses.Ipv4, XfrmAddresses.Ipv6];

    /// <summary>What gives a target the addresses and routes of the random worlds.</summary>
    public static IEnumerable<Command> Commands =>
    [
        .. Spaces.SelectMany(s => s.Local).Select(a => new Command.AddAddress(a)),
        .. Spaces.Select(s => new Command.AddRoute(s.WireNetwork, TowardsWire: true, s.Local[0])),
        .. Spaces.Select(s => new Command.AddRoute(s.ProtectedNetwork, TowardsWire: false)),
    ];

    /// <summary>The model's host for a target: its release, and what is built into that release as it is tested.</summary>
    /// <returns>Null when the model knows no such release.</returns>
    public static LinuxHost? For(TargetIdentity target)
    {
        LinuxRelease? release = target.Name == "reference" ? LinuxRelease.Linux612 : LinuxRelease.Of(target.Version);
        bool offloads = release != LinuxRelease.Linux61 || target.Version.EndsWith(TargetIdentity.WithEspOffload, StringComparison.Ordinal);
        return release is null ? null : new LinuxHost
        {
            Databases = XfrmDatabases.Empty(release),
            Devices =
            [
                LinuxDevice.Loopback,
                new LinuxDevice(Wire, "wire0", MtuBytes)
                {
                    Addresses =
                    [
                        AddressPlan.Ipv4.Target, AddressPlan.Ipv4Sentinel.Target, AddressPlan.Ipv6.Target, AddressPlan.Ipv6Sentinel.Target,
                        .. Spaces.SelectMany(s => s.Local),
                    ],
                },
                new LinuxDevice(Protected, "host0", MtuBytes),
            ],
            Routes = [.. Routes()],
            EncapsulationPorts = [4500],
            Settings = new LinuxSettings
            {
                EspOffloadIpv4 = offloads,
                EspOffloadIpv6 = offloads,
                XfrmInterfaces = release != LinuxRelease.Linux61,
                MobileIpv6 = release == LinuxRelease.Linux61,
            },
            Now = Moment,
        };
    }

    private static IEnumerable<LinuxRoute> Routes()
    {
        foreach (XfrmAddresses space in Spaces)
        {
            yield return new LinuxRoute(space.WireNetwork, Wire, space.Local[0]);
            yield return new LinuxRoute(space.ProtectedNetwork, Protected);
        }

        foreach (AddressSet set in new[] { AddressPlan.Ipv4, AddressPlan.Ipv4Sentinel, AddressPlan.Ipv6, AddressPlan.Ipv6Sentinel })
        {
            yield return new LinuxRoute(AddressPrefix.Host(set.Peer), Wire, set.Target);
            yield return new LinuxRoute(AddressPrefix.Host(set.Remote), Wire);
            yield return new LinuxRoute(AddressPrefix.Host(set.Protected), Protected);
        }
    }
}
