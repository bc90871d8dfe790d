using System.Security.Cryptography;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES-GMAC: a combined mode that authenticates and does not encrypt. RFC 4543.</summary>
public static class AesGmac
{
    /// <summary>ENCR_NULL_AUTH_AES_GMAC. RFC 4543 §3.</summary>
    public static EncryptionTransform Gmac { get; } = new()
    {
        Name = "ENCR_NULL_AUTH_AES_GMAC",
        TransformId = 21,
        KeyBits = [128, 192, 256],
        SaltBytes = 4,
        IvBytes = 8,
        IvRule = IvRule.Unique,
        IcvBytes = 16,
        BlockBytes = 1,
        Rfc = "RFC 4543 §3",
        IsIntegrityOnly = true,
        IsInBcl = AesGcm.IsSupported,
        Keyer = static keying => new Protection(keying),
    };

    private sealed class Protection : EspProtection
    {
        private const int ExtendedHeaderBytes = HeaderBytes + 4;
        private readonly EspAead aead;
        private readonly byte[] nonce;
        private ScratchBuffer scratch = new();

        public Protection(EspKeying keying)
        {
            aead = AesGcmMode.Aead(keying);
            nonce = new byte[Gmac.SaltBytes + Gmac.IvBytes];
            keying.Salt.CopyTo(nonce);
        }

        public override int IvBytes => Gmac.IvBytes;

        public override int IcvBytes => Gmac.IcvBytes;

        public override int AlignmentBytes => Gmac.AlignmentBytes;

        public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
        {
            RequireRoom(espPacket.Length);
            SetNonce(espPacket);
            aead.Seal(nonce, AssociatedData(espPacket, sequenceHigh, extendedSequenceNumber), [], espPacket[^IcvBytes..]);
        }

        public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
        {
            if (!HasValidLength(espPacket.Length))
                return false;
            SetNonce(espPacket);
            return aead.TryOpen(nonce, AssociatedData(espPacket, sequenceHigh, extendedSequenceNumber), [], espPacket[^IcvBytes..]);
        }

        protected override void Dispose(bool disposing)
        {
            aead.Dispose();
            base.Dispose(disposing);
        }

        private void SetNonce(ReadOnlySpan<byte> espPacket) =>
            espPacket.Slice(HeaderBytes, IvBytes).CopyTo(nonce.AsSpan(Gmac.SaltBytes));

        // Everything in front of the ICV, IV included, with the whole sequence number in its place. RFC 4543 §3.3, figure 4.
        private ReadOnlySpan<byte> AssociatedData(ReadOnlySpan<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
        {
            var covered = espPacket[..^IcvBytes];
            if (!extendedSequenceNumber)
                return covered;
            var extended = scratch.AtLeast(covered.Length + 4).AsSpan(0, covered.Length + 4);
            ExtendedHeader.Write(espPacket, sequenceHigh, extended);
            covered[HeaderBytes..].CopyTo(extended[ExtendedHeaderBytes..]);
            return extended;
        }
    }
}
