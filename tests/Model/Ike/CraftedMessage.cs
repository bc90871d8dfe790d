using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Tests.Model.Ike;

/// <summary>Authentic messages that no honest side would send, to a side of a pair.</summary>
internal static class CraftedMessage
{
    /// <summary>A request to the second side over its first IKE SA, under the Message ID that is due.</summary>
    public static void Ask(ManualPair pair, ExchangeType exchange, params ReadOnlySpan<IkePayload> payloads)
    {
        IkeSa sa = pair.Second.Sas[0];
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([.. payloads]);
        pair.Do(1, new IkeEvent.Received(SealedMessage.To(pair.Cryptography, sa, exchange, isResponse: false, sa.NextExpected, first, ByteString.Adopt(content)), sa.Peer, sa.Own));
    }

    /// <summary>A command of the first side that the second one takes, and in place of its answer another.</summary>
    public static void Answer(ManualPair pair, IkeCommand command, IkePayload payload)
    {
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([payload]);
        Answer(pair, command, first, ByteString.Adopt(content));
    }

    /// <summary>The same with an answer of any form.</summary>
    public static void Answer(ManualPair pair, IkeCommand command, PayloadType first, ByteString content)
    {
        pair.Ask(0, command);
        pair.Deliver();
        pair.Network.Clear();
        AnswerOnly(pair, first, content);
    }

    /// <summary>An answer of any form to the oldest request of the first side.</summary>
    public static void AnswerOnly(ManualPair pair, PayloadType first, ByteString content)
    {
        IkeSa sa = pair.First.Sas[0];
        ExchangeType exchange = sa.Pending[0].Purpose is ExchangePurpose.Probe ? ExchangeType.Informational : ExchangeType.CreateChildSa;
        ByteString answer = SealedMessage.To(pair.Cryptography, sa, exchange, isResponse: true, sa.Pending[0].MessageId, first, content);
        pair.Do(0, new IkeEvent.Received(answer, sa.Peer, sa.Own));
    }
}
