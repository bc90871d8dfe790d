using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle;

/// <summary>A keyring that remembers what the tester itself sealed, so that its own packets need not be decrypted to be judged.</summary>
/// <remarks>
/// Opening is a function of key, bytes and number; that it inverts sealing is proved for every transform by property. A
/// packet that differs in one bit from what was sealed is opened in earnest. Only the latest packets are kept.
/// </remarks>
internal sealed class SealedMemory(Keyring keyring) : IKeyring, IDisposable
{
    private const int Slots = 1024;
    private readonly Dictionary<SecurityAssociation, Remembering> _protections = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public EspProtection ProtectionOf(SecurityAssociation sa)
    {
        if (!_protections.TryGetValue(sa, out Remembering? remembering))
        {
            remembering = new Remembering(keyring.ProtectionOf(sa));
            _protections.Add(sa, remembering);
        }

        return remembering;
    }

    public void Dispose()
    {
        foreach (Remembering protection in _protections.Values)
        {
            protection.Dispose();
        }
    }

    private sealed class Remembering(EspProtection inner) : EspProtection
    {
        private readonly (byte[]? Sealed, byte[]? Plain, uint High, bool Extended)[] _slots = new (byte[]?, byte[]?, uint, bool)[Slots];

        public override int IvBytes => inner.IvBytes;

        public override int IcvBytes => inner.IcvBytes;

        public override int AlignmentBytes => inner.AlignmentBytes;

        public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
        {
            // A slot keeps its buffers as long as packets have one length.
            ref (byte[]? Sealed, byte[]? Plain, uint High, bool Extended) slot = ref _slots[Slot(espPacket)];
            byte[] plain = slot.Plain?.Length == espPacket.Length ? slot.Plain : new byte[espPacket.Length];
            byte[] known = slot.Sealed?.Length == espPacket.Length ? slot.Sealed : new byte[espPacket.Length];
            espPacket.CopyTo(plain);
            inner.Seal(espPacket, sequenceHigh, extendedSequenceNumber);
            espPacket.CopyTo(known);
            slot = (known, plain, sequenceHigh, extendedSequenceNumber);
        }

        public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
        {
            if (espPacket.Length >= HeaderBytes)
            {
                (byte[]? known, byte[]? plain, uint high, bool extended) = _slots[Slot(espPacket)];
                if (known is not null && extended == extendedSequenceNumber && (!extended || high == sequenceHigh) && espPacket.SequenceEqual(known))
                {
                    plain.CopyTo(espPacket);
                    return true;
                }
            }

            return inner.TryOpen(espPacket, sequenceHigh, extendedSequenceNumber);
        }

        // The low bits of the sequence number spread the packets of a burst over the slots.
        private static int Slot(ReadOnlySpan<byte> espPacket) => ((espPacket[6] << 8) | espPacket[7]) & (Slots - 1);
    }
}
