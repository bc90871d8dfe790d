namespace Conformance.Harness.Contract;

/// <summary>What a stack with offload paths counts on the way of packets, since its start.</summary>
/// <param name="SaUses">How often SAs were used, all together: a super-packet that is cut behind ESP is one use.</param>
/// <param name="EspAtIp">ESP packets that arrived at IP: those that coalescing opened never do.</param>
public sealed record WaySigns(long SaUses, long EspAtIp);
