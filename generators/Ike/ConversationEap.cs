using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Eap.Tls;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>EAP and inner addresses of the two sides of a conversation. RFC 7296 §2.16, §2.19.</summary>
public static class ConversationEap
{
    private const string User = "first";
    private const string Password = "clientPass";
    private const int FragmentBytes = 256;

    /// <summary>How the first side proves itself by EAP.</summary>
    public static Credentials.Eap Peer(ConversationOptions options, int variant, bool takesSharedKey)
    {
        EapAccount account = EapAccount.Of(User, Password);
        IkeSecret wrong = EapAccount.Of(User, "guess").Password;
        EapMethod method = options.HasFlag(ConversationOptions.EapTls) ? new EapTls(Tls(isServer: false), IsServer: false, FragmentBytes)
            : options.HasFlag(ConversationOptions.EapWithoutKey) ? new Md5Peer(User, account.Password)
            : new MsChapV2Peer(User, IsRetried(variant) ? [wrong, account.Password] : [account.Password]);
        return new Credentials.Eap(new EapPeer(account.Name, [method]), IsOnly(options, variant), takesSharedKey);
    }

    /// <summary>What the second side asks.</summary>
    public static Trust.Eap Server(ConversationOptions options, int variant)
    {
        ValueList<EapAccount> accounts = [EapAccount.Of(User, Password)];
        ValueList<EapMethod> methods =
        [
            .. options.HasFlag(ConversationOptions.EapWithoutKey) ? [new Md5Server("second", accounts)] : ValueList.Of<EapMethod>([]),
            .. options.HasFlag(ConversationOptions.EapTls) ? [new EapTls(Tls(isServer: true), IsServer: true, FragmentBytes)] : ValueList.Of<EapMethod>([]),
            new MsChapV2Server("second", accounts, IsRetried(variant) ? 1 : 0),
        ];
        return new Trust.Eap(new EapServer(methods), AsksIdentity: (variant & 4) != 0, AllowsOnly: IsOnly(options, variant));
    }

    /// <summary>A side with the inner addresses that the option names.</summary>
    public static IkeConfiguration WithAddresses(IkeConfiguration plain, bool isFirst)
    {
        ValueList<TrafficSelector> anywhere =
        [
            new TrafficSelector.Range(0, 0, ushort.MaxValue, IpAddress.Parse("0.0.0.0"), IpAddress.Parse("255.255.255.255")),
            new TrafficSelector.Range(0, 0, ushort.MaxValue, IpAddress.Parse("::"), IpAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),
        ];
        return isFirst
            ? plain with { AddressRequest = Request, Children = new([.. plain.Children.Select(c => c with { Own = anywhere })]) }
            : plain with { AddressPool = Pool, ApplicationVersion = "a model", Children = new([.. plain.Children.Select(c => c with { Peer = anywhere })]) };
    }

    private static AddressRequest Request { get; } = AddressRequest.Of(
        ConfigurationAttributeType.InternalIp4Address,
        ConfigurationAttributeType.InternalIp6Address,
        ConfigurationAttributeType.InternalIp4Netmask,
        ConfigurationAttributeType.InternalIp4Dns,
        ConfigurationAttributeType.ApplicationVersion);

    private static AddressPool Pool { get; } = new()
    {
        Ranges = [AddressRange.Of("10.9.0.1", "10.9.0.100", 24), AddressRange.Of("2001:db8::1", "2001:db8::100", 64)],
        Settings = [ConfigurationAttribute.Of(ConfigurationAttributeType.InternalIp4Dns, IpAddress.Parse("10.9.0.254"))],
        IsRequired = true,
    };

    private static TermTls Tls(bool isServer) => new(isServer, EapAccount.Of(User, Password).Password, EapAccount.Of(User, Password).Name);

    private static bool IsRetried(int variant) => (variant & 8) != 0;

    // Not with a method that is offered first and is not safe: that ends the attempt. RFC 5998 §3.
    private static bool IsOnly(ConversationOptions options, int variant) =>
        options.HasFlag(ConversationOptions.EapTls) && !options.HasFlag(ConversationOptions.EapWithoutKey) && (variant & 2) != 0;
}
