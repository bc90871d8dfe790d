using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>The model of what stands around ESP in a stack: reassembly in front of it, one hop, the path MTU.</summary>
public sealed partial class EspSession
{
    private static readonly TimeSpan PathMtuLifetime = TimeSpan.FromMinutes(10);
    private FragmentStore _fragments = FragmentStore.Empty;
    private (int Bytes, TimeSpan Age)? _learned;

    /// <summary>True when plain packets lose a hop on their way through the target. RFC 4301 §5.1.2.1 note 2.</summary>
    public bool Forwards => _target.Capabilities.HasFlag(Capabilities.Gateway) && Scenario.Mode != EspMode.Transport;

    /// <summary>The packet as far as the mode can carry it. See <see cref="PacketComparison.WithoutFieldsOfItsFamily"/>.</summary>
    internal ByteString Comparable(ByteString packet) =>
        Scenario.Mode == EspMode.Beet && Scenario.InnerIpv6 != Scenario.OuterIpv6 ? PacketComparison.WithoutFieldsOfItsFamily(packet) : packet;

    // A program on a host gets the upper layer: the extension headers in front of it are used up on the way. RFC 3542 §6.
    private ByteString ComparableOnDelivery(ByteString packet) =>
        Scenario is { Mode: EspMode.Transport, InnerIpv6: true } ? PacketComparison.WithoutExtensionHeaders(packet) : Comparable(packet);

    /// <summary>The path MTU of the SA under test, as far as the target was told.</summary>
    public int PathMtuBytes => Math.Min(Scenario.WireMtuBytes ?? int.MaxValue, _learned?.Bytes ?? int.MaxValue);

    /// <summary>ICMP errors that the host got back for the last plain packet.</summary>
    public IReadOnlyList<IcmpError> Answers { get; private set; } = [];

    /// <summary>Sends a datagram that is no ESP on the wire side, for example an ICMP error; nothing may be delivered for it.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="description">In words.</param>
    /// <param name="clause">The requirement to accuse where something is delivered.</param>
    public void Notify(ByteString datagram, string description, string? clause = null) =>
        ExpectAsModel(SealedPacket.Recorded(datagram, description), clause);

    private (OutboundAssociation Next, SendOutcome Outcome) ModelSend(ByteString plain)
    {
        SecurityAssociation sa = UnderTest.Outbound;
        IpAddress gateway = AddressPlan.Of(plain.Length > 0 && plain[0] >> 4 == 6, false).Target;
        switch (SecurityGateway.Outbound(sa, plain, Forwards ? Hop.Forward : null, PathMtuBytes, gateway))
        {
            case GatewayOutcome.Refused refused:
                return (_outbound, new SendOutcome.Refused(refused.Reason));
            case GatewayOutcome.Passed passed:
                return EspSender.Rfc.Send(_outbound, passed.Packet, ByteString.Adopt(new byte[sa.Suite.IvBytes]), _keyring);
            default:
                throw new InvalidOperationException("a gateway outcome of an unknown kind");
        }
    }

    private (ReceiverState Next, ReceiveOutcome Outcome, FragmentStore Fragments) ModelReceive(ByteString datagram)
    {
        FragmentStore fragments = _fragments;
        ByteString whole = datagram;
        if (FragmentStore.Read(datagram) is not null && _target.Capabilities.HasFlag(Capabilities.Fragmentation))
        {
            (fragments, ByteString? joined) = fragments.Add(datagram);
            whole = joined ?? datagram;
        }

        (ReceiverState next, ReceiveOutcome outcome) = EspReceiver.Rfc.Receive(_receiver, whole, _keyring);
        if (Forwards && outcome is ReceiveOutcome.Delivered delivered)
        {
            outcome = Hop.Forward(delivered.Inner) is { } forwarded
                ? new ReceiveOutcome.Delivered(forwarded)
                : new ReceiveOutcome.Discarded(DiscardReason.HopLimitReached);
        }

        return (next, outcome, fragments);
    }

    private void LearnPathMtu(ByteString datagram)
    {
        if (IcmpErrors.TryRead(datagram) is { } error && PathMtuMessages.Map(error, [UnderTest.Outbound]) is { } news)
        {
            _learned = (news.MtuBytes, TimeSpan.Zero);
        }
    }

    private void AgePathMtu(TimeSpan span) =>
        _learned = _learned is { } learned && learned.Age + span < PathMtuLifetime ? (learned.Bytes, learned.Age + span) : null;
}
