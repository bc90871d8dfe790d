using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>Makes the host around the databases: addresses, devices, routes. What the user does not say is read off the databases.</summary>
/// <remarks>Two devices besides lo: one towards the wire, with a default route, and one towards the networks that the host protects.</remarks>
internal static class TraceHost
{
    /// <summary>Name of the device towards the protected networks.</summary>
    public const string InnerDeviceName = "host0";

    private const string WireDeviceName = "wire0";
    private const ushort NatTraversalPort = 4500;

    // A dump without times: all entries were added in this second.
    private const ulong SomeTime = 1_767_225_600;

    /// <summary>The host before the first packet.</summary>
    public static LinuxHost Create(TraceRequest request, ImmutableArray<IpAddress> own, List<string> remarks)
    {
        (LinuxDevice wire, LinuxDevice inner) = Devices(request, own);
        ulong now = Now(request);
        XfrmDatabases databases = DatabaseLoader.WithPolicies(XfrmDatabases.Empty(request.Release), request.Policies, now, remarks);
        return new LinuxHost
        {
            Databases = DatabaseLoader.WithStates(databases, request.States, "--sad", now, remarks),
            Devices = [LinuxDevice.Loopback, wire, inner, .. OtherDevices(request, wire)],
            Routes = [.. Routes(request, own, wire.Index, inner.Index)],
            Settings = new LinuxSettings { EspOffloadIpv4 = request.EspOffload, EspOffloadIpv6 = request.EspOffload, XfrmInterfaces = true },
            EncapsulationPorts = EncapsulationPorts(request, own),
            Now = now,
            Explains = true,
        };
    }

    /// <summary>The addresses that the policies say are the host's own: its tunnel ends, and single addresses that it protects.</summary>
    public static ImmutableArray<IpAddress> OwnAddresses(PolicyDump dump)
    {
        HashSet<IpAddress> own = [];
        foreach (XfrmPolicy policy in dump.Entries.Where(e => !e.OfSocket).Select(e => e.Policy))
        {
            XfrmSelector selector = policy.Selector;
            bool leaves = policy.Direction == XfrmDirection.Out;
            int full = XfrmFamilies.AddressBits(selector.Family);
            bool tunnels = policy.Templates.Any(t => t.HasOwnAddresses);
            if (policy.Direction != XfrmDirection.Forward && !tunnels && (leaves ? selector.SourceBits : selector.DestinationBits) == full)
            {
                own.Add((leaves ? selector.Source : selector.Destination).In(selector.Family));
            }

            foreach (XfrmTemplate template in policy.Templates.Where(t => t.HasOwnAddresses))
            {
                XfrmAddress end = leaves ? template.Source : template.Destination;
                if (!end.IsZero)
                {
                    own.Add(end.In(template.Family));
                }
            }
        }

        return [.. own.Order(Comparer<IpAddress>.Create((a, b) => (a.IsIpv6, a.Value).CompareTo((b.IsIpv6, b.Value))))];
    }

    /// <summary>The device towards the wire.</summary>
    public static LinuxDevice Wire(LinuxHost host) => host.Devices[1];

    /// <summary>The device towards the protected networks.</summary>
    public static LinuxDevice Inner(LinuxHost host) => host.Devices[2];

    private static (LinuxDevice Wire, LinuxDevice Inner) Devices(TraceRequest request, ImmutableArray<IpAddress> own)
    {
        // The first device that the dumps name is taken for the one towards the wire.
        DeviceNames names = request.States.Style.Devices;
        (string name, int index) = names.Names.Length > 1 ? names.Names[1] : (WireDeviceName, 2);
        int last = Math.Max(index, names.Names.Max(n => n.Index));
        LinuxDevice wire = new(index, name, request.MtuBytes) { Addresses = own, IsNapi = request.EspOffload };
        return (wire, new LinuxDevice(last + 1, InnerDeviceName, 65_000));
    }

    private static IEnumerable<LinuxDevice> OtherDevices(TraceRequest request, LinuxDevice wire) =>
        request.States.Style.Devices.Names.Where(n => n.Index != 1 && n.Index != wire.Index).Select(n => new LinuxDevice(n.Index, n.Name, request.MtuBytes));

    private static IEnumerable<LinuxRoute> Routes(TraceRequest request, ImmutableArray<IpAddress> own, int wire, int inner)
    {
        foreach (bool ipv6 in new[] { false, true })
        {
            IpAddress? source = own.Where(a => a.IsIpv6 == ipv6).Select(a => (IpAddress?)a).FirstOrDefault();
            yield return new LinuxRoute(new AddressPrefix(new IpAddress(0, ipv6), 0), wire, source);
        }

        foreach (XfrmPolicy policy in request.Policies.Entries.Select(e => e.Policy).Where(p => p.Templates.Any(t => t.HasOwnAddresses)))
        {
            XfrmSelector selector = policy.Selector;
            bool leaves = policy.Direction == XfrmDirection.Out;
            byte bits = leaves ? selector.SourceBits : selector.DestinationBits;
            if (bits > 0)
            {
                yield return new LinuxRoute(new AddressPrefix((leaves ? selector.Source : selector.Destination).In(selector.Family), bits), inner);
            }
        }
    }

    private static ImmutableArray<ushort> EncapsulationPorts(TraceRequest request, ImmutableArray<IpAddress> own) =>
    [
        .. request.States.Entries.Concat(request.LaterStates?.Entries ?? [])
            .Where(e => e.State.Encapsulation is { Type: XfrmEncapsulation.EspInUdp })
            .Select(e => own.Contains(e.State.SourceAddress) ? e.State.Encapsulation!.SourcePort : e.State.Encapsulation!.DestinationPort)
            .Append(NatTraversalPort).Distinct().Order(),
    ];

    private static ulong Now(TraceRequest request)
    {
        ulong last = request.Policies.Entries.Select(e => e.Policy.Use).Concat(request.States.Entries.Select(e => e.State.Use))
            .Select(use => Math.Max(use.AddTime, use.UseTime)).DefaultIfEmpty().Max();
        return last == 0 ? SomeTime : last;
    }
}
