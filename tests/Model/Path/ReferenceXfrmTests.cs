using Conformance.Harness.Contract;
using Conformance.Harness.Targets.Reference;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>The embedded target as a Linux host.</summary>
public class ReferenceXfrmTests
{
    private static readonly AddressSet Plan = AddressPlan.Ipv4;

    private static ByteString Plain { get; } = PathHosts.Udp(Plan.Target, Plan.Peer);

    private static Stimulus.FromSocket FromSocket { get; } = new(new Packet(Plain));

    private static XfrmRequest.AddPolicy OutPolicy { get; } = PathHosts.Rule(XfrmDirection.Out, Plan.Target, Plan.Peer, PathHosts.Transport());

    [Test]
    public void AcquireThenEsp_ThenRefusal_AndACleanSlateAfterReset()
    {
        using ReferenceStack stack = new();
        stack.Execute(new Command.Xfrm(OutPolicy));
        Assert.That(Feed(stack, FromSocket).Single(), Is.TypeOf<Observation.Notice>());
        Assert.That(stack.ReadCounters()["XfrmOutNoStates"], Is.EqualTo(1));

        stack.Execute(new Command.Xfrm(PathHosts.Association(Plan.Target, Plan.Peer, 0x1000)));
        Observation.ToWire sent = (Observation.ToWire)Feed(stack, FromSocket).Single();
        Assert.That(sent.Packet.Bytes[9], Is.EqualTo(IpProtocol.Esp));

        stack.Execute(new Command.Xfrm(new XfrmRequest.SetDefault(null, null, XfrmAction.Block)));
        stack.Execute(new Command.Xfrm(new XfrmRequest.FlushPolicies()));
        Assert.That(Feed(stack, FromSocket), Is.EqualTo(new[] { new Observation.SendRefused(Errno.Eperm) }));

        stack.Reset();
        Assert.That(Feed(stack, FromSocket), Is.EqualTo(new[] { new Observation.ToWire(new Packet(Plain)) }));
    }

    [Test]
    public void PacketThroughTheHost_ReachesTheProtectedSide_AndOneForItAProgram()
    {
        using ReferenceStack stack = new();
        stack.Execute(new Command.Xfrm(new XfrmRequest.FlushPolicies()));
        Stimulus.FromWire own = new(new Packet(PathHosts.Udp(Plan.Peer, Plan.Target)));
        Assert.That(Feed(stack, new Stimulus.FromWire(new Packet(PathHosts.Udp(Plan.Remote, Plan.Protected)))).Single(), Is.TypeOf<Observation.ToHost>());
        Assert.That(Feed(stack, own).Single(), Is.TypeOf<Observation.ToSocket>());
    }

    [Test]
    public void AddedRoute_StaysAfterAReset()
    {
        using ReferenceStack stack = new();
        IpAddress elsewhere = IpAddress.Parse("10.9.9.9");
        Stimulus.FromSocket packet = new(new Packet(PathHosts.Udp(Plan.Target, elsewhere)));
        Assert.That(Feed(stack, packet).Single(), Is.TypeOf<Observation.SendRefused>());
        stack.Execute(new Command.AddRoute(AddressPrefix.Host(elsewhere), TowardsWire: true));
        stack.Reset();
        Assert.That(Feed(stack, packet).Single(), Is.TypeOf<Observation.ToWire>());
    }

    [Test]
    public void SoftLimitByAge_IsToldWhenTheClockMoves()
    {
        using ReferenceStack stack = new();
        stack.Execute(new Command.Xfrm(PathHosts.Association(Plan.Target, Plan.Peer, 0x1000, change: s => s with { Limits = XfrmLimits.None with { SoftAddSeconds = 5, HardAddSeconds = 60 } })));
        Observation.Notice told = (Observation.Notice)Feed(stack, new Stimulus.AdvanceClock(TimeSpan.FromSeconds(6))).Single();
        Assert.That(((XfrmNotification.StateExpired)told.Notification).Hard, Is.False);
    }

    [Test]
    public void FaultInAStage_ShowsInWhatTheStackDoes([Values] bool planted)
    {
        using ReferenceStack stack = new(planted ? new ExpiredSaStillSends() : null);
        stack.Execute(new Command.Xfrm(OutPolicy));
        stack.Execute(new Command.Xfrm(PathHosts.Association(Plan.Target, Plan.Peer, 0x1000, change: s => s with { Limits = XfrmLimits.None with { HardPackets = 1 } })));
        Feed(stack, FromSocket);
        Assert.That(Feed(stack, FromSocket).OfType<Observation.ToWire>().Count(), Is.EqualTo(planted ? 1 : 0));
    }

    private static IReadOnlyList<Observation> Feed(ReferenceStack stack, Stimulus stimulus)
    {
        return stack.Play([stimulus]).Single().Observations;
    }

    private sealed record ExpiredSaStillSends() : Mutant("expired-sa-still-sends", "none", "a check left out")
    {
        public override TransmitPath Linux(TransmitPath path) => path.Replace("expiry", packet => packet.Decide("not looked at"));
    }
}
