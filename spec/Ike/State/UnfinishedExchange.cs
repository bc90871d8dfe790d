using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.State;

/// <summary>What CREATE_CHILD_SA agreed while additional key exchanges are missing: each takes one IKE_FOLLOWUP_KE. RFC 9370 §2.2.4.</summary>
public abstract record UnfinishedExchange
{
    private UnfinishedExchange()
    {
    }

    /// <summary>The additional methods in order.</summary>
    public required ValueList<KeyExchangeMethod> Methods { get; init; }

    /// <summary>What the responder of the exchange wants to see in the next request.</summary>
    public required ByteString Link { get; init; }

    /// <summary>Secrets of the methods that are over.</summary>
    public ValueList<IkeSecret> Secrets { get; init; }

    /// <summary>The method whose turn it is; null after the last.</summary>
    public KeyExchangeMethod? Next => Secrets.Count < Methods.Count ? Methods[Secrets.Count] : null;

    /// <summary>The lower nonce of CREATE_CHILD_SA, which settles collisions. RFC 7296 §2.8.1.</summary>
    public abstract ByteString LowestNonce { get; }

    /// <summary>The same exchange with one more secret.</summary>
    public UnfinishedExchange With(IkeSecret secret) => this with { Secrets = Secrets.Add(secret) };

    /// <summary>A pair of Child SAs.</summary>
    /// <param name="Agreement">What it will be.</param>
    /// <param name="Attempt">What its initiator remembers; null at its responder.</param>
    /// <param name="Lowest">The lower of the two nonces.</param>
    public sealed record Child(ChildAgreement Agreement, ChildAttempt? Attempt, ByteString Lowest) : UnfinishedExchange
    {
        /// <inheritdoc/>
        public override ByteString LowestNonce => Lowest;
    }

    /// <summary>A successor of the IKE SA.</summary>
    /// <param name="Agreement">What it will be.</param>
    /// <param name="Attempt">What its initiator remembers; null at its responder.</param>
    /// <param name="Lowest">The lower of the two nonces.</param>
    public sealed record Ike(IkeAgreement Agreement, IkeRekeyAttempt? Attempt, ByteString Lowest) : UnfinishedExchange
    {
        /// <inheritdoc/>
        public override ByteString LowestNonce => Lowest;
    }
}
