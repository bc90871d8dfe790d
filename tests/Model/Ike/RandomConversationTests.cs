using System.Globalization;
using Conformance.Generators.Ike;
using Conformance.Harness.Targets.Reference.Mutants;
using Conformance.Spec.Ike.Cryptography;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>The model's two sides under random loss, repetition and disorder.</summary>
public class RandomConversationTests
{
    private const string CountVariable = "IPSEC_CONVERSATIONS";
    private const int DefaultCount = 3_000;
    private const int RealCount = 60;
    private const int Seed = 5;
    private const int Shrunk = 3;

    [Test]
    public void RandomConversations_KeepTheInvariants() => PlayAll(Count(), new SymbolicCryptography());

    [Test]
    public void RandomConversationsWithRealKeys_KeepTheInvariants() => PlayAll(RealCount, new RealCryptography());

    // The first: both rekey the IKE SA, the second closes what survives; what is left at the first is redundant, and a timer ends it.
    // The second and third: both rekey the IKE SA, and the second forgets the first one's when it has closed its own, or before.
    [TestCase(276097439, ConversationOptions.InnerAddresses, "000000005d99007c8c0000a9a66b1f11a4", "first forgets IKE SA 1", TestName = "ForgottenRedundantIkeSa_TakesInnerAddressesAlong")]
    [TestCase(
        1904658098, ConversationOptions.FurtherKeyExchange | ConversationOptions.NatBeforeFirst | ConversationOptions.Mobike, "0000000000006f0c4972fca25755c800007a680925facf", "STATE_NOT_FOUND",
        TestName = "StateNotFoundInACollision_TheOtherSideSaysWhichIkeSaStays")]
    [TestCase(
        1665186605, ConversationOptions.FurtherKeyExchange, "0000000000007cecd1fa8e", "STATE_NOT_FOUND", TestName = "StateNotFoundInACollision_NothingBeginsBeforeTheOtherSideHasSaid")]
    public void FoundBefore(int variant, ConversationOptions options, string moves, string happens)
    {
        ConversationRun run = ConversationRun.Play(new ConversationCase(variant, options, [.. Convert.FromHexString(moves)]), new SymbolicCryptography());
        Assert.That(run.Violation, Is.Null, string.Join('\n', run.Lines));
        Assert.That(run.Lines, Has.Some.Contains(happens));
    }

    [Test]
    public void Conversations_MeetWhatTheOptionsBring()
    {
        Random random = new(Seed);
        List<string> missing =
        [
            "IKE_FOLLOWUP_KE response", "STATE_NOT_FOUND", "IPCOMP_SUPPORTED", "SET_WINDOW_SIZE", "UPDATE_SA_ADDRESSES", "COOKIE2", "TEMPORARY_FAILURE", "CHILD_SA_NOT_FOUND",
            "gives up on", "the NAT forgets", "hears nothing any more", "IKE_INTERMEDIATE response",
            "CREATE_CHILD_SA response 0: SK {N(INVALID_KE_PAYLOAD", "NO_ADDITIONAL_SAS", "ADDITIONAL_TS_POSSIBLE", "INVALID_SELECTORS", "INVALID_SPI", "another secret for cookies", "ADDITIONAL_IP4_ADDRESS", "NO_ADDITIONAL_ADDRESSES",
        ];
        for (int i = 0; i < DefaultCount && missing.Count > 0; i++)
        {
            ConversationRun run = ConversationRun.Play(ConversationCase.Draw(random), new SymbolicCryptography());
            missing.RemoveAll(m => run.Lines.Any(l => l.Contains(m, StringComparison.Ordinal)));
        }

        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void PlantedFaults_AreFoundAndShrink()
    {
        foreach (IkeMutant mutant in IkeMutants.All.Where(m => m.Name is "old-deleted-too-early" or "retransmission-answered-anew"))
        {
            Random random = new(Seed);
            ConversationCase[] found = [.. Enumerable.Range(0, 500).Select(_ => ConversationCase.Draw(random))
                .Where(c => ConversationRun.Play(c, new SymbolicCryptography(), mutant.Rules).Violation is not null).Take(Shrunk)];
            Assert.That(found, Has.Length.EqualTo(Shrunk), mutant.Name);
            foreach (ConversationCase failing in found)
            {
                ConversationCase least = Shrink(failing, new SymbolicCryptography(), mutant.Rules);
                TestContext.Out.WriteLine($"{mutant.Name}: {least}");
                Assert.That(least.Moves, Has.Length.LessThan(12), $"{mutant.Name}: {least}");
                Assert.That(least.Options, Is.EqualTo(ConversationOptions.None), $"{mutant.Name}: {least}");
            }
        }
    }

    private static void PlayAll(int count, IIkeCryptography cryptography)
    {
        Random random = new(Seed);
        Dictionary<string, int> ends = [];
        for (int i = 0; i < count; i++)
        {
            ConversationCase drawn = ConversationCase.Draw(random);
            ConversationRun run = ConversationRun.Play(drawn, cryptography);
            if (run.Violation is not null)
            {
                ConversationCase least = Shrink(drawn, cryptography, null);
                ConversationRun again = ConversationRun.Play(least, cryptography);
                Assert.Fail($"{again.Violation}\n{least}\n{string.Join('\n', again.Lines)}");
            }

            string end = $"{run.Sides.First.Sas.Count} IKE SAs, {run.Sides.First.Children.Count} Child SAs";
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        TestContext.Out.WriteLine($"{count} conversations: " + string.Join("; ", ends.OrderByDescending(e => e.Value).Select(e => $"{e.Key} {e.Value}")));
        Assert.That(ends, Has.Count.GreaterThan(3), "conversations that all end alike show little");
    }

    private static ConversationCase Shrink(ConversationCase failing, IIkeCryptography cryptography, Spec.Ike.Machine.IkeRules? rules)
    {
        ConversationCase least = failing;
        while (least.Shrink().FirstOrDefault(c => ConversationRun.Play(c, cryptography, rules).Violation is not null) is { } smaller)
        {
            least = smaller;
        }

        return least;
    }

    private static int Count() =>
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : DefaultCount;
}
