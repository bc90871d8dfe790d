using System.Diagnostics;
using Conformance.Generators.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Benchmarks;

/// <summary>How many IKE_SA_INIT requests one core reads in a second, in each layer, and what a message costs in memory.</summary>
internal static class IkeMessageRate
{
    private const int Runs = 5;
    private const int Batch = 1000;
    private const double MostAllocatedByViews = 0;
    private const double LeastViewsPerSecond = 1_000_000;
    private static readonly TimeSpan RunLength = TimeSpan.FromSeconds(1);

    /// <summary>Prints the median of some runs with least and most; exit code 1 if the views are too slow or allocate.</summary>
    public static int Run()
    {
        byte[] bytes = IkeSamples.FirstRequest.ToBytes();
        ByteString message = ByteString.Adopt(bytes);
        Console.WriteLine($"IKE_SA_INIT request of {bytes.Length} bytes, {IkeSamples.FirstRequest.Payloads.Count} payloads, {Fields(bytes)} fields, one thread");
        (double perSecond, double allocated) = Measure("views, syntax checked", () => IkeSyntax.TryCheck(bytes, out _) ? 1 : 0);
        (double everyField, double allocatedByFields) = Measure("views, syntax checked and every field read", () => IkeSyntax.TryCheck(bytes, out _) ? Fields(bytes) : 0);
        Measure("meaning", () => IkeMessage.TryParse(message, out _, out _) ? 1 : 0);
        Measure("meaning written", () => IkeSamples.FirstRequest.ToBytes().Length);
        return allocated > MostAllocatedByViews || allocatedByFields > MostAllocatedByViews || Math.Min(perSecond, everyField) < LeastViewsPerSecond ? 1 : 0;
    }

    private static (double PerSecond, double AllocatedBytes) Measure(string name, Func<int> read)
    {
        double allocated = 0;
        double[] runs = new double[Runs];

        // The first run is for the compiler.
        for (int run = -1; run < Runs; run++)
        {
            long done = 0;
            long sum = 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            long until = RunLength.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
            while (watch.ElapsedTicks < until)
            {
                for (int i = 0; i < Batch; i++)
                {
                    sum += read();
                }

                done += Batch;
            }

            allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / done;
            if (sum == 0)
            {
                throw new InvalidOperationException("the message has no meaning");
            }

            runs[Math.Max(0, run)] = done / watch.Elapsed.TotalSeconds;
        }

        Array.Sort(runs);
        Console.WriteLine($"{name,-45} {runs[Runs / 2],12:N0} messages/s ({runs[0]:N0} to {runs[^1]:N0}), {allocated:N1} bytes allocated a message");
        return (runs[Runs / 2], allocated);
    }

    private static int Fields(ReadOnlySpan<byte> bytes)
    {
        IkeHeaderView header = new(bytes);
        int fields = 8;
        ulong seen = header.InitiatorSpi.Value ^ header.ResponderSpi.Value ^ header.MessageId.Value ^ (byte)header.ExchangeType ^ header.Flags;
        foreach (PayloadView payload in header.Payloads)
        {
            fields += 3;
            seen += (ulong)payload.NextPayload + (payload.IsCritical ? 1UL : 0) + (ulong)payload.LengthBytes;
            switch (payload.Type)
            {
                case PayloadType.SecurityAssociation:
                    fields += Transforms(payload, ref seen);
                    break;
                case PayloadType.KeyExchange:
                    KeyExchangeView ke = new(payload.Body);
                    seen += (ulong)ke.Method + (ulong)ke.Data.Length;
                    fields += 2;
                    break;
                case PayloadType.Notify:
                    NotifyView notify = new(payload.Body);
                    seen += (ulong)notify.Protocol + (ulong)notify.Type + (ulong)notify.Spi.Length + (ulong)notify.Data.Length;
                    fields += 5;
                    break;
                default:
                    seen += (ulong)payload.Body.Length;
                    fields++;
                    break;
            }
        }

        return seen == 0 ? 0 : fields;
    }

    private static int Transforms(scoped in PayloadView payload, ref ulong seen)
    {
        int fields = 0;
        foreach (StructureView structure in new StructureWalk(payload.Body, payload.BodyOffsetBytes, ProposalView.FixedBytes))
        {
            ProposalView proposal = new(structure);
            seen += (ulong)proposal.More + (ulong)proposal.Number + (ulong)proposal.Protocol + (ulong)proposal.Spi.Length + proposal.TransformCount;
            fields += 7;
            foreach (StructureView inner in proposal.Transforms)
            {
                TransformView transform = new(inner);
                seen += (ulong)transform.More + (ulong)transform.Type + transform.Id;
                fields += 4;
                foreach (AttributeView attribute in transform.Attributes)
                {
                    seen += attribute.Type + (ulong)attribute.LengthOrValue;
                    fields += 3;
                }
            }
        }

        return fields;
    }
}
