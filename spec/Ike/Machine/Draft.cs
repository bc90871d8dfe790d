using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Machine;

/// <summary>One step in the making: the side as it is so far, and what it does; lives no longer than the step.</summary>
internal sealed class Draft(IkeMachine machine, IkePeer peer, ImmutableArray<int> script)
{
    private readonly ImmutableArray<IkeOutput>.Builder _outputs = ImmutableArray.CreateBuilder<IkeOutput>();
    private readonly ImmutableArray<string>.Builder _choices = ImmutableArray.CreateBuilder<string>();

    /// <summary>Number of alternatives at each choice so far.</summary>
    public List<int> Alternatives { get; } = [];

    /// <summary>What was taken at each choice so far.</summary>
    public List<int> Taken { get; } = [];

    public IkeConfiguration Configuration => machine.Configuration;

    public IIkeCryptography Cryptography => machine.Cryptography;

    public IkeRules Rules => machine.Rules;

    /// <summary>Own endpoint and the other side's of the request that is answered: answers go back on the way of their request. RFC 7296 §2.11.</summary>
    public (Endpoint Own, Endpoint Peer)? AnswerPath { get; set; }

    public IkePeer Peer { get; set; } = peer;

    public IkeOutcome Outcome => new(Peer, new(_outputs.ToImmutable()), new(_choices.ToImmutable()));

    /// <summary>Picks one of several ways that the RFC allows; the first is what this model does by itself.</summary>
    public int Choose(string what, int alternatives)
    {
        int index = Alternatives.Count;
        int taken = index < script.Length ? script[index] : 0;
        Alternatives.Add(alternatives);
        Taken.Add(taken);
        _choices.Add($"{what}:{taken}");
        return taken;
    }

    public void Report(string what) => _outputs.Add(new IkeOutput.Report(what));

    public void Put(IkeSa sa) => Peer = Peer.With(sa);

    public void Put(ChildSa child) => Peer = Peer.With(child);

    public IkeSa Sa(int number) => Peer.Sa(number) ?? throw new InvalidOperationException($"no IKE SA {number}");

    public void Send(ValueList<ByteString> datagrams, Endpoint from, Endpoint to, string notation)
    {
        for (int i = 0; i < datagrams.Count; i++)
        {
            _outputs.Add(new IkeOutput.Send(datagrams[i], from, to, datagrams.Count == 1 ? notation : $"{notation} ({i + 1} of {datagrams.Count})"));
        }
    }

    /// <summary>Random bytes for one purpose: another purpose gives others.</summary>
    public ByteString Fresh(string purpose, IkeSa sa, uint messageId, int lengthBytes) =>
        Fresh($"{purpose} {sa.Number} {sa.InitiatorSpi} {sa.ResponderSpi} {messageId}", lengthBytes);

    /// <summary>Random bytes for one purpose, where there is no IKE SA yet.</summary>
    public ByteString Fresh(string purpose, int lengthBytes)
    {
        byte[] bytes = new byte[lengthBytes];
        return HmacPrf.Sha256.TryExpand(Configuration.Seed.Span, Encoding.ASCII.GetBytes(purpose), bytes)
            ? ByteString.Adopt(bytes)
            : throw new ArgumentOutOfRangeException(nameof(lengthBytes), $"{lengthBytes} bytes are too many at a time");
    }

    /// <summary>An SPI for packets to this side: not one of the 256 that are reserved, nor one in use. RFC 4303 §2.1.</summary>
    public Spi FreshSpi(IkeSa sa, uint messageId, string role)
    {
        for (int attempt = 0; ; attempt++)
        {
            Spi spi = SpiBytes.Read(Fresh($"child SPI {role} {attempt}", sa, messageId, SpiBytes.LengthBytes))!.Value;
            if (spi.Value > byte.MaxValue && Peer.Children.All(c => c.Inbound != spi) && sa.Unfinished.All(u => u is not UnfinishedExchange.Child { Agreement: { } agreed } || agreed.Inbound != spi))
            {
                return spi;
            }
        }
    }

    /// <summary>An SPI for an IKE SA, not 0.</summary>
    public IkeSpi FreshIkeSpi(string purpose)
    {
        IkeSpi spi = IkeSpi.FromBytes(Fresh(purpose, IkeSpi.LengthBytes));
        return spi.IsZero ? new IkeSpi(1) : spi;
    }
}
