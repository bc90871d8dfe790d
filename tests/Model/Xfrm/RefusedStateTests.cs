using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Errno of every request on SAs that is refused; each case departs in one thing from one that is accepted.</summary>
public sealed class RefusedStateTests
{
    private static readonly XfrmAlgorithm Cbc = new("cbc(aes)", Key(16));
    private static readonly XfrmAlgorithm Hmac = new("hmac(sha256)", Key(32), 128);
    private static readonly XfrmReplayEsn Esn = new(0, 0, 0, 0, 32, [0]);

    private static readonly TestCaseData[] Faults =
    [
        Case("no family", Errno.Einval, state => state with { Family = XfrmFamily.Unspecified }),
        Case("selector of an unknown family", Errno.Einval, state => state with { Selector = new XfrmSelector { Family = (XfrmFamily)3 } }),
        Case("selector prefix of 33 bits", Errno.Einval, state => state with { Selector = new XfrmSelector { SourceBits = 33 } }),
        Case("protocol UDP", Errno.Einval, state => state with { Protocol = IpProtocol.Udp }),
        Case("protocol IPIP", Errno.Einval, state => state with { Protocol = IpProtocol.Ipv4 }),
        Case("ESP without algorithm", Errno.Einval, state => state with { Combined = null }),
        Case("ESP with integrity alone", Errno.Einval, state => state with { Combined = null, Integrity = Hmac }),
        Case("combined and cipher", Errno.Einval, state => state with { Encryption = Cbc }),
        Case("ESP with compression", Errno.Einval, state => state with { Compression = new XfrmAlgorithm("deflate", Key(0)) }),
        Case("TFC in transport mode", Errno.Einval, state => state with { Mode = XfrmMode.Transport, TfcPadBytes = 100 }),
        Case("AH without integrity", Errno.Einval, state => state with { Protocol = IpProtocol.Ah, Combined = null }),
        Case("AH with a cipher", Errno.Einval, state => state with { Protocol = IpProtocol.Ah, Combined = null, Integrity = Hmac, Encryption = Cbc }),
        Case("IPComp without compression", Errno.Einval, state => state with { Protocol = IpProtocol.IpComp, Combined = null }),
        Case("IPComp with a long index", Errno.Einval, state => state with { Protocol = IpProtocol.IpComp, Combined = null, Compression = new XfrmAlgorithm("deflate", Key(0)), Spi = new Spi(0x10000) }),
        Case("unknown combined algorithm", Errno.Enosys, state => state with { Combined = new XfrmAlgorithm("gcm(aes)", Key(20), 128) }),
        Case("known combined algorithm, unknown ICV", Errno.Enosys, state => state with { Combined = state.Combined! with { IcvBits = 120 } }),
        Case("unknown cipher", Errno.Enosys, state => state with { Combined = null, Encryption = Cbc with { Name = "xts(aes)" } }),
        Case("unknown integrity", Errno.Enosys, state => state with { Combined = null, Encryption = Cbc, Integrity = Hmac with { Name = "hmac(sha3-256)" } }),
        Case("ICV longer than the digest", Errno.Einval, state => state with { Combined = null, Encryption = Cbc, Integrity = Hmac with { IcvBits = 264 } }),
        Case("combined key without salt", Errno.Einval, state => state with { Combined = state.Combined! with { Key = Key(16) } }),
        Case("cipher key of 17 bytes", Errno.Einval, state => state with { Combined = null, Encryption = Cbc with { Key = Key(17) } }),
        Case("mode in-trigger", Errno.Einval, state => state with { Mode = XfrmMode.InTrigger }),
        Case("route optimisation over IPv4", Errno.Eprotonosupport, state => state with { Mode = XfrmMode.RouteOptimization }),
        Case("transport with a selector of the other family", Errno.Eprotonosupport, state => state with { Mode = XfrmMode.Transport, Selector = new XfrmSelector { Family = XfrmFamily.Ipv6 } }),
        Case("ESN without its replay state", Errno.Einval, state => state with { Flags = XfrmStateFlags.Esn }),
        Case("ESN with window 0", Errno.Einval, state => state with { Flags = XfrmStateFlags.Esn, ReplayEsn = Esn with { WindowPackets = 0 } }),
        Case("window longer than its bitmap", Errno.Einval, state => state with { ReplayEsn = Esn with { WindowPackets = 33 } }),
        Case("bitmap of 129 words", Errno.Einval, state => state with { ReplayEsn = Esn with { Bitmap = [.. new uint[129]] } }),
        Case("both windows", Errno.Einval, state => state with { ReplayWindow = 32, ReplayEsn = Esn }),
        Case("ICV shorter than a byte", Errno.Einval, state => state with { Combined = null, Encryption = Cbc, Integrity = Hmac with { IcvBits = 4 } }),
        Case("Twofish key of 8 bytes", Errno.Einval, state => state with { Combined = null, Encryption = new XfrmAlgorithm("cbc(twofish)", Key(8)) }),
        Case("encapsulation of an unknown type", Errno.Einval, state => state with { Encapsulation = new XfrmEncapsulation(3, 4500, 4500, default) }),
    ];

    private static readonly TestCaseData[] Directed =
    [
        Case("direction forward", Errno.Erange, state => state with { Direction = XfrmDirection.Forward }),
        Case("out with a window", Errno.Einval, state => state with { Direction = XfrmDirection.Out, ReplayWindow = 32 }),
        Case("out with flag ICMP", Errno.Einval, state => state with { Direction = XfrmDirection.Out, Flags = XfrmStateFlags.Icmp }),
        Case("out with DSCP copied inwards", Errno.Einval, state => state with { Direction = XfrmDirection.Out, Flags = XfrmStateFlags.DecapDscp }),
        Case("out with received numbers", Errno.Einval, state => state with { Direction = XfrmDirection.Out, Replay = new XfrmReplay(0, 1, 0) }),
        Case("in without path MTU discovery", Errno.Einval, state => state with { Direction = XfrmDirection.In, Flags = XfrmStateFlags.NoPmtuDiscovery }),
        Case("in with sent numbers", Errno.Einval, state => state with { Direction = XfrmDirection.In, ReplayEsn = Esn with { OutSequence = 1 } }),
    ];

    private static readonly TestCaseData[] Accepted =
    [
        Case("combined", 0, state => state),
        Case("ICV of 100 bits", 0, state => state with { Combined = null, Encryption = Cbc, Integrity = Hmac with { IcvBits = 100 } }),
        Case("route optimisation over IPv6", 0, state => state with { Family = XfrmFamily.Ipv6, Source = default, Destination = XfrmAddress.Of(IpAddress.Parse("2001:db8::1")), Mode = XfrmMode.RouteOptimization }),
        Case("numbers at their end, legacy form", 0, state => state with { Direction = XfrmDirection.Out, Replay = new XfrmReplay(uint.MaxValue, 0, 0) }),
        Case("SPI 0", 0, state => state with { Spi = new Spi(0) }),
        Case("reserved SPI", 0, state => state with { Spi = new Spi(255) }),
        Case("encryption alone", 0, state => state with { Combined = null, Encryption = Cbc }),
        Case("cipher and integrity", 0, state => state with { Combined = null, Encryption = Cbc, Integrity = Hmac }),
        Case("AH", 0, state => state with { Protocol = IpProtocol.Ah, Combined = null, Integrity = Hmac }),
        Case("TFC in tunnel mode", 0, state => state with { TfcPadBytes = 100 }),
        Case("ESN", 0, state => state with { Flags = XfrmStateFlags.Esn, ReplayEsn = Esn }),
        Case("bitmap window 0", 0, state => state with { ReplayEsn = Esn with { WindowPackets = 0 } }),
        Case("legacy window above 32", 0, state => state with { ReplayWindow = 64 }),
        Case("ESP in UDP", 0, state => state with { Encapsulation = new XfrmEncapsulation(XfrmEncapsulation.EspInUdp, 4500, 4500, default) }),
        Case("tunnel with a selector of the other family", 0, state => state with { Selector = new XfrmSelector { Family = XfrmFamily.Ipv6 } }),
        Case("multicast destination", 0, state => state with { Destination = XfrmAddress.Of(IpAddress.Parse("224.0.0.9")) }),
        Case("direction in", 0, state => state with { Direction = XfrmDirection.In, ReplayWindow = 32 }),
        Case("direction out", 0, state => state with { Direction = XfrmDirection.Out }),
    ];

    [TestCaseSource(nameof(Faults))]
    [TestCaseSource(nameof(Accepted))]
    public void EveryRelease_Answers(int errno, Func<XfrmState, XfrmState> change) =>
        Assert.That(LinuxRelease.All.Select(release => Errnos(release, change)), Is.All.EqualTo(errno));

    [TestCaseSource(nameof(Directed))]
    public void Directions_CheckedFrom610(int errno, Func<XfrmState, XfrmState> change)
    {
        Assert.That(Errnos(LinuxRelease.Linux61, change), Is.Zero);
        Assert.That(Errnos(LinuxRelease.Linux612, change), Is.EqualTo(errno));
    }

    [Test]
    public void IpTfs_KnownFrom73() =>
        Assert.That(LinuxRelease.All.Select(release => Errnos(release, state => state with { Mode = XfrmMode.IpTfs, Direction = XfrmDirection.Out })), Is.EqualTo(new[] { Errno.Einval, Errno.Einval, 0 }));

    [Test]
    public void IpTfs_NeedsADirection() => Assert.That(Errnos(LinuxRelease.Linux73, state => state with { Mode = XfrmMode.IpTfs }), Is.EqualTo(Errno.Einval));

    [Test]
    public void EsnOutbound_NeedsNoWindowWhereDirectionsAreKnown()
    {
        XfrmReplayEsn sends = Esn with { WindowPackets = 0, Bitmap = [] };
        Assert.That(
            LinuxRelease.All.Select(release => Errnos(release, state => state with { Direction = XfrmDirection.Out, Flags = XfrmStateFlags.Esn, ReplayEsn = sends })),
            Is.EqualTo(new[] { Errno.Einval, 0, 0 }));
    }

    [Test]
    public void XcbcKeyOf256Bits_RefusedFrom73() =>
        Assert.That(
            LinuxRelease.All.Select(release => Errnos(release, state => state with { Combined = null, Encryption = Cbc, Integrity = new XfrmAlgorithm("xcbc(aes)", Key(32), 96) })),
            Is.EqualTo(new[] { 0, 0, Errno.Einval }));

    [TestCase((ushort)1, new[] { 0, Errno.Einval, Errno.Einval })]
    [TestCase((ushort)7, new[] { Errno.Einval, 0, 0 })]
    public void OtherEncapsulations_ByRelease(ushort type, int[] errnos) =>
        Assert.That(LinuxRelease.All.Select(release => Errnos(release, state => state with { Encapsulation = new XfrmEncapsulation(type, 4500, 4500, default) })), Is.EqualTo(errnos));

    [Test]
    public void SameNameAgain_Eexist_WhateverTheSource()
    {
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State());
        Assert.That(Add(database, XfrmCases.State() with { Source = XfrmAddress.Of(XfrmCases.Remote) }), Is.EqualTo(Errno.Eexist));
        Assert.That(Add(database, XfrmCases.State(2)), Is.Zero);
        Assert.That(Add(database, XfrmCases.State() with { Destination = XfrmAddress.Of(XfrmCases.Local) }), Is.Zero);
    }

    [Test]
    public void Marks_CollideOneWay()
    {
        XfrmState marked = XfrmCases.State() with { Mark = new XfrmMark(1, 1) };
        Assert.That(Add(XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State()), marked), Is.EqualTo(Errno.Eexist));
        Assert.That(Add(XfrmCases.States(LinuxRelease.Linux612, marked), XfrmCases.State()), Is.Zero);
    }

    [Test]
    public void SpiZero_IsNeverFound_SoNeverCollides()
    {
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State(0));
        Assert.That(Add(database, XfrmCases.State(0)), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.DeleteState(Name(0))), Is.EqualTo(Errno.Esrch));
    }

    [Test]
    public void DeletingAndExpiring_WhatIsNotThere_EsrchAndEnoent()
    {
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State(1));
        Assert.That(Apply(database, new XfrmRequest.DeleteState(Name(1))), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.DeleteState(Name(2))), Is.EqualTo(Errno.Esrch));
        Assert.That(Apply(database, new XfrmRequest.DeleteState(Name(1) with { Protocol = IpProtocol.Ah })), Is.EqualTo(Errno.Esrch));
        Assert.That(Apply(database, new XfrmRequest.DeleteState(Name(1) with { Protocol = IpProtocol.Routing })), Is.EqualTo(Errno.Einval));
        Assert.That(Apply(database, new XfrmRequest.ExpireState(Name(1), Hard: false)), Is.Zero);
        Assert.That(Apply(database, new XfrmRequest.ExpireState(Name(2), Hard: false)), Is.EqualTo(Errno.Enoent));
    }

    [Test]
    public void Expiring_Larval_Einval()
    {
        XfrmRequest.AllocateSpi request = new(XfrmCases.State(0), 7, 7);
        XfrmStateDatabase database = XfrmStateDatabase.Empty(LinuxRelease.Linux612).Apply(request, XfrmCases.Now).Next;
        Assert.That(Apply(database, new XfrmRequest.ExpireState(Name(7), Hard: true)), Is.EqualTo(Errno.Einval));
    }

    [Test]
    public void Updating_WhatIsNotThere_Esrch_AnotherEncapsulation_Einval()
    {
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State());
        Assert.That(Apply(database, new XfrmRequest.AddState(XfrmCases.State(2), Replace: true)), Is.EqualTo(Errno.Esrch));
        Assert.That(Apply(database, new XfrmRequest.AddState(XfrmCases.State(), Replace: true)), Is.Zero);
        Assert.That(
            Apply(database, new XfrmRequest.AddState(XfrmCases.State() with { Encapsulation = new XfrmEncapsulation(2, 4500, 4500, default) }, Replace: true)),
            Is.EqualTo(Errno.Einval));
        Assert.That(Apply(database, new XfrmRequest.AddState(XfrmCases.State() with { Direction = XfrmDirection.In }, Replace: true)), Is.EqualTo(Errno.Esrch));
    }

    [Test]
    public void Updating_ChangesLimits_NotKeys()
    {
        XfrmState changed = XfrmCases.State() with { Combined = XfrmCases.State().Combined! with { Key = Key(36) }, Limits = XfrmLimits.None with { HardBytes = 5 }, InterfaceId = 3 };
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State()).Apply(new XfrmRequest.AddState(changed, Replace: true), XfrmCases.Now).Next;
        Assert.That(database.Dump(), Is.EqualTo(ImmutableArray.Create(
            XfrmStateChecks.Normalized(XfrmCases.State(), LinuxRelease.Linux612, XfrmCases.Now) with { Limits = changed.Limits, InterfaceId = 3 })));
    }

    [Test]
    public void Flushing_ByProtocol()
    {
        XfrmStateDatabase database = XfrmCases.States(
            LinuxRelease.Linux612, XfrmCases.State(), XfrmCases.State() with { Protocol = IpProtocol.Ah, Combined = null, Integrity = Hmac });
        Assert.That(Left(IpProtocol.Ah), Is.EqualTo(1));
        Assert.That(Left(IpProtocol.IpComp), Is.EqualTo(2));
        Assert.That(Left(0), Is.Zero);
        Assert.That(Left(255), Is.Zero);

        int Left(byte protocol) => database.Apply(new XfrmRequest.FlushStates(protocol), XfrmCases.Now).Next.Entries.Length;
    }

    private static XfrmStateKey Name(uint spi) => new(XfrmAddress.Of(XfrmCases.Remote), new Spi(spi), XfrmFamily.Ipv4);

    private static ByteString Key(int bytes) => new(new byte[bytes]);

    private static TestCaseData Case(string name, int errno, Func<XfrmState, XfrmState> change) => new TestCaseData(errno, change).SetArgDisplayNames(name);

    private static int Errnos(LinuxRelease release, Func<XfrmState, XfrmState> change) => Add(XfrmStateDatabase.Empty(release), change(XfrmCases.State()));

    private static int Add(XfrmStateDatabase database, XfrmState state) => Apply(database, new XfrmRequest.AddState(state));

    private static int Apply(XfrmStateDatabase database, XfrmRequest request) => XfrmCases.ErrnoOf(database.Apply(request, XfrmCases.Now).Answer);
}
