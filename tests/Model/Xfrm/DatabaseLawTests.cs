using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Laws of the databases over arbitrary worlds.</summary>
public sealed class DatabaseLawTests
{
    private const ulong Now = XfrmCases.Now;

    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true);

    private static readonly LinuxRelease[] All = [.. LinuxRelease.All];

    [TestCaseSource(nameof(All))]
    public void Requests_LeaveTheDatabaseBeforeThemAsItWas(LinuxRelease release) => Check(world =>
    {
        XfrmDatabases database = XfrmDatabases.Empty(release);
        foreach (XfrmRequest request in world.Requests)
        {
            (ImmutableArray<XfrmPolicy> policies, ImmutableArray<XfrmState> states) = (database.Policies.Dump(), database.States.Dump());
            XfrmDatabases next = database.Apply(request, Now).Next.Advance(Now + 1000).Next;
            if (!database.Policies.Dump().SequenceEqual(policies) || !database.States.Dump().SequenceEqual(states))
            {
                return false;
            }

            database = database.Apply(request, Now).Next;
        }

        return true;
    });

    [TestCaseSource(nameof(All))]
    public void SameHistory_SameDump(LinuxRelease release) => Check(world =>
    {
        (XfrmDatabases one, XfrmDatabases other) = (Filled(world, release), Filled(world, release));
        return one.Policies.Dump().SequenceEqual(other.Policies.Dump()) && one.States.Dump().SequenceEqual(other.States.Dump());
    });

    [TestCaseSource(nameof(All))]
    public void RefusedRequest_ChangesNothing(LinuxRelease release) => Check(world =>
    {
        XfrmDatabases database = Filled(world, release);
        return world.Requests.All(request =>
        {
            (XfrmDatabases next, XfrmAnswer answer, _) = database.Apply(request, Now);
            return answer is not XfrmAnswer.Refused
                || (next.Policies.Dump().SequenceEqual(database.Policies.Dump()) && next.States.Dump().SequenceEqual(database.States.Dump()));
        });
    });

    [TestCaseSource(nameof(All))]
    public void Dumped_CanBeDeletedOneByOne_AndNothingIsLeft(LinuxRelease release) => Check(world =>
    {
        XfrmDatabases database = Filled(world, release);
        foreach (XfrmPolicy policy in database.Policies.Dump())
        {
            (database, XfrmAnswer answer, _) = database.Apply(
                new XfrmRequest.DeletePolicy(new XfrmPolicyKey(policy.Direction, policy.Index, policy.Selector, policy.Mark, policy.InterfaceId, policy.Type)), Now);
            if (answer is not XfrmAnswer.Done)
            {
                return false;
            }
        }

        return database.Policies.Entries.IsEmpty && database.Apply(new XfrmRequest.FlushStates(), Now).Next.States.Entries.IsEmpty;
    });

    [TestCaseSource(nameof(All))]
    public void Indices_AreUnique_AndCarryTheirDirection(LinuxRelease release) => Check(world =>
    {
        ImmutableArray<XfrmPolicy> dump = Filled(world, release).Policies.Dump();
        return dump.Select(policy => policy.Index).Distinct().Count() == dump.Length && dump.All(policy => (policy.Index & 7) == (uint)policy.Direction);
    });

    [Test]
    public void Winner_IsTheFirstByPriorityThenAge_From612() => Check(world =>
    {
        XfrmPolicyDatabase database = Filled(world, LinuxRelease.Linux612).Policies;
        return Flows(world).All(flow => Directions.All(direction => database.Lookup(flow, direction)?.Policy == First(database, flow, direction)?.Policy));
    });

    [Test]
    public void Winner_In61_IsOfTheLowestPriorityThatMatches() => Check(world =>
    {
        XfrmPolicyDatabase database = Filled(world, LinuxRelease.Linux61).Policies;
        return Flows(world).All(flow => Directions.All(direction => database.Lookup(flow, direction)?.Policy.Priority == First(database, flow, direction)?.Policy.Priority));
    });

    [TestCaseSource(nameof(All))]
    public void Explanation_NamesTheWinnerOnce_AndAReasonForEachOther(LinuxRelease release) => Check(world =>
    {
        XfrmPolicyDatabase database = Filled(world, release).Policies;
        return Flows(world).All(flow => Directions.All(direction =>
        {
            ImmutableArray<string> lines = database.Explain(flow, direction);
            return lines.Count(line => line.EndsWith(": wins", StringComparison.Ordinal)) == (database.Lookup(flow, direction) is null ? 0 : 1)
                && lines.Length == database.Entries.Count(entry => entry.Policy.Direction == direction) + 1;
        }));
    });

    [TestCaseSource(nameof(All))]
    public void Outbound_PredictionIsAllowed_AndNamesACandidate(LinuxRelease release) => Check(world =>
    {
        XfrmDatabases database = Filled(world, release);
        return Resolutions(world, database).All(query =>
        {
            XfrmResolved resolved = database.States.LookupOutbound(query);
            return database.States.AllowedOutbound(query).Contains(resolved)
                && (resolved is not XfrmResolved.Uses(var id) || database.States.Find(id) is { IsValid: true } entry && entry.State.RequestId == query.Template.RequestId);
        });
    });

    [TestCaseSource(nameof(All))]
    public void Inbound_FindsEverySaByItsName(LinuxRelease release) => Check(world =>
    {
        XfrmStateDatabase database = Filled(world, release).States;
        return database.Entries.All(entry =>
            entry.State.Spi.Value == 0 || database.LookupInbound(entry.State.Mark.Value, entry.State.DestinationAddress, entry.State.Spi, entry.State.Protocol) is not null);
    });

    [Test]
    public void TwentyThousandDecisions_InSeconds()
    {
        int decisions = 0;
        Check(
            world =>
            {
                XfrmDatabases database = Filled(world, LinuxRelease.Linux612);
                foreach (XfrmResolution query in Resolutions(world, database))
                {
                    _ = database.Policies.Decide(query.Flow, XfrmDirection.Out);
                    _ = database.States.LookupOutbound(query);
                    decisions += 2;
                }

                foreach (XfrmFlow flow in Flows(world))
                {
                    _ = XfrmReceiving.Check(database.Policies, flow, XfrmDirection.In, []);
                    decisions++;
                }

                return true;
            },
            Many.WithMaxTest(600));
        Assert.That(decisions, Is.GreaterThan(20_000));
    }

    private static XfrmDirection[] Directions { get; } = [XfrmDirection.In, XfrmDirection.Out, XfrmDirection.Forward];

    private static XfrmDatabases Filled(XfrmWorld world, LinuxRelease release) =>
        world.Requests.Aggregate(XfrmDatabases.Empty(release), (database, request) => database.Apply(request, Now).Next);

    private static XfrmFlow[] Flows(XfrmWorld world) =>
        [.. world.Probes.Select(probe => IpPacketView.TryParse(probe.Plain.Span, out IpPacketView view, out _) ? XfrmFlow.OfPacket(view) : null).OfType<XfrmFlow>()];

    private static IEnumerable<XfrmResolution> Resolutions(XfrmWorld world, XfrmDatabases database) =>
        from flow in Flows(world)
        from policy in database.Policies.Dump()
        from template in policy.Templates
        let own = template.HasOwnAddresses
        select new XfrmResolution(template, policy, flow, own ? template.Source.In(template.Family) : flow.Source, own ? template.Destination.In(template.Family) : flow.Destination);

    private static XfrmPolicyEntry? First(XfrmPolicyDatabase database, XfrmFlow flow, XfrmDirection direction) => database.Entries
        .Where(entry => entry.Matches(flow, direction, 0, XfrmPolicyType.Main))
        .OrderBy(entry => entry.Policy.Priority).ThenBy(entry => entry.Created).FirstOrDefault();

    private static void Check(Func<XfrmWorld, bool> law, Config? config = null) => Prop.ForAll(XfrmWorlds.Any, law).Check(config ?? Many);
}
