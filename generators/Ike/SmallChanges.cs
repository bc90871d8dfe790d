using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>Every small change of one message: each field, each run of bytes, each payload, and payloads that do not belong there. RFC 7296 §3.</summary>
public static class SmallChanges
{
    private const int HeaderParts = 8;
    private const PayloadType NoSuchType = (PayloadType)200;

    private static readonly NotifyType[] Notifications =
    [
        NotifyType.UnsupportedCriticalPayload, NotifyType.InvalidIkeSpi, NotifyType.InvalidMajorVersion, NotifyType.InvalidSyntax, NotifyType.InvalidMessageId, NotifyType.InvalidSpi,
        NotifyType.NoProposalChosen, NotifyType.InvalidKePayload, NotifyType.AuthenticationFailed, NotifyType.SinglePairRequired, NotifyType.NoAdditionalSas, NotifyType.InternalAddressFailure,
        NotifyType.FailedCpRequired, NotifyType.TsUnacceptable, NotifyType.InvalidSelectors, NotifyType.UnacceptableAddresses, NotifyType.UnexpectedNatDetected, NotifyType.TemporaryFailure,
        NotifyType.ChildSaNotFound, NotifyType.StateNotFound, (NotifyType)8191, NotifyType.InitialContact, NotifyType.SetWindowSize, NotifyType.AdditionalTsPossible, NotifyType.IpcompSupported,
        NotifyType.NatDetectionSourceIp, NotifyType.NatDetectionDestinationIp, NotifyType.Cookie, NotifyType.UseTransportMode, NotifyType.RekeySa, NotifyType.MobikeSupported,
        NotifyType.NoAdditionalAddresses, NotifyType.UpdateSaAddresses, NotifyType.Cookie2, NotifyType.NoNatsAllowed, NotifyType.FragmentationSupported, NotifyType.ChildlessIkev2Supported,
        NotifyType.AdditionalKeyExchange, NotifyType.IntermediateExchangeSupported, NotifyType.UsePpk, NotifyType.EapOnlyAuthentication, (NotifyType)40000,
    ];

    /// <summary>Each changed message with a name that says what was changed.</summary>
    public static IEnumerable<(string Name, EditableMessage Message)> Of(EditableMessage message)
    {
        foreach ((string path, int _, RawPart part) in message.Tree.Walk())
        {
            foreach ((string name, EditableMessage changed) in part switch
            {
                RawField field => OfField(message, path, field),
                RawData data => OfData(message, path, data),
                _ => OfNode(message, path),
            })
            {
                yield return (name, changed);
            }
        }

        foreach (NotifyType type in Notifications)
        {
            foreach (string data in new[] { "", "001f", "00000400" })
            {
                yield return ($"with {type} {data}", message.With(new IkePayload.Notify(type, ByteString.FromHex(data))));
            }
        }

        yield return ("with an unknown critical payload", message.WithFirst(new IkePayload.Unknown(NoSuchType, true, ByteString.FromHex("abcd"))));
        yield return ("with an unknown payload", message.WithFirst(new IkePayload.Unknown(NoSuchType, false, ByteString.FromHex("abcd"))));
        yield return ("with a Delete of the IKE SA", message.With(IkePayload.Delete.IkeSa));
        yield return ("with a Delete of no Child SA", message.With(IkePayload.Delete.Of(ProtocolId.Esp, [new Spi(0x12345678)])));
        yield return ("with CFG_SET", message.With(new IkePayload.Configuration(ConfigurationType.Set, [])));
        yield return ("without any payload", message.Repaired(tree => tree with { Parts = new([.. tree.Parts.Items[..HeaderParts]]) }));
        yield return ("reversed", message.Reversed());
    }

    private static IEnumerable<(string, EditableMessage)> OfField(EditableMessage message, string path, RawField field)
    {
        ulong most = field.WidthBytes == sizeof(ulong) ? ulong.MaxValue : (1UL << (8 * field.WidthBytes)) - 1;
        ulong[] values = [0, 1, most, field.Value ^ 1, (field.Value + 1) & most, field.Value ^ (most - (most >> 1))];
        return values.Where(v => v != field.Value).Distinct().Select(v => ($"{path} = {v}", message with { Tree = message.Tree.With(path, v) }));
    }

    private static IEnumerable<(string, EditableMessage)> OfData(EditableMessage message, string path, RawData data)
    {
        byte[] bytes = data.Bytes.ToArray();
        yield return ($"{path} one longer", message.With(path, ByteString.Adopt([.. bytes, 1])));
        yield return ($"{path} much longer", message.With(path, ByteString.Adopt([.. bytes, .. new byte[300]])));
        if (bytes.Length > 0)
        {
            yield return ($"{path} empty", message.With(path, ByteString.Empty));
            yield return ($"{path} one shorter", message.With(path, ByteString.Adopt(bytes[..^1])));
            yield return ($"{path} first bit", message.With(path, ByteString.Adopt([(byte)(bytes[0] ^ 0x80), .. bytes[1..]])));
            yield return ($"{path} last bit", message.With(path, ByteString.Adopt([.. bytes[..^1], (byte)(bytes[^1] ^ 1)])));
            yield return ($"{path} zeros", message.With(path, ByteString.Adopt(new byte[bytes.Length])));
        }
    }

    private static IEnumerable<(string, EditableMessage)> OfNode(EditableMessage message, string path)
    {
        yield return ($"without {path}", message.Without(path));
        yield return ($"{path} twice", message.Repaired(tree => tree.WithBefore(path, tree[path])));
    }
}
