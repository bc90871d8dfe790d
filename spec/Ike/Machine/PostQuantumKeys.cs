using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Post-quantum preshared keys: negotiated in IKE_SA_INIT, named in IKE_AUTH, mixed into the keys that AUTH and Child SAs come from. RFC 8784 §3.</summary>
internal static class PostQuantumKeys
{
    /// <summary>What a side tells in IKE_SA_INIT; a responder only when it was told so.</summary>
    public static ValueList<IkePayload> Announce(IkeConfiguration configuration) =>
        configuration.PostQuantumKeys.IsEmpty ? [] : [new IkePayload.Notify(NotifyType.UsePpk)];

    /// <summary>The key that an initiator is going to use, once both sides have told that they can; else null.</summary>
    public static PostQuantumKey? OfInitiator(Draft draft, IkeSa sa) =>
        sa.Abilities.HasFlag(PeerAbilities.PostQuantumKey) && !draft.Configuration.PostQuantumKeys.IsEmpty ? draft.Configuration.PostQuantumKeys[0] : null;

    /// <summary>An IKE SA with a key mixed into three of its keys. RFC 8784 §3.</summary>
    public static IkeSa Mixed(Draft draft, IkeSa sa, PostQuantumKey key) => sa with { Keys = draft.Cryptography.MixPreshared(sa.Suite!.Prf, sa.Keys!, key.Key) };

    /// <summary>What an initiator adds to its request: the name of its key and, where it can do without, AUTH made without it. RFC 8784 §3.</summary>
    public static ValueList<IkePayload> Notes(Draft draft, IkeSa plain, IkePayload.Identification identification, PostQuantumKey? key)
    {
        if (key is null)
        {
            return [];
        }

        IkePayload name = new IkePayload.Notify(NotifyType.PpkIdentity, key.Identity.ToByteString());
        return draft.Configuration.NeedsPostQuantumKey || AuthenticationData.Make(draft, plain, identification) is not { } without
            ? [name]
            : [name, new IkePayload.Notify(NotifyType.NoPpkAuth, without.Data)];
    }

    /// <summary>The IKE SA with the keys that a response speaks of; null if the initiator does not take them. RFC 8784 §3.</summary>
    public static IkeSa? Answered(Draft draft, IkeSa sa, ValueList<IkePayload> payloads)
    {
        bool isUsed = IkePayloads.FindNotify(payloads, NotifyType.PpkIdentity) is not null;
        return OfInitiator(draft, sa) switch
        {
            { } key when isUsed => Mixed(draft, sa, key),
            _ when isUsed || draft.Configuration.NeedsPostQuantumKey => null,
            _ => sa,
        };
    }

    /// <summary>What a responder judges AUTH by: the IKE SA with the right keys and the AUTH payload that belongs to them; null if there is none. RFC 8784 §3.</summary>
    public static (IkeSa Sa, IkePayload.Authentication Authentication, bool IsUsed)? Asked(
        Draft draft, IkeSa sa, IkePayload.Authentication authentication, ValueList<IkePayload> payloads)
    {
        ByteString? name = sa.Abilities.HasFlag(PeerAbilities.PostQuantumKey) && !draft.Configuration.PostQuantumKeys.IsEmpty
            ? IkePayloads.FindNotify(payloads, NotifyType.PpkIdentity)?.Data
            : null;
        if (draft.Configuration.PostQuantumKeys.FirstOrDefault(k => k.Identity.ToByteString() == name) is { } key)
        {
            return (Mixed(draft, sa, key), authentication, true);
        }

        if (draft.Configuration.NeedsPostQuantumKey)
        {
            return null;
        }

        // The named key is not there: what was made without it counts, if anything was.
        return name is null ? (sa, authentication, false)
            : IkePayloads.FindNotify(payloads, NotifyType.NoPpkAuth) is { } without ? (sa, authentication with { Data = without.Data }, false)
            : null;
    }
}
