using Conformance.Spec.Eap;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Tests.Model.Eap;

/// <summary>A conversation of both ends of EAP, without IKE around it.</summary>
internal sealed class EapTalk
{
    /// <summary>The peer at the end.</summary>
    public EapPeerState Peer { get; private set; } = new();

    /// <summary>The server at the end.</summary>
    public EapServerState Server { get; private set; } = new();

    /// <summary>Messages in order.</summary>
    public List<EapMessage> Messages { get; } = [];

    /// <summary>True if both ends are content.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The first thing that went wrong.</summary>
    public string? Reason { get; private set; }

    /// <summary>One method at each end.</summary>
    public static EapTalk Play(EapMethod peer, EapMethod server, Func<EapMessage, EapMessage>? change = null) =>
        Play(new EapPeer(ByteString.Adopt([1]), [peer]), new EapServer([server]), change);

    /// <summary>All that follows from the server's first request.</summary>
    public static EapTalk Play(EapPeer peer, EapServer server, Func<EapMessage, EapMessage>? change = null)
    {
        EapTalk talk = new();
        change ??= m => m;
        EapServerStep asked = server.Begin(7, asksIdentity: false, Randomness(0));
        for (byte round = 1; ; round += 2)
        {
            talk.Server = asked.State;
            talk.Reason ??= asked.Reason;
            EapMessage request = change(asked.Answer);
            talk.Messages.Add(request);
            EapPeerStep answered = peer.Step(talk.Peer, request, Randomness(round), isUnproven: false);
            talk.Peer = answered.State;
            talk.Reason ??= answered.Reason;
            if (answered.Response is not { } response)
            {
                talk.IsDone = asked.Progress == EapProgress.Done && answered.Progress == EapProgress.Done;
                return talk;
            }

            talk.Messages.Add(response);
            asked = server.Step(talk.Server, change(response), Randomness((byte)(round + 1)));
        }
    }

    private static ByteString Randomness(byte step) => ByteString.Adopt([.. Enumerable.Range(0, EapMethod.RandomnessBytes).Select(i => (byte)(step + (3 * i)))]);
}
