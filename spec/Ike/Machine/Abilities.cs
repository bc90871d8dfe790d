using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Extensions that each side announces in IKE_SA_INIT. RFC 7383 §2.3, RFC 6023 §3.</summary>
internal static class Abilities
{
    /// <summary>The notifications of a side.</summary>
    public static ValueList<IkePayload> Announce(IkeConfiguration configuration)
    {
        ImmutableArray<IkePayload>.Builder all = ImmutableArray.CreateBuilder<IkePayload>();
        if (configuration.FragmentBytes is not null)
        {
            all.Add(new IkePayload.Notify(NotifyType.FragmentationSupported));
        }

        if (configuration.IsChildless)
        {
            all.Add(new IkePayload.Notify(NotifyType.ChildlessIkev2Supported));
        }

        all.AddRange(SignatureHashes.Announce(configuration));
        return new(all.ToImmutable());
    }

    /// <summary>What the other side announced.</summary>
    public static PeerAbilities Read(ValueList<IkePayload> payloads)
    {
        PeerAbilities found = PeerAbilities.None;
        foreach (IkePayload payload in payloads)
        {
            found |= payload is not IkePayload.Notify notify ? PeerAbilities.None : notify.Notification switch
            {
                NotifyType.FragmentationSupported => PeerAbilities.Fragmentation,
                NotifyType.ChildlessIkev2Supported => PeerAbilities.Childless,
                NotifyType.HttpCertLookupSupported => PeerAbilities.CertificateLookup,
                NotifyType.UsePpk => PeerAbilities.PostQuantumKey,
                NotifyType.IntermediateExchangeSupported => PeerAbilities.Intermediate,
                _ => PeerAbilities.None,
            };
        }

        return found;
    }
}
