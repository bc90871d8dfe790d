using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>What charon is told of its peer: a connection and secrets in the words of VICI, and the options that only its file has.</summary>
internal sealed record StrongSwanConfiguration
{
    /// <summary>Name of the one connection.</summary>
    public const string Connection = "peer";

    private const string NoLimit = "0";

    /// <summary>The connection, for load-conn.</summary>
    public required ViciBuilder Peer { get; init; }

    /// <summary>Secrets, for load-shared.</summary>
    public required IReadOnlyList<ViciBuilder> Secrets { get; init; }

    /// <summary>Largest IKE message that is not cut, in bytes with headers; null for the default.</summary>
    public required int? FragmentBytes { get; init; }

    /// <summary>Translates a configuration.</summary>
    /// <exception cref="NotSupportedException">strongSwan, or this adapter, lacks a word for something; the message says for what.</exception>
    public static StrongSwanConfiguration Of(IkeConfiguration configuration)
    {
        Credentials.SharedSecret secret = configuration.Credentials as Credentials.SharedSecret ?? throw Lacking($"credentials of kind {configuration.Credentials.GetType().Name}");
        Require(configuration.Trust is null or Trust.Secret, $"trust of kind {configuration.Trust?.GetType().Name}");
        Require(!configuration.AsksForCookie, "a cookie for the first who asks: charon sends cookies to one of many");
        Require(configuration.WindowRequests == 1, "a window of more than one request");
        Require(configuration.PostQuantumKeys.IsEmpty, "post-quantum preshared keys");
        Require(configuration.AddressRequest is null && configuration.AddressPool is null, "configuration payloads");
        Require(configuration.Mobike is null, "MOBIKE");
        Require(configuration.SignatureHashes.IsEmpty && !configuration.NeedsPostQuantumKey && configuration.TakesSettings.IsEmpty, "hashes of signatures, a post-quantum key that is needed, settings that are taken");
        Require(!configuration.RefusesNat && !configuration.RefusesMoreSas && !configuration.AsksForIdentity, "refusing NATs or more SAs, asking for an identity");
        ViciBuilder children = new();
        foreach (ChildConfiguration child in configuration.Children)
        {
            children.Add(child.Name, Child(child));
        }

        ViciBuilder connection = new ViciBuilder()
            .Add("version", "2")
            .Add("local_addrs", [$"{configuration.Own.Address}"])
            .Add("remote_addrs", [$"{configuration.Peer.Address}"])
            .Add("proposals", configuration.Offers.Select(Proposal))
            .Add("mobike", false)
            .Add("fragmentation", configuration.FragmentBytes is not null)
            .Add("childless", configuration.IsChildless ? "force" : "allow")
            .Add("unique", configuration.SendsInitialContact ? "keep" : "no")
            .Add("send_certreq", false)
            .Add("keyingtries", "1")
            .Add("dpd_delay", NoLimit)
            .Add("rekey_time", NoLimit)
            .Add("reauth_time", NoLimit)
            .Add("local-1", new ViciBuilder().Add("auth", "psk").Add("id", Id(configuration.OwnIdentity)))
            .Add("remote-1", new ViciBuilder().Add("auth", "psk").Add("id", Id(configuration.PeerIdentity)))
            .Add("children", children);
        byte[] own = secret.Secret.Span.ToArray();
        byte[] theirs = configuration.Trust is Trust.Secret { Value: var value } ? value.Span.ToArray() : own;
        Require(theirs.AsSpan().SequenceEqual(own), "one secret for each direction");
        return new StrongSwanConfiguration
        {
            Peer = new ViciBuilder().Add(Connection, connection),
            Secrets = [new ViciBuilder().Add("id", "of-peer").Add("type", "IKE").Add("data", own).Add("owners", [Id(configuration.OwnIdentity), Id(configuration.PeerIdentity)])],
            FragmentBytes = configuration.FragmentBytes,
        };
    }

    private static ViciBuilder Child(ChildConfiguration child)
    {
        Require(child.Compressions.IsEmpty || child.Compressions is [2], "IPComp by anything but DEFLATE");
        Require(!child.IsForOnePair, "one Child SA for each pair of addresses");
        Require(!child.NeedsTransport && !child.RefusesTfcPadding && !child.CarriesFragments, "insisting on transport mode, refusing padding, carrying fragments");
        ValueList<ValueList<Transform>> offers = child.Offers;
        return new ViciBuilder()
            .Add("esp_proposals", offers.Select(Proposal))
            .Add("local_ts", child.Own.Select(Selector))
            .Add("remote_ts", child.Peer.Select(Selector))
            .Add("mode", child.IsTransport ? "transport" : "tunnel")
            .Add("ipcomp", !child.Compressions.IsEmpty)
            .Add("rekey_time", NoLimit)
            .Add("rekey_bytes", NoLimit)
            .Add("rekey_packets", NoLimit)
            .Add("life_time", NoLimit)
            .Add("start_action", "none")
            .Add("close_action", "none");
    }

    private static string Proposal(ValueList<Transform> transforms) => StrongSwanNames.Proposal(transforms) ?? throw Lacking($"proposal {string.Join(' ', transforms)}");

    private static string Id(Identity identity) => StrongSwanNames.Of(identity) ?? throw Lacking($"identity {identity}");

    private static string Selector(TrafficSelector selector) => selector is TrafficSelector.Range range ? StrongSwanNames.Selector(range) : throw Lacking($"selector {selector}");

    private static void Require(bool has, string what)
    {
        if (!has)
        {
            throw Lacking(what);
        }
    }

    private static NotSupportedException Lacking(string what) => new($"the adapter of strongSwan has no word for this: {what}");
}
