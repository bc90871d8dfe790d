using System.Buffers.Binary;
using Conformance.Generators.Xfrm;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>The tester's end of the SAs of a world: seals what arrives, each number once.</summary>
/// <param name="states">The SAs, in the order of the world.</param>
/// <param name="keyring">Their keys.</param>
internal sealed class XfrmPeer(IReadOnlyList<XfrmState> states, Keyring keyring)
{
    private readonly SecurityAssociation?[] _associations = [.. states.Select(Of)];
    private readonly ulong[] _sequences = new ulong[states.Count];
    private ulong _ivs;

    /// <summary>The SAs, as far as the model has their transforms.</summary>
    public IEnumerable<SecurityAssociation> Associations => _associations.OfType<SecurityAssociation>();

    /// <summary>Seals a packet, layer by layer; a layer that cannot enclose it is left out.</summary>
    /// <param name="plain">The innermost packet.</param>
    /// <param name="layers">Places of the SAs, the first seals first.</param>
    public ByteString Seal(ByteString plain, IEnumerable<int> layers)
    {
        ByteString packet = plain;
        foreach (int layer in layers)
        {
            if (_associations[layer] is { } sa && ModeEnclosure.Enclose(sa, packet) is { } enclosed)
            {
                EspProtection protection = keyring.ProtectionOf(sa);
                byte[] esp = EspPacket.Seal(
                    protection, sa.Spi, new SequenceNumber(++_sequences[layer]), sa.ExtendedSequenceNumbers, Iv(protection.IvBytes),
                    enclosed.Payload.Span, enclosed.NextHeader, SealOptions.Default);
                packet = ByteString.Adopt(OuterDatagram.Build(sa, enclosed, esp));
            }
        }

        return packet;
    }

    private byte[] Iv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        if (lengthBytes >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(iv, ++_ivs);
        }

        return iv;
    }

    private static SecurityAssociation? Of(XfrmState state)
    {
        if (XfrmTransforms.Of(state) is not { } keys)
        {
            return null;
        }

        bool beet = state.Mode == XfrmMode.Beet;
        return new SecurityAssociation
        {
            Spi = state.Spi,
            Mode = state.Mode switch { XfrmMode.Transport => EspMode.Transport, XfrmMode.Beet => EspMode.Beet, _ => EspMode.Tunnel },

            // An SA without a source takes packets of any.
            Source = state.Source.IsZero ? XfrmAddresses.Of(state.Family == XfrmFamily.Ipv6).Wire[0] : state.SourceAddress,
            Destination = state.DestinationAddress,
            InnerSource = beet ? state.Selector.Source.In(state.Selector.Family) : null,
            InnerDestination = beet ? state.Selector.Destination.In(state.Selector.Family) : null,
            Suite = keys.Suite,
            EncryptionKey = keys.EncryptionKey,
            IntegrityKey = keys.IntegrityKey,
            ExtendedSequenceNumbers = state.IsEsn,
            Encapsulation = state.Encapsulation is { } udp ? new UdpEncapsulation(udp.SourcePort, udp.DestinationPort) : null,
        };
    }
}
