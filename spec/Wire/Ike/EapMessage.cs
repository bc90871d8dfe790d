using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>An EAP message as the EAP payload carries it. RFC 7296 §3.16, RFC 3748 §4.</summary>
public sealed record EapMessage
{
    /// <summary>Length of code, identifier and length, in bytes.</summary>
    public const int HeaderBytes = 4;

    private EapMessage(EapCode code, byte identifier, EapType? type, ByteString data)
    {
        Code = code;
        Identifier = identifier;
        Type = type;
        Data = HeaderBytes + 1 + data.Length <= IkePayload.MostBodyBytes ? data : throw new ArgumentException("too long", nameof(data));
    }

    /// <summary>Code.</summary>
    public EapCode Code { get; }

    /// <summary>Identifier, which a response repeats.</summary>
    public byte Identifier { get; }

    /// <summary>Method; null in success and failure.</summary>
    public EapType? Type { get; }

    /// <summary>What follows the type.</summary>
    public ByteString Data { get; }

    internal int LengthBytes => HeaderBytes + (Type is null ? 0 : 1) + Data.Length;

    /// <summary>A message with a method: request, response, initiate or finish.</summary>
    /// <exception cref="ArgumentException">A code without a method, or too many bytes.</exception>
    public static EapMessage Of(EapCode code, byte identifier, EapType type, ByteString data) =>
        HasType(code) ? new(code, identifier, type, data) : throw new ArgumentException($"{Iana.NameOf(code)} has no type", nameof(code));

    /// <summary>The end of a conversation: success or failure.</summary>
    public static EapMessage End(bool success, byte identifier) => new(success ? EapCode.Success : EapCode.Failure, identifier, null, ByteString.Empty);

    /// <summary>Code, identifier, method and size on one line.</summary>
    public override string ToString() => $"EAP {Iana.NameOf(Code)} {Identifier}{(Type is { } type ? $" {Iana.NameOf(type)} {Data.Length} bytes" : "")}";

    internal static bool IsCode(EapCode code) => code is >= EapCode.Request and <= EapCode.Finish;

    internal static bool HasType(EapCode code) => IsCode(code) && code is not (EapCode.Success or EapCode.Failure);
}
