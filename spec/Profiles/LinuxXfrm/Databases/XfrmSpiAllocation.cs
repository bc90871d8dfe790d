using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

public sealed partial record XfrmStateDatabase
{
    private const uint LargestCompressionIndex = 0xffff;

    /// <summary>ALLOCSPI with the SPI that the kernel was seen to choose; null lets the model take the least free one.</summary>
    /// <remarks>The kernel draws at random, as often as the range is long, and gives up when every draw was in use: so a range with one free SPI may be refused.</remarks>
    public (XfrmStateDatabase Next, XfrmAnswer Answer) Allocate(XfrmRequest.AllocateSpi request, Spi? chosen, ulong now)
    {
        if (FaultOfRange(request) is { } fault)
        {
            return (this, new XfrmAnswer.Refused(Errno.Einval, fault));
        }

        (XfrmStateDatabase next, XfrmStateEntry larval) = FindOrMakeLarval(request.State, now);
        if (larval.State.Spi.Value == 0)
        {
            if ((chosen ?? LeastFree(larval.State, request)) is not { } spi || !IsFree(larval.State, spi))
            {
                return (next, new XfrmAnswer.Refused(Errno.Enoent, "No SPI available in the requested range"));
            }

            ulong order = next.clock + 1;
            larval = larval with { State = larval.State with { Spi = spi }, SpiOrder = order };
            next = next.With(larval) with { clock = order };
        }

        // The direction is bound last, so a refusal leaves a larval SA without one.
        if (Release.BindsDirections && request.State.Direction is { } direction)
        {
            larval = larval with { State = larval.State with { Direction = direction } };
            next = next.With(larval);
        }

        return (next, new XfrmAnswer.States([larval.State]));
    }

    /// <summary>True when the kernel may answer so to an ALLOCSPI.</summary>
    public bool MayAllocate(XfrmRequest.AllocateSpi request, XfrmAnswer answer, ulong now)
    {
        XfrmAnswer expected = Allocate(request, null, now).Answer;
        if (expected is not XfrmAnswer.States { Entries: [{ } larval] })
        {
            return expected is XfrmAnswer.Refused wanted && answer is XfrmAnswer.Refused got && wanted.Errno == got.Errno;
        }

        bool keeps = FindLarval(request.State)?.State.Spi.Value is > 0;
        return answer switch
        {
            XfrmAnswer.States { Entries: [{ } seen] } when keeps => seen == larval,
            XfrmAnswer.States { Entries: [{ } seen] } =>
                seen == larval with { Spi = seen.Spi } && seen.Spi.Value >= request.Least && seen.Spi.Value <= request.Largest && IsFree(larval, seen.Spi),
            XfrmAnswer.Refused { Errno: Errno.Enoent } => !keeps && SomeInUse(request),
            _ => false,
        };
    }

    // verify_spi_info.
    private static string? FaultOfRange(XfrmRequest.AllocateSpi request) =>
        !IsIpsec(request.State.Protocol) ? "Invalid protocol, must be one of AH, ESP, IPCOMP"
        : request.State.Protocol == IpProtocol.IpComp && request.Largest > LargestCompressionIndex ? "IPCOMP SPI must be <= 65535"
        : request.Least > request.Largest ? "Invalid SPI range: min > max"
        : null;

    private XfrmStateEntry? FindLarval(XfrmState wanted)
    {
        XfrmStateEntry? larval = wanted.AcquireSequence == 0 ? null : LarvalBySequence(wanted.AcquireSequence, wanted.Mark.Value & wanted.Mark.Mask);
        return larval is not null && larval.State.DestinationAddress == wanted.DestinationAddress ? larval : LarvalByTraits(wanted);
    }

    // __find_acq_core: the selector has addresses but no family; nothing else of the request is kept.
    private (XfrmStateDatabase Next, XfrmStateEntry Larval) FindOrMakeLarval(XfrmState wanted, ulong now)
    {
        XfrmStateDatabase next = this;
        XfrmStateEntry? larval = FindLarval(wanted);
        if (larval is null)
        {
            byte bits = (byte)XfrmFamilies.AddressBits(wanted.Family);
            next = Insert(
                new XfrmState
                {
                    Selector = new XfrmSelector { Destination = wanted.Destination, DestinationBits = bits, Source = wanted.Source, SourceBits = bits },
                    Destination = wanted.Destination,
                    Source = wanted.Source,
                    Spi = default,
                    Protocol = wanted.Protocol,
                    Family = wanted.Family,
                    Mode = wanted.Mode,
                    RequestId = wanted.RequestId,
                    Mark = wanted.Mark,
                    InterfaceId = wanted.InterfaceId,
                    Replay = default(XfrmReplay),
                    Limits = XfrmLimits.None with { HardAddSeconds = AcquireSeconds },
                    Use = new XfrmUse(0, 0, now, 0),
                },
                XfrmCondition.Acquiring,
                now + AcquireSeconds);
            larval = next.Entries[^1];
        }

        return (next, larval);
    }

    private Spi? LeastFree(XfrmState larval, XfrmRequest.AllocateSpi request)
    {
        for (ulong spi = request.Least; spi <= request.Largest; spi++)
        {
            if (IsFree(larval, new Spi((uint)spi)))
            {
                return new Spi((uint)spi);
            }
        }

        return null;
    }

    private bool IsFree(XfrmState larval, Spi spi) =>
        spi.Value != 0
        && (Release.SpiIsUniquePerProtocol
            ? !Entries.Any(entry => entry.State.Spi == spi && entry.State.Protocol == larval.Protocol)
            : ByName(larval.Mark.Value & larval.Mark.Mask, larval.Destination, spi, larval.Protocol, larval.Family) is null);

    private bool SomeInUse(XfrmRequest.AllocateSpi request) =>
        request.Least == 0 || Entries.Any(entry => entry.State.Spi.Value >= request.Least && entry.State.Spi.Value <= request.Largest && entry.State.Protocol == request.State.Protocol);
}
