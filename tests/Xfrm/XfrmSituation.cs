using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Xfrm;

/// <summary>Small databases written out, and packets with what must become of each.</summary>
public sealed record XfrmSituation
{
    private ImmutableArray<XfrmRequest> Requests { get; init; } = [];

    private ImmutableArray<XfrmProbe> Probes { get; init; } = [];

    /// <summary>What becomes of each packet.</summary>
    public ImmutableArray<XfrmFate> Fates { get; private init; } = [];

    /// <summary>As the oracle takes it.</summary>
    public XfrmWorld World => new(Requests, Probes);

    /// <summary>Adds policies, in order.</summary>
    public XfrmSituation With(params IEnumerable<XfrmPolicy> policies) => With([.. policies.Select(p => new XfrmRequest.AddPolicy(p))]);

    /// <summary>Adds SAs, in order.</summary>
    public XfrmSituation With(params IEnumerable<XfrmState> states) => With([.. states.Select(s => new XfrmRequest.AddState(s))]);

    /// <summary>Adds requests, in order.</summary>
    public XfrmSituation With(params XfrmRequest[] requests) => this with { Requests = [.. Requests, .. requests] };

    /// <summary>A program of the host sends a packet.</summary>
    public XfrmSituation Sends(ByteString plain, XfrmFate fate, uint mark = 0) => Asks(new XfrmProbe.Local(plain) { Mark = mark }, fate);

    /// <summary>A packet comes from the protected side and is on its way through.</summary>
    public XfrmSituation Forwards(ByteString plain, XfrmFate fate) => Asks(new XfrmProbe.Forwarded(plain), fate);

    /// <summary>A packet arrives on the unprotected side.</summary>
    /// <param name="plain">The packet.</param>
    /// <param name="fate">What becomes of it.</param>
    /// <param name="spis">SAs that seal it, the innermost first; none for a packet in clear.</param>
    public XfrmSituation Receives(ByteString plain, XfrmFate fate, params uint[] spis)
    {
        ImmutableArray<XfrmState> states = World.States;
        ImmutableArray<int> layers = [.. spis.Select(spi => states.IndexOf(states.First(s => s.Spi.Value == spi)))];
        return Asks(new XfrmProbe.Arriving(plain, layers), fate);
    }

    /// <summary>A packet arrives on the unprotected side under the SA of a place, from 0.</summary>
    public XfrmSituation ReceivesUnder(int place, ByteString plain, XfrmFate fate) => Asks(new XfrmProbe.Arriving(plain, [place]), fate);

    private XfrmSituation Asks(XfrmProbe probe, XfrmFate fate) => this with { Probes = [.. Probes, probe], Fates = [.. Fates, fate] };
}
