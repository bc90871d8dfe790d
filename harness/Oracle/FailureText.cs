using System.Text;
using Conformance.Harness.Contract;

namespace Conformance.Harness.Oracle;

/// <summary>The lines that a reader of a failure meets first.</summary>
public static class FailureText
{
    /// <summary>Step, expectation and observation.</summary>
    public static string Of(EspSession session, Step step, string? why)
    {
        StringBuilder text = new();
        text.AppendLine($"{session.Target}: {session.Scenario}");
        if (why is not null)
        {
            text.AppendLine(why);
        }

        string direction = step.Stimulus is Stimulus.FromWire ? "-> wire" : "-> host";
        text.AppendLine($"step {step.Number}/{session.Steps.Count}   {direction} {step.Description}");
        text.AppendLine($"expected   {step.Expected}");
        text.Append($"observed   {step.Observed}");
        return text.ToString();
    }
}
