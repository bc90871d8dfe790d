using Conformance.Generators.Xfrm;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Netlink;

/// <summary>The codec of NETLINK_XFRM without a kernel.</summary>
public class XfrmMessageTests
{
    private const ushort LargestType = 0x30;

    [Test]
    public void AnyReport_ReadsAsItWasWritten() => Prop.ForAll(XfrmValues.Reports, report =>
    {
        NetlinkMessage message = XfrmReportWriter.Write(report);
        return XfrmReportParser.TryParse(message, out XfrmReport? read, out _) && read == report && XfrmReportWriter.Write(read).Body == message.Body;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    // A request has the body of a report, but for the doubled integrity algorithm and for the use so far.
    [Test]
    public void AnySa_InARequest_ReadsAsItWasWritten() => Prop.ForAll(XfrmValues.States, state =>
        XfrmReportParser.TryParse(XfrmRequestWriter.Write(new XfrmRequest.AddState(state)), out XfrmReport? read, out _)
        && read is XfrmReport.State { Updated: false, Value.Others.IsEmpty: true } added && added.Value.State == state)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Test]
    public void AnyPolicy_InARequest_ReadsAsItWasWritten() => Prop.ForAll(XfrmValues.Policies, policy =>
        XfrmReportParser.TryParse(XfrmRequestWriter.Write(new XfrmRequest.AddPolicy(policy, Replace: true)), out XfrmReport? read, out _)
        && read is XfrmReport.Policy { Updated: true } updated && updated.Value == XfrmPolicyReport.Request(policy))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Test]
    public void RandomBytes_AreReadOrRefusedWithinTheirLength() => Prop.ForAll(ArbMap.Default.ArbFor<(byte, byte[])>(), given =>
    {
        NetlinkMessage message = new((ushort)(given.Item1 % LargestType), NetlinkFlags.None, 0, 0, ByteString.Adopt(given.Item2));
        return XfrmReportParser.TryParse(message, out _, out ParseError error) || (error.OffsetBytes <= given.Item2.Length && error.Field.Length > 0);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Test]
    public void MutatedReports_AreReadOrRefusedWithinTheirLength()
    {
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            NetlinkMessage message = XfrmReportWriter.Write(XfrmValues.Report(random));
            byte[] body = Mutated(random, message.Body.ToArray());
            bool read = XfrmReportParser.TryParse(message with { Body = ByteString.Adopt(body) }, out _, out ParseError error);
            Assert.That(read || (error.OffsetBytes <= body.Length && error.Field.Length > 0), Is.True, () => $"{error} in {Convert.ToHexStringLower(body)}");
        }
    }

    [Test]
    public void EveryCutOfAReport_IsReadOrRefused()
    {
        Random random = new(2);
        for (int i = 0; i < 100; i++)
        {
            NetlinkMessage message = XfrmReportWriter.Write(XfrmValues.Report(random));
            for (int length = 0; length < message.Body.Length; length++)
            {
                bool read = XfrmReportParser.TryParse(message with { Body = message.Body.Slice(..length) }, out _, out ParseError error);
                Assert.That(read || error.OffsetBytes <= length, Is.True);
            }
        }
    }

    [Test]
    public void SelectorOfAPolicy_StandsWhereTheStructureHasIt()
    {
        XfrmSelector selector = XfrmSelector.Of(new AddressPrefix(IpAddress.Parse("192.0.2.0"), 24), new AddressPrefix(IpAddress.Parse("198.51.100.7"), 32)) with
        {
            Protocol = IpProtocol.Udp,
            DestinationPort = 0x1194,
            DestinationPortMask = 0xffff,
        };
        NetlinkMessage message = XfrmRequestWriter.Write(new XfrmRequest.AddPolicy(new XfrmPolicy { Selector = selector, Direction = XfrmDirection.Out }));
        Assert.That(message.Type, Is.EqualTo((ushort)XfrmMessageType.NewPolicy));
        Assert.That(message.Body.Slice(..56).ToString(), Is.EqualTo(
            "c6336407" + new string('0', 24) + "c0000200" + new string('0', 24) + "1194ffff00000000" + "0200" + "20" + "18" + "11" + "000000" + "0000000000000000"));
    }

    [TestCase("15000800", "XFRMA_MARK", 228)]
    [TestCase("21000900", "XFRMA_SA_DIR", 228)]
    [TestCase("17001000", "XFRMA_REPLAY_ESN_VAL", 228)]
    [TestCase("02002000", "XFRMA_ALG_CRYPT", 228)]
    public void AttributeOfAWrongLength_IsNamedWithItsPlace(string typeAndLength, string field, int offsetBytes)
    {
        // The baseline is the same SA without the attribute.
        NetlinkMessage good = XfrmReportWriter.Write(new XfrmReport.State(new XfrmStateReport(Sa, []), false));
        Assert.That(XfrmReportParser.TryParse(good, out _, out _), Is.True);
        byte[] parts = Convert.FromHexString(typeAndLength);
        byte[] attribute = new byte[parts[2]];
        (attribute[0], attribute[2]) = (parts[2], parts[0]);
        NetlinkMessage bad = good with { Body = ByteString.Adopt([.. good.Body.Span, .. attribute]) };
        Assert.That(XfrmReportParser.TryParse(bad, out _, out ParseError error), Is.False);
        Assert.That((error.Field, error.OffsetBytes), Is.EqualTo((field, offsetBytes)));
    }

    [Test]
    public void EmptyDumps_AreAnsweredWithNoEntries()
    {
        ByteString done = ByteString.FromHex("14000000030002000000000000000000" + "00000000");
        Assert.That(XfrmAnswerParser.TryParse(new XfrmRequest.DumpPolicies(), done, out XfrmAnswer? policies, out _), Is.True);
        Assert.That(XfrmAnswerParser.TryParse(new XfrmRequest.DumpStates(), done, out XfrmAnswer? states, out _), Is.True);
        Assert.That(policies, Is.InstanceOf<XfrmAnswer.Policies>());
        Assert.That(states, Is.InstanceOf<XfrmAnswer.States>());
    }

    [Test]
    public void Refusal_CarriesTheKernelsWords()
    {
        ByteString answer = ByteString.FromHex(
            "2c000000020000030100000000000000" + "eaffffff" + "10000000100005000100000000000000" + "070001006e6f0000");
        Assert.That(XfrmAnswerParser.TryParse(new XfrmRequest.AddState(Sa), answer, out XfrmAnswer? read, out _), Is.True);
        Assert.That(read, Is.EqualTo(new XfrmAnswer.Refused(Errno.Einval, "no")));
    }

    private static XfrmState Sa => new() { Destination = default, Source = default, Spi = new Spi(0x1001), Family = XfrmFamily.Ipv4, Mode = XfrmMode.Transport };

    private static byte[] Mutated(Random random, byte[] body)
    {
        for (int i = random.Next(1, 5); i > 0 && body.Length > 0; i--)
        {
            body[random.Next(body.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(random.Next(3) * 0x7f);
        }

        return random.Next(4) == 0 ? body[..random.Next(body.Length + 1)] : body;
    }
}
