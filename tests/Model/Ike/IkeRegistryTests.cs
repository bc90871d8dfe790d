using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Every number has a name, and only one.</summary>
public class IkeRegistryTests
{
    private static IEnumerable<Type> EveryRegistry => typeof(Iana).Assembly.GetTypes().Where(t => t.IsEnum && t.Namespace == typeof(Iana).Namespace);

    [TestCaseSource(nameof(EveryRegistry))]
    public void EveryNumber_HasOneName(Type registry)
    {
        var read = typeof(Iana).GetMethod(nameof(Iana.Registry))!.MakeGenericMethod(registry);
        var entries = (IReadOnlyList<RegistryEntry>)read.Invoke(null, null)!;
        Assert.That(entries.Select(e => e.Value), Is.EqualTo(Enum.GetValues(registry).Cast<object>().Select(v => Convert.ToInt32(v)).Order()));
        Assert.That(entries.Select(e => e.Name), Is.Unique);
    }

    [TestCase(NotifyType.InvalidKePayload, 17, "INVALID_KE_PAYLOAD")]
    [TestCase(NotifyType.ChildSaNotFound, 44, "CHILD_SA_NOT_FOUND")]
    [TestCase(NotifyType.Cookie, 16390, "COOKIE")]
    [TestCase(NotifyType.UpdateSaAddresses, 16400, "UPDATE_SA_ADDRESSES")]
    [TestCase(NotifyType.EapOnlyAuthentication, 16417, "EAP_ONLY_AUTHENTICATION")]
    [TestCase(NotifyType.FragmentationSupported, 16430, "IKEV2_FRAGMENTATION_SUPPORTED")]
    [TestCase(NotifyType.UsePpk, 16435, "USE_PPK")]
    [TestCase(NotifyType.AdditionalKeyExchange, 16441, "ADDITIONAL_KEY_EXCHANGE")]
    public void Notification_HasItsNumber(NotifyType type, int number, string name) =>
        Assert.That(((int)type, Iana.NameOf(type)), Is.EqualTo((number, name)));

    [Test]
    public void UnknownNumber_IsItsOwnName() => Assert.That((Iana.NameOf((NotifyType)40000), Iana.IsKnown((NotifyType)40000)), Is.EqualTo(("40000", false)));
}
