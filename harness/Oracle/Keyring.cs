using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle;

/// <summary>Keeps one keyed instance per SA, so that keys are scheduled once.</summary>
/// <param name="wrap">Puts something between the SA and its transforms; null for nothing.</param>
public sealed class Keyring(Func<SecurityAssociation, EspProtection, EspProtection>? wrap = null) : IKeyring, IDisposable
{
    private readonly Dictionary<SecurityAssociation, EspProtection> _protections = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public EspProtection ProtectionOf(SecurityAssociation sa)
    {
        if (!_protections.TryGetValue(sa, out EspProtection? protection))
        {
            protection = wrap?.Invoke(sa, sa.CreateProtection()) ?? sa.CreateProtection();
            _protections.Add(sa, protection);
        }

        return protection;
    }

    /// <summary>Releases all key schedules.</summary>
    public void Dispose()
    {
        foreach (EspProtection protection in _protections.Values)
        {
            protection.Dispose();
        }

        _protections.Clear();
    }
}
