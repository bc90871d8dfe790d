using System.Text.RegularExpressions;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Model.XfrmText;

/// <summary>Dumps that real tools printed on real kernels are read and written back to the letter.</summary>
public class DumpTests
{
    public static IEnumerable<string> PolicyFiles => GoldenDumps.Names("policy");

    public static IEnumerable<string> StateFiles => GoldenDumps.Names("state");

    [TestCaseSource(nameof(PolicyFiles))]
    public void PolicyDumpOfARealTool_IsWrittenBackToTheLetter(string name)
    {
        string text = GoldenDumps.Text(name);
        Assert.That(PolicyDump.TryParse(text, out PolicyDump? dump, out TextError error), $"{name}: {error}");
        Assert.That(dump!.ToString(), Is.EqualTo(text));
        Assert.That(dump.Entries, Is.Not.Empty);
    }

    [TestCaseSource(nameof(StateFiles))]
    public void StateDumpOfARealTool_IsWrittenBackToTheLetter(string name)
    {
        string text = GoldenDumps.Text(name);
        Assert.That(StateDump.TryParse(text, out StateDump? dump, out TextError error), $"{name}: {error}");
        Assert.That(dump!.ToString(), Is.EqualTo(text));
        Assert.That(dump.Entries, Is.Not.Empty);
    }

    [TestCase("6.12-all.6.15.state", "6.12-all.6.15.state-s")]
    [TestCase("6.12-swan.6.15.state", "6.12-swan.6.15.state-s")]
    [TestCase("6.12-all.6.15.state-o", "6.12-all.6.15.state-s")]
    public void DetailedStateDump_PrintedInAnotherStyle_IsThatDump(string other, string detailed)
    {
        StateDump dump = GoldenDumps.States(detailed);
        StateDump expected = GoldenDumps.States(other);
        Assert.That(dump.Print(expected.Style), Is.EqualTo(GoldenDumps.Text(other)));
    }

    [TestCase("6.12-all.6.15.policy", "6.12-all.6.15.policy-s")]
    [TestCase("6.12-swan.6.15.policy", "6.12-swan.6.15.policy-s")]
    [TestCase("6.12-all.6.15.policy-so", "6.12-all.6.15.policy-s")]
    public void DetailedPolicyDump_PrintedInAnotherStyle_IsThatDump(string other, string detailed)
    {
        PolicyDump dump = GoldenDumps.Policies(detailed);
        PolicyDump expected = GoldenDumps.Policies(other);
        Assert.That(dump.Print(expected.Style), Is.EqualTo(GoldenDumps.Text(other)));
    }

    [Test]
    public void StateOfEveryKind_HasTheMeaningOfItsLines()
    {
        StateDump dump = GoldenDumps.States("6.12-all.6.15.state-s");
        XfrmState marked = dump.Entries.Single(e => e.State.Spi.Value == 0x1002).State;
        Assert.Multiple(() =>
        {
            Assert.That(marked.Mode, Is.EqualTo(XfrmMode.Tunnel));
            Assert.That(marked.Mark, Is.EqualTo(new XfrmMark(5, 0xff)));
            Assert.That(marked.OutputMark, Is.EqualTo(new XfrmMark(0x99, 0xffff)));
            Assert.That(marked.InterfaceId, Is.EqualTo(42));
            Assert.That(marked.Selector.Family, Is.EqualTo(XfrmFamily.Unspecified));
            Assert.That(marked.IsEsn);
            Assert.That(marked.ReplayEsn!.WindowPackets, Is.EqualTo(128));
            Assert.That(marked.Combined!.IcvBits, Is.EqualTo(128));
            Assert.That(marked.Combined.Key.Length, Is.EqualTo(20));
        });
        XfrmState limited = dump.Entries.Single(e => e.State.Spi.Value == 0x100a).State;
        Assert.That(limited.Limits, Is.EqualTo(new XfrmLimits(1_000_000, 2_000_000, 8, 9, 3000, 3600, 60, 90)));
        XfrmState flagged = dump.Entries.Single(e => e.State.Spi.Value == 0x1011).State;
        Assert.That(flagged.ExtraFlags, Is.EqualTo(XfrmExtraFlags.DontEncapDscp), "the tool glues these to the flags before them");
        Assert.That(flagged.Flags, Is.EqualTo(XfrmStateFlags.NoEcn | XfrmStateFlags.Esn));
    }

    [Test]
    public void SocketPolicies_AreToldApart()
    {
        PolicyDump dump = GoldenDumps.Policies("6.12-swan.6.15.policy-s");
        Assert.That(dump.Entries.Count(e => e.OfSocket), Is.EqualTo(dump.Entries.Count(e => (e.Policy.Index & 7) >= 3)).And.GreaterThan(0));
    }

    [Test]
    public void DefaultActions_StandBehindThePolicies()
    {
        string text = GoldenDumps.Text("6.12-all.6.15.policy") + GoldenDumps.Text("6.12-all.default");
        Assert.That(PolicyDump.TryParse(text, out PolicyDump? dump, out TextError error), error.ToString());
        Assert.That(dump!.Defaults, Is.EqualTo(new DefaultActions(XfrmAction.Block, XfrmAction.Allow, XfrmAction.Block)));
        Assert.That(dump.ToString(), Is.EqualTo(text));
    }

    [Test]
    public void EsnBitmap_HighestWordFirst()
    {
        const string Text = """
            src 192.0.2.1 dst 192.0.2.2
            	proto esp spi 0x00000100 reqid 0 mode transport
            	replay-window 0 flag esn
            	anti-replay esn context:
            	 seq-hi 0x1, seq 0x5, oseq-hi 0x2, oseq 0x3
            	 replay_window 64, bitmap-length 2
            	 0000000a 80000001 

            """;
        Assert.That(StateDump.TryParse(Text, out StateDump? dump, out TextError error), error.ToString());
        Assert.That(dump!.Entries[0].State.ReplayEsn!.Bitmap, Is.EqualTo(new uint[] { 0x80000001, 0x0000000a }));
        Assert.That(dump.ToString(), Is.EqualTo(Text));
    }

    [Test]
    public void WordsWithoutTheirBlanks_AreReadAlike()
    {
        string text = GoldenDumps.Text("6.12-swan.6.15.state-s");
        string bare = "# copied from a slide\r\n" + string.Join("\r\n", text.Split('\n').Select(l => Regex.Replace(l.Trim(), "\\s+", " ")));
        Assert.That(StateDump.TryParse(bare, out StateDump? dump, out TextError error), error.ToString());
        Assert.That(dump!.ToString(), Is.EqualTo(text));
    }
}
