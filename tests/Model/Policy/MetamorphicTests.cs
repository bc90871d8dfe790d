using System.Collections.Immutable;
using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Policy;

/// <summary>Changes of an SPD that must change no decision, or change it in a known way.</summary>
public class MetamorphicTests
{
    private const int HostBits = 3;
    private static readonly PolicyDirection[] Directions = [PolicyDirection.Outbound, PolicyDirection.Inbound];
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Test]
    public void NeighboursThatShareNoFlow_MayChangePlaces() => Prop.ForAll(SpdArbitraries.Any, one =>
    {
        ImmutableArray<SpdEntry> entries = one.Database.Entries;
        return Enumerable.Range(0, Math.Max(0, entries.Length - 1)).Where(i => !Overlap(entries[i], entries[i + 1])).All(i =>
            AllAlike(one, new(entries.SetItem(i, entries[i + 1]).SetItem(i + 1, entries[i])), flow => flow));
    }).Check(Many);

    [Test]
    public void EntryCutInTwoByAddress_DecidesAlike() => Prop.ForAll(SpdArbitraries.Any, one =>
        AllAlike(one, new([.. one.Database.Entries.SelectMany(Halves)]), flow => flow, sameEntry: false)).Check(Many);

    [Test]
    public void Ipv4MappedIntoIpv6_DecidesAlike() => Prop.ForAll(SpdArbitraries.Any, one =>
    {
        SpdCase ipv4 = one with
        {
            Database = new([.. one.Database.Entries.Where(e => e.Selectors.All(s => s.Local.In(true).IsEmpty && s.Remote.In(true).IsEmpty))]),
            Flows = [.. one.Flows.Where(f => !f.Local.IsIpv6)],
        };
        SecurityPolicyDatabase mapped = new([.. ipv4.Database.Entries.Select(e => e with { Selectors = [.. e.Selectors.Select(s => s with { Local = Mapped(s.Local), Remote = Mapped(s.Remote) })] })]);
        return AllAlike(ipv4, mapped, flow => flow with { Local = Mapped(flow.Local), Remote = Mapped(flow.Remote) }, sameEntry: false);
    }).Check(Many);

    [Test]
    public void LocalAndRemoteSwappedInEntriesAndFlows_DecidesAlike() => Prop.ForAll(SpdArbitraries.Any, one =>
    {
        // Types and codes have no side, and a protocol that is not shown has no ports to swap.
        SecurityPolicyDatabase swapped = new([.. one.Database.Entries.Select(e => e with { Selectors = [.. e.Selectors.Select(s => s.Swapped())] })]);
        return AllAlike(one, swapped, flow => flow.Swapped(), sameEntry: false);
    }).Check(Many);

    private static bool AllAlike(SpdCase one, SecurityPolicyDatabase changed, Func<FlowSelectors, FlowSelectors> map, bool sameEntry = true) =>
        one.Flows.All(flow => Directions.All(direction =>
        {
            PolicyDecision before = one.Database.Decide(direction, flow);
            PolicyDecision after = changed.Decide(direction, map(flow));
            return sameEntry ? before == after : (before.GetType(), before.Origin?.Name) == (after.GetType(), after.Origin?.Name);
        }));

    private static bool Overlap(SpdEntry one, SpdEntry other) =>
        one.Selectors.SelectMany(Spec.Policy.Decorrelation.SelectorBox.Of).Any(a => other.Selectors.SelectMany(Spec.Policy.Decorrelation.SelectorBox.Of).Any(a.Overlaps));

    // The addresses that differ in a low bit go to one entry each.
    private static IEnumerable<SpdEntry> Halves(SpdEntry entry)
    {
        foreach (bool upper in new[] { false, true })
        {
            SelectorSet[] half = [.. entry.Selectors.Select(s => s with { Remote = s.Remote.Intersect(Half(upper)) }).Where(s => !s.Remote.IsEmpty)];
            if (half.Length > 0)
            {
                yield return entry with { Selectors = [.. half] };
            }
        }
    }

    private static AddressSelector Half(bool upper) => AddressSelector.Of(
        upper
            ? [AddressRange.Parse($"10.0.0.{1 << (HostBits - 1)}-255.255.255.255"), AddressRange.Parse($"2001:db8::{1 << (HostBits - 1)}-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
            : [AddressRange.Parse($"0.0.0.0-10.0.0.{(1 << (HostBits - 1)) - 1}"), AddressRange.Parse($"::-2001:db8::{(1 << (HostBits - 1)) - 1}")]);

    private static IpAddress Mapped(IpAddress address) => new(address.Value | ((UInt128)0xffff << 32), true);

    private static AddressSelector Mapped(AddressSelector addresses) => addresses.In(false).Ranges is var ranges && ranges.IsEmpty
        ? addresses
        : AddressSelector.Of(ranges.Select(r => new AddressRange(Mapped(new IpAddress(r.First, false)), Mapped(new IpAddress(r.Last, false)))));
}
