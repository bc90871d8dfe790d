using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike.Diagnosis;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>One conversation by IKEv2 in which the tester is the peer: honest as the model is, until a test makes it otherwise.</summary>
/// <remarks>
/// The tester knows its own secrets only. Whatever the target sends is opened by the keys that both have and held against the
/// standing invariants. That something is not answered is proved by a sentinel that is answered afterwards.
/// </remarks>
public sealed partial class IkeSession : IRecordedSession, IDisposable
{
    // Only what is lost takes this long: a machine that was busy with something else for some seconds is no finding.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Waits = [.. new[] { 500, 1000, 2000, 6500 }.Select(m => TimeSpan.FromMilliseconds(m))];
    private static readonly RealCryptography Real = new();

    private readonly ITarget _target;
    private readonly IkeMachine _machine;
    private readonly DerivationLog _log;
    private readonly IkeInvariants _invariants;
    private readonly List<IkeStep> _steps = [];
    private readonly List<IkeArrival> _arrivals = [];
    private readonly Dictionary<(IkeSpi, IkeSpi), IkeSa> _known = [];
    private readonly Keyring _keys = new();
    private int _sentinels;

    private IkeSession(ITarget target, IkeScenario scenario, ulong seed)
    {
        _target = target;
        Conversation = scenario;
        Seed = seed;
        _log = new DerivationLog(Real) { WantsLeadingZero = scenario.WantsLeadingZero };
        _machine = new IkeMachine(scenario.Peer(seed), _log);
        _invariants = new IkeInvariants(_machine.Configuration);
    }

    /// <summary>Who talks about what.</summary>
    public IkeScenario Conversation { get; }

    /// <inheritdoc/>
    public TargetIdentity Target => _target.Identity;

    /// <inheritdoc/>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Step> Steps => [.. _steps.Select((s, i) => s.ToStep(i + 1))];

    /// <inheritdoc/>
    public EspScenario? Scenario => null;

    /// <inheritdoc/>
    public PolicyScenario? Policy => null;

    /// <inheritdoc/>
    public IReadOnlyList<XfrmRequest> Requests => [];

    /// <inheritdoc/>
    public IReadOnlyList<SecurityAssociation> Associations => [.. _associations.Values];

    /// <inheritdoc/>
    public IReadOnlyList<IkeSa> IkeAssociations => [.. _known.Values.Where(s => s.Keys is not null)];

    /// <summary>The tester's side.</summary>
    public IkePeer Peer { get; private set; } = IkePeer.Idle;

    /// <summary>What the tester's side was told.</summary>
    public IkeConfiguration Configuration => _machine.Configuration;

    /// <summary>All messages of the target so far.</summary>
    public IReadOnlyList<IkeArrival> Arrivals => _arrivals;

    /// <summary>Changes honest messages of the tester before they leave; null for none.</summary>
    public Func<EditableMessage, EditableMessage>? Alter { get; set; }

    /// <summary>The scheme by which the tester signs whatever was agreed; null for that.</summary>
    public SignatureScheme? SignsBy
    {
        get => _log.SignsBy;
        set => _log.SignsBy = value;
    }

    /// <summary>The newest IKE SA of the tester.</summary>
    /// <exception cref="ConformanceException">There is none.</exception>
    public IkeSa Sa => Peer.Sas.LastOrDefault(s => s.Phase == IkeSaPhase.Established) ?? (Peer.Sas is [.., { } last] ? last : throw Disagreement(null, "there is no IKE SA"));

    /// <summary>The newest Child SA of the tester.</summary>
    /// <exception cref="ConformanceException">There is none.</exception>
    public ChildSa Child => Peer.Children is [.., { } last] ? last : throw Disagreement(null, "there is no Child SA");

    /// <summary>The newest IKE SA by its SPIs.</summary>
    public IkeSaName Name => new(Sa.InitiatorSpi, Sa.ResponderSpi);

    /// <summary>Empties the target and tells it of its peer.</summary>
    /// <exception cref="UnsupportedException">The target has no IKE, or cannot do what the scenario asks for.</exception>
    public static IkeSession Start(ITarget target, IkeScenario scenario, ulong seed)
    {
        if ((scenario.Needs & ~target.Capabilities) is not Capabilities.None and var missing)
        {
            throw new UnsupportedException($"the target lacks {missing}");
        }

        IkeSession session = new(target, scenario, seed);
        target.Reset();
        session.Execute(new Command.ConfigureIke(scenario.Target(seed)));
        return session;
    }

    /// <summary>Requires something of what was seen.</summary>
    /// <param name="holds">What must be true.</param>
    /// <param name="requirementId">The clause to accuse where it is not; null for the first that the test names.</param>
    /// <param name="otherwise">One sentence for people.</param>
    /// <exception cref="ConformanceException">It is not true.</exception>
    public void Require(bool holds, string? requirementId, string otherwise)
    {
        if (!holds)
        {
            throw Disagreement(requirementId, otherwise);
        }
    }

    /// <summary>Releases key schedules; the target is left as it is.</summary>
    public void Dispose() => _keys.Dispose();

    private void Execute(Command command)
    {
        switch (_target.Execute(command))
        {
            case CommandOutcome.Unsupported unsupported:
                throw new UnsupportedException(unsupported.Reason);
            case CommandOutcome.Refused refused:
                // Which parameters a stack takes is its own affair, as long as it says so; that an SA is missing is not.
                throw command is Command.ConfigureIke ? new UnsupportedException(refused.Reason) : Disagreement(null, $"{command}: {refused.Reason}");
        }
    }

    private ConformanceException Disagreement(string? requirementId, string why) => new(FailureKind.Disagreement, requirementId, Text(why), this);

    private string Text(string why)
    {
        IEnumerable<string> last = _steps.TakeLast(3).Select((s, i) => $"step {_steps.Count - Math.Min(3, _steps.Count) + i + 1}/{_steps.Count}   {s.Description}\n  observed   {s.Observed}");
        return string.Join('\n', [$"{Target}: {Conversation}", why, .. last]);
    }

    /// <summary>A step in the making: observations come in until the next one.</summary>
    private sealed record IkeStep(Stimulus Stimulus, string Description)
    {
        public List<Observation> Observations { get; } = [];

        public List<string> Words { get; } = [];

        public string Expected { get; set; } = "as RFC 7296 allows";

        public string Observed => Words.Count == 0 ? "nothing" : string.Join("; ", Words);

        public Step ToStep(int number) => new(number, Stimulus, Description, new Expectation.AsModel(Expected), Observed, Observations);
    }
}
