using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;

namespace Conformance.Tests.Model.Ike;

/// <summary>Two sides with real keys, and a hand that may change the payloads inside protected messages of one exchange.</summary>
internal sealed class TamperedConversation
{
    private static readonly RealCryptography Real = new();

    private readonly IkeMachine[] _machines;
    private readonly IkePeer[] _peers = [IkePeer.Idle, IkePeer.Idle];

    private readonly IkeMachine _secondLater;
    private IkePayload? _extra;
    private bool _repeats;
    private bool _onlyAnswers;

    private TamperedConversation(IkeConfiguration first, IkeConfiguration second, IkeConfiguration secondLater, IkeRules? firstRules, IkeRules? secondRules)
    {
        _machines = [new IkeMachine(first, Real, firstRules ?? PlantedRules.Current), new IkeMachine(second, Real, secondRules ?? PlantedRules.Current)];
        _secondLater = new IkeMachine(secondLater, Real, secondRules ?? PlantedRules.Current);
    }

    /// <summary>The first side as it is at the end.</summary>
    public IkePeer First => _peers[0];

    /// <summary>The second side as it is at the end.</summary>
    public IkePeer Second => _peers[1];

    /// <summary>Messages in order, as the RFC writes them.</summary>
    public List<string> Notations { get; } = [];

    /// <summary>What the sides told their owners.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>True if both sides hold one established IKE SA with equal keys, and one pair of Child SAs with equal keys.</summary>
    public bool IsUp => First.Sas.Count(s => s.Phase == IkeSaPhase.Established) == 1
        && Second.Sas.Count(s => s.Phase == IkeSaPhase.Established) == 1
        && First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Keys == Second.Sas.Single(s => s.Phase == IkeSaPhase.Established).Keys
        && First.Children.Count == 1 && Second.Children.Count == 1
        && First.Children[0].InboundKeys == Second.Children[0].OutboundKeys;

    /// <summary>The first exchanges between two sides, started by the first.</summary>
    /// <param name="first">The first side.</param>
    /// <param name="second">The second side.</param>
    /// <param name="exchange">Whose messages are changed.</param>
    /// <param name="change">Another value for a payload.</param>
    /// <param name="secondLater">The second side from IKE_AUTH on.</param>
    /// <param name="extra">One more payload.</param>
    /// <param name="repeats">Every datagram arrives twice.</param>
    /// <param name="firstRules">Decisions of the first side; the RFC's unless a fault is planted.</param>
    /// <param name="secondRules">Decisions of the second side.</param>
    public static TamperedConversation Play(
        IkeConfiguration first,
        IkeConfiguration second,
        ExchangeType exchange = ExchangeType.IkeAuth,
        Func<IkePayload, IkePayload>? change = null,
        IkeConfiguration? secondLater = null,
        IkePayload? extra = null,
        bool repeats = false,
        IkeRules? firstRules = null,
        IkeRules? secondRules = null)
    {
        TamperedConversation conversation = new(first, second, secondLater ?? second, firstRules, secondRules) { _extra = extra, _repeats = repeats };
        conversation.Do(0, new IkeCommand.Initiate(), exchange, change);
        return conversation;
    }

    /// <summary>A command of one side and all that follows.</summary>
    /// <param name="side">Whose command.</param>
    /// <param name="command">The command.</param>
    /// <param name="exchange">Whose messages are changed.</param>
    /// <param name="change">Another value for a payload.</param>
    /// <param name="extra">One more payload.</param>
    /// <param name="isOnlyAnswers">True if requests stay as they are.</param>
    public void Do(
        int side, IkeCommand command, ExchangeType exchange = ExchangeType.IkeAuth, Func<IkePayload, IkePayload>? change = null, IkePayload? extra = null, bool isOnlyAnswers = false)
    {
        _extra = extra ?? _extra;
        _onlyAnswers = isOnlyAnswers;
        Queue<(int To, IkeOutput.Send Send)> network = new();
        Step(side, new IkeEvent.Asked(command));
        while (network.TryDequeue(out (int To, IkeOutput.Send Send) flight))
        {
            IkeEvent received = new IkeEvent.Received(flight.Send.Datagram, flight.Send.From, flight.Send.To);
            Step(flight.To, received);
            if (_repeats)
            {
                Step(flight.To, received);
            }
        }

        void Step(int at, IkeEvent happening)
        {
            // What is sent in a step is protected by keys from before or after it.
            SealingKeys[] known = [.. Keys(at)];
            IkeOutcome outcome = MachineOf(at, happening).Run(_peers[at], happening);
            _peers[at] = outcome.Next;
            known = [.. known, .. Keys(at)];
            Reports.AddRange(outcome.Outputs.OfType<IkeOutput.Report>().Select(r => r.What));
            foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
            {
                Notations.Add(send.Notation);
                network.Enqueue((1 - at, change is null ? send : send with { Datagram = Changed(at, send.Datagram, known, exchange, change) }));
            }
        }
    }

    private IkeMachine MachineOf(int side, IkeEvent happening) =>
        side == 1 && happening is IkeEvent.Received { Datagram: var datagram } && datagram[18] == (byte)ExchangeType.IkeAuth ? _secondLater : _machines[side];

    private IEnumerable<SealingKeys> Keys(int side) => _peers[side].Sas.Where(s => s.OutboundKeys is not null).Select(s => s.OutboundKeys!);

    private ByteString Changed(int side, ByteString datagram, SealingKeys[] known, ExchangeType exchange, Func<IkePayload, IkePayload> change)
    {
        if (!IkeMessage.TryParse(datagram, out IkeMessage? message, out _) || message!.Header.ExchangeType != exchange || (_onlyAnswers && !message.Header.IsResponse) || message.Payloads[^1] is not IkePayload.Encrypted sealedPayload)
        {
            return datagram;
        }

        var suite = _peers[side].Sas.First(s => s.Suite is not null).Suite!;
        ByteString associated = datagram.Slice(..(datagram.Length - sealedPayload.Content.Length));
        SealingKeys keys = known.First(k => Real.TryOpen(suite, k, associated, sealedPayload.Content, out _, out _));
        Real.TryOpen(suite, keys, associated, sealedPayload.Content, out ByteString plain, out _);
        IkePayloads.TryParse(sealedPayload.FirstPayload, plain, out ValueList<IkePayload> payloads, out _);
        (PayloadType first, byte[] content) = IkePayloads.ToBytes(new([.. payloads.Select(change), .. _extra is null ? ValueList.Of<IkePayload>([]) : [_extra]]));
        int padding = Real.LeastPaddingBytes(suite, content.Length);
        byte[] outline = new IkeMessage(message.Header, [new IkePayload.Encrypted(first, ByteString.Adopt(new byte[Real.SealedBytes(suite, content.Length, padding)]))]).ToBytes();
        int headers = outline.Length - Real.SealedBytes(suite, content.Length, padding);
        ByteString body = Real.Seal(
            suite, keys, new ByteString(outline.AsSpan(0, headers)), ByteString.Adopt(content), sealedPayload.Content.Slice(..suite.IvBytes), ByteString.Adopt(new byte[padding]));
        return ByteString.Adopt([.. outline.AsSpan(0, headers), .. body.Span]);
    }
}
