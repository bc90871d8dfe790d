using System.Collections.Immutable;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Authentic fragments until their message is whole. RFC 7383 §2.6.</summary>
internal static class Reassembly
{
    /// <summary>The IKE SA with one more fragment; the content is null until the last one has come.</summary>
    public static (IkeSa Sa, PayloadType First, ByteString? Content) Add(IkeSa sa, IkeHeader header, IkePayload.EncryptedFragment fragment, ByteString content)
    {
        FragmentBuffer buffer = new(header.MessageId.Value, header.IsResponse, fragment.Total, []);
        ImmutableArray<FragmentBuffer>.Builder others = ImmutableArray.CreateBuilder<FragmentBuffer>();
        foreach (FragmentBuffer known in sa.Fragments)
        {
            if (known.MessageId != buffer.MessageId || known.IsResponse != buffer.IsResponse)
            {
                others.Add(known);
            }
            else if (known.Total > fragment.Total)
            {
                // Pieces of an earlier cut of the message. RFC 7383 §2.6.
                return (sa, PayloadType.None, null);
            }
            else if (known.Total == fragment.Total)
            {
                buffer = known;
            }
        }

        if (buffer.Pieces.All(p => p.Number != fragment.Number))
        {
            int at = buffer.Pieces.Count(p => p.Number < fragment.Number);
            buffer = buffer with { Pieces = buffer.Pieces.Insert(at, new FragmentPiece(fragment.Number, fragment.FirstPayload, content)) };
        }

        if (buffer.Pieces.Count < buffer.Total)
        {
            others.Add(buffer);
            return (sa with { Fragments = new(others.ToImmutable()) }, PayloadType.None, null);
        }

        byte[] whole = [.. buffer.Pieces.SelectMany(p => p.Content.ToArray())];
        return (sa with { Fragments = new(others.ToImmutable()) }, buffer.Pieces[0].First, ByteString.Adopt(whole));
    }
}
