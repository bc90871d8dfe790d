using Conformance.Harness.Contract;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Offload;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>One small fault, planted into the embedded target to show that the suite can fail.</summary>
/// <param name="Name">What a user types after --mutant.</param>
/// <param name="Requirement">The clause that the fault breaks and a test must name.</param>
/// <param name="Story">Where faults of this kind were seen.</param>
public abstract record Mutant(string Name, string Requirement, string Story)
{
    /// <summary>The receive path with the fault.</summary>
    public virtual EspReceiver Receive(EspReceiver path) => path;

    /// <summary>The send path with the fault.</summary>
    public virtual EspSender Send(EspSender path) => path;

    /// <summary>The policy decisions with the fault.</summary>
    public virtual PolicyEngine Policy(PolicyEngine engine) => engine;

    /// <summary>A new inbound SA with the fault.</summary>
    public virtual InboundAssociation Inbound(InboundAssociation association) => association;

    /// <summary>What the stack's IKE understands of what it is told.</summary>
    public virtual IkeConfiguration Ike(IkeConfiguration configuration) => configuration;

    /// <summary>Decisions of IKE with the fault.</summary>
    public virtual IkeRules IkeRules => IkeRules.Rfc;

    /// <summary>What computes for its IKE.</summary>
    public virtual IIkeCryptography IkeCryptography(IIkeCryptography right) => right;

    /// <summary>One step of IKE with the fault.</summary>
    public virtual IkeOutcome Ike(IkeMachine machine, IkePeer peer, IkeEvent happening) => machine.Run(peer, happening);

    /// <summary>How long a request that was sent so often waits until it is sent again; null where it is given up.</summary>
    public virtual TimeSpan? RetransmitAfter(int times, TimeSpan? right) => right;

    /// <summary>An IP packet of IKE as it leaves.</summary>
    public virtual ByteString IkePacket(ByteString packet) => packet;

    /// <summary>Further clauses that the same fault breaks, each accused by a test of its own.</summary>
    public virtual IReadOnlyList<string> AlsoBreaks => [];

    /// <summary>All clauses that the fault breaks.</summary>
    public IEnumerable<string> Breaks => AlsoBreaks.Prepend(Requirement);

    /// <summary>An SA as the stack understands it when it is installed.</summary>
    /// <param name="direction">Inbound means that the stack receives on it.</param>
    /// <param name="sa">As it was asked for.</param>
    /// <param name="earlier">The SAs of the same direction that were installed before, the oldest first.</param>
    public virtual SecurityAssociation Install(
        PolicyDirection direction, SecurityAssociation sa, IReadOnlyList<SecurityAssociation> earlier) => sa;

    /// <summary>The segments of a super-packet with the fault.</summary>
    public virtual IReadOnlyList<ByteString> Segments(IReadOnlyList<ByteString> right, Packet packet) => right;

    /// <summary>An outbound SA with the fault, between two segments of one super-packet.</summary>
    public virtual OutboundAssociation BetweenSegments(OutboundAssociation association) => association;

    /// <summary>An outbound SA with the fault, behind a super-packet.</summary>
    public virtual OutboundAssociation AfterSuperPacket(OutboundAssociation before, OutboundAssociation after) => after;

    /// <summary>What a poll hands on, with the fault.</summary>
    /// <param name="right">As it should be.</param>
    /// <param name="poll">What ESP opened in this poll.</param>
    /// <param name="hadForgery">True where a packet of the poll failed its integrity check.</param>
    public virtual IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery) => right;

    /// <summary>False where frames of every VLAN are taken in.</summary>
    public virtual bool ReadsVlanTags => true;

    /// <summary>The tag of a frame that leaves on a link in a VLAN.</summary>
    public virtual ushort? TagOf(ushort vlan) => vlan;

    /// <summary>An AGGFRAG payload as the stack understands it; null where it is thrown away.</summary>
    /// <param name="payload">From the sub-type on.</param>
    /// <param name="right">What it says; null where it says nothing.</param>
    public virtual AggFragPayload? Understand(ByteString payload, AggFragPayload? right) => right;

    /// <summary>How many later payloads are kept while one is missing.</summary>
    public virtual int ReorderWindow(int packets) => packets;

    /// <summary>Reassembly in AGGFRAG mode with the fault.</summary>
    public virtual Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload) => Reassembler.Receive(state, sequence, payload);

    /// <summary>False where only the first inner packet of a payload is held against policy.</summary>
    public virtual bool ChecksEveryInnerPacket => true;

    /// <summary>True where a packet that AGGFRAG mode would cut is refused.</summary>
    public virtual bool TellsTooBig => false;

    /// <summary>True where IP fragments are made of nothing although AGGFRAG mode may not cut.</summary>
    public virtual bool DropsWhatIsTooLong => false;

    /// <summary>The payloads that queued packets become, with the fault.</summary>
    public virtual IReadOnlyList<ByteString> Payloads(IReadOnlyList<ByteString> right, IReadOnlyList<ByteString> packets) => right;

    /// <summary>True where policy sees a merged packet and not the packets in it.</summary>
    public virtual bool AsksPolicyAfterMerging => false;

    /// <summary>The keyed transform of an SA with the fault; it may dispose of the right one or wrap it.</summary>
    public virtual EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) => right;

    /// <summary>The explicit IV with the fault.</summary>
    /// <param name="encryption">Which transform it is for.</param>
    /// <param name="iv">As it should be.</param>
    /// <param name="counter">Number of IVs drawn.</param>
    /// <param name="lastCiphertext">End of the packet before on the same SA without its ICV, as long as the IV; empty at first.</param>
    public virtual ByteString Iv(EncryptionTransform encryption, ByteString iv, ulong counter, ByteString lastCiphertext) => iv;

    /// <summary>Linux's transmit path with the fault.</summary>
    public virtual TransmitPath Linux(TransmitPath path) => path;

    /// <summary>Linux's receive path with the fault.</summary>
    public virtual ReceivePath Linux(ReceivePath path) => path;

    /// <summary>A request to Linux's databases as the stack understands it.</summary>
    public virtual XfrmRequest Linux(XfrmRequest request) => request;

    /// <summary>Linux's databases as they are kept after a request.</summary>
    public virtual XfrmDatabases Linux(XfrmDatabases databases) => databases;

    /// <summary>One hop with the fault; null where the packet may not go on.</summary>
    public virtual ByteString? Forward(ByteString packet, bool outbound) => Hop.Forward(packet);

    /// <summary>Reassembly with the fault.</summary>
    public virtual (FragmentStore Store, ByteString? Whole) Reassemble(FragmentStore store, ByteString fragment) => store.Add(fragment);

    /// <summary>Fragmentation of sealed datagrams with the fault.</summary>
    public virtual IReadOnlyList<ByteString> Fragment(ByteString datagram, int mtuBytes, uint identification) =>
        Fragmenter.Split(datagram, mtuBytes, identification);

    /// <summary>The path MTU that plain packets are held against.</summary>
    public virtual int PathMtu(SecurityAssociation sa, int mtuBytes) => mtuBytes;

    /// <summary>What is made of an unprotected ICMP error.</summary>
    public virtual (SecurityAssociation Sa, int MtuBytes)? Learn(IcmpError error, IEnumerable<SecurityAssociation> outbound) =>
        PathMtuMessages.Map(error, outbound);

    /// <summary>An ICMP error that the host gets although nothing calls for it, or null.</summary>
    /// <param name="cause">The plain packet that left in fragments, or the message from the wire.</param>
    /// <param name="outbound">True for the former.</param>
    public virtual ByteString? Unasked(ByteString cause, bool outbound) => null;

    /// <summary>False where a path MTU that was learned stays for ever.</summary>
    public virtual bool PathMtuAges => true;

    /// <summary>An ICMP error for the host, or null for none.</summary>
    public virtual ByteString? Answer(ByteString error) => error;

    /// <summary>False for an event that is not counted.</summary>
    public virtual bool Counts(string reason) => true;
}
