using System.Globalization;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Cryptography;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>EAP and inner addresses under random loss, repetition and disorder, beside every other option.</summary>
public class RemoteAccessConversationTests
{
    private const string CountVariable = "IPSEC_REMOTE_ACCESS_CONVERSATIONS";
    private const int SymbolicCount = 400;
    private const int RealCount = 20;
    private const int Seed = 16;

    [Test]
    public void RandomConversations_KeepTheInvariants() => PlayAll(SymbolicCount, new SymbolicCryptography());

    [Test]
    public void RandomConversationsWithRealKeys_KeepTheInvariants() => PlayAll(
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : RealCount, new RealCryptography());

    private static void PlayAll(int count, IIkeCryptography cryptography)
    {
        Random random = new(Seed);
        int established = 0;
        for (int i = 0; i < count; i++)
        {
            // Between the exchanges of EAP nobody probes through a NAT: see ConversationCase.Draw.
            ConversationCase drawn = ConversationCase.Draw(random);
            bool hasEap = random.Next(4) != 0;
            drawn = hasEap
                ? drawn with { Options = (drawn.Options | ConversationOptions.Eap | (random.Next(2) == 0 ? ConversationOptions.InnerAddresses : ConversationOptions.None)) & ~ConversationOptions.NatBeforeFirst }
                : drawn with { Options = drawn.Options | ConversationOptions.InnerAddresses };
            ConversationRun run = ConversationRun.Play(drawn, cryptography);
            Assert.That(run.Violation, Is.Null, $"{drawn}\n{string.Join('\n', run.Lines)}");
            established += run.Sides.First.Sas.IsEmpty ? 0 : 1;
        }

        TestContext.Out.WriteLine($"{count} conversations, {established} with an IKE SA at the end");
        Assert.That(established, Is.GreaterThan(count / 2));
    }
}
