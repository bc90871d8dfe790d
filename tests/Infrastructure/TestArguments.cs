using System.Reflection;
using NUnit.Framework;

namespace Conformance.Tests.Infrastructure;

/// <summary>With what arguments NUnit calls a test, for tests that call it themselves.</summary>
internal static class TestArguments
{
    /// <summary>One row for each call.</summary>
    public static IEnumerable<object?[]> Of(MethodInfo method)
    {
        foreach (TestCaseAttribute one in method.GetCustomAttributes<TestCaseAttribute>())
        {
            yield return one.Arguments;
        }

        foreach (TestCaseSourceAttribute source in method.GetCustomAttributes<TestCaseSourceAttribute>())
        {
            PropertyInfo property = method.DeclaringType!.GetProperty(source.SourceName!, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;
            foreach (object? value in (System.Collections.IEnumerable)property.GetValue(null)!)
            {
                yield return value is TestCaseData data ? data.Arguments : [value];
            }
        }

        if (method.GetCustomAttribute<TestAttribute>() is not null)
        {
            foreach (object?[] row in Combined(method.GetParameters()))
            {
                yield return row;
            }
        }
    }

    // Every value of each parameter with every value of the others.
    private static IEnumerable<object?[]> Combined(ParameterInfo[] parameters)
    {
        IEnumerable<object?[]> rows = [[]];
        foreach (ParameterInfo parameter in parameters)
        {
            object?[] values = [.. parameter.GetCustomAttribute<ValuesAttribute>()!.GetData(new NUnit.Framework.Internal.ParameterWrapper(new NUnit.Framework.Internal.MethodWrapper(parameter.Member.DeclaringType!, (MethodInfo)parameter.Member), parameter))];
            rows = [.. rows.SelectMany(row => values.Select(value => (object?[])[.. row, value]))];
        }

        return rows;
    }
}
