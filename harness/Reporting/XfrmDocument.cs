using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Reporting;

/// <summary>Requests to databases of Linux's form in the words of JSON: an object with one member, the request's name.</summary>
internal static class XfrmDocument
{
    private static readonly Dictionary<string, Type> Kinds = typeof(XfrmRequest).GetNestedTypes()
        .ToDictionary(type => JsonNamingPolicy.CamelCase.ConvertName(type.Name));

    private static readonly JsonSerializerOptions Json = new(Journal.Json)
    {
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new BytesConverter(), new AddressConverter() },
    };

    /// <summary>Writes a request down.</summary>
    public static JsonObject From(XfrmRequest request)
    {
        Type type = request.GetType();
        return new JsonObject { [JsonNamingPolicy.CamelCase.ConvertName(type.Name)] = JsonSerializer.SerializeToNode(request, type, Json) };
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">It is no request; the message says why.</exception>
    public static XfrmRequest ToRequest(JsonObject? document)
    {
        if (document is not { Count: 1 } || !Kinds.TryGetValue(document.First().Key, out Type? type))
        {
            throw new FormatException($"an object with one of {string.Join(", ", Kinds.Keys.Order())} is wanted");
        }

        try
        {
            return document.First().Value.Deserialize(type, Json) as XfrmRequest ?? throw new FormatException("null is no request");
        }
        catch (JsonException error)
        {
            throw new FormatException($"{document.First().Key}, {error.Path ?? "$"}: a value is missing or of another kind", error);
        }
    }

    private sealed class BytesConverter : JsonConverter<ByteString>
    {
        public override ByteString Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            try
            {
                return ByteString.FromHex(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());
            }
            catch (FormatException error)
            {
                throw new JsonException("no hex", error);
            }
        }

        public override void Write(Utf8JsonWriter writer, ByteString value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    // Sixteen bytes whose family is said elsewhere.
    private sealed class AddressConverter : JsonConverter<XfrmAddress>
    {
        private const int Digits = 32;

        public override XfrmAddress Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: Digits } text
            && UInt128.TryParse(text, System.Globalization.NumberStyles.AllowHexSpecifier, null, out UInt128 bits)
                ? new XfrmAddress(bits)
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, XfrmAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
