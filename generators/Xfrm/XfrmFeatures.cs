namespace Conformance.Generators.Xfrm;

/// <summary>What random worlds draw beyond policies, templates, SAs and packets of the plain kind.</summary>
[Flags]
public enum XfrmFeatures
{
    /// <summary>Overlapping policies in all directions, one template, transport and tunnel, both families, defaults.</summary>
    None = 0,

    /// <summary>Bundles of two transforms, packets sealed twice, and BEET.</summary>
    Nested = 1,

    /// <summary>Marks of policies, SAs and sockets, and marks that SAs set.</summary>
    Marks = 2,

    /// <summary>if_id of policies and SAs, without an XFRM interface.</summary>
    InterfaceIds = 4,

    /// <summary>SAs with ESP in UDP, often with a bypass for the port.</summary>
    UdpEncapsulation = 8,

    /// <summary>Policies of type sub.</summary>
    SubPolicies = 16,

    /// <summary>Extended sequence numbers, and windows in the form of a bitmap.</summary>
    Esn = 32,

    /// <summary>Raw sockets that bring their own IP header.</summary>
    HeaderIncluded = 64,

    /// <summary>Limits in packets and bytes that are reached within the world.</summary>
    Limits = 128,

    /// <summary>Policies with up to four templates, of which many are optional.</summary>
    Alternatives = 256,

    /// <summary>SAs and templates without a source.</summary>
    Wildcards = 512,

    /// <summary>SAs of one SPI that differ in destination, family or mark.</summary>
    SharedSpis = 1024,

    /// <summary>SAs bound to a direction.</summary>
    Directions = 2048,

    /// <summary>Fragments in transit.</summary>
    Fragments = 4096,
}
