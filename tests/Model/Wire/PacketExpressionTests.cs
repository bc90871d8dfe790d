using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>Packets in words.</summary>
public class PacketExpressionTests
{
    [TestCase("udp 13.0.0.8:5000 > 13.0.0.9:53 len 100 ttl 63 df", 128)]
    [TestCase("udp [2001:db8::1]:5000 > [2001:db8::2]:53 len 4 tos 187 flow 7", 52)]
    [TestCase("tcp 192.0.2.1:80 > 192.0.2.2:1024 syn ack seq 7 acknr 9 win 100", 40)]
    [TestCase("icmp 192.0.2.1 > 192.0.2.2 echo ident 5 seq 6 len 56", 84)]
    [TestCase("icmp6 2001:db8::1 > 2001:db8::2 type 135 code 0 data 0x0001", 50)]
    [TestCase("esp 192.0.2.1 > 192.0.2.2 spi 0x00001001 seq 5 len 40", 68)]
    [TestCase("gre 192.0.2.1 > 192.0.2.2 key 305419896", 28)]
    [TestCase("ip 192.0.2.1 > 192.0.2.2 proto 99 len 3 id 77 mark 16", 23)]
    [TestCase("udp 192.0.2.1:1 > 192.0.2.2:2 len 8 frag 0 more", 36)]
    [TestCase("ip 192.0.2.1 > 192.0.2.2 proto 17 len 8 frag 1480", 28)]
    [TestCase("udp [2001:db8::1]:1 > [2001:db8::2]:2 len 8 frag 0 more", 64)]
    public void Expression_IsAPacket_AndIsPrintedAlike(string text, int expectedBytes)
    {
        Assert.That(PacketExpression.TryParse(text, out PacketExpression? expression, out TextError error), error.ToString());
        byte[] bytes = expression!.ToBytes();
        Assert.That(IpPacketView.TryParse(bytes, out IpPacketView view, out ParseError fault), fault.ToString());
        Assert.That(bytes, Has.Length.EqualTo(expectedBytes));
        Assert.That(view.Source, Is.EqualTo(expression.Source));
        Assert.That(expression.ToString(), Is.EqualTo(text));
    }

    [TestCase("udp dscp 46 ecn 2 hlim 3 192.0.2.1:1 > 192.0.2.2:2", "udp 192.0.2.1:1 > 192.0.2.2:2 ttl 3 tos 186")]
    [TestCase("icmp 192.0.2.1 > 192.0.2.2", "icmp 192.0.2.1 > 192.0.2.2 echo")]
    [TestCase("esp spi 4097 { icmp 192.0.2.1 > 192.0.2.2 len 3 }", "esp spi 0x00001001 seq 1 { icmp 192.0.2.1 > 192.0.2.2 echo len 3 }")]
    public void AnotherSpelling_IsTheSame(string text, string canonical)
    {
        Assert.That(PacketExpression.TryParse(text, out PacketExpression? expression, out TextError error), error.ToString());
        Assert.That(expression!.ToString(), Is.EqualTo(canonical));
        Assert.That(PacketExpression.TryParse(canonical, out PacketExpression? again, out _));
        Assert.That(again, Is.EqualTo(expression));
    }

    [Test]
    public void UdpExpression_HasTheBytesOfTheBuilder()
    {
        Assert.That(PacketExpression.TryParse("udp 13.0.0.8:5000 > 13.0.0.9:53 data 0x616263", out PacketExpression? expression, out _));
        byte[] expected = IpPackets.Udp(IpAddress.Parse("13.0.0.8"), IpAddress.Parse("13.0.0.9"), 5000, 53, "abc"u8);
        Assert.That(expression!.ToBytes(), Is.EqualTo(expected));
    }

    [TestCase("", "column 1: first word: udp, tcp, icmp, icmp6, esp, gre or ip is missing")]
    [TestCase("quic 1.2.3.4:1 > 1.2.3.5:2", "column 1: «quic» is none of udp, tcp, icmp, icmp6, esp, gre, ip")]
    [TestCase("udp 1.2.3.4:1 1.2.3.5:2", "column 15: «>» expected, not «1.2.3.5:2»")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3:2", "column 17: «1.2.3:2» is no address")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:70000", "column 17: «1.2.3.5:70000» is no address")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5", "column 24: udp has ports: ADDRESS:PORT, [ADDRESS]:PORT")]
    [TestCase("udp 1.2.3.4:1 > [::1]:5", "column 24: source and destination are of different families")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 len", "column 30: length is missing")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 len 70000", "column 31: «70000» is no length from 0 to 65000")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 syn", "column 27: «syn» is no option of udp")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 df df", "column 30: «df» stands twice")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 frag 9", "column 32: offset 9 is no multiple of 8")]
    [TestCase("udp 1.2.3.4:1 > 1.2.3.5:2 data 0x1", "column 32: «0x1» is no string of whole bytes in hex")]
    [TestCase("icmp6 1.2.3.4 > 1.2.3.5", "column 24: icmp6 is of the other family than the addresses")]
    [TestCase("ip 1.2.3.4 > 1.2.3.5", "column 21: proto N is missing")]
    [TestCase("esp spi 5 { udp 1.2.3.4:1 > 1.2.3.5:2", "column 38: «}» is missing")]
    [TestCase("tcp syn", "column 8: the addresses are missing: SOURCE > DESTINATION")]
    public void ExpressionWithOneFault_PlaceAndReason(string text, string expected)
    {
        Assert.That(PacketExpression.TryParse(text, out _, out TextError error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo("line 1, " + expected));
    }

    [Test]
    public void WordsInAnyOrder_NeverThrow()
    {
        string[] words =
        [
            "udp", "tcp", "icmp", "icmp6", "esp", "gre", "ip", ">", "{", "}", "1.2.3.4", "1.2.3.4:5", "[::1]:5", "::1", "[", "]:", ":", "len", "data", "0x00",
            "ttl", "tos", "dscp", "ecn", "id", "df", "frag", "more", "flow", "mark", "syn", "seq", "acknr", "win", "echo", "type", "code", "ident", "spi", "key",
            "proto", "0", "8", "65000", "-1", "4294967296", "\u0000",
        ];
        Random random = new(791);
        int packets = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string head = random.Next(2) == 0 ? "udp 1.2.3.4:5 > 1.2.3.4:5 " : random.Next(2) == 0 ? "esp spi 8 { icmp6 ::1 > ::1 } " : "";
            string text = head + string.Join(' ', Enumerable.Range(0, random.Next(8)).Select(_ => words[random.Next(words.Length)]));
            if (PacketExpression.TryParse(text, out PacketExpression? expression, out TextError error))
            {
                packets++;
                Assert.That(expression!.Upper is UpperPart.Esp { Inner: not null } || expression.ToBytes().Length > 0, text);
            }
            else
            {
                Assert.That(error.Column, Is.GreaterThan(0), text);
            }
        }

        Assert.That(packets, Is.GreaterThan(1000));
    }
}
