namespace Conformance.Spec.Wire.Text;

/// <summary>Reads packet expressions.</summary>
internal sealed class PacketExpressionReader
{
    private const int DeepestNesting = 8;

    private static readonly Dictionary<string, TcpControl> Controls =
        Enum.GetValues<TcpControl>().Where(c => c != TcpControl.None).ToDictionary(c => $"{c}".ToLowerInvariant());

    private readonly TokenReader _words;
    private readonly HashSet<string> _seen = [];
    private readonly int _depth;
    private string _kind = "";
    private (IpAddress Address, ushort? Port)? _source;
    private (IpAddress Address, ushort? Port) _destination;
    private TcpControl _control;
    private ulong? _sequence;
    private uint _acknowledgment;
    private ushort _window = UpperPart.Tcp.UsualWindow;
    private byte? _type;
    private byte _code;
    private ushort _identifier;
    private Spi? _spi;
    private uint _key;
    private byte? _protocol;
    private PacketExpression? _inner;
    private PacketExpression _packet = new() { Source = default, Destination = default, Upper = new UpperPart.Other(0) };

    private PacketExpressionReader(TokenReader words, int depth)
    {
        _words = words;
        _depth = depth;
    }

    private bool IsIpv6 => _kind == "icmp6";

    /// <summary>Reads an expression of one line.</summary>
    public static bool TryRead(string text, out PacketExpression? expression, out TextError error)
    {
        TokenReader words = TokenReader.Of(text, 1);
        expression = new PacketExpressionReader(words, 0).Read();
        error = words.Error ?? default;
        return expression is not null;
    }

    private PacketExpression? Read()
    {
        _kind = _words.Take("first word: udp, tcp, icmp, icmp6, esp, gre or ip");
        if (_words.Ok && _kind is not ("udp" or "tcp" or "icmp" or "icmp6" or "esp" or "gre" or "ip"))
        {
            _words.FailLast($"«{TokenReader.Shortened(_kind)}» is none of udp, tcp, icmp, icmp6, esp, gre, ip");
        }

        while (_words.HasMore && !(_depth > 0 && _words.Peek == "}"))
        {
            if (_source is null && TryEndpoint(_words.Peek, out IpAddress address, out ushort? port))
            {
                _words.Take("source");
                _source = (address, port);
                _words.Expect(">");
                ReadDestination();
                continue;
            }

            ReadOption();
        }

        CheckWhole();
        if (!_words.Ok)
        {
            return null;
        }

        return _packet with
        {
            Source = _source?.Address ?? _inner!.Source,
            Destination = _source is null ? _inner!.Destination : _destination.Address,
            HasAddresses = _source is not null,
            Upper = Upper(),
        };
    }

    private UpperPart Upper() => _kind switch
    {
        "udp" => new UpperPart.Udp(_source?.Port ?? 0, _destination.Port ?? 0),
        "tcp" => new UpperPart.Tcp(_source?.Port ?? 0, _destination.Port ?? 0, _control, (uint)(_sequence ?? 0), _acknowledgment, _window),
        "icmp" or "icmp6" => new UpperPart.Icmp(IsIpv6, _type ?? UpperPart.Icmp.EchoType(IsIpv6), _code, _identifier, (ushort)(_sequence ?? 0)),
        "esp" => new UpperPart.Esp(_spi ?? default, new SequenceNumber(_sequence ?? 1), _inner),
        "gre" => new UpperPart.Gre(_key),
        _ => new UpperPart.Other(_protocol ?? 0),
    };

    private void CheckWhole()
    {
        bool ports = _kind is "udp" or "tcp";
        string? fault =
            !_words.Ok ? null
            : _source is null && _inner is null ? "the addresses are missing: SOURCE > DESTINATION"
            : _source is { } source && source.Address.IsIpv6 != _destination.Address.IsIpv6 ? "source and destination are of different families"
            : ports && (_source!.Value.Port is null || _destination.Port is null) ? $"{_kind} has ports: ADDRESS:PORT, [ADDRESS]:PORT"
            : !ports && (_source?.Port ?? _destination.Port) is not null ? $"{_kind} has no ports"
            : _kind == "ip" && _protocol is null ? "proto N is missing"
            : _kind == "esp" && _spi is null ? "spi N is missing"
            : _kind is "icmp" or "icmp6" && _source!.Value.Address.IsIpv6 != IsIpv6 ? $"{_kind} is of the other family than the addresses"
            : null;
        if (fault is not null)
        {
            _words.Fail(fault);
        }
    }

    private void ReadDestination()
    {
        string word = _words.Take("destination");
        if (_words.Ok && !TryEndpoint(word, out _, out _))
        {
            _words.FailLast($"«{TokenReader.Shortened(word)}» is no address");
        }

        _destination = TryEndpoint(word, out IpAddress address, out ushort? port) ? (address, port) : default;
    }

    private void ReadOption()
    {
        string word = _words.Take("option");
        if (!_seen.Add(word))
        {
            _words.FailLast($"«{TokenReader.Shortened(word)}» stands twice");
            return;
        }

        if (!ReadIpOption(word) && !ReadUpperOption(word) && _words.Ok)
        {
            _words.FailLast($"«{TokenReader.Shortened(word)}» is no option of {_kind}");
        }
    }

    private bool ReadIpOption(string word)
    {
        switch (word)
        {
            case "len":
                _packet = _packet with { LengthBytes = (int)_words.Number("length", PacketExpression.MostDataBytes) };
                return true;
            case "data":
                _packet = _packet with { Data = Bytes() };
                return true;
            case "ttl" or "hlim":
                _packet = _packet with { HopLimit = (byte)_words.Number("TTL", byte.MaxValue) };
                return true;
            case "tos":
                _packet = _packet with { TrafficClass = (byte)_words.Number("TOS", byte.MaxValue) };
                return true;
            case "dscp":
                _packet = _packet with { TrafficClass = (byte)((_packet.TrafficClass & 3) | (int)(_words.Number("DSCP", 63) << 2)) };
                return true;
            case "ecn":
                _packet = _packet with { TrafficClass = (byte)((_packet.TrafficClass & ~3) | (int)_words.Number("ECN codepoint", 3)) };
                return true;
            case "id":
                _packet = _packet with { Identification = (ushort)_words.Number("identification", ushort.MaxValue) };
                return true;
            case "df":
                _packet = _packet with { DontFragment = true };
                return true;
            case "frag":
                _packet = _packet with { Fragment = Fragment() };
                return true;
            case "flow":
                _packet = _packet with { FlowLabel = (uint)_words.Number("flow label", 0xfffff) };
                return true;
            case "mark":
                _packet = _packet with { Mark = _words.Number32("mark") };
                return true;
            default:
                return false;
        }
    }

    private bool ReadUpperOption(string word)
    {
        switch (_kind, word)
        {
            case ("tcp", _) when Controls.TryGetValue(word, out TcpControl control):
                _control |= control;
                return true;
            case ("tcp", "seq"):
                _sequence = _words.Number32("sequence number");
                return true;
            case ("tcp", "acknr"):
                _acknowledgment = _words.Number32("acknowledgment number");
                return true;
            case ("tcp", "win"):
                _window = (ushort)_words.Number("window", ushort.MaxValue);
                return true;
            case ("icmp" or "icmp6", "echo" or "reply"):
                _type = word == "echo" ? UpperPart.Icmp.EchoType(IsIpv6) : UpperPart.Icmp.ReplyType(IsIpv6);
                return true;
            case ("icmp" or "icmp6", "type"):
                _type = (byte)_words.Number("type", byte.MaxValue);
                return true;
            case ("icmp" or "icmp6", "code"):
                _code = (byte)_words.Number("code", byte.MaxValue);
                return true;
            case ("icmp" or "icmp6", "ident"):
                _identifier = (ushort)_words.Number("identifier", ushort.MaxValue);
                return true;
            case ("icmp" or "icmp6", "seq"):
                _sequence = _words.Number("sequence number", ushort.MaxValue);
                return true;
            case ("esp", "spi"):
                _spi = new Spi(_words.Number32("SPI"));
                return true;
            case ("esp", "seq"):
                _sequence = _words.Number("sequence number");
                return true;
            case ("esp", "{"):
                ReadInner();
                return true;
            case ("gre", "key"):
                _key = _words.Number32("key");
                return true;
            case ("ip", "proto"):
                _protocol = (byte)_words.Number("protocol", byte.MaxValue);
                return true;
            default:
                return false;
        }
    }

    private void ReadInner()
    {
        if (_depth == DeepestNesting)
        {
            _words.FailLast("packets are nested too deeply");
            return;
        }

        _inner = new PacketExpressionReader(_words, _depth + 1).Read();
        _words.Expect("}");
    }

    private FragmentInfo Fragment()
    {
        int offset = (int)_words.Number("offset", 65_528);
        if (_words.Ok && offset % 8 != 0)
        {
            _words.FailLast($"offset {offset} is no multiple of 8");
        }

        return new FragmentInfo(offset, _words.TakeIf("more"));
    }

    private ByteString Bytes()
    {
        string word = _words.Take("data in hex");
        string digits = word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : word;
        if (_words.Ok && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) && digits.Length <= 2 * PacketExpression.MostDataBytes)
        {
            return ByteString.FromHex(digits);
        }

        _words.FailLast($"«{TokenReader.Shortened(word)}» is no string of whole bytes in hex");
        return ByteString.Empty;
    }

    private static bool TryEndpoint(string word, out IpAddress address, out ushort? port)
    {
        port = null;
        if (TokenReader.TryAddress(word, out address))
        {
            return true;
        }

        int colon = word.LastIndexOf(':');
        string host = colon < 0 ? word : word[..colon];
        bool bracketed = word.StartsWith('[');
        if (bracketed && word.EndsWith(']'))
        {
            return TokenReader.TryAddress(word[1..^1], out address) && address.IsIpv6;
        }

        if (colon < 0 || !TokenReader.TryNumber(word[(colon + 1)..], out ulong number) || number > ushort.MaxValue)
        {
            return false;
        }

        port = (ushort)number;
        return bracketed
            ? host.EndsWith(']') && TokenReader.TryAddress(host[1..^1], out address) && address.IsIpv6
            : TokenReader.TryAddress(host, out address) && !address.IsIpv6;
    }
}
