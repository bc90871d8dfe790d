using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IPComp on Child SAs: a list of offers, at most one choice. RFC 7296 §2.22.</summary>
internal static class Compressions
{
    // CPIs under 256 name well-known algorithms or are reserved, those from 61440 on are private. RFC 3173 §3.3.
    private const ushort First = 256;
    private const ushort Count = 61440 - First;

    /// <summary>CPIs for what a configuration offers, one each: none of them in use.</summary>
    public static ValueList<ushort> Fresh(Draft draft, IkeSa sa, uint messageId, ChildConfiguration wanted)
    {
        ImmutableArray<ushort>.Builder all = ImmutableArray.CreateBuilder<ushort>();
        for (int i = 0; i < wanted.Compressions.Count; i++)
        {
            all.Add(Fresh(draft, sa, messageId, $"initiator {i}", all.Contains));
        }

        return new(all.ToImmutable());
    }

    /// <summary>The notifications of a request.</summary>
    public static ValueList<IkePayload> Offer(ChildConfiguration wanted, ChildAttempt attempt) =>
        new([.. attempt.ParameterIndices.Select((index, i) => Notify(index, wanted.Compressions[i]))]);

    /// <summary>The notification of an answer, or none.</summary>
    public static ValueList<IkePayload> Answer(CompressionAgreement? agreed) => agreed is null ? [] : [Notify(agreed.Inbound, agreed.Transform)];

    /// <summary>A responder's choice: the first of the offers that it knows; null for none.</summary>
    public static CompressionAgreement? Choose(Draft draft, IkeSa sa, uint messageId, ChildConfiguration wanted, ValueList<IkePayload> payloads)
    {
        foreach (NotifyContent.Compression offered in Read(payloads))
        {
            if (wanted.Compressions.Contains(offered.Transform))
            {
                return new CompressionAgreement(offered.Transform, Fresh(draft, sa, messageId, "responder", _ => false), offered.ParameterIndex);
            }
        }

        return null;
    }

    /// <summary>True if an answer has no choice, or one out of the offers.</summary>
    /// <param name="wanted">The configuration.</param>
    /// <param name="attempt">What was offered.</param>
    /// <param name="payloads">The answer.</param>
    /// <param name="agreed">The choice; null for none.</param>
    public static bool TryTake(ChildConfiguration wanted, ChildAttempt attempt, ValueList<IkePayload> payloads, out CompressionAgreement? agreed)
    {
        agreed = null;
        if (!payloads.Any(p => p is IkePayload.Notify { Notification: NotifyType.IpcompSupported }))
        {
            return true;
        }

        if (Read(payloads) is not [var chosen] || wanted.Compressions.Items.IndexOf(chosen.Transform) is var at && (at < 0 || at >= attempt.ParameterIndices.Count))
        {
            return false;
        }

        agreed = new CompressionAgreement(chosen.Transform, attempt.ParameterIndices[at], chosen.ParameterIndex);
        return true;
    }

    private static NotifyContent.Compression[] Read(ValueList<IkePayload> payloads) =>
        [.. payloads.OfType<IkePayload.Notify>().Where(n => n.Notification == NotifyType.IpcompSupported)
            .Select(n => NotifyContent.TryRead(n, out NotifyContent? content, out _) ? content : null).OfType<NotifyContent.Compression>()];

    private static IkePayload.Notify Notify(ushort index, byte transform) =>
        new IkePayload.Notify(NotifyType.IpcompSupported, new NotifyContent.Compression(index, transform).ToByteString());

    private static ushort Fresh(Draft draft, IkeSa sa, uint messageId, string role, Func<ushort, bool> isTaken)
    {
        for (int attempt = 0; ; attempt++)
        {
            ushort index = (ushort)(First + (LooseFields.Word(draft.Fresh($"CPI {role} {attempt}", sa, messageId, sizeof(ushort)).Span, 0) % Count));
            if (!isTaken(index) && draft.Peer.Children.All(c => c.Compression?.Inbound != index))
            {
                return index;
            }
        }
    }
}
