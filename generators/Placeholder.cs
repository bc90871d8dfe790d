namespace Conformance.Generators;
internal static class Placeholder;
