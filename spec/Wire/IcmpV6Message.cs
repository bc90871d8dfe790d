namespace Conformance.Spec.Wire;

/// <summary>A valid ICMPv6 message, as far as IPsec tells messages apart. RFC 4443.</summary>
public abstract record IcmpV6Message
{
    private const byte TooBig = 2;
    private const byte EchoRequest = 128;
    private const byte EchoReply = 129;

    private IcmpV6Message(ByteString body) => Body = body;

    /// <summary>Type; below 128 for errors. RFC 4443 §2.1.</summary>
    public abstract byte Type { get; }

    /// <summary>Code.</summary>
    public abstract byte Code { get; }

    /// <summary>Echo data, or the packet that an error quotes.</summary>
    public ByteString Body { get; }

    private protected abstract uint Parameter { get; }

    /// <summary>Reads a message of exactly these bytes.</summary>
    public static bool TryParse(PseudoHeader addresses, ReadOnlySpan<byte> bytes, out IcmpV6Message? message, out ParseError error)
    {
        message = null;
        if (!Format(addresses).TryOpen(bytes, out IcmpView view, out error))
        {
            return false;
        }

        ByteString body = new(view.Body);
        message = view.Type switch
        {
            EchoReply or EchoRequest => new Echo(view.Type == EchoReply, view.Identifier, view.Sequence, body),
            // The code is set to zero by the sender and not looked at by the receiver: RFC 4443 §3.2.
            TooBig => new PacketTooBig(view.Parameter, body),
            _ => new Other(view.Type, view.Code, view.Parameter, body),
        };
        return true;
    }

    /// <summary>The message with its checksum.</summary>
    public byte[] ToBytes(PseudoHeader addresses) => Format(addresses).Write(Type, Code, Parameter, Body);

    /// <summary>Type, code, parameter and size on one line.</summary>
    public sealed override string ToString() => $"ICMPv6 type {Type} code {Code} parameter 0x{Parameter:x8} body {Body.Length} bytes";

    private static IcmpFormat Format(PseudoHeader addresses) => new(addresses, EchoRequest, EchoReply);

    /// <summary>Echo request or reply. RFC 4443 §4.</summary>
    public sealed record Echo(bool IsReply, ushort Identifier, ushort Sequence, ByteString Data) : IcmpV6Message(Data)
    {
        /// <inheritdoc/>
        public override byte Type => IsReply ? EchoReply : EchoRequest;

        /// <inheritdoc/>
        public override byte Code => 0;

        private protected override uint Parameter => ((uint)Identifier << 16) | Sequence;
    }

    /// <summary>A packet was too long for the next hop. RFC 4443 §3.2.</summary>
    /// <param name="MtuBytes">MTU of the next hop.</param>
    /// <param name="Quoted">As much of that packet as fits.</param>
    public sealed record PacketTooBig(uint MtuBytes, ByteString Quoted) : IcmpV6Message(Quoted)
    {
        /// <inheritdoc/>
        public override byte Type => TooBig;

        /// <inheritdoc/>
        public override byte Code => 0;

        private protected override uint Parameter => MtuBytes;
    }

    /// <summary>Any other type.</summary>
    public sealed record Other : IcmpV6Message
    {
        /// <summary>Type, code, the four bytes behind the checksum, and the rest.</summary>
        /// <exception cref="ArgumentException">The type has a case of its own.</exception>
        public Other(byte type, byte code, uint parameter, ByteString body)
            : base(body)
        {
            if (type is EchoReply or EchoRequest or TooBig)
            {
                throw new ArgumentException($"type {type} has a case of its own", nameof(type));
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
