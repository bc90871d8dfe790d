using System.Diagnostics;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire.Text;
using NUnit.Framework;

namespace Conformance.Tests.Model.XfrmText;

/// <summary>A dump that is none gives a place and a reason, never an exception.</summary>
public class MalformedDumpTests
{
    private const string CountVariable = "IPSEC_DUMP_MUTANTS";
    private const int DefaultMutants = 100_000;
    private const int Seed = 4301;

    private const string Policy = """
        src 13.0.0.8/32 dst 13.0.0.0/24 proto udp
        	dir out priority 2024 ptype main
        	tmpl src 0.0.0.0 dst 0.0.0.0
        		proto esp reqid 0 mode transport

        """;

    private const string State = """
        src 13.0.0.8 dst 13.0.0.9
        	proto esp spi 0x9de792fc reqid 16397 mode transport
        	replay-window 32 
        	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 64
        	anti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000
        	sel src 13.0.0.8/32 dst 13.0.0.9/32 proto udp 

        """;

    [Test]
    public void Baselines_AreRead()
    {
        Assert.That(PolicyDump.TryParse(Policy, out _, out TextError error), error.ToString());
        Assert.That(StateDump.TryParse(State, out _, out error), error.ToString());
    }

    [TestCase("13.0.0.0/24", "13.0.0.0/33", "line 1, column 21: «33» is no prefix length from 0 to 32")]
    [TestCase("13.0.0.0/24", "2001:db8::/32", "line 1, column 21: source and destination are of different families")]
    [TestCase("dst 13.0.0.0/24", "via 13.0.0.0/24", "line 1, column 17: «dst» expected, not «via»")]
    [TestCase("proto udp", "proto upd", "line 1, column 39: «upd» is no protocol")]
    [TestCase("proto udp", "proto udp sport 70000", "line 1, column 49: «70000» is no sport from 0 to 65535")]
    [TestCase("proto udp", "proto udp colour 7", "line 1, column 43: «colour» is no part of a selector")]
    [TestCase("dir out", "dir sideways", "line 2, column 6: «sideways» is no direction")]
    [TestCase("priority 2024", "priority", "line 2, column 19: «ptype» is no priority from 0 to 4294967295")]
    [TestCase(" ptype main", " ptype main urgency 7", "line 2, column 35: «urgency» is unknown in a policy")]
    [TestCase("tmpl src 0.0.0.0 dst", "tmpl src 0.0.0.0", "line 3, column 19: «dst» expected, not «0.0.0.0»")]
    [TestCase("\t\tproto esp reqid 0 mode transport\n", "", "line 3, column 30: the line with proto, reqid and mode is missing behind it")]
    [TestCase("mode transport", "mode teleport", "line 4, column 26: «teleport» is no mode")]
    [TestCase("mode transport", "mode transport\n\tdamper 7", "line 5, column 2: «damper» is unknown in a policy")]
    public void PolicyWithOneFault_PlaceAndReason(string right, string wrong, string expected)
    {
        Assert.That(PolicyDump.TryParse(Policy.Replace(right, wrong, StringComparison.Ordinal), out _, out TextError error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo(expected));
    }

    [TestCase("0x000102030405060708090a0b0c0d0e0f10111213", "0x9831b3b3b7c7..", "line 4, column 25: the key is abbreviated")]
    [TestCase("0x000102030405060708090a0b0c0d0e0f10111213", "0x012", "line 4, column 25: the key is no string of whole bytes in hex")]
    [TestCase(" 64\n", "\n", "line 4, column 67: length of the ICV in bits is missing")]
    [TestCase("replay-window 32 ", "replay-window 32 flag bright", "line 3, column 24: «bright» is no flag")]
    [TestCase("replay-window 32 ", "replay-window 256", "line 3, column 16: «256» is no replay window from 0 to 255")]
    [TestCase("spi 0x9de792fc", "spi 0x9de792fc0", "line 2, column 16: «0x9de792fc0» is no SPI")]
    [TestCase("13.0.0.9\n", "13.0.0.9.1\n", "line 1, column 18: «13.0.0.9.1» is no address")]
    [TestCase("seq 0x0,", "seq 0x0", "line 5, column 27: «0x0» is no number before a comma")]
    [TestCase("\tsel", "\tanti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000\n\tsel", "line 6, column 2: «anti-replay» stands twice in one SA")]
    [TestCase("\tsel", "\tstats:\n\tsel", "line 7, column 2: «replay-window» expected, not «sel»")]
    [TestCase("\tsel", "\tlastused 2026-13-01 12:00:00\n\tsel", "line 6, column 22: «2026-13-01 12:00:00» is no time of the form 2026-01-31 23:59:59")]
    [TestCase("\tsel", "\thalf-life 9\n\tsel", "line 6, column 2: «half-life» is unknown in an SA")]
    public void StateWithOneFault_PlaceAndReason(string right, string wrong, string expected)
    {
        Assert.That(StateDump.TryParse(State.Replace(right, wrong, StringComparison.Ordinal), out _, out TextError error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void MutatedDumps_NeverThrow()
    {
        int mutants = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), out int asked) ? asked : DefaultMutants;
        (string Text, bool IsState)[] seeds =
        [
            .. GoldenDumps.Names("policy").Select(n => (GoldenDumps.Text(n), false)), .. GoldenDumps.Names("state").Select(n => (GoldenDumps.Text(n), true)),
        ];
        TextMutator mutator = new(new Random(Seed), [.. seeds.Select(s => s.Text)]);
        Stopwatch watch = Stopwatch.StartNew();
        int read = 0;
        for (int i = 0; i < mutants; i++)
        {
            (string text, bool isState) = seeds[i % seeds.Length];
            read += IsRead(mutator.Mutate(text), isState) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{mutants} mutants in {watch.Elapsed.TotalSeconds:f1} s, {read} of them read");
        Assert.That(read, Is.InRange(mutants / 100, mutants * 9 / 10), "mutants that all are refused, or all read, show little");
    }

    private static bool IsRead(string text, bool isState)
    {
        try
        {
            bool read;
            TextError error;
            string? printed;
            if (isState)
            {
                read = StateDump.TryParse(text, out StateDump? states, out error);
                printed = states?.ToString();
            }
            else
            {
                read = PolicyDump.TryParse(text, out PolicyDump? policies, out error);
                printed = policies?.ToString();
            }

            if (!read && (error.Line < 1 || error.Column < 1 || error.ToString().Contains('\n')))
            {
                throw new AssertionException($"«{error}» is no line for people");
            }

            return read && printed is not null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            throw new AssertionException($"{exception}\non:\n{text}", exception);
        }
    }
}
