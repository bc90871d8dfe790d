using Conformance.Generators.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Words in which faults of IKE are written.</summary>
internal static class Faults
{
    /// <summary>The message changed where it has a part.</summary>
    public static EditableMessage If(this EditableMessage message, string part, Func<EditableMessage, EditableMessage> change) => message.Has(part) ? change(message) : message;

    /// <summary>The message with the notification of a type changed, where it has one.</summary>
    public static EditableMessage OnNotify(this EditableMessage message, NotifyType type, Func<EditableMessage, string, EditableMessage> change) =>
        message.PathOf(type) is { } path ? change(message, path) : message;

    /// <summary>The message with one notification in the place of another.</summary>
    public static EditableMessage Instead(this EditableMessage message, NotifyType type, NotifyType other) =>
        message.OnNotify(type, (m, path) => m.With($"{path}/type", (ulong)other));

    /// <summary>A fault in every message that is sent.</summary>
    public static IkeFault Sends(string name, string requirement, string story, Func<EditableMessage, EditableMessage> change) =>
        new($"ike-{name}", requirement, story) { Sends = (message, _) => change(message) };

    /// <summary>A fault in messages of an IKE SA.</summary>
    public static IkeFault Sends(string name, string requirement, string story, Func<EditableMessage, IkeSa?, EditableMessage> change) =>
        new($"ike-{name}", requirement, story) { Sends = change };

    /// <summary>A fault in what is understood of messages.</summary>
    public static IkeFault Takes(string name, string requirement, string story, Func<EditableMessage, EditableMessage?> change) =>
        new($"ike-{name}", requirement, story) { Takes = change };
}
