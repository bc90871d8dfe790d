using System.Collections.Immutable;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>What has to come of payloads, and what may.</summary>
/// <param name="Due">Inner packets that an honest receiver delivers, in order.</param>
/// <param name="Tolerated">Further ones that it may deliver although the sender contradicted itself. RFC 9347 §2.5.</param>
/// <param name="Faults">What an honest sender would not have sent.</param>
internal sealed record AggFragOutcome(ImmutableArray<ByteString> Due, ImmutableArray<ByteString> Tolerated, ImmutableArray<string> Faults);

/// <summary>The tester's copy of the receiver of a target: reordering and reassembly.</summary>
internal sealed class AggFragModel(int reorderWindowPackets)
{
    private ReorderWindow _window = ReorderWindow.Create(reorderWindowPackets);
    private ReassemblyState _state = ReassemblyState.Empty;

    /// <summary>Takes what arrives, in the order of arrival; what is held back at the end goes on too, since nothing else will come in front of it.</summary>
    public AggFragOutcome Receive(IReadOnlyList<AggFragArrival> arrivals)
    {
        List<(ulong Sequence, AggFragPayload Payload)> ordered = [];
        foreach (AggFragArrival arrival in arrivals)
        {
            if (AggFragPayload.TryParse(arrival.Bytes.Span, out AggFragPayload? payload, out _))
            {
                (_window, ImmutableArray<(ulong, AggFragPayload)> released) = _window.Accept(arrival.Sequence, payload!);
                ordered.AddRange(released);
            }
        }

        (_window, ImmutableArray<(ulong, AggFragPayload)> rest) = _window.GiveUp();
        ordered.AddRange(rest);
        ImmutableArray<ByteString>.Builder due = ImmutableArray.CreateBuilder<ByteString>();
        ImmutableArray<ByteString>.Builder tolerated = ImmutableArray.CreateBuilder<ByteString>();
        ImmutableArray<string>.Builder faults = ImmutableArray.CreateBuilder<string>();
        foreach ((ulong sequence, AggFragPayload payload) in ordered)
        {
            Extraction extraction = Reassembler.Receive(_state, sequence, payload);
            (extraction.Fault is null ? due : tolerated).AddRange(extraction.Packets);
            if (extraction.Fault is { } fault)
            {
                tolerated.AddRange(ByItsOwnLength(_state, sequence, payload));
                faults.Add(fault);
            }

            _state = extraction.Next;
        }

        return new AggFragOutcome(due.ToImmutable(), tolerated.ToImmutable(), faults.ToImmutable());
    }

    // A receiver may believe the packet under way and not the BlockOffset.
    private static ImmutableArray<ByteString> ByItsOwnLength(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        if (state.Begun is not { } head || state.Wanted != sequence)
        {
            return [];
        }

        ByteString joined = ByteString.Adopt([.. head.Span, .. payload.DataBlocks.Span]);
        DataBlock block = DataBlock.Read(joined.Span);
        return block.Kind == DataBlockKind.Packet && block.LengthBytes <= joined.Length
            ? Reassembler.Receive(ReassemblyState.Empty, sequence, new AggFragPayload(0, joined)).Packets
            : [];
    }
}
