using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Windows;

/// <summary>The 32-bit bitmap of an SA without XFRMA_REPLAY_ESN_VAL: xfrm_replay_check_legacy, xfrm_replay_advance.</summary>
public sealed record LinuxLegacyWindow : AntiReplayWindow
{
    /// <summary>XFRM cuts larger windows to this many packets.</summary>
    public const int LargestLegacyWindowPackets = 32;

    private readonly uint _top;
    private readonly uint _bitmap;

    /// <summary>A window before the first packet; sizes above 32 become 32.</summary>
    public LinuxLegacyWindow(int windowPackets)
        : this(Math.Min(windowPackets, LargestLegacyWindowPackets), 0, 0)
    {
    }

    private LinuxLegacyWindow(int windowPackets, uint top, uint bitmap)
        : base(windowPackets)
    {
        _top = top;
        _bitmap = bitmap;
    }

    /// <inheritdoc/>
    public override SequenceNumber RightEdge => new(_top);

    /// <summary>Bit d is set when the number d before the right edge was seen.</summary>
    public uint Bitmap => _bitmap;

    /// <summary>The window that struct xfrm_replay_state describes.</summary>
    public static LinuxLegacyWindow Of(int windowPackets, uint rightEdge, uint bitmap) =>
        new(Math.Min(windowPackets, LargestLegacyWindowPackets), rightEdge, bitmap);

    /// <summary>A window whose right edge was moved by hand, with only that edge seen.</summary>
    public static LinuxLegacyWindow At(int windowPackets, uint rightEdge) =>
        new(Math.Min(windowPackets, LargestLegacyWindowPackets), rightEdge, 1);

    /// <inheritdoc/>
    public override ReplayCheck Check(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        if (WindowPackets == 0)
        {
            return ReplayCheck.Fresh;
        }

        if (number == 0)
        {
            return ReplayCheck.LeftOfWindow;
        }

        if (number > _top)
        {
            return ReplayCheck.Fresh;
        }

        uint distance = _top - number;
        if (distance >= (uint)WindowPackets)
        {
            return ReplayCheck.LeftOfWindow;
        }

        return (_bitmap >> (int)distance & 1) != 0 ? ReplayCheck.Replayed : ReplayCheck.Fresh;
    }

    /// <inheritdoc/>
    public override AntiReplayWindow Accept(SequenceNumber sequence)
    {
        uint number = sequence.Low;
        if (WindowPackets == 0)
        {
            return this;
        }

        if (number <= _top)
        {
            return new LinuxLegacyWindow(WindowPackets, _top, _bitmap | (1u << (int)(_top - number)));
        }

        uint distance = number - _top;
        uint bitmap = distance < (uint)WindowPackets ? (_bitmap << (int)distance) | 1 : 1;
        return new LinuxLegacyWindow(WindowPackets, number, bitmap);
    }
}
