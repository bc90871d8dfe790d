using System.Collections.Immutable;
using System.Globalization;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>A packet that asks the databases something.</summary>
public abstract record XfrmProbe(ByteString Plain)
{
    /// <summary>Sent by a program of the stack's own host.</summary>
    public sealed record Local(ByteString Plain) : XfrmProbe(Plain)
    {
        /// <summary>Mark of its socket.</summary>
        public uint Mark { get; init; }

        /// <summary>True for a raw socket that brings the IP header.</summary>
        public bool HeaderIncluded { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"local {Describe(Plain)}{(HeaderIncluded ? " with its own header" : "")}{(Mark == 0 ? "" : $" mark {Mark}")}";
    }

    /// <summary>Comes in on the protected side, to be forwarded.</summary>
    public sealed record Forwarded(ByteString Plain) : XfrmProbe(Plain)
    {
        /// <inheritdoc/>
        public override string ToString() => $"forwarded {Describe(Plain)}";
    }

    /// <summary>Comes in on the unprotected side, sealed by SAs of the world.</summary>
    /// <param name="Plain">The innermost packet.</param>
    /// <param name="Layers">Places of the SAs in <see cref="XfrmWorld.States"/>, the first that seals first; none for a packet in clear.</param>
    public sealed record Arriving(ByteString Plain, ImmutableArray<int> Layers) : XfrmProbe(Plain)
    {
        /// <summary>Equal by content.</summary>
        public bool Equals(Arriving? other) => other is not null && Plain == other.Plain && Layers.SequenceEqual(other.Layers);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Plain, Layers.Length);

        /// <inheritdoc/>
        public override string ToString() => $"arriving {Describe(Plain)}" + (Layers.IsEmpty ? " in clear" : $" under SA {string.Join(", then ", Layers)}");
    }

    private static string Describe(ByteString plain)
    {
        if (!IpPacketView.TryParse(plain.Span, out IpPacketView view, out ParseError error))
        {
            return error.ToString();
        }

        XfrmFlow flow = XfrmFlow.OfPacket(view);
        return string.Create(CultureInfo.InvariantCulture, $"{flow.Source} {flow.SourcePort} > {flow.Destination} {flow.DestinationPort} protocol {flow.Protocol}{(view.Fragment.IsFragment ? $" {view.Fragment}" : "")}");
    }
}

/// <summary>Databases and packets aimed at them.</summary>
/// <param name="Requests">What fills the databases, in order.</param>
/// <param name="Probes">What is then asked, in order.</param>
public sealed record XfrmWorld(ImmutableArray<XfrmRequest> Requests, ImmutableArray<XfrmProbe> Probes)
{
    /// <summary>The SAs that the requests add, in order.</summary>
    public ImmutableArray<XfrmState> States => [.. Requests.OfType<XfrmRequest.AddState>().Select(r => r.State)];

    /// <summary>The policies that the requests add, in order.</summary>
    public ImmutableArray<XfrmPolicy> Policies => [.. Requests.OfType<XfrmRequest.AddPolicy>().Select(r => r.Policy)];

    /// <summary>Equal by content.</summary>
    public bool Equals(XfrmWorld? other) => other is not null && Requests.SequenceEqual(other.Requests) && Probes.SequenceEqual(other.Probes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Requests.Length, Probes.Length);

    /// <summary>One line a request, one a probe.</summary>
    public override string ToString() => string.Join('\n', Requests.Select(Describe).Concat(Probes.Select(p => "  " + p)));

    private static string Describe(XfrmRequest request) => request switch
    {
        XfrmRequest.AddPolicy(var p, _) =>
            $"policy {p.Direction} {Describe(p.Selector)} priority {p.Priority} {p.Action}{(p.Type == XfrmPolicyType.Sub ? " sub" : "")}{Describe(p.Mark, p.InterfaceId)}"
            + string.Concat(p.Templates.Select(t => $" [{t.Mode} {(t.HasOwnAddresses ? $"{t.Source.In(FamilyOf(t, p))} > {t.Destination.In(FamilyOf(t, p))} " : "")}reqid {t.RequestId}{(t.Optional ? " optional" : "")}{(t.Spi.Value == 0 ? "" : $" spi {t.Spi}")}]")),
        XfrmRequest.AddState(var s, _) =>
            $"SA {s.Mode} {s.SourceAddress} > {s.DestinationAddress} spi {s.Spi} reqid {s.RequestId} for {Describe(s.Selector)} {s.Combined?.Name ?? s.Encryption?.Name}{Describe(s.Mark, s.InterfaceId)}{Extras(s)}",
        _ => request.ToString() ?? "",
    };

    private static string Describe(XfrmMark mark, uint interfaceId) =>
        (mark == default ? "" : $" mark {mark.Value}/{mark.Mask}") + (interfaceId == 0 ? "" : $" if_id {interfaceId}");

    private static string Extras(XfrmState s) =>
        (s.OutputMark is { } mark ? $" sets mark {mark.Value}/{mark.Mask}" : "")
        + (s.Encapsulation is { } udp ? $" in UDP {udp.SourcePort} > {udp.DestinationPort}" : "")
        + (s.ReplayEsn is { } bitmap ? $" {(s.IsEsn ? "ESN" : "bitmap")} window {bitmap.WindowPackets}" : "")
        + (s.Limits == XfrmLimits.None ? "" : $" packets {Limit(s.Limits.SoftPackets)}/{Limit(s.Limits.HardPackets)} bytes {Limit(s.Limits.SoftBytes)}/{Limit(s.Limits.HardBytes)}")
        + (s.Direction is { } direction ? $" bound {direction}" : "");

    private static string Limit(ulong limit) => limit == XfrmLimits.Infinite ? "-" : limit.ToString(CultureInfo.InvariantCulture);

    private static XfrmFamily FamilyOf(XfrmTemplate template, XfrmPolicy policy) =>
        template.Family == XfrmFamily.Unspecified ? policy.Selector.Family : template.Family;

    private static string Describe(XfrmSelector s) => s.Family == XfrmFamily.Unspecified ? "any" : string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Source.In(s.Family)}/{s.SourceBits} {s.SourcePort:x}&{s.SourcePortMask:x} > {s.Destination.In(s.Family)}/{s.DestinationBits} {s.DestinationPort:x}&{s.DestinationPortMask:x} protocol {s.Protocol}");
}
