using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Shim;

/// <summary>The other end of the protocol: serves one of our own targets, as an example of a shim and to test the protocol.</summary>
internal static class ShimServer
{
    /// <summary>Answers requests until the input ends.</summary>
    public static int Run(TargetSpec spec)
    {
        using ITarget target = TargetCatalogue.Open(spec);
        while (Console.In.ReadLine() is { } line)
        {
            JsonObject answer;
            try
            {
                answer = Answer(target, JsonNode.Parse(line) as JsonObject ?? throw new FormatException("an object is wanted"));
            }
            catch (Exception error) when (error is JsonException or FormatException or ArgumentException or InvalidOperationException)
            {
                answer = new JsonObject { ["error"] = error.Message };
            }

            Console.Out.WriteLine(answer.ToJsonString());
            Console.Out.Flush();
        }

        return 0;
    }

    private static JsonObject Answer(ITarget target, JsonObject request)
    {
        switch (ShimMessages.Text(request, "request"))
        {
            case "hello":
                return new JsonObject
                {
                    ["name"] = target.Identity.Name,
                    ["version"] = target.Identity.Version,
                    ["capabilities"] = new JsonArray([.. Words(target.Capabilities).Select(word => JsonValue.Create(word))]),
                };
            case "reset":
                target.Reset();
                return [];
            case "installSa":
                (Spec.Policy.PolicyDirection direction, Spec.Sa.SecurityAssociation sa) = ShimMessages.ReadSa(request["sa"]);
                return Outcome(target.Execute(new Command.InstallSa(direction, sa)));
            case "deleteSa":
                (Spec.Policy.PolicyDirection of, Spec.Sa.SecurityAssociation gone) = ShimMessages.ReadSa(request["sa"]);
                return Outcome(target.Execute(new Command.DeleteSa(of, gone)));
            case "installPolicy":
                return Outcome(target.Execute(new Command.InstallPolicy(ShimMessages.ReadPolicy(request["policy"]))));
            case "installSpd":
                return Outcome(target.Execute(ShimPolicyMessages.ReadSpd(request)));
            case "installSadEntry":
                return Outcome(target.Execute(ShimPolicyMessages.ReadSadEntry(request)));
            case "addAddress":
                return Outcome(target.Execute(new Command.AddAddress(ShimMessages.Address(request, "address"))));
            case "addRoute":
                return Outcome(target.Execute(ShimPolicyMessages.ReadRoute(request)));
            case "setWireMtu":
                return Outcome(target.Execute(new Command.SetWireMtu(request["bytes"]?.GetValue<int>() ?? throw new FormatException("bytes: a number is wanted"))));
            case "fromWire":
                return Stimulate(target, new Stimulus.FromWire(ReadPacket(request)));
            case "fromHost":
                return Stimulate(target, new Stimulus.FromHost(ReadPacket(request)));
            case "fromSocket":
                return Stimulate(target, new Stimulus.FromSocket(
                    ReadPacket(request), request["mark"]?.GetValue<uint>() ?? 0, request["headerIncluded"]?.GetValue<bool>() ?? false));
            case "advanceClock":
                return Stimulate(target, new Stimulus.AdvanceClock(TimeSpan.FromSeconds(request["seconds"]?.GetValue<double>() ?? 0)));
            case "counters":
                JsonObject counters = [];
                foreach ((string name, long value) in target.ReadCounters())
                {
                    counters[name] = value;
                }

                return new JsonObject { ["counters"] = counters };
            case var unknown:
                return new JsonObject { ["unsupported"] = $"request {unknown}" };
        }
    }

    private static IEnumerable<string> Words(Capabilities capabilities) =>
        Enum.GetValues<Capabilities>().Where(c => c != Capabilities.None && capabilities.HasFlag(c)).Select(c => c.ToString());

    private static Packet ReadPacket(JsonObject request) => new(ByteString.FromHex(ShimMessages.Text(request, "packet")));

    private static JsonObject Outcome(CommandOutcome outcome) => outcome switch
    {
        CommandOutcome.Unsupported unsupported => new JsonObject { ["unsupported"] = unsupported.Reason },
        CommandOutcome.Refused refused => new JsonObject { ["refused"] = refused.Reason },
        _ => [],
    };

    private static JsonObject Stimulate(ITarget target, Stimulus stimulus)
    {
        target.Send([stimulus]);
        JsonObject answer = new() { ["toWire"] = new JsonArray(), ["toHost"] = new JsonArray() };
        while (target.Observe(TimeSpan.Zero) is { } observation)
        {
            switch (observation)
            {
                case Observation.ToWire wire:
                    Append(answer, "toWire", wire.Packet);
                    break;
                case Observation.ToHost host:
                    Append(answer, "toHost", host.Packet);
                    break;
                case Observation.ToSocket socket:
                    Append(answer, "toSocket", socket.Packet);
                    break;
                case Observation.Acquire acquire:
                    JsonArray acquires = answer["acquires"] as JsonArray ?? [];
                    answer["acquires"] = acquires;
                    acquires.Add(ShimPolicyMessages.Write(acquire.Flow));
                    break;
                case Observation.SendRefused refused:
                    answer["sendRefused"] = refused.Errno;
                    break;
            }
        }

        return answer;
    }

    private static void Append(JsonObject answer, string side, Packet packet)
    {
        JsonArray packets = answer[side] as JsonArray ?? [];
        answer[side] = packets;
        packets.Add(packet.Bytes.ToString());
    }
}
