using System.Buffers.Binary;
using System.Text;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>What stands in a message of VICI, strongSwan's control protocol: texts, lists of texts, sections.</summary>
internal abstract record ViciItem
{
    private ViciItem()
    {
    }

    /// <summary>Bytes, mostly text.</summary>
    public sealed record Value(byte[] Bytes) : ViciItem
    {
        /// <summary>As text.</summary>
        public string Text => Encoding.UTF8.GetString(Bytes);
    }

    /// <summary>Texts in order.</summary>
    public sealed record Texts(IReadOnlyList<string> Values) : ViciItem;

    /// <summary>Named items in order.</summary>
    public sealed record Section(IReadOnlyList<(string Name, ViciItem Item)> Items) : ViciItem
    {
        /// <summary>The text under a name, or null.</summary>
        public string? this[string name] => Find(name) is Value value ? value.Text : null;

        /// <summary>The section under a name, or null.</summary>
        public Section? Inner(string name) => Find(name) as Section;

        private ViciItem? Find(string name) => Items.FirstOrDefault(i => i.Name == name).Item;
    }
}

/// <summary>Builds sections.</summary>
internal sealed class ViciBuilder
{
    private readonly List<(string, ViciItem)> _items = [];

    /// <summary>What was built.</summary>
    public ViciItem.Section Section => new([.. _items]);

    /// <summary>A text; none where it is null.</summary>
    public ViciBuilder Add(string name, string? value)
    {
        if (value is not null)
        {
            _items.Add((name, new ViciItem.Value(Encoding.UTF8.GetBytes(value))));
        }

        return this;
    }

    /// <summary>Yes or no.</summary>
    public ViciBuilder Add(string name, bool value) => Add(name, value ? "yes" : "no");

    /// <summary>Bytes.</summary>
    public ViciBuilder Add(string name, byte[] value)
    {
        _items.Add((name, new ViciItem.Value(value)));
        return this;
    }

    /// <summary>A list.</summary>
    public ViciBuilder Add(string name, IEnumerable<string> values)
    {
        _items.Add((name, new ViciItem.Texts([.. values])));
        return this;
    }

    /// <summary>A section.</summary>
    public ViciBuilder Add(string name, ViciBuilder section)
    {
        _items.Add((name, section.Section));
        return this;
    }
}

/// <summary>The form of messages on the wire: elements of one type octet each, names of up to 255 octets, values of up to 65,535.</summary>
internal static class ViciCodec
{
    private const byte SectionStart = 1;
    private const byte SectionEnd = 2;
    private const byte KeyValue = 3;
    private const byte ListStart = 4;
    private const byte ListItem = 5;
    private const byte ListEnd = 6;

    /// <summary>The elements of a section.</summary>
    public static byte[] Write(ViciItem.Section section)
    {
        using MemoryStream stream = new();
        Write(stream, section);
        return stream.ToArray();
    }

    /// <summary>Reads a whole message.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ViciItem.Section Read(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        ViciItem.Section section = ReadSection(bytes, ref at);
        return at == bytes.Length ? section : throw new InvalidDataException($"VICI: a section ends that did not begin, at octet {at}");
    }

    /// <summary>A name with its length in front.</summary>
    public static void WriteName(Stream stream, string name)
    {
        stream.WriteByte((byte)name.Length);
        stream.Write(Encoding.ASCII.GetBytes(name));
    }

    private static void Write(MemoryStream stream, ViciItem.Section section)
    {
        foreach ((string name, ViciItem item) in section.Items)
        {
            stream.WriteByte(item switch { ViciItem.Value => KeyValue, ViciItem.Texts => ListStart, _ => SectionStart });
            WriteName(stream, name);
            switch (item)
            {
                case ViciItem.Value value:
                    WriteValue(stream, value.Bytes);
                    break;
                case ViciItem.Texts texts:
                    foreach (string text in texts.Values)
                    {
                        stream.WriteByte(ListItem);
                        WriteValue(stream, Encoding.UTF8.GetBytes(text));
                    }

                    stream.WriteByte(ListEnd);
                    break;
                case ViciItem.Section inner:
                    Write(stream, inner);
                    stream.WriteByte(SectionEnd);
                    break;
            }
        }
    }

    private static void WriteValue(MemoryStream stream, byte[] value)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)value.Length));
        stream.Write(length);
        stream.Write(value);
    }

    private static ViciItem.Section ReadSection(ReadOnlySpan<byte> bytes, ref int at)
    {
        List<(string, ViciItem)> items = [];
        while (at < bytes.Length && bytes[at] != SectionEnd)
        {
            byte type = bytes[at++];
            string name = Encoding.UTF8.GetString(Take(bytes, ref at, Take(bytes, ref at, 1)[0]));
            switch (type)
            {
                case SectionStart:
                    items.Add((name, ReadSection(bytes, ref at)));
                    Take(bytes, ref at, 1);
                    break;
                case KeyValue:
                    items.Add((name, new ViciItem.Value(ReadValue(bytes, ref at))));
                    break;
                case ListStart:
                    List<string> texts = [];
                    while (Take(bytes, ref at, 1)[0] == ListItem)
                    {
                        texts.Add(Encoding.UTF8.GetString(ReadValue(bytes, ref at)));
                    }

                    items.Add((name, new ViciItem.Texts(texts)));
                    break;
                default:
                    throw new InvalidDataException($"VICI: element of type {type} at octet {at - 1}");
            }
        }

        return new ViciItem.Section(items);
    }

    private static byte[] ReadValue(ReadOnlySpan<byte> bytes, ref int at) => Take(bytes, ref at, BinaryPrimitives.ReadUInt16BigEndian(Take(bytes, ref at, 2))).ToArray();

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        if (count > bytes.Length - at)
        {
            throw new InvalidDataException($"VICI: the message ends at octet {bytes.Length}, {count} more are due at {at}");
        }

        at += count;
        return bytes.Slice(at - count, count);
    }
}
