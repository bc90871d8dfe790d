using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Conformance.Spec.Crypto.Ike.Certificates;

/// <summary>Whether a certificate speaks for an identification. RFC 7296 §3.5, RFC 4945 §3.1 and §5.1.3.</summary>
public static class CertificateIdentity
{
    private const string SubjectAlternativeName = "2.5.29.17";

    // Tags of GeneralName. RFC 5280 §4.2.1.6.
    private static readonly Asn1Tag MailTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag AddressTag = new(TagClass.ContextSpecific, 7);

    /// <summary>True if the certificate names the identification; never for ID_KEY_ID and unknown types.</summary>
    /// <param name="identificationType">ID Type: 1 IPv4, 2 FQDN, 3 mail address, 5 IPv6, 9 DER name, 10 DER general name.</param>
    /// <param name="identification">Identification Data.</param>
    /// <param name="certificate">DER.</param>
    public static bool Matches(byte identificationType, ReadOnlySpan<byte> identification, ReadOnlySpan<byte> certificate)
    {
        try
        {
            using var loaded = X509CertificateLoader.LoadCertificate(certificate);
            if (identificationType == 9)
                return loaded.SubjectName.RawData.AsSpan().SequenceEqual(identification);
            var wanted = identification.ToArray();
            return loaded.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName)
                .SelectMany(extension => Names(extension.RawData))
                .Any(name => Matches(identificationType, wanted, name));
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    private static bool Matches(byte identificationType, byte[] wanted, byte[] name)
    {
        var tag = Asn1Tag.Decode(name, out _);
        return identificationType switch
        {
            1 => wanted.Length == 4 && tag.HasSameClassAndValue(AddressTag) && Content(name, tag).SequenceEqual(wanted),
            5 => wanted.Length == 16 && tag.HasSameClassAndValue(AddressTag) && Content(name, tag).SequenceEqual(wanted),
            2 => tag.HasSameClassAndValue(DnsTag) && EqualsAsText(Content(name, tag), wanted),
            3 => tag.HasSameClassAndValue(MailTag) && EqualsAsText(Content(name, tag), wanted),
            10 => name.AsSpan().SequenceEqual(wanted),
            _ => false,
        };
    }

    private static List<byte[]> Names(byte[] extension)
    {
        var sequence = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        var names = new List<byte[]>();
        while (sequence.HasData)
            names.Add(sequence.ReadEncodedValue().ToArray());
        return names;
    }

    private static byte[] Content(byte[] name, Asn1Tag tag) =>
        new AsnReader(name, AsnEncodingRules.DER).ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, tag.TagValue));

    // RFC 4945 §3.1.2: names of hosts do not know capitals; for mail addresses this is lenient in the part before the sign.
    private static bool EqualsAsText(byte[] content, byte[] wanted) =>
        string.Equals(Encoding.Latin1.GetString(content), Encoding.Latin1.GetString(wanted), StringComparison.OrdinalIgnoreCase);
}
