using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Post-quantum preshared keys in IKE_SA_INIT and IKE_AUTH, with real keys. RFC 8784 §3.</summary>
public class PostQuantumKeyTests
{
    [Test]
    public void KeyOfBothSides_IsUsed()
    {
        TamperedConversation played = TamperedConversation.Play(First(Key("one", "secret"), needs: false), Second(Key("one", "secret"), needs: false));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(Auth(played, 0), Does.Contain("PPK_IDENTITY").And.Contain("NO_PPK_AUTH"));
        Assert.That(Auth(played, 1), Does.Contain("PPK_IDENTITY"));
        TamperedConversation without = TamperedConversation.Play(First(null, needs: false), Second(null, needs: false));
        Assert.That(without.IsUp, "baseline");
    }

    [Test]
    public void MandatoryKey_LeavesNoWayAround()
    {
        TamperedConversation played = TamperedConversation.Play(First(Key("one", "secret"), needs: true), Second(Key("one", "secret"), needs: true));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(Auth(played, 0), Does.Not.Contain("NO_PPK_AUTH"));
    }

    [Test]
    public void KeyThatTheResponderLacks_IsLeftOut()
    {
        TamperedConversation played = TamperedConversation.Play(First(Key("one", "secret"), needs: false), Second(Key("two", "secret"), needs: false));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(Auth(played, 1), Does.Not.Contain("PPK_IDENTITY"));
    }

    [Test]
    public void ResponderWithoutKeys_IsNotAskedForOne()
    {
        TamperedConversation played = TamperedConversation.Play(First(Key("one", "secret"), needs: false), Second(null, needs: false));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(Auth(played, 0), Does.Not.Contain("PPK_IDENTITY"));
    }

    [Test]
    public void MandatoryKeyThatTheResponderLacks_EndsTheAttempt()
    {
        TamperedConversation played = TamperedConversation.Play(First(Key("one", "secret"), needs: true), Second(null, needs: false));
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.None.Contains("IKE_AUTH"));
        AssertRefused(TamperedConversation.Play(First(Key("one", "secret"), needs: true), Second(Key("two", "secret"), needs: false)));
        AssertRefused(TamperedConversation.Play(First(Key("one", "secret"), needs: false), Second(Key("two", "secret"), needs: true)));
        AssertRefused(TamperedConversation.Play(First(null, needs: false), Second(Key("two", "secret"), needs: true)));
    }

    [Test]
    public void WrongKeyUnderAKnownName_IsRefused()
    {
        AssertRefused(TamperedConversation.Play(First(Key("one", "another"), needs: false), Second(Key("one", "secret"), needs: false)));
        Assert.That(TamperedConversation.Play(First(Key("one", "secret"), needs: false), Second(Key("one", "secret"), needs: false)).IsUp, "baseline");
    }

    private static PostQuantumKey Key(string name, string key) => new(
        new NotifyContent.Ppk(NotifyContent.Ppk.FixedKind, new ByteString(System.Text.Encoding.ASCII.GetBytes(name))),
        new IkeSecret(System.Text.Encoding.ASCII.GetBytes(key)));

    private static IkeConfiguration First(PostQuantumKey? key, bool needs) => With(ExplorationPair.Configuration("first", "second", 1, 2, 0), key, needs);

    private static IkeConfiguration Second(PostQuantumKey? key, bool needs) => With(ExplorationPair.Configuration("second", "first", 2, 1, 0), key, needs);

    private static IkeConfiguration With(IkeConfiguration plain, PostQuantumKey? key, bool needs) =>
        plain with { PostQuantumKeys = key is null ? [] : [key], NeedsPostQuantumKey = needs };

    private static string Auth(TamperedConversation played, int which) => played.Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal)).ElementAt(which);

    private static void AssertRefused(TamperedConversation played)
    {
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.Some.Contains(Iana.NameOf(NotifyType.AuthenticationFailed)));
    }
}
