using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Harness.Contract;
using Conformance.Harness.Reporting;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Shim;

/// <summary>The JSON of the shim protocol for an ordered SPD, its SAs, addresses and routes, both ways.</summary>
internal static class ShimPolicyMessages
{
    /// <summary>A whole SPD in order.</summary>
    public static JsonObject Write(Command.InstallSpd install) => new()
    {
        ["entries"] = new JsonArray([.. install.Database.Entries.Select(Write)]),
        ["keyedByHand"] = install.KeyedByHand,
    };

    /// <summary>A whole SPD.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static Command.InstallSpd ReadSpd(JsonObject json) => new(
        new SecurityPolicyDatabase([.. List(json, "entries").Select((entry, i) => Part.Read($"entries[{i}]", () => ReadEntry(entry)))]),
        json["keyedByHand"]?.GetValue<bool>() ?? false);

    /// <summary>An SA with its selectors and the entry that it serves.</summary>
    public static JsonObject Write(PolicyDirection direction, SadEntry entry)
    {
        JsonObject json = new()
        {
            ["sa"] = ShimMessages.Write(direction, entry.Sa),
            ["selectors"] = new JsonArray([.. entry.Selectors.Select(s => Node(SelectorDocument.From(s)))]),
        };
        if (entry.Origin is { } origin)
        {
            json["origin"] = Write(origin);
        }

        if (entry.Lookup != SadLookup.Spi)
        {
            json["lookup"] = Node(entry.Lookup);
        }

        if (!entry.DscpValues.IsEmpty)
        {
            json["dscpValues"] = new JsonArray([.. entry.DscpValues.Select(value => JsonValue.Create(value))]);
        }

        return json;
    }

    /// <summary>An SA with its selectors and the entry that it serves.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static Command.InstallSadEntry ReadSadEntry(JsonObject json)
    {
        (PolicyDirection direction, SecurityAssociation sa) = ShimMessages.ReadSa(json["sa"]);
        return new Command.InstallSadEntry(direction, new SadEntry
        {
            Sa = sa,
            Selectors = [.. List(json, "selectors").Select((set, i) => Part.Read($"selectors[{i}]", Read<SelectorDocument>(set).ToSet))],
            Origin = json["origin"] is { } origin ? Part.Read("origin", () => ReadEntry(origin)) : null,
            Lookup = json["lookup"] is { } lookup ? lookup.Deserialize<SadLookup>(Journal.Json) : SadLookup.Spi,
            DscpValues = json["dscpValues"] is null ? [] : [.. List(json, "dscpValues").Select(value => value?.GetValue<byte>() ?? throw new FormatException("dscpValues: numbers are wanted"))],
        });
    }

    /// <summary>A route.</summary>
    public static JsonObject Write(Command.AddRoute route)
    {
        JsonObject json = new() { ["destination"] = route.Destination.ToString(), ["towardsWire"] = route.TowardsWire };
        if (route.Source is { } source)
        {
            json["source"] = source.ToString();
        }

        return json;
    }

    /// <summary>A route.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static Command.AddRoute ReadRoute(JsonObject json) => new(
        ShimMessages.Prefix(json, "destination"),
        json["towardsWire"]?.GetValue<bool>() ?? throw new FormatException("towardsWire: true or false is wanted"),
        json["source"] is null ? null : ShimMessages.Address(json, "source"));

    /// <summary>The packet that an SA is asked for.</summary>
    public static JsonObject Write(FlowSelectors flow)
    {
        JsonObject json = new() { ["local"] = flow.Local.ToString(), ["remote"] = flow.Remote.ToString() };
        void Add(string name, int? value)
        {
            if (value is { } known)
            {
                json[name] = known;
            }
        }

        Add("protocol", flow.Protocol);
        Add("localField", flow.LocalField);
        Add("remoteField", flow.RemoteField);
        return json;
    }

    /// <summary>The packet that an SA is asked for.</summary>
    /// <exception cref="FormatException">A member is missing or senseless; the message names it.</exception>
    public static FlowSelectors ReadFlow(JsonObject json)
    {
        int? Number(string name, int most) => json[name] is null ? null
            : json[name] is JsonValue value && value.TryGetValue(out int number) && number >= 0 && number <= most ? number
            : throw new FormatException($"{name}: a number up to {most} is wanted");
        return new FlowSelectors(
            ShimMessages.Address(json, "local"), ShimMessages.Address(json, "remote"), (byte?)Number("protocol", byte.MaxValue),
            (ushort?)Number("localField", ushort.MaxValue), (ushort?)Number("remoteField", ushort.MaxValue));
    }

    private static JsonNode? Write(SpdEntry entry) => Node(EntryDocument.From(entry));

    private static SpdEntry ReadEntry(JsonNode? node) => Read<EntryDocument>(node) is { Name: not null, Action: not null, Selectors: not null } document
        ? document.ToEntry()
        : throw new FormatException("an entry has name, action and selectors");

    private static T Read<T>(JsonNode? node)
        where T : class => node?.Deserialize<T>(Journal.Json) ?? throw new FormatException("an object is wanted");

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Journal.Json);

    private static JsonArray List(JsonObject json, string name) => json[name] as JsonArray ?? throw new FormatException($"{name}: a list is wanted");
}
