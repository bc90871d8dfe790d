using Conformance.Spec.Esp.Receive;

namespace Conformance.Tests.Esp;

/// <summary>Receive paths that conform although they are less strict than the model's own.</summary>
internal static class Leniency
{
    /// <summary>Pad bytes are not looked at: breaks a SHOULD only. RFC 4303 §2.4.</summary>
    public static EspReceiver PaddingUnchecked { get; } = EspReceiver.Rfc.Without(nameof(ReceiveStages.Padding));
}
