namespace Conformance.Spec.Wire;

/// <summary>A valid ICMP message of IPv4, as far as IPsec tells messages apart. RFC 792, RFC 1191.</summary>
public abstract record IcmpMessage
{
    private const byte EchoReply = 0;
    private const byte Unreachable = 3;
    private const byte FragmentationNeededCode = 4;
    private const byte EchoRequest = 8;

    private static readonly IcmpFormat Format = new(null, EchoRequest, EchoReply);

    private IcmpMessage(ByteString body) => Body = body;

    /// <summary>Type.</summary>
    public abstract byte Type { get; }

    /// <summary>Code.</summary>
    public abstract byte Code { get; }

    /// <summary>Echo data, or the packet that an error quotes.</summary>
    public ByteString Body { get; }

    private protected abstract uint Parameter { get; }

    /// <summary>Reads a message of exactly these bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IcmpMessage? message, out ParseError error)
    {
        message = null;
        if (!Format.TryOpen(bytes, out IcmpView view, out error))
        {
            return false;
        }

        ByteString body = new(view.Body);
        message = (view.Type, view.Code) switch
        {
            (EchoReply or EchoRequest, _) => new Echo(view.Type == EchoReply, view.Identifier, view.Sequence, body),
            (Unreachable, FragmentationNeededCode) => new FragmentationNeeded((ushort)view.NextHopMtuBytes, body),
            _ => new Other(view.Type, view.Code, view.Parameter, body),
        };
        return true;
    }

    /// <summary>The message with its checksum.</summary>
    public byte[] ToBytes() => Format.Write(Type, Code, Parameter, Body);

    /// <summary>Type, code, parameter and size on one line.</summary>
    public sealed override string ToString() => $"ICMP type {Type} code {Code} parameter 0x{Parameter:x8} body {Body.Length} bytes";

    /// <summary>Echo request or reply. RFC 792.</summary>
    public sealed record Echo(bool IsReply, ushort Identifier, ushort Sequence, ByteString Data) : IcmpMessage(Data)
    {
        /// <inheritdoc/>
        public override byte Type => IsReply ? EchoReply : EchoRequest;

        /// <inheritdoc/>
        public override byte Code => 0;

        private protected override uint Parameter => ((uint)Identifier << 16) | Sequence;
    }

    /// <summary>A packet with DF was too long for the next hop. RFC 1191 §4.</summary>
    /// <param name="NextHopMtuBytes">MTU of the next hop; 0 from routers older than RFC 1191.</param>
    /// <param name="Quoted">Header and first data of that packet.</param>
    public sealed record FragmentationNeeded(ushort NextHopMtuBytes, ByteString Quoted) : IcmpMessage(Quoted)
    {
        /// <inheritdoc/>
        public override byte Type => Unreachable;

        /// <inheritdoc/>
        public override byte Code => FragmentationNeededCode;

        private protected override uint Parameter => NextHopMtuBytes;
    }

    /// <summary>Any other type or code.</summary>
    public sealed record Other : IcmpMessage
    {
        /// <summary>Type, code, the four bytes behind the checksum, and the rest.</summary>
        /// <exception cref="ArgumentException">The type and code have a case of their own.</exception>
        public Other(byte type, byte code, uint parameter, ByteString body)
            : base(body)
        {
            if (type is EchoReply or EchoRequest || (type == Unreachable && code == FragmentationNeededCode))
            {
                throw new ArgumentException($"type {type} code {code} has a case of its own", nameof(type));
            }

            (Type, Code, Parameter) = (type, code, parameter);
        }

        /// <inheritdoc/>
        public override byte Type { get; }

        /// <inheritdoc/>
        public override byte Code { get; }

        private protected override uint Parameter { get; }
    }
}
