using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>What a side may be asked to do at any moment of an exploration.</summary>
public enum Deed
{
    /// <summary>Make an IKE SA and its first Child SA.</summary>
    Initiate,

    /// <summary>Make one more Child SA.</summary>
    CreateChild,

    /// <summary>Rekey the oldest Child SA that is there.</summary>
    RekeyChild,

    /// <summary>Rekey the IKE SA.</summary>
    RekeyIke,

    /// <summary>Close the oldest Child SA that is there.</summary>
    DeleteChild,

    /// <summary>Close the IKE SA.</summary>
    DeleteIke,

    /// <summary>Forgets what the other side has not finished. RFC 9370 §2.2.4.</summary>
    Forget,

    /// <summary>Ask whether the other side is alive.</summary>
    Probe,
}

/// <summary>A start, and what both sides and the network may do from there, in any order. RFC 7296 §2.8, §2.25.</summary>
public sealed record Scenario
{
    /// <summary>Name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about, in one clause.</summary>
    public required string About { get; init; }

    /// <summary>Deeds of the first side, each once.</summary>
    public required ValueList<Deed> First { get; init; }

    /// <summary>Deeds of the second side, each once.</summary>
    public required ValueList<Deed> Second { get; init; }

    /// <summary>True if it starts with an IKE SA and a Child SA.</summary>
    public bool IsEstablished { get; init; } = true;

    /// <summary>Messages that the network may lose.</summary>
    public int Losses { get; init; } = 1;

    /// <summary>Messages that the network may deliver twice.</summary>
    public int Duplicates { get; init; } = 1;

    /// <summary>IKE SAs that there may be at rest, and Child SAs for each purpose.</summary>
    public int MostSas { get; init; } = 1;

    /// <summary>True with additional key exchanges, so that rekeying takes IKE_FOLLOWUP_KE. RFC 9370 §2.2.4.</summary>
    public bool IsHybrid { get; init; }

    /// <summary>Requests that each side takes at a time. RFC 7296 §2.3.</summary>
    public int WindowRequests { get; init; } = 1;

    /// <summary>What a side is told in this scenario.</summary>
    public IkeConfiguration Configure(IkeConfiguration plain)
    {
        IkeConfiguration told = plain with { WindowRequests = WindowRequests };
        Transform curve = Transform.Of(KeyExchangeMethod.Curve25519);
        Transform lattice = AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768);
        return !IsHybrid ? told : told with
        {
            Offers = new([.. told.Offers.Select(o => o.Add(lattice))]),
            Children = new([.. told.Children.Select(c => c with { KeyExchange = KeyExchangeMethod.Curve25519, Offers = new([.. c.Offers.Select(o => o.Add(curve).Add(lattice))]) })]),
        };
    }

    /// <summary>The scenario of a name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>Every named scenario.</summary>
    public static ValueList<Scenario> All { get; } =
    [
        new() { Name = "establish", About = "IKE_SA_INIT and IKE_AUTH", First = [Deed.Initiate], Second = [], IsEstablished = false, Losses = 2, Duplicates = 2 },
        new() { Name = "simultaneous-initiation", About = "both sides make an IKE SA at once", First = [Deed.Initiate], Second = [Deed.Initiate], IsEstablished = false, MostSas = 2 },
        new() { Name = "child-rekey", About = "one side rekeys the Child SA", First = [Deed.RekeyChild], Second = [], Losses = 2, Duplicates = 2 },
        new() { Name = "child-rekey-collision", About = "both sides rekey the Child SA at once", First = [Deed.RekeyChild], Second = [Deed.RekeyChild], Losses = 2 },
        new() { Name = "ike-rekey", About = "one side rekeys the IKE SA", First = [Deed.RekeyIke], Second = [], Losses = 2, Duplicates = 2 },
        new() { Name = "ike-rekey-collision", About = "both sides rekey the IKE SA at once", First = [Deed.RekeyIke], Second = [Deed.RekeyIke], Losses = 2 },
        new() { Name = "rekey-delete", About = "one side rekeys the Child SA, the other closes it", First = [Deed.RekeyChild], Second = [Deed.DeleteChild], Losses = 2 },
        new() { Name = "ike-rekey-child-rekey", About = "one side rekeys the IKE SA, the other the Child SA", First = [Deed.RekeyIke], Second = [Deed.RekeyChild], Losses = 2 },
        new() { Name = "ike-rekey-delete", About = "one side rekeys the IKE SA, the other closes it", First = [Deed.RekeyIke], Second = [Deed.DeleteIke], Losses = 2 },
        new() { Name = "child-delete-collision", About = "both sides close the Child SA at once", First = [Deed.DeleteChild], Second = [Deed.DeleteChild], Losses = 2 },
        new() { Name = "ike-delete-collision", About = "both sides close the IKE SA at once", First = [Deed.DeleteIke], Second = [Deed.DeleteIke], Losses = 2 },
        new() { Name = "create-ike-rekey", About = "one side makes a Child SA, the other rekeys the IKE SA", First = [Deed.CreateChild], Second = [Deed.RekeyIke], Losses = 2 },
        new() { Name = "rekey-rekey", About = "both sides rekey the Child SA, one of them twice", First = [Deed.RekeyChild, Deed.RekeyChild], Second = [Deed.RekeyChild] },
        new() { Name = "hybrid-child-rekey", About = "one side rekeys the Child SA with IKE_FOLLOWUP_KE, the other forgets what was agreed", First = [Deed.RekeyChild], Second = [Deed.Forget], IsHybrid = true, Losses = 2, Duplicates = 2 },
        new() { Name = "hybrid-child-rekey-collision", About = "both sides rekey the Child SA with IKE_FOLLOWUP_KE", First = [Deed.RekeyChild], Second = [Deed.RekeyChild], IsHybrid = true, Losses = 2 },
        new() { Name = "hybrid-ike-rekey", About = "one side rekeys the IKE SA with IKE_FOLLOWUP_KE, the other forgets what was agreed", First = [Deed.RekeyIke], Second = [Deed.Forget], IsHybrid = true, Losses = 2, Duplicates = 2 },
        new() { Name = "hybrid-ike-rekey-collision", About = "both sides rekey the IKE SA with IKE_FOLLOWUP_KE", First = [Deed.RekeyIke], Second = [Deed.RekeyIke], IsHybrid = true, Losses = 2 },
        new() { Name = "hybrid-collision-forgotten", About = "both sides rekey the Child SA with IKE_FOLLOWUP_KE, one of them forgets", First = [Deed.RekeyChild], Second = [Deed.RekeyChild, Deed.Forget], IsHybrid = true, Losses = 2 },
        new() { Name = "hybrid-ike-rekey-delete", About = "one side rekeys the IKE SA with IKE_FOLLOWUP_KE, the other closes it", First = [Deed.RekeyIke], Second = [Deed.DeleteIke], IsHybrid = true, Losses = 2 },
        new() { Name = "hybrid-ike-rekey-child-rekey", About = "one side rekeys the IKE SA, the other the Child SA, with IKE_FOLLOWUP_KE", First = [Deed.RekeyIke], Second = [Deed.RekeyChild], IsHybrid = true, Losses = 2 },
        new() { Name = "window-child-rekey", About = "both sides rekey the Child SA and make another, two requests at a time", First = [Deed.RekeyChild, Deed.CreateChild], Second = [Deed.RekeyChild], WindowRequests = 2, Duplicates = 0 },
        new() { Name = "window-ike-rekey", About = "one side rekeys the IKE SA, the other rekeys the Child SA and makes another, two requests at a time", First = [Deed.RekeyIke], Second = [Deed.RekeyChild, Deed.CreateChild], WindowRequests = 2, Duplicates = 0 },
        new() { Name = "everything", About = "IKE SA and Child SA are rekeyed by both sides", First = [Deed.RekeyIke, Deed.RekeyChild], Second = [Deed.RekeyIke, Deed.RekeyChild] },
    ];
}
