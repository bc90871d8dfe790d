using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Eap.Tls;

/// <summary>EAP-TLS at one end: fragments, acknowledgements and turns around a TLS engine. RFC 5216 §2.1, RFC 9190 §2.1.</summary>
/// <param name="Engine">What does TLS.</param>
/// <param name="IsServer">True at the server.</param>
/// <param name="FragmentBytes">Most TLS data in one packet.</param>
public sealed record EapTls(ITlsEngine Engine, bool IsServer, int FragmentBytes) : EapMethod
{
    /// <inheritdoc/>
    public override EapType Type => EapType.Tls;

    /// <inheritdoc/>
    public override bool MakesKey => true;

    /// <inheritdoc/>
    public override bool IsSafeAlone => true;

    /// <inheritdoc/>
    public override EapMethodStep Begin(ByteString randomness) =>
        EapMethodStep.Go(new Standing { Randomness = randomness }, IsServer ? EapTlsPacket.Start.ToByteString() : null);

    /// <inheritdoc/>
    public override EapMethodStep Step(EapMethodState state, EapMessage message, ByteString randomness)
    {
        if (state is not Standing standing)
        {
            return EapMethodStep.Fail("EAP-TLS: nothing is expected any more");
        }

        if (!EapTlsPacket.TryParse(message.Data, out EapTlsPacket? packet, out ParseError error))
        {
            return EapMethodStep.Fail($"EAP-TLS: {error}");
        }

        bool isBeginning = !IsServer && !standing.HasBegun;
        if (packet.IsStart != isBeginning)
        {
            return EapMethodStep.Fail(packet.IsStart ? "EAP-TLS: a start out of turn" : "EAP-TLS: no start");
        }

        if (isBeginning)
        {
            return Advance(standing with { HasBegun = true });
        }

        if (standing.Transfer.Outgoing.Length > 0)
        {
            return packet.IsAcknowledgement ? Send(standing, null) : EapMethodStep.Fail("EAP-TLS: a fragment instead of an acknowledgement");
        }

        if (standing.Fault is { } fault)
        {
            return EapMethodStep.Fail($"EAP-TLS: {fault}");
        }

        if (standing.IsFinished)
        {
            return packet.IsAcknowledgement ? Done(standing, null) : EapMethodStep.Fail("EAP-TLS: data after the handshake");
        }

        (EapTlsTransfer next, ByteString? whole, string? misfit) = standing.Transfer.Receive(packet);
        return misfit is not null ? EapMethodStep.Fail($"EAP-TLS: {misfit}")
            : whole is { } flight ? Advance(standing with { Transfer = next, Flights = standing.Flights.Add(flight) })
            : EapMethodStep.Go(standing with { Transfer = next }, EapTlsPacket.Acknowledgement.ToByteString());
    }

    private EapMethodStep Advance(Standing standing)
    {
        TlsProgress progress = Engine.Run(standing.Randomness, standing.Flights);
        Standing next = standing with { IsFinished = progress.IsFinished, Key = progress.Key, Name = progress.Name, Fault = progress.Fault };
        if (progress.Output.Length > 0)
        {
            return Send(next, progress.Output);
        }

        return progress.Fault is { } fault ? EapMethodStep.Fail($"EAP-TLS: {fault}")
            : !progress.IsFinished ? EapMethodStep.Fail("EAP-TLS: TLS has nothing to say")
            : Done(next, IsServer ? null : EapTlsPacket.Acknowledgement.ToByteString());
    }

    // A peer that has said its last is content; a server waits for the acknowledgement of what it sends.
    private EapMethodStep Send(Standing standing, ByteString? message)
    {
        (EapTlsTransfer transfer, EapTlsPacket packet) = standing.Transfer.Send(message, FragmentBytes);
        Standing next = standing with { Transfer = transfer };
        return !IsServer && next.IsFinished && transfer.Outgoing.Length == 0
            ? Done(next, packet.ToByteString())
            : EapMethodStep.Go(next, packet.ToByteString());
    }

    private static EapMethodStep Done(Standing standing, ByteString? data) =>
        new() { Progress = EapProgress.Done, State = standing, Data = data, Key = standing.Key, Name = standing.Name };

    private sealed record Standing : EapMethodState
    {
        public required ByteString Randomness { get; init; }

        public bool HasBegun { get; init; }

        public EapTlsTransfer Transfer { get; init; } = EapTlsTransfer.Idle;

        public ValueList<ByteString> Flights { get; init; }

        public bool IsFinished { get; init; }

        public IkeSecret Key { get; init; }

        public ByteString Name { get; init; }

        public string? Fault { get; init; }
    }
}
