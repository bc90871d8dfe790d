using Conformance.Harness.Contract;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in what is made of sizes.</summary>
public abstract record PathMtuMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story);

/// <summary>The source is told the MTU of the link, not what ESP leaves of it.</summary>
public sealed record EspNotSubtracted() : PathMtuMutant("esp-not-subtracted", "RFC4301-8.2.1-03", "the overhead of the SA is forgotten")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.3.4-06"];

    /// <inheritdoc/>
    public override ByteString? Answer(ByteString error) => IcmpErrors.TryRead(error) is { IsPathMtu: true } read
        ? IcmpErrors.TooBig(read.Source, read.Quoted, (int)read.MtuBytes + 100)
        : error;
}

/// <summary>What is too big is discarded in silence.</summary>
public sealed record SourceNotTold() : PathMtuMutant("source-not-told", "RFC4301-8.2.1-06", "a black hole")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-8.2.1-09"];

    /// <inheritdoc/>
    public override ByteString? Answer(ByteString error) => null;
}

/// <summary>Path MTU messages are ignored.</summary>
public sealed record PathMtuIgnored() : PathMtuMutant("path-mtu-ignored", "RFC4301-8.2.1-01", "unauthenticated messages are dropped without a choice")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.1.1-06"];

    /// <inheritdoc/>
    public override (SecurityAssociation Sa, int MtuBytes)? Learn(IcmpError error, IEnumerable<SecurityAssociation> outbound) => null;
}

/// <summary>A path MTU message counts for every SA, whatever it quotes.</summary>
public sealed record PathMtuOfAnySa() : PathMtuMutant("path-mtu-of-any-sa", "RFC4301-8.2.1-02", "the SPI in the quotation is not looked at")
{
    /// <inheritdoc/>
    public override (SecurityAssociation Sa, int MtuBytes)? Learn(IcmpError error, IEnumerable<SecurityAssociation> outbound) =>
        error.IsPathMtu && outbound.LastOrDefault(sa => sa.Source.IsIpv6 == error.Source.IsIpv6 && sa.Destination == error.Source) is { } sa
            ? (sa, (int)error.MtuBytes)
            : null;
}

/// <summary>The smallest MTU is believed.</summary>
public sealed record TrivialPathMtuObeyed() : PathMtuMutant("trivial-path-mtu-obeyed", "RFC4301-6.1.1-04", "one forged message stops all traffic")
{
    /// <inheritdoc/>
    public override (SecurityAssociation Sa, int MtuBytes)? Learn(IcmpError error, IEnumerable<SecurityAssociation> outbound) =>
        base.Learn(error, outbound) is { } news ? (news.Sa, (int)error.MtuBytes) : null;
}

/// <summary>A path MTU that was learned stays.</summary>
public sealed record PathMtuForEver() : PathMtuMutant("path-mtu-for-ever", "RFC4301-8.2.2-01", "the entry lives as long as the SA")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-8.2.2-02"];

    /// <inheritdoc/>
    public override bool PathMtuAges => false;
}

/// <summary>The source is sent an error although its packet was fragmented and went on.</summary>
public sealed record SourceToldThoughFragmented() : PathMtuMutant(
    "source-told-though-fragmented", "RFC4301-8.2.1-08", "the error is made before DF is looked at")
{
    /// <inheritdoc/>
    public override ByteString? Unasked(ByteString cause, bool outbound) =>
        outbound ? IcmpErrors.TooBig(AddressPlan.Of(cause[0] >> 4 == 6, false).Target, cause, 1300) : null;
}

/// <summary>A path MTU message is passed on at once, to whoever sent last.</summary>
public sealed record SourceToldAtOnce() : PathMtuMutant("source-told-at-once", "RFC4301-8.2.1-04", "the message is forwarded instead of kept")
{
    /// <inheritdoc/>
    public override ByteString? Unasked(ByteString cause, bool outbound) => !outbound && IcmpErrors.TryRead(cause) is { IsPathMtu: true }
        ? IcmpErrors.TooBig(AddressPlan.Ipv4.Target, ByteString.Adopt(IpPackets.Raw(AddressPlan.Ipv4.Protected, AddressPlan.Ipv4.Remote, IpProtocol.Experiment253, [])), 900)
        : null;
}
