using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.PacketPath;

/// <summary>The example of the Linux IPsec tutorial: all UDP from 13.0.0.8 to 13.0.0.0/24 under ESP, the SA acquired on demand.</summary>
public class TutorialTests
{
    private const uint RequestId = 16397;
    private static readonly IpAddress Sender = IpAddress.Parse("13.0.0.8");
    private static readonly IpAddress Receiver = IpAddress.Parse("13.0.0.9");
    private static readonly Spi Spi = new(0x9de792fc);

    private static readonly string[] TransmitStages =
    [
        "route lookup", "forwarding", "policy lookup", "state resolution", "on demand", "bundle creation", "path MTU", "netfilter before", "offload decision",
        "transform loop", "space", "output mark", "mode output", "state valid", "expiry", "sequence", "use", "type output", "netfilter behind", "IP output",
    ];

    private static readonly XfrmPolicy OutPolicy = new()
    {
        Selector = XfrmSelector.Of(AddressPrefix.Host(Sender), new AddressPrefix(IpAddress.Parse("13.0.0.0"), 24)) with { Protocol = IpProtocol.Udp },
        Direction = XfrmDirection.Out,
        Priority = 2024,
        Templates = [new XfrmTemplate { Mode = XfrmMode.Transport, RequestId = RequestId }],
    };

    private static readonly XfrmState Association = new()
    {
        Source = XfrmAddress.Of(Sender),
        Destination = XfrmAddress.Of(Receiver),
        Spi = Spi,
        Family = XfrmFamily.Ipv4,
        Mode = XfrmMode.Transport,
        RequestId = RequestId,
        ReplayWindow = 32,
        Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", ByteString.Adopt([.. Enumerable.Range(1, 36).Select(i => (byte)i)]), 64),
        Selector = XfrmSelector.Of(AddressPrefix.Host(Sender), AddressPrefix.Host(Receiver)) with { Protocol = IpProtocol.Udp },
    };

    private static ByteString Packet { get; } = PathHosts.Udp(Sender, Receiver);

    [Test]
    public void FirstPacket_AsksForTheSa_AndVanishesInTheBlackhole()
    {
        PathResult first = Host(Sender).With(new XfrmRequest.AddPolicy(OutPolicy)).Send(Packet);
        XfrmAcquire acquire = ((XfrmNotification.Acquired)first.Events.OfType<PathEvent.Notified>().Single().Notification).Acquire;
        Assert.That((acquire.Source, acquire.Destination, acquire.Flow.Protocol), Is.EqualTo((Sender, Receiver, IpProtocol.Udp)));
        Assert.That(first.Drop(), Is.EqualTo(new PathEvent.Dropped(XfrmCounter.OutNoStates, 0, first.Drop()!.Reason)));
    }

    [Test]
    public void SecondPacket_AfterTheSaCame_LeavesAsEsp_StageByStage()
    {
        PathResult second = Acquired().Send(Packet);
        Assert.That(second.Reports.Select(r => r.Stage), Is.EqualTo(TransmitStages));
        ByteString wire = second.Sent().Single();
        Assert.That(IpPacketView.TryParse(wire.Span, out IpPacketView view, out _));
        Assert.That((view.Source, view.Destination, view.Protocol), Is.EqualTo((Sender, Receiver, IpProtocol.Esp)));
        Assert.That(new EspHeaderView(view.Payload).Spi, Is.EqualTo(Spi));
    }

    [Test]
    public void PolicyWithRequestIdZero_TakesNoSaOfAnotherRequestId()
    {
        XfrmPolicy any = OutPolicy with { Templates = [new XfrmTemplate { Mode = XfrmMode.Transport }] };
        PathResult sent = Host(Sender).With(new XfrmRequest.AddPolicy(any), new XfrmRequest.AddState(Association)).Send(Packet);
        Assert.That(sent.Sent(), Is.Empty);
        Assert.That(sent.Events.OfType<PathEvent.Notified>(), Has.Exactly(1).Items);
    }

    [Test]
    public void WithoutEspGro_PacketGoesThroughIpInput_AndIsQueuedForDelivery()
    {
        PathResult received = ReceivingHost(offload: false).Receive(Acquired().Send(Packet).Sent().Single());
        Assert.That(received.Delivered().Single(), Is.EqualTo(Packet));
        Assert.That(received.Reports[0].Decided, Is.EqualTo("ordinary way"));
        Assert.That(received.Decision("protocol handlers"), Does.StartWith("protocol 17"));
        Assert.That(received.Reports.Single(r => r.Stage == "re-injection" && r.Decided != "nothing was opened").Decided, Is.EqualTo("queued for delivery"));
    }

    [Test]
    public void WithEspGro_PacketIsDecryptedOnArrival_AndComesBackThroughTheCells()
    {
        PathResult received = ReceivingHost(offload: true).Receive(Acquired().Send(Packet).Sent().Single());
        Assert.That(received.Delivered().Single(), Is.EqualTo(Packet));
        Assert.That(received.Reports[0].Decided, Does.StartWith("GRO takes it"));
        Assert.That(received.Reports.Single(r => r.Stage == "re-injection" && r.Decided != "nothing was opened").Decided, Is.EqualTo("through the GRO cells"));
    }

    [Test]
    public void Explaining_NamesEveryPolicyAndEverySaThatWasNotTaken()
    {
        XfrmPolicy other = OutPolicy with { Selector = OutPolicy.Selector with { Protocol = IpProtocol.Tcp }, Priority = 1 };
        LinuxHost host = (Acquired() with { Explains = true }).With(
            new XfrmRequest.AddPolicy(other), new XfrmRequest.AddState(Association with { Spi = new Spi(0x1000), RequestId = 7 }));
        PathResult sent = host.Send(Packet);
        Assert.That(sent.Reports.Single(r => r.Stage == "policy lookup").ToString(), Does.Contain("protocol 17 is not 6").And.Contain("wins"));
        Assert.That(sent.Reports.Single(r => r.Stage == "state resolution").ToString(), Does.Contain($"reqid is not {RequestId}").And.Contain("a candidate"));
    }

    private static LinuxHost Host(IpAddress own) => PathHosts.Gateway() with
    {
        Devices = [LinuxDevice.Loopback, new LinuxDevice(PathHosts.WireSide, "eth0", 1500) { Addresses = [own] }],
        Routes = [new LinuxRoute(new AddressPrefix(IpAddress.Parse("13.0.0.0"), 24), PathHosts.WireSide, own)],
    };

    private static LinuxHost Acquired()
    {
        PathResult first = Host(Sender).With(new XfrmRequest.AddPolicy(OutPolicy)).Send(Packet);
        return first.Next.With(new XfrmRequest.AddState(Association));
    }

    private static LinuxHost ReceivingHost(bool offload)
    {
        LinuxHost host = Host(Receiver).With(
            new XfrmRequest.AddState(Association), new XfrmRequest.AddPolicy(OutPolicy with { Direction = XfrmDirection.In }));
        return host with
        {
            Devices = [.. host.Devices.Select(d => d.IsLoopback ? d : d with { IsNapi = true })],
            Settings = host.Settings with { EspOffloadIpv4 = offload, Vti = true },
        };
    }
}
