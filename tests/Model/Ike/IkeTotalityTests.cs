using System.Diagnostics;
using Conformance.Generators.Ike;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>No message, however mutated, makes a parser throw, and what has a meaning keeps it.</summary>
public class IkeTotalityTests
{
    private const string CountVariable = "IPSEC_PARSER_STRINGS";
    private const int DefaultMessages = 100_000;
    private const int DissectedOneOf = 8;
    private const int Seed = 7296;

    [Test]
    public void MutatedMessages_NeverThrow()
    {
        int messages = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), out int asked) ? asked : DefaultMessages;
        IkeByteSource source = new(new Random(Seed));
        int accepted = 0;
        Dictionary<string, int> refusals = [];
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < messages; i++)
        {
            WireBytes bytes = source.Next();
            try
            {
                accepted += Read(bytes.Bytes, refusals) ? 1 : 0;
                if (i % DissectedOneOf == 0)
                {
                    Assert.That(IkeDissection.Of(bytes.Bytes).ToBytes().AsSpan().SequenceEqual(bytes.Bytes.Span), "the tree is another message");
                }
            }
            catch (Exception exception) when (exception is not AssertionException)
            {
                throw new AssertionException($"{exception} on {bytes.Origin} {bytes.Bytes}", exception);
            }
        }

        TestContext.Out.WriteLine($"{messages} messages in {watch.Elapsed.TotalSeconds:f1} s, {accepted} with a meaning; refused at");
        foreach ((string field, int count) in refusals.OrderByDescending(r => r.Value))
        {
            TestContext.Out.WriteLine($"  {field}: {count}");
        }

        // Each check of the syntax was reached, and what passes them all is not rare.
        Assert.That(accepted, Is.GreaterThan(messages / 20));
        Assert.That(refusals, Has.Count.GreaterThan(20));
    }

    private static bool Read(ByteString bytes, Dictionary<string, int> refusals)
    {
        ReadViews(bytes.Span);
        if (!IkeMessage.TryParse(bytes, out IkeMessage? message, out ParseError error))
        {
            refusals[error.Field] = refusals.GetValueOrDefault(error.Field) + 1;
            Assert.That(error.OffsetBytes, Is.InRange(0, bytes.Length + 2));
            return false;
        }

        byte[] written = message!.ToBytes();
        Assert.That(IkeMessage.TryParse(written, out IkeMessage? again, out _) && again == message, $"{message}");
        foreach (IkePayload payload in message.Payloads)
        {
            _ = payload is not IkePayload.Notify notify || NotifyContent.TryRead(notify, out _, out _);
        }

        _ = IkePayloads.TryParse((PayloadType)bytes[16], bytes.Slice(IkeHeaderView.HeaderBytes..), out _, out _);
        return true;
    }

    /// <summary>Every field of every view, also where the syntax is wrong.</summary>
    private static void ReadViews(ReadOnlySpan<byte> bytes)
    {
        IkeHeaderView header = new(bytes);
        _ = (header.InitiatorSpi, header.ResponderSpi, header.MinorVersion, header.Flags, header.LengthBytes, header.Rest.Length);
        foreach (PayloadView payload in header.Payloads)
        {
            _ = (payload.NextPayload, payload.IsCritical, payload.LengthBytes, payload.IsWhole);
            IkeSyntax.TryCheckBody(payload, out _);
            foreach (StructureView structure in new StructureWalk(payload.Body, 0, ProposalView.FixedBytes))
            {
                ProposalView proposal = new(structure);
                _ = (proposal.More, proposal.Number, proposal.Protocol, proposal.Spi.Length, proposal.TransformCount);
                foreach (StructureView inner in proposal.Transforms)
                {
                    TransformView transform = new(inner);
                    _ = (transform.More, transform.Type, transform.Id);
                    foreach (AttributeView attribute in transform.Attributes)
                    {
                        _ = (attribute.Type, attribute.FirstBit, attribute.LengthOrValue, attribute.Value.Length);
                    }
                }
            }

            NotifyView notify = new(payload.Body);
            DeleteView delete = new(payload.Body);
            TrafficSelectorView selector = new(payload.Body);
            EncryptedFragmentView fragment = new(payload.Body);
            EapView eap = new(payload.Body);
            _ = (notify.Protocol, notify.Type, notify.Spi.Length, notify.Data.Length, delete.Protocol, delete.SpiCount, delete.Spis.Length);
            _ = (selector.Type, selector.Protocol, selector.FirstPort, selector.LastPort, selector.FirstAddress, selector.LastAddress);
            _ = (fragment.Number, fragment.Total, fragment.Content.Length, eap.Code, eap.Identifier, eap.LengthBytes, eap.Type, eap.TypeData.Length);
            _ = (new KeyExchangeView(payload.Body).Method, new KeyExchangeView(payload.Body).Data.Length, new NumberedView(payload.Body).Number);
            _ = (new NumberedView(payload.Body).Data.Length, new CertificateView(payload.Body).Encoding, new CertificateView(payload.Body).Data.Length);
            foreach (AttributeView attribute in new ConfigurationView(payload.Body, 0).Attributes)
            {
                _ = (attribute.Type, attribute.Value.Length);
            }
        }
    }
}
