using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike.Raw;

/// <summary>A message, payload or structure whose parts may say anything; it is written exactly as its parts stand.</summary>
/// <remarks>
/// Parts are named by paths such as "SecurityAssociation/Proposal/Transform[2]/length"; an index counts parts of the same name from 0 and may be left out
/// for the first. An edit gives another tree. RFC 7296 §3.
/// </remarks>
/// <param name="Name">Name.</param>
/// <param name="Parts">Parts in order.</param>
/// <param name="Type">Type of a payload, which stands in the payload before it; null in other nodes.</param>
public sealed record RawNode(string Name, ValueList<RawPart> Parts, PayloadType? Type = null) : RawPart(Name)
{
    /// <inheritdoc/>
    public override int LengthBytes
    {
        get
        {
            int length = 0;
            foreach (RawPart part in Parts)
            {
                length += part.LengthBytes;
            }

            return length;
        }
    }

    /// <summary>The part at a path.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public RawPart this[string path] => Locate(path).Part;

    /// <summary>The bytes, as the parts stand.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[LengthBytes];
        Write(bytes);
        return bytes;
    }

    /// <summary>Where a part starts, in bytes from the start of this node.</summary>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public int OffsetOf(string path) => Locate(path).OffsetBytes;

    /// <summary>Another value in one field; nothing else changes.</summary>
    /// <exception cref="ArgumentException">There is no such field.</exception>
    public RawNode With(string path, ulong value) => Change(path, part => [((part as RawField) ?? throw new ArgumentException($"{path} is no field", nameof(path))) with { Value = value }]);

    /// <summary>Another value in one field, made of the one that stands there.</summary>
    /// <exception cref="ArgumentException">There is no such field.</exception>
    public RawNode With(string path, Func<ulong, ulong> change) => With(path, change(this[path] is RawField field ? field.Value : 0));

    /// <summary>Other bytes in one run; nothing else changes.</summary>
    /// <exception cref="ArgumentException">There is no such run.</exception>
    public RawNode With(string path, ByteString bytes) => Change(path, part => [((part as RawData) ?? throw new ArgumentException($"{path} is no run of bytes", nameof(path))) with { Bytes = bytes }]);

    /// <summary>Some parts in place of one: none, several, or another.</summary>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public RawNode Change(string path, Func<RawPart, ValueList<RawPart>> change)
    {
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        int index = IndexOf(slash < 0 ? path : path[..slash]);
        ValueList<RawPart> replacement = slash < 0 ? change(Parts[index])
            : Parts[index] is RawNode node ? [node.Change(path[(slash + 1)..], change)]
            : throw new ArgumentException($"{path}: {Parts[index].Name} has no parts", nameof(path));
        return this with { Parts = new([.. Parts.Items[..index], .. replacement.Items, .. Parts.Items[(index + 1)..]]) };
    }

    /// <summary>The tree without a part.</summary>
    public RawNode Without(string path) => Change(path, _ => []);

    /// <summary>The tree with a part in front of another.</summary>
    public RawNode WithBefore(string path, RawPart part) => Change(path, old => [part, old]);

    /// <summary>The tree with a part behind all of a node; the empty path is this node.</summary>
    public RawNode WithLast(string path, RawPart part) => path.Length == 0
        ? this with { Parts = Parts.Add(part) }
        : Change(path, old => [old is RawNode node ? node.WithLast("", part) : throw new ArgumentException($"{path} has no parts", nameof(path))]);

    /// <summary>The same parts with lengths, counts and types of next payloads as they must be.</summary>
    public RawNode Repaired()
    {
        RawPart[] parts = [.. Parts];
        RawNode? next = null;
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] is RawNode node)
            {
                next = node.Repaired().Linked(next);
                parts[i] = next;
            }
        }

        RawNode inner = this with { Parts = new([.. parts]) };
        return inner with { Parts = new([.. parts.Select(part => part is RawField field ? inner.Corrected(field) : part)]) };
    }

    /// <summary>Every part below this node with its path and offset, nodes before their parts.</summary>
    public IEnumerable<(string Path, int OffsetBytes, RawPart Part)> Walk()
    {
        Dictionary<string, int> seen = [];
        int at = 0;
        foreach (RawPart part in Parts)
        {
            int count = seen.GetValueOrDefault(part.Name);
            seen[part.Name] = count + 1;
            string path = count == 0 ? part.Name : $"{part.Name}[{count}]";
            yield return (path, at, part);
            if (part is RawNode node)
            {
                foreach ((string inner, int offset, RawPart innerPart) in node.Walk())
                {
                    yield return ($"{path}/{inner}", at + offset, innerPart);
                }
            }

            at += part.LengthBytes;
        }
    }

    /// <summary>A line for each part, with its offset.</summary>
    public IEnumerable<string> Lines() => Walk().Select(line => $"{line.OffsetBytes,5}  {line.Path}{(line.Part is RawNode node ? $": {node.LengthBytes} bytes" : $" = {line.Part}")}");

    /// <summary>Name and the names of its nodes on one line.</summary>
    public override string ToString() => $"{Name}({string.Join(", ", Parts.OfType<RawNode>().Select(n => n.Name))}) {LengthBytes} bytes";

    internal override void Write(Span<byte> destination)
    {
        int at = 0;
        foreach (RawPart part in Parts)
        {
            part.Write(destination[at..]);
            at += part.LengthBytes;
        }
    }

    private (RawPart Part, int OffsetBytes) Locate(string path)
    {
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        int index = IndexOf(slash < 0 ? path : path[..slash]);
        int offset = 0;
        for (int i = 0; i < index; i++)
        {
            offset += Parts[i].LengthBytes;
        }

        if (slash < 0)
        {
            return (Parts[index], offset);
        }

        RawNode node = Parts[index] as RawNode ?? throw new ArgumentException($"{path}: {Parts[index].Name} has no parts", nameof(path));
        (RawPart part, int inner) = node.Locate(path[(slash + 1)..]);
        return (part, offset + inner);
    }

    private int IndexOf(string step)
    {
        int bracket = step.IndexOf('[', StringComparison.Ordinal);
        string name = bracket < 0 ? step : step[..bracket];
        int wanted = bracket < 0 ? 0 : int.Parse(step[(bracket + 1)..^1]);
        for (int i = 0; i < Parts.Count; i++)
        {
            if (Parts[i].Name == name && wanted-- == 0)
            {
                return i;
            }
        }

        throw new ArgumentException($"{Name} has no {step}, but {string.Join(", ", Parts.Select(p => p.Name))}", nameof(step));
    }

    // A delete payload of AH or ESP without SPIs says 4 all the same. RFC 7296 §3.11.
    private int SpiSizeWithoutSpi => Type == PayloadType.Delete && Parts.Any(p => p is RawField { Name: "protocol", Value: not (ulong)ProtocolId.Ike }) ? SpiBytes.LengthBytes : 0;

    private RawNode Linked(RawNode? next) => this with
    {
        Parts = new([.. Parts.Select(part => part switch
        {
            RawField { Role: RawRole.NextPayload } field when Type is not null => field with { Value = (ulong)(next?.Type ?? PayloadType.None) },
            RawField { Role: RawRole.More } field => field with { Value = next is null ? 0u : Name == RawNames.Proposal ? ProposalView.MoreProposals : TransformView.MoreTransforms },
            _ => part,
        })]),
    };

    private RawField Corrected(RawField field) => field.Role switch
    {
        RawRole.Length => field with { Value = (ulong)LengthBytes },
        RawRole.BodyLength => field with { Value = (ulong)(LengthBytes - PayloadView.HeaderBytes) },
        RawRole.NextPayload when Type is null => field with { Value = (ulong)(Parts.OfType<RawNode>().FirstOrDefault()?.Type ?? PayloadType.None) },
        RawRole.Count => field with { Value = (ulong)Parts.Count(p => p is RawNode || (p.Name == RawNames.Spi && Type == PayloadType.Delete)) },
        RawRole.SpiSize => field with { Value = (ulong)(Parts.FirstOrDefault(p => p.Name == RawNames.Spi)?.LengthBytes ?? SpiSizeWithoutSpi) },
        RawRole.ValueLength => field with { Value = (ulong)(Parts.FirstOrDefault(p => p.Name == RawNames.Value)?.LengthBytes ?? 0) },
        _ => field,
    };
}

/// <summary>Names that parts are found by when a tree is repaired.</summary>
internal static class RawNames
{
    public const string Proposal = "Proposal";
    public const string Spi = "SPI";
    public const string Value = "value";
    public const string Rest = "rest";
}
