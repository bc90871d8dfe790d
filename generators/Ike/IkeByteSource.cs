using System.Buffers.Binary;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Generators.Ike;

/// <summary>Messages for parsers: valid ones of a pool with one to four faults, in bytes or in the fields of their tree.</summary>
/// <param name="random">Local generator.</param>
public sealed class IkeByteSource(Random random)
{
    private const int PoolSize = 400;
    private static readonly RawNode[] Pool = CreatePool();
    private static readonly (string Path, RawPart Part)[][] Parts = [.. Pool.Select(tree => tree.Walk().Select(line => (line.Path, line.Part)).ToArray())];
    private static readonly ByteString[] Bytes = [.. Pool.Select(tree => ByteString.Adopt(tree.ToBytes()))];
    private readonly WireByteSource _bytes = new(random);

    /// <summary>The next message: bytes of it changed mostly, else its fields, else its structure with lengths made right again.</summary>
    public WireBytes Next()
    {
        int which = random.Next(Pool.Length);
        return random.Next(8) switch
        {
            0 => new WireBytes("IKE, other structure", Restructured(which)),
            1 or 2 => new WireBytes("IKE, other fields", ByteString.Adopt(WithOtherField(Pool[which], Parts[which]).ToBytes())),
            _ => new WireBytes("IKE, mutated", WithRightLength(_bytes.Mutate(Bytes[which]))),
        };
    }

    private static RawNode[] CreatePool()
    {
        Random fixedSeed = new(7296);
        return [.. Enumerable.Range(0, PoolSize).Select(_ => IkeDissection.Of(ByteString.Adopt(IkeValues.Message(fixedSeed).ToBytes())))];
    }

    // Otherwise the length of a message that was cut or made longer would hide all that lies behind it.
    private ByteString WithRightLength(ByteString message)
    {
        if (message.Length < IkeHeaderView.HeaderBytes || random.Next(4) == 0)
        {
            return message;
        }

        byte[] bytes = message.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(IkeHeaderView.HeaderBytes - sizeof(int)), bytes.Length);
        return ByteString.Adopt(bytes);
    }

    private ByteString Restructured(int which)
    {
        RawNode tree = Pool[which];
        (string path, _) = Parts[which][random.Next(Parts[which].Length)];
        RawPart other = AnyPart();
        RawNode changed = random.Next(4) switch
        {
            0 => tree.Without(path),
            1 => tree.Change(path, old => [old, old]),
            2 => tree.Change(path, old => [other]),
            _ => tree.WithBefore(path, other),
        };
        changed = random.Next(3) == 0 ? changed : changed.Repaired();
        return ByteString.Adopt(changed.ToBytes());
    }

    private RawPart AnyPart()
    {
        (string, RawPart Part)[] parts = Parts[random.Next(Parts.Length)];
        return parts[random.Next(parts.Length)].Part;
    }

    private RawNode WithOtherField(RawNode tree, (string Path, RawPart Part)[] parts)
    {
        for (int faults = random.Next(1, 4); faults > 0; faults--)
        {
            (string path, RawPart part) = parts[random.Next(parts.Length)];
            if (part is RawField field)
            {
                tree = tree.With(path, Other(field));
            }
        }

        return tree;
    }

    private ulong Other(RawField field) => random.Next(6) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => field.Value + 1,
        3 => field.Value - 1,
        4 => field.Value ^ (1UL << random.Next(8 * field.WidthBytes)),
        _ => (ulong)random.Next(256),
    };
}
