using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>An SA as a message carries it: struct xfrm_usersa_info and attributes.</summary>
/// <param name="State">What this model knows of it.</param>
/// <param name="Others">The other attributes, as they stand: the time of last use, offload, and what later kernels add.</param>
public sealed record XfrmStateReport(XfrmState State, ImmutableArray<NetlinkAttribute> Others)
{
    private const int NameBytes = 64;
    private const int BitsPerByte = 8;
    private static readonly XfrmAttribute[] Algorithms =
        [XfrmAttribute.AlgAead, XfrmAttribute.AlgAuth, XfrmAttribute.AlgAuthTrunc, XfrmAttribute.AlgCrypt, XfrmAttribute.AlgComp];

    /// <summary>Equality of the SA and of all attributes.</summary>
    public bool Equals(XfrmStateReport? other) => other is not null && State == other.State && Others.SequenceEqual(other.Others);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(State, Others.Length);

    /// <summary>The attributes of an SA in the kernel's order.</summary>
    /// <param name="asKernel">True for the form of the kernel's reports, false for that of requests.</param>
    /// <remarks>Reports name the integrity algorithm twice, without and with its truncation; requests state the use so far as an attribute.</remarks>
    internal IEnumerable<NetlinkAttribute> Attributes(bool asKernel) =>
        XfrmAttributeOrder.Sorted([.. Known(asKernel), .. Others], XfrmAttributeOrder.OfState);

    /// <summary>Joins the fixed part, already read, with its attributes.</summary>
    internal static bool TryRead(
        XfrmState head, ImmutableArray<NetlinkAttribute> attributes, int offsetBytes, out XfrmStateReport report, out ParseError error)
    {
        ImmutableArray<NetlinkAttribute>.Builder others = ImmutableArray.CreateBuilder<NetlinkAttribute>();
        report = new XfrmStateReport(head, []);
        error = default;
        XfrmState state = head;
        int at = offsetBytes;
        foreach (NetlinkAttribute attribute in attributes)
        {
            if (!TryRead(ref state, attribute, at + NetlinkAttribute.HeaderBytes, out bool known, out error))
            {
                return false;
            }

            if (!known)
            {
                others.Add(attribute);
            }

            at += attribute.PaddedBytes;
        }

        report = new XfrmStateReport(state, others.ToImmutable());
        return true;
    }

    private static bool TryRead(ref XfrmState state, NetlinkAttribute attribute, int at, out bool known, out ParseError error)
    {
        XfrmAttribute type = (XfrmAttribute)attribute.Type;
        ReadOnlySpan<byte> value = attribute.Value.Span;
        known = true;
        if (Array.IndexOf(Algorithms, type) >= 0)
        {
            return TryReadAlgorithm(ref state, attribute, at, out error);
        }

        if (type == XfrmAttribute.ReplayEsnVal)
        {
            return TryReadReplayEsn(ref state, value, at, out error);
        }

        if (!XfrmCommonAttributes.HasLength(attribute, at, out error))
        {
            return false;
        }

        switch (type)
        {
            case XfrmAttribute.Encap:
                state = state with { Encapsulation = XfrmStructures.ReadEncapsulation(value) };
                break;
            case XfrmAttribute.LtimeVal:
                state = state with { Use = XfrmStructures.ReadUse(value) };
                break;
            case XfrmAttribute.ReplayVal:
                state = state with { Replay = XfrmStructures.ReadReplay(value) };
                break;
            case XfrmAttribute.Mark:
                state = state with { Mark = new XfrmMark(XfrmStructures.Word(value, 0), XfrmStructures.Word(value, 1)) };
                break;
            case XfrmAttribute.TfcPad:
                state = state with { TfcPadBytes = XfrmStructures.Word(value, 0) };
                break;
            case XfrmAttribute.SaExtraFlags:
                state = state with { ExtraFlags = (XfrmExtraFlags)XfrmStructures.Word(value, 0) };
                break;
            case XfrmAttribute.SetMark:
                state = state with { OutputMark = new XfrmMark(XfrmStructures.Word(value, 0), state.OutputMark?.Mask ?? uint.MaxValue) };
                break;
            case XfrmAttribute.SetMarkMask when state.OutputMark is { } mark:
                state = state with { OutputMark = mark with { Mask = XfrmStructures.Word(value, 0) } };
                break;
            case XfrmAttribute.IfId:
                state = state with { InterfaceId = XfrmStructures.Word(value, 0) };
                break;
            case XfrmAttribute.SaDir when value[0] is 1 or 2 or 3:
                state = state with { Direction = (XfrmDirection)(value[0] - 1) };
                break;
            case XfrmAttribute.SaDir:
                error = new ParseError("XFRMA_SA_DIR", at, $"{value[0]} is no direction");
                return false;
            default:
                known = XfrmIptfsAttributes.TryRead(ref state, type, value);
                break;
        }

        return true;
    }

    private static bool TryReadReplayEsn(ref XfrmState state, ReadOnlySpan<byte> value, int at, out ParseError error)
    {
        error = default;
        if (value.Length < XfrmStructures.ReplayEsnBytes)
        {
            error = new ParseError("XFRMA_REPLAY_ESN_VAL", at, $"{value.Length} bytes, the least are {XfrmStructures.ReplayEsnBytes}");
            return false;
        }

        uint words = XfrmStructures.Word(value, 0);
        if (words != (value.Length - XfrmStructures.ReplayEsnBytes) / 4 || value.Length % 4 != 0)
        {
            error = new ParseError("XFRMA_REPLAY_ESN_VAL bitmap length", at, $"{words} words in {value.Length - XfrmStructures.ReplayEsnBytes} bytes");
            return false;
        }

        state = state with { ReplayEsn = XfrmStructures.ReadReplayEsn(value) };
        return true;
    }

    private static bool TryReadAlgorithm(ref XfrmState state, NetlinkAttribute attribute, int at, out ParseError error)
    {
        XfrmAttribute type = (XfrmAttribute)attribute.Type;
        string field = XfrmCommonAttributes.Name(type);
        bool truncates = type is XfrmAttribute.AlgAead or XfrmAttribute.AlgAuthTrunc;
        int head = NameBytes + (truncates ? 8 : 4);
        ReadOnlySpan<byte> value = attribute.Value.Span;
        error = default;
        if (value.Length < head)
        {
            error = new ParseError(field, at, $"{value.Length} bytes, the least are {head}");
            return false;
        }

        uint keyBits = XfrmStructures.Word(value[NameBytes..], 0);
        if (keyBits % BitsPerByte != 0 || keyBits / BitsPerByte != value.Length - head)
        {
            error = new ParseError($"{field} key length", at + NameBytes, $"{keyBits} bits in {value.Length - head} bytes");
            return false;
        }

        int zero = value[..NameBytes].IndexOf((byte)0);
        XfrmAlgorithm algorithm = new(
            Encoding.Latin1.GetString(value[..(zero < 0 ? NameBytes : zero)]), attribute.Value.Slice(head..), truncates ? XfrmStructures.Word(value[NameBytes..], 1) : 0);
        state = type switch
        {
            XfrmAttribute.AlgAead => state with { Combined = algorithm },
            XfrmAttribute.AlgCrypt => state with { Encryption = algorithm },
            XfrmAttribute.AlgComp => state with { Compression = algorithm },
            XfrmAttribute.AlgAuthTrunc => state with { Integrity = algorithm },
            // The form with a truncation says more, and the kernel prefers it.
            _ => state with { Integrity = state.Integrity ?? algorithm },
        };
        return true;
    }

    private IEnumerable<NetlinkAttribute> Known(bool asKernel)
    {
        XfrmState s = State;
        if (!asKernel && s.Use != default)
        {
            byte[] use = new byte[XfrmStructures.UseBytes];
            XfrmStructures.Write(use, s.Use);
            yield return Attribute(XfrmAttribute.LtimeVal, use);
        }

        if (s.ExtraFlags != XfrmExtraFlags.None)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.SaExtraFlags, (uint)s.ExtraFlags);
        }

        foreach (NetlinkAttribute algorithm in KnownAlgorithms(asKernel))
        {
            yield return algorithm;
        }

        if (s.Encapsulation is { } encapsulation)
        {
            yield return Attribute(XfrmAttribute.Encap, XfrmStructures.Bytes(encapsulation));
        }

        if (s.TfcPadBytes != 0)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.TfcPad, s.TfcPadBytes);
        }

        if (s.OutputMark is { } mark && !(asKernel && mark == default))
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.SetMark, mark.Value);
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.SetMarkMask, mark.Mask);
        }

        if (s.ReplayEsn is { } esn)
        {
            yield return Attribute(XfrmAttribute.ReplayEsnVal, XfrmStructures.Bytes(esn));
        }

        if (s.Replay is { } replay)
        {
            yield return Attribute(XfrmAttribute.ReplayVal, XfrmStructures.Bytes(replay));
        }

        if (s.Direction is { } direction)
        {
            yield return Attribute(XfrmAttribute.SaDir, [(byte)(direction + 1)]);
        }

        foreach (NetlinkAttribute iptfs in XfrmIptfsAttributes.Of(s.Iptfs))
        {
            yield return iptfs;
        }

        foreach (NetlinkAttribute common in XfrmCommonAttributes.Of(s.Mark, s.InterfaceId))
        {
            yield return common;
        }
    }

    private IEnumerable<NetlinkAttribute> KnownAlgorithms(bool asKernel)
    {
        if (State.Combined is { } combined)
        {
            yield return Algorithm(XfrmAttribute.AlgAead, combined, truncates: true);
        }

        if (State.Integrity is { } integrity)
        {
            if (asKernel || integrity.IcvBits == 0)
            {
                yield return Algorithm(XfrmAttribute.AlgAuth, integrity, truncates: false);
            }

            if (asKernel || integrity.IcvBits != 0)
            {
                yield return Algorithm(XfrmAttribute.AlgAuthTrunc, integrity, truncates: true);
            }
        }

        if (State.Encryption is { } encryption)
        {
            yield return Algorithm(XfrmAttribute.AlgCrypt, encryption, truncates: false);
        }

        if (State.Compression is { } compression)
        {
            yield return Algorithm(XfrmAttribute.AlgComp, compression, truncates: false);
        }
    }

    private static NetlinkAttribute Attribute(XfrmAttribute type, byte[] value) => new((ushort)type, ByteString.Adopt(value));

    private static NetlinkAttribute Algorithm(XfrmAttribute type, XfrmAlgorithm algorithm, bool truncates)
    {
        byte[] name = Encoding.Latin1.GetBytes(algorithm.Name);
        uint keyBits = (uint)(algorithm.Key.Length * BitsPerByte);
        byte[] numbers = truncates ? XfrmStructures.Words(keyBits, algorithm.IcvBits) : XfrmStructures.Words(keyBits);
        byte[] bytes = new byte[NameBytes + numbers.Length + algorithm.Key.Length];
        name.AsSpan(0, Math.Min(name.Length, NameBytes)).CopyTo(bytes);
        numbers.CopyTo(bytes, NameBytes);
        algorithm.Key.Span.CopyTo(bytes.AsSpan(NameBytes + numbers.Length));
        return Attribute(type, bytes);
    }
}
