using System.Collections.Immutable;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Send;

/// <summary>Why a sender sends nothing. RFC 4303 §3.3, RFC 4301 §4.4.2.1.</summary>
public enum RefusalReason
{
    /// <summary>The SA reached a hard limit.</summary>
    Expired,

    /// <summary>The next number would repeat one: the sender stops instead. RFC 4303 §3.3.3.</summary>
    SequenceExhausted,

    /// <summary>The packet cannot be enclosed in this mode.</summary>
    NotEncapsulable,

    /// <summary>The TTL or hop limit of the packet does not let it be forwarded. RFC 4301 §5.1.2.1 note 2.</summary>
    HopLimitReached,

    /// <summary>The packet does not fit the path MTU and may not be fragmented. RFC 4301 §8.2.1.</summary>
    TooBig,
}

/// <summary>What became of a plain packet from the protected side.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>A datagram leaves on the unprotected side.</summary>
    public sealed record Sent(ByteString Datagram, SequenceNumber Sequence) : SendOutcome;

    /// <summary>Nothing leaves.</summary>
    public sealed record Refused(RefusalReason Reason) : SendOutcome;
}

/// <summary>An outbound SA with what it remembers. RFC 4301 §4.4.2.1.</summary>
/// <param name="Sa">Parameters.</param>
/// <param name="LastSequence">The last number used; 0 before the first packet.</param>
/// <param name="Use">Use so far.</param>
public sealed record OutboundAssociation(SecurityAssociation Sa, SequenceNumber LastSequence, LifetimeUse Use)
{
    /// <summary>A new SA.</summary>
    public static OutboundAssociation Create(SecurityAssociation sa) => new(sa, sa.LastSequence, default);
}

/// <summary>One plain packet on its way out.</summary>
public sealed record SendContext
{
    /// <summary>The SA, as far as the stages before have changed it.</summary>
    public required OutboundAssociation Association { get; init; }

    /// <summary>The plain packet.</summary>
    public required ByteString Plain { get; init; }

    /// <summary>The explicit IV to use; the model draws none itself.</summary>
    public required ByteString Iv { get; init; }

    /// <summary>Choices about padding and trailer.</summary>
    public required SealOptions Options { get; init; }

    /// <summary>Keyed transforms.</summary>
    public required IKeyring Keyring { get; init; }

    /// <summary>The packet split for the mode of the SA.</summary>
    public EnclosedPacket? Enclosed { get; init; }

    /// <summary>SPI to ICV.</summary>
    public ByteString Esp { get; init; }

    /// <summary>Set by the stage that ends the journey.</summary>
    public SendOutcome? Outcome { get; init; }

    /// <summary>Ends the journey.</summary>
    public SendContext Refuse(RefusalReason reason) => this with { Outcome = new SendOutcome.Refused(reason) };
}

/// <summary>One step of the send path.</summary>
/// <param name="Name">Name that profiles and mutants refer to.</param>
/// <param name="Clause">The clause it carries out.</param>
/// <param name="Run">Returns the context with what was done, or with an outcome.</param>
public sealed record SendStage(string Name, string Clause, Func<SendContext, SendContext> Run);

/// <summary>The send path as an ordered list of stages. RFC 4303 §3.3.</summary>
/// <param name="Stages">From the plain packet to the datagram.</param>
public sealed record EspSender(ImmutableArray<SendStage> Stages)
{
    /// <summary>The order of RFC 4303 §3.3, after the SA was selected.</summary>
    public static EspSender Rfc { get; } = new(
    [
        SendStages.HardLifetime,
        SendStages.Enclosure,
        SendStages.Sequence,
        SendStages.Sealing,
        SendStages.Output,
    ]);

    /// <summary>Takes one plain packet through the stages.</summary>
    public (OutboundAssociation Association, SendOutcome Outcome) Send(
        OutboundAssociation association, ByteString plain, ByteString iv, IKeyring keyring, SealOptions? options = null)
    {
        SendContext context = new()
        {
            Association = association,
            Plain = plain,
            Iv = iv,
            Keyring = keyring,
            Options = options ?? SealOptions.Default,
        };
        foreach (SendStage stage in Stages)
        {
            context = stage.Run(context);
            if (context.Outcome is not null)
            {
                break;
            }
        }

        return (context.Association, context.Outcome ?? throw new InvalidOperationException("the last send stage gave no outcome"));
    }

    /// <summary>The same path with one stage replaced.</summary>
    /// <exception cref="ArgumentException">No stage has that name.</exception>
    public EspSender Replace(string name, Func<SendContext, SendContext> run)
    {
        SendStage stage = Stages.FirstOrDefault(s => s.Name == name) ?? throw new ArgumentException($"no send stage is called {name}", nameof(name));
        return new EspSender(Stages.Replace(stage, stage with { Run = run }));
    }
}
